"""Which single cell, changed to which value, would mend the broken equations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.validate.core.equations import Outcome, Relation, relations_of
from services.validate.core.naming import cell_name, number
from shared.report.record import Number

_LISTED = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One cell changed from one value to another, the equations this mends and those it breaks."""

    address: str
    old: Number
    new: Number
    mends: tuple[str, ...]
    breaks: int

    @property
    def worth(self) -> int:
        """How many more equations hold after the change."""
        return len(self.mends) - self.breaks


def rank(outcomes: Iterable[Outcome], values: Mapping[str, Number]) -> dict[str, list[Change]]:
    """Return for every broken equation (by key) the best single changes that mend it.

    Changes are chosen greedily, the most worthwhile first, so that two independent faults get one
    culprit each. Only equations whose cells are all known take part.
    """
    outcomes = list(outcomes)
    holding = {o.relation.key for o in outcomes if o.status == "pass" and o.note is None}
    broken = [o for o in outcomes if o.status == "fail" and o.certain and not o.lost
              and all(a in values for a in o.relation.addresses)]  # fmt: skip
    best: dict[str, list[Change]] = {}
    while broken:
        ranked = sorted(
            _changes(broken, holding, values), key=lambda c: (-c.worth, c.breaks, c.address)
        )
        if not ranked:
            break
        top = [c for c in ranked if (c.worth, c.breaks) == (ranked[0].worth, ranked[0].breaks)]
        top = [c for c in top if c.mends == top[0].mends]
        for key in top[0].mends:
            best[key] = top
        broken = [o for o in broken if o.relation.key not in top[0].mends]
    return best


def _changes(
    broken: list[Outcome], holding: set[str], values: Mapping[str, Number]
) -> list[Change]:
    mended: dict[tuple[str, Number], list[str]] = {}
    relations: dict[str, Relation] = {}
    for outcome in broken:
        relation = outcome.relation
        for address in relation.addresses:
            shortfall = outcome.right - outcome.left
            if address in relation.right:
                shortfall = -shortfall
            new = values[address] + shortfall
            if new >= 0:
                mended.setdefault((address, new), []).append(relation.key)
                relations[address] = relation
    return [
        Change(
            address, values[address], new, tuple(keys),
            _breaks(relations[address], address, holding),
        )
        for (address, new), keys in mended.items()
    ]  # fmt: skip


def _breaks(relation: Relation, address: str, holding: set[str]) -> int:
    touched = relations_of(relation.edition, relation.table)[address]
    return sum(r.key in holding for r in touched)


def advice(changes: list[Change], relation: Relation) -> str | None:
    """Return the suggestion in both languages; None when no single change stands out."""
    if not changes or changes[0].worth < 1 or len(changes) > _LISTED:
        return None
    zh, en = [], []
    for change in changes:
        name = cell_name(relation.edition, change.address)
        zh.append(f"将“{name.zh}”由 {number(change.old)} 改为 {number(change.new)}")
        en.append(f"changing {name.en} from {number(change.old)} to {number(change.new)}")
    count = len(changes[0].mends)
    return (
        f"{'，或'.join(zh)}，可使 {count} 个等式成立 / "
        f"{' or '.join(en)} mends {count} equation{'s' if count > 1 else ''}"
    )
