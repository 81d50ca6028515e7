"""A corpus of made-up report files in every format, each beside its exact truth.

The formats are the modules of `tests/support/formats`: each has `VARIANTS` and
`render(truth, rng, variant) -> bytes`. A specimen is named by format, variant, flavour and seed,
and the same four give the same report again.
"""

import os
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from itertools import count
from pathlib import Path
from random import Random
from typing import Final, Literal, Protocol, cast
from zlib import crc32

from services.normalize.core.sniffing import recognise
from shared import forms
from tests.support import formats as _formats
from tests.support.faults import FAULTS
from tests.support.fill import fill
from tests.support.oddities import HABITS, WEAR
from tests.support.truth import Truth

SLOW: Final = frozenset({"exported", "office", "scan"})
"""Formats of which every file takes seconds to make or to read, by another program or by recognition."""
SUPPORT: Final = Path(__file__).parent
FORMS: Final = Path(forms.__file__).parent
CACHE: Final = SUPPORT.parents[1] / "data" / "corpus-cache"
"""Where files of slow formats are kept, which take seconds to make; any of them may be deleted."""
CLEAN = "clean"
CUT = "cut"
DISGUISED = "disguised"
FLAVOURS: Final = (
    CLEAN,
    *(f"fault:{name}" for name in FAULTS),
    *(f"habit:{name}" for name in HABITS),
    *(f"wear:{name}" for name in WEAR),
    DISGUISED,
    CUT,
)
"""clean · a planted fault · an odd habit of printing · wear of the characters · under a wrong file
name ending · cut off before its end."""
BLANKS: Final = frozenset({"fault:blank_cells", "habit:empty_table_four"})
"""Flavours with whole rows of empty cells."""
_TURNS: Final = (
    CLEAN, "fault", CLEAN, "habit", CLEAN, "wear", CLEAN, "fault", "bytes", CLEAN,
)  # fmt: skip
"""The kinds of flavours a variant gets, by turns: half of the files are clean."""
_DISGUISES: Final = (".doc", ".docx", ".pdf", ".html", ".xls", ".txt", ".wps", "")


class Renderer(Protocol):
    """A module of `tests/support/formats`."""

    VARIANTS: tuple[str, ...]

    def render(self, truth: Truth, rng: Random, variant: str) -> bytes:
        """Return the file."""
        ...


class BatchRenderer(Protocol):
    """A module whose files another program writes, many in one start."""

    def render_all(
        self, reports: Mapping[str, tuple[Truth, Random]], variant: str
    ) -> dict[str, bytes]:
        """Return the files by the keys of the reports."""
        ...


@dataclass(frozen=True, slots=True)
class Specimen:
    """One file of the corpus: what it is called, its bytes, what it truly says."""

    format: str
    variant: str
    flavour: str
    seed: int
    name: str
    data: bytes
    truth: Truth

    @property
    def label(self) -> str:
        """How a person asks for this file again."""
        return (
            f"--format {self.format} --variant {self.variant}"
            f" --flavour {self.flavour} --seed {self.seed} --count 1"
        )

    @property
    def condition(self) -> Literal["whole", "worn", "cut"]:
        """Whether every cell is there to be read exactly, hard to read, or perhaps not there."""
        if self.flavour == CUT:
            return "cut"
        return "worn" if self.flavour.startswith("wear:") else "whole"


@dataclass(frozen=True, slots=True)
class Wish:
    """A specimen that can be made: cheap to hold, rendered when asked for."""

    format: str
    variant: str
    flavour: str
    seed: int

    def make(self) -> Specimen:
        """Render the file, or take it from the shelf."""
        truth, rng = planted(self.flavour, self.seed)
        data = self._kept(truth, rng) if self.format in SLOW else self._rendered(truth, rng)
        suffix, fate = suffix_of(data), Random(str(self))
        if self.flavour == CUT:
            data = data[: int(len(data) * fate.uniform(0.3, 0.97))]
        if self.flavour == DISGUISED:
            suffix = fate.choice([s for s in _DISGUISES if s != suffix])
        return Specimen(
            self.format, self.variant, self.flavour, self.seed, f"report{suffix}", data, truth
        )

    @property
    def shelf(self) -> Path:
        """Where the file is kept once it is made, as long as nothing that makes it changes."""
        return CACHE / sha256(f"{self} {sources()}".encode()).hexdigest()

    def _rendered(self, truth: Truth, rng: Random) -> bytes:
        return renderers()[self.format].render(truth, rng, self.variant)

    def _kept(self, truth: Truth, rng: Random) -> bytes:
        if not self.shelf.exists():
            keep(self.shelf, self._rendered(truth, rng))
        return self.shelf.read_bytes()


