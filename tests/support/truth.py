"""What a made-up report truly says: the answer key that every rendering is read back against."""

from dataclasses import dataclass, field, replace
from datetime import date

from shared import forms
from shared.report.record import AgencyKind, Edition, Level, Region, Scope

Value = int | float | str
"""A number, or one of the states "blank", "mark", "absent"."""
STATES = ("blank", "mark", "absent")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure the narrative states: what `shared.report.quantities` calls it, None when unnamed."""

    value: int | float
    unit: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One of the six sections: heading without its number, and the paragraphs before and after its table."""

    number: int
    title: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding that must be made: the rule, and one cell it must name (None: no cell)."""

    rule: str
    address: str | None = None


Said = tuple[str, tuple[Figure, ...]]
"""A sentence of the text and the figures it states."""


@dataclass(frozen=True)
class Truth:
    """A made-up report. `printed` holds the text of cells that are not simply the value in digits.

    `loose` are cells that a damaged or lossy rendering no longer decides: there a reader must be right, or say
    that it is not sure. `templates` gives the edition of each table, `lost_tables` those not printed,
    `omitted` rows (`applications.granted`) or groups of table four that are not printed, `added` rows
    that the form does not have: the row each follows, and its texts. `told` are the values the text is
    true to, `said` its sentences by subject with the figures they state, `recipe` what the report was
    made from besides its seed. `unnamed` reports leave open who reports.
    """

    seed: int
    edition: Edition
    kind: str
    agency: str
    printed_name: str
    region: Region
    level: Level
    agency_kind: AgencyKind
    scope: Scope
    year: int
    title: str
    published_on: date | None
    signature: str | None
    preamble: tuple[str, ...]
    parts: tuple[Part, ...]
    templates: dict[str, Edition]
    cells: dict[str, Value]
    printed: dict[str, str] = field(default_factory=dict)
    units: dict[str, str | None] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    expected: tuple[Expected, ...] = ()
    loose: frozenset[str] = frozenset()
    lost_tables: frozenset[str] = frozenset()
    omitted: frozenset[str] = frozenset()
    added: tuple[tuple[str, tuple[str, ...]], ...] = ()
    told: dict[str, Value] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    recipe: dict[str, object] = field(default_factory=dict)
    unnamed: bool = False

    def shown(self, address: str) -> str:
        """Return the text printed in a cell."""
        text = self.printed.get(address)
        if text is not None:
            return text
        value = self.cells[address]
        if isinstance(value, str):
            return "/" if value == "mark" else ""
        return plain(value)

    def with_cells(self, changes: dict[str, Value], *expected: Expected) -> "Truth":
        """Return the report with other values (printed plainly) and further findings expected."""
        printed = {a: t for a, t in self.printed.items() if a not in changes}
        return replace(
            self,
            cells={**self.cells, **changes},
            printed=printed,
            expected=(*self.expected, *expected),
        )

    def expecting(self, *expected: Expected) -> "Truth":
        """Return the report with further findings expected."""
        return replace(self, expected=(*self.expected, *expected))

    def number(self, address: str) -> int:
        """Return a whole number of the tables, 0 where the cell holds none."""
        value = self.cells.get(address, 0)
        return value if isinstance(value, int) else 0


def plain(value: int | float) -> str:  # noqa: PYI041 - the two print differently
    """Return a number in digits without exponent or idle zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def addresses(templates: dict[str, Edition]) -> list[str]:
    """Return every address of the tables in form order."""
    return [a for t, e in templates.items() for a in forms.table(e, t).addresses]
