"""What was read and judged: documents, files, reports, revisions and their parts.

Nothing here depends on when or in which order the sink worked: every value follows from the events, so the same
events give the same rows.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base, Finding, Part, Placed, Sorted

_TOTALS = "form_column = 'total'"
"""The cells that questions about whole reports ask for: one in seven."""
ROLL_UPS = "scope = 'roll_up'"
"""One report in a hundred: where a place has many bodies they are found without these."""
CARRIED = "address IN ('applications.carried_over_in@total', 'applications.carried_over_out@total')"
"""The two cells that are added up over all reports, of two hundred each has: they have an index of their own."""


class DocumentRow(Base):
    """One document: bytes known by their sha256, under the name that brought them first."""

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str]
    received_at: Mapped[datetime]


class FileRow(Base):
    """One dropped name and what became of it: recorded, duplicate, expanded, refused or dead.

    `members` and `skipped` are what an archive held: files with names and ids, and names of what is no document.
    `precedence` decides which of several verdicts on the same name stands (recorded, duplicate and expanded over
    refused over dead). `document_id` and `name` are None when a dead letter could not say them.
    """

    __tablename__ = "files"
    __table_args__ = (Index("ix_files_document_id", "document_id"), Index("ix_files_name", "name"))

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(Sorted)
    document_id: Mapped[str | None]
    state: Mapped[str]
    stage: Mapped[str | None]
    reason: Mapped[str | None]
    detail_zh: Mapped[str | None]
    detail_en: Mapped[str | None]
    error_class: Mapped[str | None]
    attempts: Mapped[int | None]
    failed_at: Mapped[datetime | None]
    replay: Mapped[str | None]
    members: Mapped[list[Any] | None]
    skipped: Mapped[list[Any] | None]
    precedence: Mapped[str] = mapped_column(Sorted)


class ReportRow(Base):
    """Agency x fiscal year x scope. The identity is that of its newest revision (`precedence`).

    `series` joins the reports of one body over the years; `place` and `upper_place` are the division it belongs to
    and the one above, by code or by name.
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_series", "series", "year"),
        Index("ix_reports_place", "place", "year", "scope"),
        Index(
            "ix_reports_roll_ups", "place", "year",
            sqlite_where=text(ROLL_UPS), postgresql_where=text(ROLL_UPS),
        ),
        Index("ix_reports_upper_place", "upper_place", "year", "scope"),
        Index("ix_reports_precedence", "precedence"),
        Index("ix_reports_region", "province", "city", "county"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str | None]
    province: Mapped[str | None]
    city: Mapped[str | None]
    county: Mapped[str | None]
    township: Mapped[str | None]
    region_code: Mapped[str | None]
    level: Mapped[str | None]
    kind: Mapped[str | None]
    year: Mapped[int | None]
    scope: Mapped[str]
    series: Mapped[str | None]
    place: Mapped[str | None]
    upper_place: Mapped[str | None]
    precedence: Mapped[str] = mapped_column(Sorted)


