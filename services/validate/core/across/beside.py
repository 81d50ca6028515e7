"""A report and the one before it: sums that run over both, and what to show when they do not hold."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from services.validate.core.across.reorganised import told_reorganisation
from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.naming import Name, cell_name, number, printed, split
from services.validate.core.narrative.view import View, tidy
from services.validate.core.verdicts import Verdict
from shared.report.issue import Evidence, Origin
from shared.report.record import Edition, Number

LACKING = "a cell is lacking"
DOUBT = Name("识读不确定，请先对照原件。", " The reading is uncertain; compare the source first.")


class Pair:
    """This year's report and the one of the same body on the year before."""

    def __init__(self, now: Facts, then: Facts) -> None:
        """Take both reports prepared for judging."""
        self.now = now
        self.then = then

    @cached_property
    def views(self) -> tuple[View, View]:
        """Both reports seen from their text: this year's, last year's."""
        return View(self.now.record), View(self.then.record)

    def edition(self, table: str) -> tuple[Edition | None, Edition | None]:
        """Return the editions of a table in both reports."""
        return self.now.edition(table), self.then.edition(table)

    def origin(self, here: Iterable[str], there: Iterable[str]) -> Origin:
        """Tell whom a contradiction points at: doubtful readings first, of either report."""
        if self.now.uncertain(here) or self.then.uncertain(there):
            return "extraction"
        damaged = self.now.record.damaged or self.then.record.damaged
        return "unknown" if damaged else "source"

    def evidence(self, here: Iterable[str], there: Iterable[str]) -> tuple[Evidence, ...]:
        """Return what both reports print; last year's cells carry their year and no address."""
        return (*self.now.evidence(here), *shown(self.then, there))


def shown(facts: Facts, addresses: Iterable[str]) -> tuple[Evidence, ...]:
    """Return cells of another report as evidence: a place or address would point into this one."""
    made = []
    for address in addresses:
        cell = facts.cells.get(address)
        edition = facts.edition(split(address)[0])
        if cell is not None and edition is not None:
            name = cell_name(edition, address).zh
            made.append(Evidence(f"{facts.record.identity.year}年报告：{name} {printed(cell)}"))
    return tuple(made)


def torn(facts: Facts, table: str) -> bool:
    """Tell whether part of a table went with a lost page: what is left may be misplaced."""
    lost = facts.states.get("absent", ())
    return facts.page_lost and any(c.address.startswith(table) for c in lost)


class Term(NamedTuple):
    """A cell that is added (1) or taken away (-1), in this year's report or the one before."""

    facts: Facts
    address: str
    sign: int = 1

    @property
    def value(self) -> Number | None:
        """The number in the cell; None for any other state, and where its table is torn."""
        found = self.facts.values.get(self.address)
        return None if found is None or torn(self.facts, split(self.address)[0]) else found


class Line(NamedTuple):
    """One comparison: the cell must equal the sum of the terms."""

    scope: str
    name: Name
    cell: Term
    terms: tuple[Term, ...]

    @property
    def sum(self) -> Number | None:
        """The sum of the terms, None where one is unknown."""
        values = [t.value for t in self.terms]
        known = [t.sign * v for t, v in zip(self.terms, values, strict=True) if v is not None]
        return tidy(sum(known)) if len(known) == len(values) else None

    @property
    def added(self) -> str:
        """The sum with its numbers."""
        text = ""
        for term in self.terms:
            value = term.sign * (term.value or 0)
            mark = (" - " if value < 0 else " + ") if text else "-" if value < 0 else ""
            text += mark + number(abs(value))
        return text


def judge_lines(pair: Pair, rule: str, lines: Iterable[Line], says: Name) -> Iterator[Verdict]:
    """Yield the verdicts of comparisons that have one cause: all that fail are one finding."""
    failing = []
    for line in lines:
        wanted, found = line.sum, line.cell.value
        if wanted is None or found is None:
            yield open_question(rule, line.scope, LACKING)
        elif tidy(found - wanted) == 0:
            yield passed(rule, line.scope)
        else:
            failing.append(line)
    if failing:
        yield _failed(pair, rule, failing, says)


def _failed(pair: Pair, rule: str, lines: list[Line], says: Name) -> Verdict:
    # the total says most; columns that do not fit follow from it or are mistakes beside it
    first = next((x for x in lines if x.scope == "total"), lines[0])
    wanted, found = first.sum or 0, first.cell.value or 0
    cells = [x.cell for x in lines] + [t for x in lines for t in x.terms]
    here = tuple(dict.fromkeys(t.address for t in cells if t.facts is pair.now))
    there = tuple(dict.fromkeys(t.address for t in cells if t.facts is pair.then))
    origin = pair.origin(here, there)
    said = [_said(x) for x in lines]
    zh, en = "；".join(x.zh for x in said), "; ".join(x.en for x in said)
    doubt = DOUBT if origin == "extraction" else Name("", "")
    merged = told_reorganisation(pair.now.record)
    if merged is not None:
        doubt = Name(
            f"{doubt.zh}报告提到“{merged}”，请核对差额是否由此造成。",
            f"{doubt.en} The report speaks of a reorganisation, which may explain it.",
        )
    return Verdict(
        rule, "", "fail",
        addresses=here,
        expected=wanted, observed=found, difference=tidy(found - wanted),
        formula="；".join(_formula(x) for x in lines),
        evidence=pair.evidence(here, there),
        message_zh=f"{says.zh}：{zh}。{doubt.zh}",
        message_en=f"{says.en}: {en}.{doubt.en}",
        severity=None if merged is None else "info",
        origin=origin,
    )  # fmt: skip


def _said(line: Line) -> Name:
    wanted, found = number(line.sum or 0), number(line.cell.value or 0)
    return Name(
        f"{line.name.zh}应为 {wanted}，表中为 {found}",
        f"{line.name.en}: {wanted} due, {found} printed",
    )


def _formula(line: Line) -> str:
    wanted, added = number(line.sum or 0), line.added
    due = added if len(line.terms) == 1 else f"{added} = {wanted}"
    return f"{line.name.zh}：{due} ≠ {number(line.cell.value or 0)}"
