"""Reports beside others, and what new judgements changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base, Finding, Sorted


class ComparisonRow(Base):
    """The judgement of a report beside its neighbours; the one with the latest `position` stands.

    `beside` names the reports that were looked at, `copied_from` the one whose text it shares, if any. The position
    says when its cause was recorded; it and `beside` tell how it came about, the rest follows from the reports.
    """

    __tablename__ = "comparisons"
    __table_args__ = (Index("ix_comparisons_copied_from", "copied_from"),)

    report_id: Mapped[str] = mapped_column(primary_key=True)
    revision_id: Mapped[str]
    rulebook_version: Mapped[str]
    beside: Mapped[list[Any]]
    copied_from: Mapped[str | None]
    errors: Mapped[int]
    warnings: Mapped[int]
    infos: Mapped[int]
    position: Mapped[str] = mapped_column(Sorted)


class _Compared:
    """What belongs to a comparison and goes with it."""

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it from the class

    report_id: Mapped[str] = mapped_column(
        ForeignKey("comparisons.report_id", ondelete="CASCADE"), primary_key=True, sort_order=-2
    )


class ComparedIssueRow(Finding, _Compared, Base):
    """One finding of a rule across reports."""

    __tablename__ = "compared_issues"


class ComparedCheckRow(_Compared, Base):
    """The verdicts of one rule across reports with one status."""

    __tablename__ = "compared_checks"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)
    rule: Mapped[str]
    status: Mapped[str]
    scopes: Mapped[list[Any]]
    note: Mapped[str | None]


class ChangeRow(Base):
    """What one new judgement of a report changed, as it was announced; a log, in order of `judgement` only by chance.

    `new`, `gone` and `changed` hold whole issues, `unchanged` fingerprints.
    """

    __tablename__ = "changes"
    __table_args__ = (
        Index("ix_changes_report_id", "report_id"),
        Index("ix_changes_judged_at", "judged_at"),
    )

    judgement: Mapped[str] = mapped_column(primary_key=True)
    report_id: Mapped[str]
    revision_id: Mapped[str]
    cause: Mapped[str]
    rulebook_version: Mapped[str]
    judged_at: Mapped[datetime | None]
    new: Mapped[list[Any]]
    gone: Mapped[list[Any]]
    changed: Mapped[list[Any]]
    unchanged: Mapped[list[Any]]
