"""Which smallest change would mend all broken equations of a table at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.validate.core.equations import CONSISTENT, Outcome
from services.validate.core.facts import Facts
from services.validate.core.support import Witness
from shared.forms.solving import Fix, Puzzle, Solution, solve, system
from shared.report.issue import CellChange, Repair
from shared.report.record import Edition, Number

LISTED = 3
"""Repairs that an issue carries."""
_WEIGHED = 24
"""Repairs for which the text is asked."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Broken equations with one cause. `repairs` are the best few of `count` equally small ones."""

    equations: tuple[str, ...]
    repairs: tuple[Repair, ...]
    count: int

    @property
    def is_certain(self) -> bool:
        """Whether one act alone explains all that is broken: no other is as small."""
        if self.count != 1:
            return False
        (repair,) = self.repairs
        return repair.kind != "change" or len(repair.changes) == 1

    @property
    def is_misplacement(self) -> bool:
        """Whether the only explanation is that figures stand in the wrong places."""
        return self.is_certain and self.repairs[0].kind != "change"


def causes(
    facts: Facts, edition: Edition, table: str, outcomes: Iterable[Outcome]
) -> dict[str, Cause]:
    """Return the cause of every broken equation that can be tested, by the key of the equation.

    Equations take part whose cells are all known, blanks that stand for nothing included; what chose a
    reading itself does not.
    """
    outcomes = list(outcomes)
    tested = [o for o in outcomes if _is_tested(o, facts.values)]
    if not any(o.status == "fail" for o in tested):
        return {}
    blank = dict.fromkeys(
        (a for o in tested for a in o.relation.addresses if a not in facts.values), 0
    )
    puzzle = Puzzle.of(
        system(edition, table), facts.values, [o.relation.key for o in tested], fixed=blank
    )
    witness = Witness(facts.record)
    found: dict[str, Cause] = {}
    for solution in solve(puzzle):
        found |= dict.fromkeys(solution.equations, _cause(solution, witness))
    return found


def _is_tested(outcome: Outcome, values: Mapping[str, Number]) -> bool:
    """Tell whether an outcome is a statement about printed numbers."""
    if outcome.lost or not outcome.certain or outcome.note == CONSISTENT:
        return False
    if outcome.status == "pass":
        return True
    return outcome.status == "fail" and all(a in values for a in outcome.relation.addresses)


def _cause(solution: Solution, witness: Witness) -> Cause:
    weighed = [_weighed(f, witness) for f in solution.fixes[:_WEIGHED]]
    # sorted is stable: what the text says first, then how likely the slip is
    ranked = sorted(weighed, key=_says)
    return Cause(solution.equations, tuple(ranked[:LISTED]), len(solution.fixes))


def _says(repair: Repair) -> int:
    return (repair.contradicted_by is not None) - (repair.supported_by is not None)


def _weighed(fix: Fix, witness: Witness) -> Repair:
    changes = tuple(CellChange(*change) for change in fix.changes)
    supported, contradicted = witness.on(changes)
    return Repair(fix.kind, changes, fix.mends, supported, contradicted)
