"""The tables of the database, for SQLite and PostgreSQL alike.

Nothing here depends on when or in which order the sink worked: every value follows from the events, so the same
events give the same rows. Numbers are exact (NUMERIC); moments are UTC.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, DateTime, Float, ForeignKey, Index, LargeBinary, Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Instant = DateTime(timezone=True).with_variant(String(32), "sqlite")
"""A moment in UTC: timestamptz in PostgreSQL, ISO text of fixed width, which sorts by time, in SQLite."""

Sorted = String().with_variant(String(collation="C"), "postgresql")
"""Text that is compared by its bytes in both databases."""

Exact = Numeric(asdecimal=False)
"""A number as printed; NUMERIC keeps every digit."""


class Base(DeclarativeBase):
    """Root of the tables; plain names for keys and indexes, so that migrations can speak of them."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: String(),
        float: Float(),
        Decimal: Exact,
        datetime: Instant,
        date: Date(),
        list[Any]: JSON(),
        dict[str, Any]: JSON(),
    }


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
    """Agency x fiscal year x scope. The identity is that of its newest revision (`precedence`)."""

    __tablename__ = "reports"

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
    precedence: Mapped[str] = mapped_column(Sorted)


class RevisionRow(Base):
    """One document's reading by one engine version, as last judged.

    `record` is the whole Record (JSON, zlib): enough to judge again without the file. `precedence` orders revisions
    by arrival, document, engine, rulebook and content.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        Index("ix_revisions_report_id", "report_id"),
        Index("ix_revisions_document_id", "document_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"))
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    engine_version: Mapped[str]
    rulebook_version: Mapped[str]
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
    record: Mapped[bytes] = mapped_column(LargeBinary())
    precedence: Mapped[str] = mapped_column(Sorted)


class _Part:
    """What belongs to a revision and goes with it; stored in key order, close together."""

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it from the class

    revision_id: Mapped[str] = mapped_column(
        ForeignKey("revisions.id", ondelete="CASCADE"), primary_key=True, sort_order=-2
    )


class _Placed(_Part):
    """A part without a name of its own: known by its place in the order."""

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)


class CellRow(_Part, Base):
    """One declared cell: `form_*` say which, `line`, `page` and `place_*` where it stood in the document.

    `value` is as printed, in `unit`; `yuan` is the amount where a money unit is known.
    """

    __tablename__ = "cells"

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


class FigureRow(_Placed, Base):
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


class SectionRow(_Placed, Base):
    """One of the six sections with its running text."""

    __tablename__ = "sections"

    number: Mapped[int]
    title: Mapped[str]
    heading_raw: Mapped[str]
    text: Mapped[str]
    chars: Mapped[int]
    line: Mapped[int | None]


class IssueRow(_Part, Base):
    """One finding. `expected` and `observed` as text; their numbers beside them where they are numbers."""

    __tablename__ = "issues"

    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    rule: Mapped[str]
    severity: Mapped[str]
    origin: Mapped[str]
    addresses: Mapped[list[Any]]
    expected: Mapped[str | None]
    expected_number: Mapped[Decimal | None]
    observed: Mapped[str | None]
    observed_number: Mapped[Decimal | None]
    difference: Mapped[Decimal | None]
    formula: Mapped[str | None]
    message_zh: Mapped[str]
    message_en: Mapped[str]
    evidence: Mapped[list[Any]]
    legal_basis: Mapped[str | None]
    suggestion: Mapped[str | None]


class CheckRow(_Placed, Base):
    """The verdicts of one rule with one status."""

    __tablename__ = "checks"

    rule: Mapped[str]
    status: Mapped[str]
    scopes: Mapped[list[Any]]
    note: Mapped[str | None]


class LeftoverRow(_Placed, Base):
    """What stood in a recognised table and fits no declared cell."""

    __tablename__ = "leftovers"

    text: Mapped[str]
    line: Mapped[int | None]
    form_table: Mapped[str | None]
    reason: Mapped[str]