def keep(path: Path, data: bytes) -> None:
    """Put a file on the shelf, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(data)
    part.replace(path)


def stock(planned: Iterable[Wish]) -> None:
    """Make the files wished for that other programs write, one start of them for each variant."""
    lots: dict[tuple[str, str], list[Wish]] = {}
    for wish in planned:
        if hasattr(renderers()[wish.format], "render_all") and not wish.shelf.exists():
            lots.setdefault((wish.format, wish.variant), []).append(wish)
    for (name, variant), lot in lots.items():
        keys = {str(i): planted(w.flavour, w.seed) for i, w in enumerate(lot)}
        made = cast("BatchRenderer", renderers()[name]).render_all(keys, variant)
        for key, data in made.items():
            keep(lot[int(key)].shelf, data)


@cache
def sources() -> str:
    """Return a hash of everything that decides what a file looks like."""
    paths = sorted([*SUPPORT.rglob("*.py"), *FORMS.rglob("*.toml")])
    return sha256(b"".join(p.read_bytes() for p in paths)).hexdigest()


@cache
def renderers() -> dict[str, Renderer]:
    """Return the formats that can be rendered, by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(_formats.__path__))
    found = {n: import_module(f"{_formats.__name__}.{n}") for n in names}
    return {n: cast("Renderer", m) for n, m in found.items() if hasattr(m, "VARIANTS")}


def suffix_of(data: bytes) -> str:
    """Return the file name ending that fits the content."""
    shown = recognise(data)
    return f".{shown.name}" if shown else ".txt"


def planted(flavour: str, seed: int) -> tuple[Truth, Random]:
    """Return the truth of a flavour and the generator that goes on to render it.

    Where a fault or a habit finds nothing to bite on in the report of the seed, the next one that
    offers something is taken.
    """
    kind, _, name = flavour.partition(":")
    if not name:
        return report(seed), Random(seed)
    change = {"fault": FAULTS, "habit": HABITS, "wear": WEAR}[kind][name]
    for step in count():
        rng = Random(seed + 1_000_003 * step)
        changed = change(report(seed + 1_000_003 * step), rng)
        if changed is not None:
            return changed, rng
    raise AssertionError


def report(seed: int) -> Truth:
    """Return the clean report of a seed: more often full of figures than reports are in life."""
    return fill(seed, kind=Random(f"kind {seed}").choice(("busy", "busy", "small", None)))


def wishes(
    name: str, variant: str, number: int, *, seed: int | None = None, flavour: str | None = None
) -> Iterator[Wish]:
    """Yield `number` specimens of one variant, flavours by turns unless one is given.

    Without a seed every variant shows other reports.
    """
    own = crc32(f"{name}/{variant}".encode())
    first = own % 90_000 if seed is None else seed
    # every variant begins its faults and habits elsewhere, so that few variants meet them all
    drawn = Random(own)
    cycles = {
        kind: _cycle(kind, drawn.randrange(1000)) for kind in ("fault", "habit", "wear", "bytes")
    }
    for i in range(number):
        turn = _TURNS[i % len(_TURNS)]
        chosen = flavour or (next(cycles[turn]) if turn in cycles else turn)
        while flavour is None and chosen in BLANKS and hides_blanks(name, variant):
            chosen = next(cycles[turn])
        yield Wish(name, variant, chosen, first + i)


def hides_blanks(name: str, variant: str) -> bool:
    """Tell whether an empty row leaves no trace: no frame, no cell, nothing."""
    return variant in getattr(renderers()[name], "BLANKS_INVISIBLE", ())


def _cycle(kind: str, start: int) -> Iterator[str]:
    ways = {
        "fault": [f"fault:{n}" for n in FAULTS],
        "habit": [f"habit:{n}" for n in HABITS],
        "wear": [f"wear:{n}" for n in WEAR],
        "bytes": [DISGUISED, CUT],
    }[kind]
    return (ways[i % len(ways)] for i in count(start))
