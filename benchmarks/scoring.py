"""Compare what was read with what is true, cell by cell, and sort the differences."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from shared.report.issue import Judgement
from shared.report.record import Cell, Record
from tests.support.consequences import consequences
from tests.support.truth import Truth

ALSO_CALLED = {
    # 共办理 n 件（含上年结转 m 件）may be taken as handled: the rule of handled knows both
    "received_and_carried": ("handled",),
    "normative_documents": ("active_disclosure.normative_documents@issued",),
    "penalty": ("active_disclosure.penalty@decisions",),
}


@dataclass
class Score:
    """Counts over some reports; `misses` keeps the first differences for people to look at."""

    reports: int = 0
    failed: int = 0
    refused: int = 0
    cells: int = 0
    exact: int = 0
    nonzero: int = 0
    nonzero_exact: int = 0
    silent: int = 0
    emptied: int = 0
    invented: int = 0
    flagged: int = 0
    given: int = 0
    exact_reports: int = 0
    told: int = 0
    identity: int = 0
    date: int = 0
    figures: int = 0
    figures_found: int = 0
    false_alarms: int = 0
    alarmed_reports: int = 0
    paragraphs: int = 0
    paragraphs_whole: int = 0
    paragraphs_kept: int = 0
    planted: int = 0
    found: int = 0
    misses: list[str] = field(default_factory=list)
    seconds: float = 0.0
    trust: dict[float, list[int]] = field(default_factory=dict)
    """Cells read by the lower end of their bin of confidence: how many, how many of them wrong."""

    def __add__(self, other: "Score") -> "Score":
        """Return both counts together."""
        trust = {b: list(counts) for b, counts in self.trust.items()}
        for edge, counts in other.trust.items():
            have = trust.setdefault(edge, [0, 0])
            have[0] += counts[0]
            have[1] += counts[1]
        plain = (f.name for f in fields(Score) if f.name != "trust")
        both = {n: getattr(self, n) + getattr(other, n) for n in plain}
        return Score(**both, trust=trust)


BINS = (0.95, 0.9, 0.8, 0.0)
"""Lower ends of the bins of confidence."""
GIVEN = ("number", "blank", "mark")
"""States by which a reader claims to have seen what a cell says."""


def together(scores: Iterable[Score]) -> Score:
    """Return the counts of many scores as one."""
    return sum(scores, start=Score())


def is_exact(cell: Cell | None, truth: Truth, address: str) -> bool:
    """Tell whether a cell was read as it is, state, value and unit."""
    value = truth.cells[address]
    if cell is None:
        return value == "absent"
    if isinstance(value, str):
        return cell.state == value
    right = cell.state == "number" and cell.value == value
    # an amount of zero needs no unit, and whether a unit fixed by the form is repeated is left open
    return right and (not value or address not in truth.units or cell.unit == truth.units[address])


def is_flagged(cell: Cell | None, address: str, record: Record) -> bool:
    """Tell whether the reader says itself that a person should look at the cell."""
    if cell is None or cell.confidence < 0.8 or cell.candidates or cell.state == "unreadable":
        return True
    return any(address in o.addresses for o in record.observations)


def add_cells(score: Score, record: Record, truth: Truth, *, partial: bool = False) -> list[str]:
    """Count the cells of one report; return what went wrong, one line a cell.

    Of a `partial` file, cut off somewhere, only the cells that were read count.
    """
    found = {c.address: c for c in record.cells}
    wrong: list[str] = []
    for address, value in truth.cells.items():
        cell = found.get(address)
        if partial and (cell is None or cell.state not in GIVEN):
            continue
        exact = is_exact(cell, truth, address)
        score.cells += 1
        score.exact += exact
        if value and not isinstance(value, str):
            score.nonzero += 1
            score.nonzero_exact += exact
        _trusted(score, cell, exact=exact)
        if exact:
            continue
        flagged = is_flagged(cell, address, record)
        score.flagged += flagged
        number = cell is not None and cell.state == "number"
        given = cell is not None and cell.state in ("number", "blank", "mark")
        silent = given and not flagged and not isinstance(value, str)
        score.silent += silent
        score.emptied += silent and not number
        score.invented += number and not flagged and isinstance(value, str)
        if address not in truth.loose:
            wrong.append(_difference(address, value, cell, flagged=flagged))
    score.exact_reports += not wrong
    return wrong


def _trusted(score: Score, cell: Cell | None, *, exact: bool) -> None:
    """Count a cell in the bin of its confidence, unless nothing was claimed about it."""
    if cell is None or cell.state not in GIVEN:
        return
    edge = next(e for e in BINS if cell.confidence >= e)
    counts = score.trust.setdefault(edge, [0, 0])
    counts[0] += 1
    counts[1] += not exact
    score.given += cell.state == "number"


def _difference(address: str, value: object, cell: Cell | None, *, flagged: bool) -> str:
    got = (
        "no cell"
        if cell is None
        else f"{cell.state} {cell.value!r} unit={cell.unit} raw={cell.raw!r} trust={cell.confidence:.2f}"
    )
    return (
        f"{address}: true {value!r}, read {got}{_where(cell)}"
        f"{' (flagged)' if flagged else ' (SILENT)'}"
    )


def _where(cell: Cell | None) -> str:
    """Return the place of a cell in the words of its format: line, page, row, column."""
    if cell is None or cell.place is None:
        return ""
    parts = ((n, getattr(cell.place, n)) for n in ("line", "page", "row", "column"))
    return "".join(f" {name} {number}" for name, number in parts if number is not None)


def add_identity(score: Score, record: Record, truth: Truth) -> list[str]:
    """Count agency, region, year, scope and date, where the report tells who reports."""
    read = record.identity
    if truth.unnamed:
        return []
    score.told += 1
    wrong = []
    named = read.agency is not None and _same_name(read.agency, truth)
    if not named:
        wrong.append(f"agency: true {truth.agency}, read {read.agency}")
    where, true = read.region, truth.region
    if (where.province, where.county) != (true.province, true.county) or (
        true.city not in (where.city, true.province)
    ):
        wrong.append(f"region: true {true.full_name}, read {where.full_name}")
    if true.township and where.township != true.township:
        wrong.append(f"township: true {true.township}, read {where.township}")
    wrong += [
        f"{name}: true {getattr(truth, name)}, read {getattr(read, name)}"
        for name in ("year", "scope", "level")
        if getattr(read, name) != getattr(truth, name)
    ]
    if read.kind != truth.agency_kind:
        wrong.append(f"kind: true {truth.agency_kind}, read {read.kind}")
    score.identity += not wrong
    if read.published_on == truth.published_on:
        score.date += 1
    else:
        wrong.append(f"date: true {truth.published_on}, read {read.published_on}")
    return wrong


def _same_name(name: str, truth: Truth) -> bool:
    """Accept the full name with or without province and, for a county-level city, its prefecture."""
    full = truth.agency
    shorter = full.removeprefix(truth.region.city or "")
    return name in {full, shorter, f"{truth.region.province}{full}"}


def add_figures(score: Score, record: Record, truth: Truth) -> list[str]:
    """Count the figures of the text that were found with value and meaning."""
    wrong = []
    read = [(f.value, f.key) for f in record.figures if not f.comparison]
    values = {v for v, _ in read}
    for figure in truth.figures:
        score.figures += 1
        keys = {figure.key, *ALSO_CALLED.get(figure.key or "", ())}
        hit = any((figure.value, k) in read for k in keys) if figure.key else figure.value in values
        score.figures_found += hit
        if not hit:
            wrong.append(f"figure {figure.value}{figure.unit} {figure.key}: not found")
    return wrong


def add_text(score: Score, record: Record, truth: Truth) -> list[str]:
    """Count the paragraphs that are there whole, and those that are still one paragraph."""
    texts = (record.preamble, *(s.text for s in record.sections))
    read, lines = _unbroken(*texts), {_unbroken(x) for t in texts for x in t.split("\n")}
    true = [*truth.preamble, *(t for p in truth.parts for t in (*p.before, *p.after))]
    lost = [t for t in true if _unbroken(t) not in read]
    score.paragraphs += len(true)
    score.paragraphs_whole += len(true) - len(lost)
    score.paragraphs_kept += sum(_unbroken(t) in lines for t in true)
    return [f"paragraph {t[:40]!r}: not found whole" for t in lost]


def _unbroken(*texts: str) -> str:
    return "".join("".join(texts).split())


def add_issues(
    score: Score, judgement: Judgement, truth: Truth, *, damaged: bool = False
) -> list[str]:
    """Count planted faults found and alarms nobody planted.

    In a damaged report it is right to warn of the reading, and wrong to blame the agency.
    """
    wrong = []
    for expected in truth.expected:
        score.planted += 1
        hit = any(
            i.rule == expected.rule
            and (expected.address is None or expected.address in i.addresses)
            for i in judgement.issues
        ) or _found_as_text(expected.rule, judgement)
        score.found += hit
        if not hit:
            wrong.append(f"planted {expected.rule} {expected.address or ''}: not found")
    allowed = consequences(truth)
    false = [
        i
        for i in judgement.issues
        if i.severity != "info"
        and i.rule not in allowed
        and not (damaged and i.origin == "extraction")
    ]
    score.false_alarms += len(false)
    score.alarmed_reports += bool(false)
    wrong += [f"false {i.severity} {i.rule} ({i.origin}): {i.message_en[:150]}" for i in false]
    return wrong


def _found_as_text(rule: str, judgement: Judgement) -> bool:
    # 未收到 and 收到 0 件 are the same claim under two rules
    same = {
        "n_zero_claim": {"n_received", "t3_all_zero_vs_text"},
        "n_received": {"n_zero_claim", "n_handled"},
    }
    return any(i.rule in same.get(rule, ()) for i in judgement.issues)
