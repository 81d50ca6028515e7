"""What a form is: tables of blocks, rows and columns with labels, and the equations among cells."""

from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from shared.report.record import Edition

TableId = Literal["active_disclosure", "applications", "review_litigation"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Labelled(_Value):
    """Anything with a printed label and the other spellings met in reports."""

    id: str
    label: str
    aliases: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The printed label first, then its aliases."""
        return (self.label, *self.aliases)


class Column(Labelled):
    """A column: counts by default, `money` with an optional `unit` fixed by the form.

    `signed` columns hold changes and may be negative. `parent` is a spanning title above.
    """

    parent: str | None = None
    kind: Literal["count", "money"] = "count"
    unit: str | None = None
    signed: bool = False


class FormRow(Labelled):
    """A row with cells. `group` is the spanning label it stands under, `law` its legal hook."""

    group: str | None = None
    law: str | None = None


class Group(Labelled):
    """A spanning label without cells of its own (（三）不予公开)."""

    parent: str | None = None


class Block(_Value):
    """Rows under one set of column titles; table two stacks several."""

    id: str
    caption: str | None = None
    title: str | None = None
    columns: tuple[Column, ...]
    rows: tuple[FormRow, ...]


class EquationFamily(_Value):
    """The same equation for every column (`over` columns, terms are rows) or for every row."""

    rule: str
    over: Literal["rows", "columns"]
    left: tuple[str, ...]
    right: tuple[str, ...]
    law: str


class Equation(_Value):
    """One equation: sum of `left` cells = sum of `right` cells. `scope` is the column or row id."""

    rule: str
    scope: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    law: str

    @property
    def key(self) -> str:
        """`rule:scope`, one spelling wherever an equation is named."""
        return f"{self.rule}:{self.scope}"


class FormTable(_Value):
    """One of the three tables. `one_row`: all rows are printed side by side in a single line."""

    id: TableId
    section: int
    title: str
    one_row: bool = False
    furniture: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    blocks: tuple[Block, ...]
    equations: tuple[EquationFamily, ...] = ()

    def address(self, row: str, column: str) -> str:
        """Return the cell address `<table>.<row>@<column>`."""
        return f"{self.id}.{row}@{column}"

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """Every cell of the table in form order."""
        return tuple(
            self.address(r.id, c.id) for b in self.blocks for r in b.rows for c in b.columns
        )

    @cached_property
    def expanded(self) -> tuple[Equation, ...]:
        """Every single equation of the table."""
        return tuple(e for family in self.equations for e in self._expand(family))

    def _expand(self, family: EquationFamily) -> list[Equation]:
        block = self.blocks[0]
        by_row = family.over == "rows"
        scopes = [r.id for r in block.rows] if by_row else [c.id for c in block.columns]

        def cells(terms: tuple[str, ...], scope: str) -> tuple[str, ...]:
            return tuple(
                self.address(scope, t) if by_row else self.address(t, scope) for t in terms
            )

        return [
            Equation(rule=family.rule, scope=s, left=cells(family.left, s),
                     right=cells(family.right, s), law=family.law)
            for s in scopes
        ]  # fmt: skip

    @model_validator(mode="after")
    def _ids_resolve(self) -> Self:
        groups = {g.id for g in self.groups}
        rows = {r.id for b in self.blocks for r in b.rows}
        columns = {c.id for b in self.blocks for c in b.columns}
        for row in (r for b in self.blocks for r in b.rows):
            if row.group is not None and row.group not in groups:
                msg = f"table {self.id}: row {row.id} names an unknown group {row.group}"
                raise ValueError(msg)
        for family in self.equations:
            known = columns if family.over == "rows" else rows
            unknown = [t for t in (*family.left, *family.right) if t not in known]
            if unknown:
                msg = f"table {self.id}: equation {family.rule} names unknown terms {unknown}"
                raise ValueError(msg)
        return self


class SectionTitle(_Value):
    """One of the six compulsory sections."""

    number: int
    title: str
    aliases: tuple[str, ...] = ()


class Form(_Value):
    """One edition of the national form."""

    edition: Edition
    instrument: str
    first_year: int
    last_year: int | None = None
    sections: tuple[SectionTitle, ...]
    tables: tuple[FormTable, ...]

    def table(self, table_id: str) -> FormTable:
        """Return the table with this id; KeyError when the form has none."""
        for table in self.tables:
            if table.id == table_id:
                return table
        raise KeyError(table_id)

    def holds_for(self, year: int) -> bool:
        """Tell whether the edition is the prescribed one for this fiscal year."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)
