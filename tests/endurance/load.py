"""Files with known truth: what is dropped in a trial, and what must become of each.

A seed and a count give the same files again. The truth of a healthy file is what the very same core
gives in this process; poison says itself which ends are allowed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any, Final

import orjson

from services.pipeline import process
from services.validate.core.rulebook import load as load_rules
from tests.endurance.poison import Poison, poisons
from tests.support.fill import fill
from tests.support.formats import docx, html
from tests.support.oddities import HABITS
from tests.support.render import LAYOUTS, render

BESIDE_OTHERS: Final = frozenset(rule.id for rule in load_rules().rules if rule.needs is not None)
"""Rules that look at other reports: what they find depends on who else was dropped."""
_STRIDE: Final = 1_000_000
"""Trials of neighbouring seeds share no report."""
_TURNS: Final = ("text", "text", "text", "html", "text", "text", "text", "docx")


@dataclass(frozen=True, slots=True)
class Expected:
    """What must become of a file.

    `states` and `reasons` are those allowed (no reason named: any). `line` is the hash of the neutral
    line of a recorded report, without what was found beside others; `cells` how many it has. Of one
    that is `optional` there may be no trace: it was gone before anybody could have read it.
    """

    states: frozenset[str]
    reasons: frozenset[str] = frozenset()
    line: str | None = None
    cells: int = 0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """One file to drop: name, bytes, and what must become of it."""

    name: str
    data: bytes = field(repr=False)
    expected: Expected

    @property
    def document_id(self) -> str:
        """Return the hash of the bytes."""
        return sha256(self.data).hexdigest()


def alone(line: dict[str, Any]) -> dict[str, Any]:
    """Return a neutral line without what was found beside other reports."""
    return {**line, "issues": [i for i in line["issues"] if i["rule"] not in BESIDE_OTHERS]}


def hash_of(line: dict[str, Any]) -> str:
    """Return the hash of a recorded report's line, without what was found beside others."""
    return sha256(orjson.dumps(alone(line), option=orjson.OPT_SORT_KEYS)).hexdigest()


def expected_of(data: bytes, name: str) -> Expected:
    """Return what the same core makes of these bytes in this process."""
    line = process(data, name).neutral()
    if line["status"] != "recorded":
        return Expected(frozenset({line["status"]}), frozenset({line["reason"]}))
    return Expected(frozenset({"recorded"}), line=hash_of(line), cells=len(line["cells"]))


def healthy(number: int) -> Drop:
    """Return one report that reads well: text in every layout, now and then a page or a document."""
    rng = Random(number)
    truth = fill(number)
    if rng.random() < 0.2:
        truth = HABITS[rng.choice(sorted(HABITS))](truth, rng) or truth
    kind = _TURNS[number % len(_TURNS)]
    if kind == "text":
        made = render(truth, LAYOUTS[number // 2 % len(LAYOUTS)], rng)
        name, data = made.name, made.data
    else:
        module = {"html": html, "docx": docx}[kind]
        data = module.render(truth, rng, module.VARIANTS[number // 8 % len(module.VARIANTS)])
        name = f"report.{kind}"
    return _drop(f"{number:09d}_{name}", data)


def drops(count: int, seed: int, *, poison: float = 0.0, misdeeds: bool = False) -> Iterator[Drop]:
    """Yield `count` files, no two with the same bytes; `poison` is the share of hostile ones.

    `misdeeds` adds poison that only the normalize of `tests.endurance.misdeeds` acts upon.
    """
    rng = Random(f"load {seed}")
    venom = poisons(rng, misdeeds=misdeeds)
    seen: set[str] = set()
    number = seed * _STRIDE
    while len(seen) < count:
        if rng.random() < poison:
            drop = _poisoned(next(venom))
        else:
            drop = healthy(number)
            number += 1
        if drop.document_id not in seen:
            seen.add(drop.document_id)
            yield drop


def poison_drops(count: int, seed: int, *, misdeeds: bool = False) -> list[Drop]:
    """Return so many hostile files, of every kind before any kind comes again."""
    venom = poisons(Random(f"poison {seed}"), misdeeds=misdeeds)
    return [_poisoned(next(venom)) for _ in range(count)]


def _drop(name: str, data: bytes) -> Drop:
    return Drop(name, data, expected_of(data, name))


def _poisoned(poison: Poison) -> Drop:
    return Drop(poison.name, poison.data, Expected(poison.states, poison.reasons))
