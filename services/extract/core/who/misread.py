"""Place names that recognition of a scan misread in one character."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from unicodedata import normalize

from services.extract.core.gazetteer import lookup
from services.extract.core.who.agency import Step, parse_agency

_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Mended:
    """A name as it must have been printed; `misread` and `meant` are the place that was mended."""

    name: str
    misread: str
    meant: str


def mend_place(name: str) -> Mended | None:
    """Return the authority's name with the one place it can mean, None when there is nothing to mend.

    Only a place that the gazetteer does not know, below one that it knows and that holds exactly
    one place spelled the same but for one character. Of several such places the one is taken
    whose character shares the radical of the misread one (浈 and 渍), and none when that leaves two.
    """
    steps = parse_agency(name).steps
    for above, step in pairwise(steps):
        if above.codes and not step.codes:
            meant = _one_like(step, above)
            if meant is None or name.count(step.name) != 1:
                return None
            return Mended(name.replace(step.name, meant), step.name, meant)
    return None


def _one_like(step: Step, above: Step) -> str | None:
    like = _like(step, above)
    if len(like) > 1:
        like = {name for name in like if _share_radical(name, step.name)}
    return next(iter(like)) if len(like) == 1 else None


def _like(step: Step, above: Step) -> set[str]:
    """Return the names of places below `above` that differ from the step's in one character."""
    return {
        name
        for code, name in lookup.names().items()
        if len(name) == len(step.name) >= _SHORTEST
        and name[-1] == step.name[-1]
        and sum(a != b for a, b in zip(name, step.name, strict=True)) == 1
        and any(lookup.contains(parent, code) for parent in above.codes)
    }


@cache
def _radicals() -> tuple[str, ...]:
    """Return the 214 radicals, which are the first characters of their blocks in Unicode."""
    return tuple(sorted(normalize("NFKC", chr(0x2F00 + i)) for i in range(214)))


def _share_radical(name: str, other: str) -> bool:
    """Tell whether the characters in which two names differ stand under one radical."""
    pairs = [pair for pair in zip(name, other, strict=True) if pair[0] != pair[1]]
    return all(bisect_right(_radicals(), a) == bisect_right(_radicals(), b) for a, b in pairs)
