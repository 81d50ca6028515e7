"""Records out of bytes: what was read from a report, and then cells, dates and sentences changed at will."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from shared.errors import BadInput
from shared.report.document import Observation, Place
from shared.report.record import (
    Cell,
    Claim,
    Leftover,
    NarrativeFigure,
    Period,
    Record,
    Region,
    Section,
    YearMention,
)
from tests.fuzz import words
from tests.fuzz.documents import bases
from tests.fuzz.draws import Draws
from tests.fuzz.whole import record_of

_STATES = ("number", "blank", "mark", "unreadable", "absent")
_SUBJECTS = ("own", "whole", "represented", "unclear")
_NOTES = (
    "position", "look_alike", "column_lost", "merged_rows", "by_equation", "covered", "unread", "unsure_blank",
    "recognised", "confirmed_by_equation", "contradicted", "contradicted_though_sure", "no such note",
)  # fmt: skip
_KEYS = (
    None,
    "received",
    "carried_over_in",
    "carried_over_out",
    "granted",
    "denied",
    "review_total",
    "all_upheld",
    "no such key",
)
_DATES = (
    None,
    date(1, 1, 1),
    date(2021, 1, 31),
    date(2022, 3, 31),
    date(2022, 4, 1),
    date(9999, 12, 31),
)
_YEARS = (None, 1000, 1999, 2008, 2018, 2019, 2020, 2021, 2024, 2050, 2999)
_Change = Callable[[Record, Draws], Record]


@cache
def _read() -> tuple[Record, ...]:
    found = []
    for base in bases():
        try:
            found.append(record_of(base))
        except BadInput:
            continue
    return tuple(found)


def record(draws: Draws) -> Record:
    """Return a record; the same bytes give the same one."""
    found = draws.pick(_read())
    while draws.left:
        found = draws.pick(_CHANGES)(found, draws)
    return found


def _cell(found: Record, draws: Draws) -> Record:
    cells = list(found.cells)
    if not cells:
        return found
    at = draws.below(len(cells))
    cells[at] = draws.pick(_CELL_CHANGES)(cells[at], draws)
    return replace(found, cells=tuple(cells))


def _figure_cell(cell: Cell, draws: Draws) -> Cell:
    value = words.number(draws)
    return replace(cell, state="number", value=value, raw=str(value))


def _state(cell: Cell, draws: Draws) -> Cell:
    state: Any = draws.pick(_STATES)
    if state == "number":
        return _figure_cell(cell, draws)
    raw = None if state == "absent" else "" if state == "blank" else words.text(draws, 2)
    return replace(cell, state=state, value=None, raw=raw)


def _noted(cell: Cell, draws: Draws) -> Cell:
    return replace(
        cell, notes=(draws.pick(_NOTES), draws.pick(_NOTES)), confidence=draws.below(11) / 10
    )


def _derived(cell: Cell, draws: Draws) -> Cell:
    return replace(
        cell,
        derived=words.number(draws),
        proof=("t3_balance:total",),
        candidates=(words.number(draws),),
    )


def _unit(cell: Cell, draws: Draws) -> Cell:
    return replace(
        cell,
        unit=draws.pick((None, "元", "万元", "亿元", "件", "")),
        place=Place(line=draws.below(500)),
    )


def _who(found: Record, draws: Draws) -> Record:
    who = found.identity
    kind = draws.below(6)
    changes: dict[str, Any] = [
        {"agency": words.text(draws) or None, "agency_as_printed": words.text(draws) or None},
        {"year": draws.pick(_YEARS)},
        {"published_on": draws.pick(_DATES), "published_raw": words.text(draws)},
        {"period": Period(words.text(draws), draws.pick(_DATES), draws.pick(_DATES))},
        {"title": words.text(draws), "title_raw": words.text(draws), "signature": words.text(draws)},
        {"level": draws.pick((None, "central", "province", "prefecture", "county", "township")),
         "scope": draws.pick(("own", "roll_up")), "region": Region(words.text(draws, 1) or None, words.text(draws, 1) or None)},
    ][kind]  # fmt: skip
    if draws.flag():
        changes["years"] = (
            *who.years,
            YearMention("title", draws.pick(_YEARS) or 0, words.text(draws)),
        )
    return replace(found, identity=replace(who, **changes))


def _section(found: Record, draws: Draws) -> Record:
    sections = list(found.sections)
    if sections and draws.flag():
        at = draws.below(len(sections))
        one = sections[at]
        kind = draws.below(4)
        if kind == 0:
            del sections[at]
        elif kind == 1:
            sections.append(one)
        else:
            sections[at] = replace(
                one,
                text=one.text + words.text(draws, 12),
                title=one.title if kind == 2 else words.text(draws),
            )
    else:
        sections.append(
            Section(draws.below(9), words.text(draws), words.text(draws), words.text(draws, 20))
        )
    return replace(found, sections=tuple(sections))


def _figure(found: Record, draws: Draws) -> Record:
    said = NarrativeFigure(
        words.text(draws, 2), words.number(draws), draws.pick((None, "件", "条", "万元", "%")), words.text(draws),
        draws.below(8) or None, key=draws.pick(_KEYS), line=draws.below(300) or None,
        bound=draws.pick(("exact", "min", "max", "approx")), subject=draws.pick(_SUBJECTS),  # type: ignore[arg-type]
        comparison=draws.flag(), group=draws.below(4) or None, role=draws.pick((None, "whole", "part")),  # type: ignore[arg-type]
        complete=draws.flag(), heads=tuple(range(draws.below(3))), sentence=draws.below(9) or None,
    )  # fmt: skip
    return replace(found, figures=(*found.figures, said))


def _claim(found: Record, draws: Draws) -> Record:
    stated = Claim(
        draws.pick(("zero", "absolute")),
        draws.pick(_KEYS) or "received",
        words.text(draws),
        draws.below(8) or None,  # type: ignore[arg-type]
        subject=draws.pick(_SUBJECTS),  # type: ignore[arg-type]
    )
    return replace(found, claims=(*found.claims, stated))


def _edition(found: Record, draws: Draws) -> Record:
    table = draws.pick(("active_disclosure", "applications", "review_litigation"))
    templates: dict[str, Any] = dict(found.templates)
    templates[table] = draws.pick(("2019", "2021"))
    if draws.flag():
        del templates[table]
    return replace(found, templates=templates, template=draws.pick((None, "2019", "2021")))  # type: ignore[arg-type]


def _seen(found: Record, draws: Draws) -> Record:
    known = sorted({o.rule for o in found.observations}) or ["e_artifact"]
    rule = draws.pick((*known, "e_page_lost", "e_artifact", "e_encoding", "no_such_rule"))
    noted = Observation(
        rule,
        words.text(draws),
        line=draws.below(300),
        addresses=(found.cells[0].address,) if found.cells else (),
    )
    left = Leftover(words.text(draws), draws.below(300), None, words.text(draws, 1))
    return replace(
        found, observations=(*found.observations, noted), leftovers=(*found.leftovers, left), damaged=draws.flag(),
        preamble=words.text(draws), arbitrated=(*found.arbitrated, draws.pick(("t3_balance:total", "nonsense", "a:b:c"))),
    )  # fmt: skip


_CHANGES: tuple[_Change, ...] = (
    _cell,
    _cell,
    _cell,
    _cell,
    _who,
    _section,
    _figure,
    _claim,
    _edition,
    _seen,
)
_CELL_CHANGES: tuple[Callable[[Cell, Draws], Cell], ...] = (
    _figure_cell,
    _figure_cell,
    _state,
    _noted,
    _derived,
    _unit,
)
