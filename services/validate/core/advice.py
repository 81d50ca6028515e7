"""Repairs in words: what to change, what it mends, what the text says of it, what else would do."""

from collections.abc import Sequence

from services.validate.core.culprits import LISTED, Cause
from services.validate.core.equations import Relation
from services.validate.core.naming import (
    Name,
    cell_name,
    column_name,
    listed,
    listed_en,
    number,
    row_name,
    split,
)
from shared.report.issue import CellChange, Repair
from shared.report.record import Edition

_MOST_QUOTED = 40
"""Characters of a clause that are quoted."""
_SUMS = {
    "t3_balance": Name("勾稽关系", "balance"),
    "t3_outcome_total": Name("办理结果合计", "total of outcomes"),
    "t3_row_total": Name("各申请人合计", "total of applicants"),
    "t4_sum": Name("合计", "total"),
}


def advice(cause: Cause, edition: Edition) -> str:
    """Return the suggestion in both languages."""
    if not cause.repairs:
        return (
            f"改动 {LISTED} 个以内的单元格不能使各式同时成立，请整表核对 / "
            f"no change of up to {LISTED} cells mends all sums at once; check the whole table"
        )
    best = cause.repairs[0]
    done, mended, said = _act(edition, best), _mended(best), _said(best)
    other = _others(cause, edition)
    return f"{done.zh}，{mended.zh}{said.zh}{other.zh} / {done.en} {mended.en}{said.en}{other.en}"


def _mended(repair: Repair) -> Name:
    count = len(repair.mends)
    return Name(f"可使 {count} 个等式成立", f"mends {count} equation{'s' if count > 1 else ''}")


def _said(repair: Repair) -> Name:
    if repair.supported_by is not None:
        quoted = _quoted(repair.supported_by)
        return Name(f"，正文“{quoted}”与此相符", f"; the text says so too: “{quoted}”")
    if repair.contradicted_by is not None:
        quoted = _quoted(repair.contradicted_by)
        return Name(f"，但正文“{quoted}”与此不符", f", but the text says otherwise: “{quoted}”")
    return Name("", "")


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_QUOTED else f"{line[:_MOST_QUOTED]}…"


def _others(cause: Cause, edition: Edition) -> Name:
    rest = cause.count - 1
    if not rest:
        return Name("", "")
    told = [_act(edition, r) for r in cause.repairs[1:]]
    zh, en = "；".join(t.zh for t in told), "; ".join(t.en for t in told)
    return Name(
        f"；另有 {rest} 种同样小的改法{'，如' if rest > len(told) else '：'}{zh}",
        f"; {rest} other change{'s' if rest > 1 else ''} of the same size would do"
        f"{', such as' if rest > len(told) else ':'} {en}",
    )


def _act(edition: Edition, repair: Repair) -> Name:
    """Return what to do, as a phrase that can begin a sentence."""
    changes = repair.changes
    if repair.kind == "shift":
        return _shift(edition, changes)
    if repair.kind == "swap" and len(changes) > 2:
        return _rows(edition, changes)
    if repair.kind == "swap":
        return _swap(edition, *changes)
    if repair.kind == "move":
        return _move(edition, *changes)
    each = [_change(edition, c) for c in changes]
    return Name("，并".join(e.zh for e in each), " and ".join(e.en for e in each))


def _change(edition: Edition, change: CellChange) -> Name:
    name = cell_name(edition, change.address)
    old, new = number(change.old), number(change.new)
    return Name(f"将“{name.zh}”由 {old} 改为 {new}", f"changing {name.en} from {old} to {new}")


def _swap(edition: Edition, one: CellChange, other: CellChange) -> Name:
    first, second = cell_name(edition, one.address), cell_name(edition, other.address)
    zh = f"互换“{first.zh}”的 {number(one.old)} 与“{second.zh}”的 {number(other.old)}"
    en = f"swapping {number(one.old)} in {first.en} and {number(other.old)} in {second.en}"
    return Name(zh, en)


def _move(edition: Edition, one: CellChange, other: CellChange) -> Name:
    source, target = (one, other) if one.old else (other, one)
    here, there = cell_name(edition, source.address), cell_name(edition, target.address)
    amount = number(source.old)
    return Name(
        f"将 {amount} 从“{here.zh}”移到“{there.zh}”",
        f"moving {amount} from {here.en} to {there.en}",
    )


def _rows(edition: Edition, changes: Sequence[CellChange]) -> Name:
    table = split(changes[0].address)[0]
    rows = dict.fromkeys(split(c.address)[1] for c in changes)
    first, second = (row_name(edition, table, r) for r in rows)
    return Name(
        f"互换“{first.zh}”与“{second.zh}”两行的数字",
        f"swapping the figures of rows {first.en} and {second.en}",
    )


def _shift(edition: Edition, changes: Sequence[CellChange]) -> Name:
    table = split(changes[0].address)[0]
    rows = dict.fromkeys(split(c.address)[1] for c in changes)
    names = [row_name(edition, table, r) for r in rows]
    # the empty place is where the figures go
    left = changes[0].old == 0
    return Name(
        f"将“{'”“'.join(n.zh for n in names)}”行的数字向{'左' if left else '右'}移一格",
        f"moving the figures of row {', '.join(n.en for n in names)} one place to the "
        f"{'left' if left else 'right'}",
    )


def see_also(causes: Sequence[Cause], told: Sequence[Relation], every: Sequence[Relation]) -> Name:
    """Return a note on the other equations with the same causes; `told` are those of this finding.

    Nothing is said where no small change explains them together.
    """
    keys = {key for c in causes if c.repairs for key in c.equations} - {r.key for r in told}
    if not keys:
        return Name("", "")
    names = [sum_name(r) for r in every if r.key in keys]
    zh, en = listed([n.zh for n in names]), listed_en([n.en for n in names])
    if not all(c.is_certain for c in causes):
        return Name(
            f"请与{zh}的不平一并核对。", f" To be seen together with {en}, which fails too."
        )
    if len(causes) > 1:
        return Name(f"上述错误还使{zh}不平。", f" The same faults also break {en}.")
    return Name(f"同一处错误还使{zh}不平。", f" The same fault also breaks {en}.")


def sum_name(relation: Relation) -> Name:
    """Return what one equation adds up, in words."""
    table, scope, edition = relation.table, relation.scope, relation.edition
    kind = _SUMS[relation.rule]
    if relation.rule in ("t3_row_total", "t4_sum"):
        name = row_name(edition, table, scope)
        return Name(f"“{name.zh}”行{kind.zh}", f"the {kind.en} in row {name.en}")
    name = column_name(edition, table, "", scope)
    return Name(f"“{name.zh}”列{kind.zh}", f"the {kind.en} in column {name.en}")
