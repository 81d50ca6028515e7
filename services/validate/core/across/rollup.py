"""A government's roll-up beside the reports of its members."""

from collections.abc import Iterator
from typing import Final

from services.validate.core.across.beside import LACKING, torn
from services.validate.core.across.family import MEMBER_CELLS, Members
from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.naming import Name, cell_name, listed, listed_en, number, split
from services.validate.core.narrative.view import tidy
from services.validate.core.verdicts import Verdict
from shared.report.issue import Evidence
from shared.report.record import Number

LEAST: Final = "h_rollup_ge_child"
SUM: Final = "h_rollup_sum"
_FEES: Final = "active_disclosure.fees@amount_wanyuan"
_YUAN: Final = 10_000
_EPSILON: Final = 1e-6
"""Money is a sum of binary fractions; the tables print six decimals at most."""


def judge_roll_up(facts: Facts, members: Members) -> Iterator[Verdict]:
    """Yield the verdicts on a roll-up: no member exceeds it, and all members together make it."""
    exceeded = []
    for address in MEMBER_CELLS:
        status = _below(facts, members, address)
        if status == "fail":
            exceeded.append(address)
        elif status is not None:
            yield (
                passed(LEAST, address)
                if status == "pass"
                else open_question(LEAST, address, LACKING)
            )
    if exceeded:
        yield _exceeded(facts, members, exceeded)
    yield from _sums(facts, members, frozenset(exceeded))


def _below(facts: Facts, members: Members, address: str) -> str | None:
    """Say whether a member reports more than the roll-up; None where nothing can be compared."""
    largest = members.largest.get(address)
    if address not in facts.cells or largest is None:
        return None
    own = _sure(facts, address)
    if own is None or (address == _FEES and not _in_wanyuan(own, largest[0])):
        return "not_assessable"
    return "fail" if largest[0] > own + _EPSILON else "pass"


def _sure(facts: Facts, address: str) -> Number | None:
    """Return a number that was read without doubt, from a table that is whole."""
    value = facts.values.get(address)
    if value is None or facts.uncertain((address,)) or torn(facts, split(address)[0]):
        return None
    unit = facts.cells[address].unit
    return None if address == _FEES and unit not in {None, "万元"} else value


def _in_wanyuan(own: Number, other: Number) -> bool:
    """Tell whether two amounts may be in one unit: a member that wrote yuan proves nothing."""
    return not own or other < _YUAN / 10 * own


def _exceeded(facts: Facts, members: Members, cells: list[str]) -> Verdict:
    names = {a: _name(facts, a) for a in cells}
    known = {a: (facts.values[a], *members.largest[a]) for a in cells}
    zh = [f"{names[a].zh}：汇总 {number(o)}，{b} {number(v)}" for a, (o, v, b) in known.items()]
    en = [f"{names[a].en}: {number(o)} here, {number(v)} at {b}" for a, (o, v, b) in known.items()]
    own, most, _ = known[cells[0]]
    return Verdict(
        LEAST, "", "fail",
        addresses=tuple(cells),
        expected=most, observed=own, difference=tidy(own - most),
        formula=f"{names[cells[0]].zh}：{number(own)} < {number(most)}",
        evidence=(
            *facts.evidence(cells),
            *(Evidence(f"{b}：{names[a].zh} {number(v)}") for a, (_, v, b) in known.items()),
        ),
        message_zh=f"政府汇总数小于所属机关的数，可能只填了本级：{listed(zh, joint='；')}。",
        message_en=f"A member reports more than the roll-up, which may cover the office alone: {listed_en(en)}.",
        origin="unknown" if facts.record.damaged else "source",
    )  # fmt: skip


def _sums(facts: Facts, members: Members, exceeded: frozenset[str]) -> Iterator[Verdict]:
    if not members.complete:
        note = "the members are not declared complete"
        lacking = "、".join(members.lacking)
        yield open_question(SUM, note=f"{note}; not on file: {lacking}" if lacking else note)
        return
    unequal = []
    for address in MEMBER_CELLS:
        if address not in facts.cells:
            continue
        own, added = _sure(facts, address), members.sums.get(address)
        if own is None or added is None or members.known.get(address, 0) != members.count:
            yield open_question(SUM, address, LACKING)
        elif address in exceeded:
            yield open_question(SUM, address, f"see {LEAST}")
        elif abs(own - added) <= _EPSILON:
            yield passed(SUM, address)
        else:
            unequal.append(address)
    if unequal:
        yield _unequal(facts, members, unequal)


def _unequal(facts: Facts, members: Members, cells: list[str]) -> Verdict:
    names = {a: _name(facts, a) for a in cells}
    known = {a: (facts.values[a], tidy(members.sums[a])) for a in cells}
    zh = [f"{names[a].zh}汇总 {number(o)}，之和 {number(s)}" for a, (o, s) in known.items()]
    en = [f"{names[a].en} {number(o)}, sum {number(s)}" for a, (o, s) in known.items()]
    own, added = known[cells[0]]
    return Verdict(
        SUM, "", "fail",
        addresses=tuple(cells),
        expected=added, observed=own, difference=tidy(own - added),
        formula=f"{names[cells[0]].zh}：{number(own)} ≠ {number(added)}",
        evidence=(
            *facts.evidence(cells),
            *(
                Evidence(f"{members.count} 个所属机关之和：{names[a].zh} {number(s)}")
                for a, (_, s) in known.items()
            ),
        ),
        message_zh=f"名单上的 {members.count} 个所属机关均已报告，汇总数不等于各机关之和：{listed(zh, joint='；')}。",
        message_en=f"All {members.count} listed members have filed; the roll-up is not their sum: {listed_en(en)}.",
        origin="unknown" if facts.record.damaged else "source",
    )  # fmt: skip


def _name(facts: Facts, address: str) -> Name:
    edition = facts.edition(address.partition(".")[0])
    return Name(address, address) if edition is None else cell_name(edition, address)
