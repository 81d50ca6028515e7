"""The ministry's forms as data, one TOML file an edition, checked whole when loaded."""

import tomllib
from functools import cache
from importlib.resources import files

from shared.forms.model import Block, Column, Equation, Form, FormRow, FormTable, TableId
from shared.report.record import Edition

EDITIONS: tuple[Edition, ...] = ("2019", "2021")
TABLE_IDS: tuple[TableId, ...] = ("active_disclosure", "applications", "review_litigation")

__all__ = [
    "EDITIONS", "TABLE_IDS", "Block", "Column", "Equation", "Form", "FormRow", "FormTable",
    "TableId", "editions", "equations", "for_year", "load", "table",
]  # fmt: skip


@cache
def load(edition: Edition) -> Form:
    """Return one edition; raises pydantic's ValidationError naming the faulty entry."""
    source = files("shared.forms").joinpath(f"editions/{edition}.toml")
    return Form.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))


def editions() -> tuple[Form, ...]:
    """Return all editions, oldest first."""
    return tuple(load(e) for e in EDITIONS)


def for_year(year: int) -> Form | None:
    """Return the edition prescribed for a fiscal year, None before FY2019."""
    return next((f for f in editions() if f.holds_for(year)), None)


@cache
def table(edition: Edition, table_id: str) -> FormTable:
    """Return one table of one edition."""
    return load(edition).table(table_id)


@cache
def equations(edition: Edition, table_id: str) -> tuple[Equation, ...]:
    """Return the single equations of one table of one edition."""
    return table(edition, table_id).expanded
