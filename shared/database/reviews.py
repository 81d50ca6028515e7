"""What people decided: about issues and cells, and who must report."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base


class DecisionRow(Base):
    """One decision of a reviewer on an issue; the latest one stands, all stay."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_issue_id", "issue_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    issue_id: Mapped[str]
    report_id: Mapped[str]
    document_id: Mapped[str]
    verdict: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str | None]


class CorrectionRow(Base):
    """One cell as a reviewer reads it, and what stood there before; all stay, the latest one of a cell stands."""

    __tablename__ = "corrections"
    __table_args__ = (Index("ix_corrections_document_id", "document_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str]
    report_id: Mapped[str]
    address: Mapped[str]
    state: Mapped[str]
    value: Mapped[Decimal | None]
    unit: Mapped[str | None]
    was_state: Mapped[str | None]
    was_value: Mapped[Decimal | None]
    by: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str | None]


class AgencyListRow(Base):
    """A list of bodies that must report, as an operator loaded it; the latest of a name stands."""

    __tablename__ = "agency_lists"

    name: Mapped[str] = mapped_column(primary_key=True)
    complete: Mapped[bool]
    document_id: Mapped[str]
    file: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str | None]


class AgencyRow(Base):
    """One body of a list; `parent` is the series of the government whose roll-up contains it."""

    __tablename__ = "agencies"
    __table_args__ = (
        Index("ix_agencies_parent", "parent"),
        Index("ix_agencies_series", "series"),
    )

    list_name: Mapped[str] = mapped_column(
        ForeignKey("agency_lists.name", ondelete="CASCADE"), primary_key=True
    )
    series: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str]
    region_code: Mapped[str | None]
    region: Mapped[str]
    level: Mapped[str | None]
    kind: Mapped[str | None]
    scope: Mapped[str]
    parent: Mapped[str | None]
    since: Mapped[int | None]
    until: Mapped[int | None]