class RevisionRow(Base):
    """One document's reading by one engine version, as last judged.

    `record` is the whole Record (JSON, zlib): enough to judge again without the file. `judged_at` is the moment of
    the re-judgement that it was last judged in, None for its first one; `corrections` the ids of the reviewers'
    corrections it contains. `precedence` orders revisions by arrival, document, corrections, engine, re-judgement,
    rulebook and content.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        Index("ix_revisions_report_id", "report_id", "precedence", "document_id"),
        Index("ix_revisions_document_id", "document_id", "precedence"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"))
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    engine_version: Mapped[str]
    rulebook_version: Mapped[str]
    judged_at: Mapped[datetime | None]
    corrections: Mapped[list[Any]]
    received_at: Mapped[datetime]
    file: Mapped[str] = mapped_column(Sorted)
    agency_as_printed: Mapped[str | None]
    title: Mapped[str | None]
    published_on: Mapped[date | None]
    published_source: Mapped[str | None]
    template: Mapped[str | None]
    templates: Mapped[dict[str, Any]]
    damaged: Mapped[bool]
    errors: Mapped[int]
    warnings: Mapped[int]
    infos: Mapped[int]
    from_source: Mapped[int]
    from_extraction: Mapped[int]
    from_unknown: Mapped[int]
    precedence: Mapped[str] = mapped_column(Sorted)
    record: Mapped[bytes] = mapped_column(LargeBinary())


class StandingRow(Base):
    """Which revision stands for a report: what the view `standing_readings` finds out, kept by triggers on `revisions`.

    Nobody else writes it: it is right in every transaction, whichever version of the sink wrote the revision.
    """

    __tablename__ = "standing"
    __table_args__ = (
        Index("ix_standing_revision_id", "revision_id"),
        {"sqlite_with_rowid": False},
    )

    report_id: Mapped[str] = mapped_column(
        ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True
    )
    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"))


class CellRow(Part, Base):
    """One declared cell: `form_*` say which, `line`, `page` and `place_*` where it stood in the document.

    `value` is as printed, in `unit`; `yuan` is the amount where a money unit is known.
    """

    __tablename__ = "cells"
    __table_args__ = (
        Index(
            "ix_cells_total", "revision_id", "form_table", "form_row", "form_column", "state", "value",
            sqlite_where=text(_TOTALS), postgresql_where=text(_TOTALS),
        ),
        Index(
            "ix_cells_carried", "address", "revision_id", "value",
            sqlite_where=text(CARRIED), postgresql_where=text(CARRIED),
        ),
        {"sqlite_with_rowid": False},
    )  # fmt: skip

    address: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    form_table: Mapped[str]
    form_row: Mapped[str]
    form_column: Mapped[str]
    state: Mapped[str]
    value: Mapped[Decimal | None]
    unit: Mapped[str | None]
    yuan: Mapped[Decimal | None]
    raw: Mapped[str | None]
    line: Mapped[int | None]
    page: Mapped[int | None]
    place_row: Mapped[int | None]
    place_column: Mapped[int | None]
    confidence: Mapped[float]
    notes: Mapped[list[Any]]
    derived: Mapped[Decimal | None]


class FigureRow(Placed, Base):
    """One number of the running text."""

    __tablename__ = "figures"

    key: Mapped[str | None]
    label: Mapped[str]
    value: Mapped[Decimal]
    unit: Mapped[str | None]
    text: Mapped[str]
    section: Mapped[int | None]
    line: Mapped[int | None]
    bound: Mapped[str]
    subject: Mapped[str]
    comparison: Mapped[bool]
    raw: Mapped[str | None]


class SectionRow(Placed, Base):
    """One of the six sections with its running text."""

    __tablename__ = "sections"

    number: Mapped[int]
    title: Mapped[str]
    heading_raw: Mapped[str]
    text: Mapped[str]
    chars: Mapped[int]
    line: Mapped[int | None]


class IssueRow(Finding, Part, Base):
    """One finding. `expected` and `observed` as text; their numbers beside them where they are numbers."""

    __tablename__ = "issues"
    __table_args__ = (
        Index("ix_issues_rule", "rule", "revision_id", "severity"),
        {"sqlite_with_rowid": False},
    )


class CheckRow(Placed, Base):
    """The verdicts of one rule with one status."""

    __tablename__ = "checks"

    rule: Mapped[str]
    status: Mapped[str]
    scopes: Mapped[list[Any]]
    note: Mapped[str | None]


class MarkRow(Part, Base):
    """One mark of a section's text, with the fiscal year: texts of one year that are nearly the same share several.

    Kept for the revisions that stand for their report, and for no others.
    """

    __tablename__ = "marks"
    __table_args__ = (Index("ix_marks_mark", "mark", "revision_id"), {"sqlite_with_rowid": False})

    section: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(primary_key=True)


class LeftoverRow(Placed, Base):
    """What stood in a recognised table and fits no declared cell."""

    __tablename__ = "leftovers"

    text: Mapped[str]
    line: Mapped[int | None]
    form_table: Mapped[str | None]
    reason: Mapped[str]
