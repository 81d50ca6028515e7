"""The equations that follow from the form: which hold, which fail, which cannot be tested."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from services.validate.core.facts import Facts
from shared import forms
from shared.forms.solving import equal
from shared.report.record import Edition, Number

Result = Literal["pass", "fail", "not_assessable"]
CONSISTENT = "consistent by construction"


@dataclass(frozen=True, slots=True)
class Relation:
    """One equation ready to be tested."""

    table: str
    edition: Edition
    rule: str
    scope: str
    key: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    law: str

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every cell that takes part."""
        return self.left + self.right


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one equation came out.

    `left` and `right` are the sums of what is known. `certain` is False when blanks were read as
    nothing or cells are lost, so that the failure is a suspicion; `lost` names the cells that the
    document does not show.
    """

    relation: Relation
    status: Result
    left: Number = 0
    right: Number = 0
    certain: bool = True
    lost: tuple[str, ...] = ()
    note: str | None = None


@cache
def relations(edition: Edition, table: str) -> tuple[Relation, ...]:
    """Return the equations of one table of one edition."""
    return tuple(
        Relation(table, edition, e.rule, e.scope, e.key, e.left, e.right, e.law)
        for e in forms.equations(edition, table)
    )


@cache
def relations_of(edition: Edition, table: str) -> dict[str, tuple[Relation, ...]]:
    """Return the equations of a table by the cells that take part in them."""
    members: dict[str, list[Relation]] = {}
    for relation in relations(edition, table):
        for address in relation.addresses:
            members.setdefault(address, []).append(relation)
    return {a: tuple(r) for a, r in members.items()}


@cache
def scopes_of(edition: Edition, table: str, rule: str) -> tuple[str, ...]:
    """Return the scopes of all equations of one rule."""
    return tuple(r.scope for r in relations(edition, table) if r.rule == rule)


def assess_table(facts: Facts, table: str) -> list[Outcome] | None:
    """Return the outcome of every equation of a table; None when all hold without remark."""
    edition = facts.edition(table)
    if edition is None:
        return []
    every = relations(edition, table)
    arbitrated = facts.record.arbitrated
    if not arbitrated and _all_hold(facts.values, every):
        return None
    derived = _derived_totals(facts, table, edition)
    return [_assess(facts, r, arbitrated, derived) for r in every]


def _all_hold(values: dict[str, Number], every: Sequence[Relation]) -> bool:
    look = values.__getitem__
    try:
        return all(
            sum(map(look, relation.left)) == sum(map(look, relation.right)) for relation in every
        )
    except KeyError:
        return False


def _derived_totals(facts: Facts, table: str, edition: Edition) -> dict[str, Number]:
    """Return row totals for rows whose total cell is blank, added up from their parts.

    Blank parts count as nothing, as they do in any sum; a part that cannot be read leaves the total open.
    """
    blanks = {c.address for c in facts.states.get("blank", ())}
    if table != "applications" or not blanks:
        return {}
    found: dict[str, Number] = {}
    for relation in relations(edition, table):
        if relation.rule == "t3_row_total" and relation.right[0] in blanks:
            known = [facts.values[a] for a in relation.left if a in facts.values]
            open_ = [a for a in relation.left if a not in facts.values and a not in blanks]
            if known and not open_:
                found[relation.right[0]] = sum(known)
    return found


def _assess(
    facts: Facts, relation: Relation, arbitrated: Sequence[str], derived: dict[str, Number]
) -> Outcome:
    known = facts.values
    if relation.rule == "t3_outcome_total" and any(a in derived for a in relation.left):
        known = {**derived, **facts.values}
    left, left_blank, left_lost = _known(facts, relation.left, known)
    right, right_blank, right_lost = _known(facts, relation.right, known)
    lost = (*left_lost, *right_lost)
    if lost:
        return _with_losses(
            relation, left, right, (left_blank, right_blank), (left_lost, right_lost)
        )
    if relation.key in arbitrated and left == right:
        return Outcome(relation, "pass", left, right, note=CONSISTENT)
    if not left_blank and not right_blank:
        status: Result = "pass" if equal(left, right) else "fail"
        note = "row totals derived from their parts" if known is not facts.values else None
        return Outcome(relation, status, left, right, known is facts.values, note=note)
    return _with_blanks(relation, left, right, left_blank, right_blank)


def _known(
    facts: Facts, addresses: Sequence[str], known: dict[str, Number]
) -> tuple[Number, list[str], list[str]]:
    """Return the sum of the known cells, the blank ones and those that the document lost."""
    total: Number = 0
    blank: list[str] = []
    lost: list[str] = []
    damaged = facts.record.damaged
    for address in addresses:
        value = known.get(address)
        if value is not None:
            total += value
            continue
        cell = facts.cells.get(address)
        state = "absent" if cell is None else cell.state
        # in a damaged document an empty cell is no proof that nothing was printed there
        nothing = state == "mark" or (state == "blank" and not damaged)
        (blank if nothing else lost).append(address)
    return total, blank, lost


def _with_losses(
    relation: Relation,
    left: Number,
    right: Number,
    blank: tuple[list[str], list[str]],
    lost: tuple[list[str], list[str]],
) -> Outcome:
    """Refute a sum with lost cells where the known part is larger than the whole; else leave it."""
    every = (*lost[0], *lost[1])
    left_whole = not blank[0] and not lost[0]
    right_whole = not blank[1] and not lost[1]
    if (right_whole and left > right) or (left_whole and right > left):
        return Outcome(relation, "fail", left, right, certain=False, lost=every)
    return Outcome(relation, "not_assessable", left, right, lost=every, note="cells not readable")


def _with_blanks(
    relation: Relation, left: Number, right: Number, left_blank: list[str], right_blank: list[str]
) -> Outcome:
    """Blanks read as nothing when the known parts fit; else the failure is a suspicion."""
    if len(relation.right) == 1 and right_blank:
        return Outcome(relation, "not_assessable", left, right, note="the total is blank")
    if len(left_blank) == len(relation.left) and left != right:
        return Outcome(relation, "not_assessable", left, right, note="every part is blank")
    if left == right:
        return Outcome(relation, "pass", left, right, note="blank cells read as nothing")
    # more blank cells can only add to their own side
    certain = (not right_blank and left > right) or (not left_blank and right > left)
    return Outcome(relation, "fail", left, right, certain=certain)
