"""Which cells a rule means: addresses and patterns, checked against the forms."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from services.validate.core.faults import Impossible
from shared import forms
from shared.report.record import Edition

MONEY: Final = frozenset(
    ("active_disclosure.procurement@amount", "active_disclosure.fees@amount_wanyuan")
)
"""Cells that hold money; rules compare them in 万元 (10,000 yuan)."""
_SIGNED: Final = "@change"
_MOST_STARS: Final = 3


def may_be_negative(address: str) -> bool:
    """Tell whether a cell may rightly hold less than nothing: the column of changes."""
    return address.endswith(_SIGNED)


@cache
def cells_of(edition: Edition) -> frozenset[str]:
    """Return every cell that an edition of the form declares."""
    return frozenset(a for table in forms.load(edition).tables for a in table.addresses)


def editions_with(addresses: Iterable[str]) -> frozenset[Edition]:
    """Return the editions that have all these cells; raises `Impossible` when one has none."""
    wanted = frozenset(addresses)
    unknown = sorted(a for a in wanted if not any(a in cells_of(e) for e in forms.EDITIONS))
    if unknown:
        names = ", ".join(unknown)
        raise Impossible(f"没有这样的单元格：{names}", f"unknown cells {names}")
    found = frozenset(e for e in forms.EDITIONS if wanted <= cells_of(e))
    if not found:
        raise Impossible(
            "没有一种格式同时有这些单元格", "no edition of the form has all these cells"
        )
    return found


def expand(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the cells that addresses with `*` mean, in form order.

    Raises `Impossible` for one that means none.
    """
    every = tuple(dict.fromkeys(a for f in forms.editions() for t in f.tables for a in t.addresses))
    found: set[str] = set()
    for pattern in patterns:
        if pattern.count("*") > _MOST_STARS:
            raise Impossible(f"通配符过多：{pattern}", f"too many * in {pattern}")
        # `*` stands for any characters; the rest is taken as it is written
        shape = re.compile(".*".join(map(re.escape, re.sub(r"\*+", "*", pattern).split("*"))))
        matching = [a for a in every if shape.fullmatch(a)]
        if not matching:
            raise Impossible(f"没有这样的单元格：{pattern}", f"unknown cells {pattern}")
        found.update(matching)
    return tuple(a for a in every if a in found)
