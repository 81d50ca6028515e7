"""What all tables of the database share, for SQLite and PostgreSQL alike: types, and the parts of a row.

Numbers are exact (NUMERIC); moments are UTC.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, DateTime, Float, ForeignKey, Numeric, String
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


class Part:
    """What belongs to a revision and goes with it; stored in key order, close together."""

    __table_args__: Any = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it from the class

    revision_id: Mapped[str] = mapped_column(
        ForeignKey("revisions.id", ondelete="CASCADE"), primary_key=True, sort_order=-2
    )


class Placed(Part):
    """A part without a name of its own: known by its place in the order."""

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)


class Finding:
    """What is known of one finding, whatever it was found beside."""

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
    repairs: Mapped[list[Any]]
