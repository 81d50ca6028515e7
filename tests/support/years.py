"""One body's reports on several years, each the consistent continuation of the one before."""

from collections.abc import Callable, Mapping
from random import Random

from shared.report.record import Edition
from tests.support.agencies import Agency, choose
from tests.support.figures import APPLICANTS, T2, T3
from tests.support.fill import fill
from tests.support.truth import Truth, Value

COLUMNS = (*APPLICANTS, "total")
STOCKS = ("regulations", "normative_documents")


def body(seed: int, *, scope: str = "own") -> Agency:
    """Return some filer of the given scope."""
    rng = Random(seed)
    while True:
        agency = choose(rng)
        if agency.scope == scope:
            return agency


def years(
    seed: int,
    first: int = 2021,
    count: int = 3,
    *,
    agency: Agency | None = None,
    kind: str = "busy",
) -> list[Truth]:
    """Return the reports on consecutive years, figures carried over and stocks rolled forward."""
    agency = agency or body(seed)
    made: list[Truth] = []
    for year in range(first, first + count):
        made.append(one_year(seed, year, agency, made[-1] if made else None, kind=kind))
    return made


def one_year(
    seed: int,
    year: int,
    agency: Agency,
    before: Truth | None,
    *,
    kind: str = "busy",
    slip: Mapping[str, int] | None = None,
) -> Truth:
    """Return the report on a year after that on the year before.

    `slip` adds to cells after the continuation; what they are balanced by follows.
    """
    edition: Edition = "2019" if year < 2021 else "2021"
    continued = _continuation(before, edition, dict(slip or {}))
    return fill(seed * 100 + year, edition, kind=kind, year=year, agency=agency, given=continued)


def _continuation(
    before: Truth | None, edition: Edition, slip: dict[str, int]
) -> Callable[[Mapping[str, Value]], dict[str, Value]]:
    def given(cells: Mapping[str, Value]) -> dict[str, Value]:
        changes: dict[str, Value] = {}
        if before is not None:
            changes |= _carried(cells, before, slip)
        if edition == "2021" and before is not None and before.edition == "2021":
            changes |= _stocks(cells, before, slip)
        return changes

    return given


def _carried(cells: Mapping[str, Value], before: Truth, slip: dict[str, int]) -> dict[str, Value]:
    """Carry over per column, and receive as many more or fewer as the balance then needs."""
    changes: dict[str, Value] = {}
    for column in APPLICANTS:
        carried = f"{T3}.carried_over_in@{column}"
        into = before.number(f"{T3}.carried_over_out@{column}") + slip.get(carried, 0)
        drawn = {
            row: _whole(cells[f"{T3}.{row}@{column}"])
            for row in ("total", "granted", "carried_over_out")
        }
        new = drawn["total"] + drawn["carried_over_out"] - into
        # more was carried over than this year handled: then more was granted
        more = max(0, -new)
        changes[carried] = into
        changes[f"{T3}.received_new@{column}"] = new + more
        changes[f"{T3}.granted@{column}"] = drawn["granted"] + more
        changes[f"{T3}.total@{column}"] = drawn["total"] + more
    for row in ("carried_over_in", "received_new", "granted", "total"):
        changes[f"{T3}.{row}@total"] = sum(
            _whole(changes[f"{T3}.{row}@{column}"]) for column in APPLICANTS
        )
    return changes


def _stocks(cells: Mapping[str, Value], before: Truth, slip: dict[str, int]) -> dict[str, Value]:
    changes: dict[str, Value] = {}
    for row in STOCKS:
        issued, repealed, stock = (f"{T2}.{row}@{c}" for c in ("issued", "repealed", "in_force"))
        held = before.cells[stock]
        if isinstance(held, str) or isinstance(cells[issued], str):
            continue
        most = _whole(held) + _whole(cells[issued])
        changes[repealed] = min(_whole(cells[repealed]), most)
        changes[stock] = most - _whole(changes[repealed]) + slip.get(stock, 0)
    return changes


def _whole(value: Value) -> int:
    return value if isinstance(value, int) else 0
