"""The reports by which the rules are measured: clean, with one fault, with two unrelated ones.

Undamaged files: text in every layout, and a share of web pages, Word, Excel and PDF files. The same
number and seed give the same reports.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Final

from tests.support.corpus import hides_blanks, renderers, suffix_of
from tests.support.faults import ANEW, FAULTS, TOUCHES
from tests.support.fill import fill
from tests.support.render import BLANKS_INVISIBLE, LAYOUTS, render
from tests.support.truth import Truth

FILES: Final = ("html", "docx", "xlsx", "pdf")
"""Formats other than text that a share of the reports is written in."""
_EVERY: Final = 9
"""One report in so many is written as one of these files."""
_TURNS: Final = ("clean", "one", "one", "two")
"""What the reports are by turns: a quarter clean, half with one fault, a quarter with two."""
_TRIES: Final = 150
_IDLE: Final = ("tabs_wide", "page_table")
"""Layouts with columns that belong to no table."""
_UNSIGNED: Final = ("metadata_date",)
"""Variants that print the date in the head of the page and no signature."""
_STATES: Final = ("blank", "absent", "unreadable")


@dataclass(frozen=True, slots=True)
class Specimen:
    """One report to be judged: its file, its truth, the faults planted and the way it is printed."""

    truth: Truth
    faults: tuple[str, ...]
    medium: str
    name: str
    data: bytes

    @property
    def label(self) -> str:
        """Say how the report was made."""
        return f"seed {self.truth.seed} {self.medium} {'+'.join(self.faults) or 'clean'}"


def specimens(number: int, seed: int) -> Iterator[Specimen]:
    """Yield the reports, faults by turns so that every class comes as often as any other."""
    chosen = {"clean": cycle([()]), "one": cycle([(n,) for n in FAULTS]), "two": _pairs()}
    for i in range(number):
        first = seed + 1_009 * i
        # a pair that no report offers anything to makes way for the next
        names, made = next(
            (names, made)
            for names in chosen[_TURNS[i % len(_TURNS)]]
            if (made := _planted(names, first)) is not None
        )
        yield _printed(*made, names, as_file=i % _EVERY == _EVERY - 1)


def with_faults(names: tuple[str, ...], seed: int) -> Specimen:
    """Return a text report with these faults; raises `ValueError` where no report offers anything to them."""
    made = _planted(names, seed)
    if made is None:
        raise ValueError(f"no report offers anything to {names}")
    return _printed(*made, names, as_file=False)


def _pairs() -> Iterator[tuple[str, ...]]:
    """Yield pairs of unrelated faults; one that writes the report anew comes first."""
    names, step = list(FAULTS), 0
    while True:
        step += 1
        for i, first in enumerate(names):
            second = names[(i + 7 * step) % len(names)]
            if first != second and TOUCHES[first].isdisjoint(TOUCHES[second]):
                yield (first, second) if ANEW in TOUCHES[first] else _anew_first(first, second)


def _anew_first(first: str, second: str) -> tuple[str, str]:
    return (second, first) if ANEW in TOUCHES[second] else (first, second)


def _planted(names: tuple[str, ...], first: int) -> tuple[Truth, Random] | None:
    """Return the first report from a seed on that offers something to all the faults."""
    for step in range(_TRIES):
        seed = first + 1_000_003 * step
        rng = Random(seed)
        kind = Random(f"kind {seed}").choice(("busy", "small", "quiet", "zero", None))
        truth: Truth | None = fill(seed, kind=kind, traps=True)
        for name in names:
            truth = truth and FAULTS[name](truth, rng)
        if truth is not None:
            return truth, rng
    return None


def _printed(truth: Truth, rng: Random, names: tuple[str, ...], *, as_file: bool) -> Specimen:
    # a group or row that was left out shows only where no idle column could stand for it
    hidden = any(v in _STATES for v in truth.cells.values()) or bool(truth.added)
    if as_file:
        return _file(truth, names, rng, hidden=hidden)
    layouts = [n for n in LAYOUTS if not (hidden and n in (*BLANKS_INVISIBLE, *_IDLE))]
    encoding = rng.choice(("utf-8", "utf-8", "gb18030"))
    printed = render(truth, rng.choice(layouts), rng, encoding=encoding)
    return Specimen(truth, names, printed.layout, "report.txt", printed.data)


def _file(truth: Truth, names: tuple[str, ...], rng: Random, *, hidden: bool) -> Specimen:
    kind = rng.choice(FILES)
    renderer = renderers()[kind]
    signed = any("signature" in TOUCHES[n] for n in names)
    variants = [
        v for v in renderer.VARIANTS
        if not (hidden and hides_blanks(kind, v)) and not (signed and v in _UNSIGNED)
    ]  # fmt: skip
    variant = rng.choice(variants)
    data = renderer.render(truth, rng, variant)
    return Specimen(truth, names, f"{kind} {variant}", f"report{suffix_of(data)}", data)
