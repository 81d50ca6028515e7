"""A record prepared for judging: cells by address, what is odd about them, text, page losses."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from services.validate.core.naming import printed, text_of
from services.validate.core.rulebook import Rule, Rulebook
from services.validate.core.verdicts import Verdict
from shared import forms
from shared.report.issue import Evidence, Origin
from shared.report.record import Cell, Edition, Number, Record

DOUBTFUL_NOTES = frozenset(
    ("position", "look_alike", "column_lost", "uncertain_place", "merged_rows", "by_equation",
     "split_digits", "beside_lost_row")
)  # fmt: skip
"""How a cell was read where a person should look before anyone is blamed."""
SURE = 0.8
"""Confidence below which a reading counts as uncertain."""
SURELY_RECOGNISED = 0.95
"""The same for what was recognised from a picture: below it no finding is charged to the agency."""
_LONGEST_TEXT = 200_000
"""Characters of running text that are searched; real reports have a few thousand."""
_SIGNS = ("+", "-", "＋", "－", "−", "—", "–")


@dataclass(slots=True)
class Facts:
    """What the rules ask about a record, gathered in one pass.

    `values` holds the number cells; `odd` the cells that are not plain non-negative integers read
    with certainty; `states` the cells that hold no number, by state. `page_lost` is True when the
    source is known to be incomplete, `recognised` that some of it was read from pictures.
    """

    record: Record
    rulebook: Rulebook
    today: date | None
    active: frozenset[str]
    cells: dict[str, Cell] = field(default_factory=dict)
    values: dict[str, Number] = field(default_factory=dict)
    states: dict[str, list[Cell]] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    odd: list[Cell] = field(default_factory=list)
    page_lost: bool = False
    recognised: bool = False
    text: str = ""

    def rule(self, rule_id: str) -> Rule:
        """Return a rule of the rulebook in force."""
        return self.rulebook.rule(rule_id)

    def edition(self, table: str) -> Edition | None:
        """Return the edition of a table that was found, None when it was not."""
        return self.record.templates.get(table)

    def evidence(self, addresses: Iterable[str]) -> tuple[Evidence, ...]:
        """Return what was printed in these cells and where."""
        cells = self.cells
        return tuple(
            Evidence(printed(c), c.address, c.place) for a in addresses if (c := cells.get(a))
        )

    def uncertain(self, addresses: Iterable[str]) -> bool:
        """Tell whether any of these cells was read with doubt."""
        return not self.doubtful.isdisjoint(addresses)

    def origin_of(self, addresses: Iterable[str]) -> Origin:
        """Tell whom a fault in these cells points at: our reading first, then the report."""
        return "extraction" if self.uncertain(addresses) else "source"

    def section_text(self, number: int) -> str | None:
        """Return the text of a section (parts joined), None when it is missing."""
        parts = [s.text for s in self.record.sections if s.number == number]
        return "\n".join(parts) if parts else None


def gather(record: Record, rulebook: Rulebook, today: date | None) -> Facts:
    """Return the record prepared for judging."""
    facts = Facts(record, rulebook, today, rulebook.applicable(record.identity.year))
    _sort_cells(facts)
    facts.page_lost = any(o.rule == "e_page_lost" for o in record.observations)
    facts.recognised = is_recognised(record)
    facts.text = "\n".join((record.preamble, *(s.text for s in record.sections)))[:_LONGEST_TEXT]
    return facts


def _sort_cells(facts: Facts) -> None:
    cells, values, odd, doubtful = facts.cells, facts.values, facts.odd, facts.doubtful
    for cell in facts.record.cells:
        address = cell.address
        cells[address] = cell
        if is_doubtful(cell):
            doubtful.add(address)
        value = cell.value
        if cell.state == "number" and value is not None:
            values[address] = value
            raw = text_of(cell)
            plain = not raw or raw.isdigit() or raw.lstrip()[:1] not in _SIGNS
            if value.__class__ is not int or value < 0 or not plain:
                odd.append(cell)
        else:
            facts.states.setdefault(cell.state, []).append(cell)


def is_doubtful(cell: Cell) -> bool:
    """Tell whether a cell was read with doubt, so that a person should look before blaming anyone.

    A number recognised surely and without another reading is held against the report even where
    the sums contradict it; one recognised less surely never is.
    """
    notes = cell.notes
    if not notes:
        return cell.confidence < SURE
    if not DOUBTFUL_NOTES.isdisjoint(notes):
        return True
    if "recognised" not in notes:
        return cell.confidence < SURE
    if "contradicted_though_sure" in notes:
        return False
    return cell.confidence < SURELY_RECOGNISED or bool(
        cell.candidates and "confirmed_by_equation" not in notes
    )


def is_recognised(record: Record) -> bool:
    """Tell whether the record, or part of it, was recognised from pictures."""
    return any("recognised" in c.notes for c in record.cells if c.notes) or any(
        o.rule == "e_recognised" for o in record.observations
    )


@cache
def passed(rule: str, scope: str = "") -> Verdict:
    """Return the verdict of a rule that holds."""
    return Verdict(rule, scope, "pass")


@cache
def open_question(rule: str, scope: str = "", note: str | None = None) -> Verdict:
    """Return the verdict of a rule that could not be tested."""
    return Verdict(rule, scope, "not_assessable", note=note)


@cache
def edition_addresses(edition: Edition, table: str) -> tuple[str, ...]:
    """Return every address of one table in form order."""
    return forms.table(edition, table).addresses
