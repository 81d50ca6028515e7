"""Made-up files on disk: made once, by all cores, and linked into an inbox as often as wanted.

They lie under `data/bench-stock/`, by the sources that make them; any of it may be deleted.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from zlib import crc32

from shared.report.record import Edition
from tests.support.agencies import Agency, choose
from tests.support.corpus import CLEAN, Wish, renderers, sources
from tests.support.fill import fill
from tests.support.render import LAYOUTS, render

STOCK = Path(__file__).parents[1] / "data" / "bench-stock"
_LOT = 100
"""Files that are made together, in a folder of their own."""

_YEARS = range(2019, 2025)
_NEW_FORM = 2021
_DIGITS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")

Shares = Mapping[str, int]
"""Formats of the corpus with their parts of a mix."""

USUAL_MIX: Shares = {"text": 30, "docx": 30, "html": 20, "pdf": 15, "xlsx": 5}


def body(number: int) -> Agency:
    """Return a department of its own: no two numbers below a million give the same."""
    agency = choose(Random(number))
    own = f"{number:06d}".translate(_DIGITS)
    full = f"{agency.region.city}{agency.region.county or ''}{own}局"
    return replace(
        agency, full=full, printed=full, kind="department", scope="own", makes_rules=False
    )


def report(number: int) -> tuple[str, bytes]:
    """Return name and bytes of one text report; layouts by turns, six years of each body in a row."""
    whose, year = divmod(number, len(_YEARS))
    edition: Edition = "2019" if _YEARS[year] < _NEW_FORM else "2021"
    truth = fill(number, edition, year=_YEARS[year], agency=body(whose))
    made = render(truth, LAYOUTS[number % len(LAYOUTS)], Random(number))
    return f"{number:06d}_{made.name}", made.data


def mixed(number: int, shares: Shares) -> tuple[str, bytes]:
    """Return name and bytes of one report in a format drawn from the mix."""
    (name,) = Random(f"mix {number}").choices(list(shares), list(shares.values()))
    variants = renderers()[name].VARIANTS
    made = Wish(name, variants[number % len(variants)], CLEAN, number).make()
    return f"{number:06d}_{made.name}", made.data


def stocked(numbers: Iterable[int], shares: Shares | None = None) -> list[Path]:
    """Return the files of these numbers in order, texts unless a mix is asked for; make what is missing."""
    wanted = sorted(set(numbers))
    lots = sorted({number // _LOT for number in wanted})
    missing = [lot for lot in lots if not _folder(lot, shares).is_dir()]
    if missing:
        with ProcessPoolExecutor(os.cpu_count()) as makers:
            list(makers.map(_make, missing, [shares] * len(missing)))
    found = {}
    for lot in lots:
        for path in _folder(lot, shares).iterdir():
            found[int(path.name.partition("_")[0])] = path
    return [found[number] for number in wanted]


def lay(path: Path, folder: Path) -> Path:
    """Put a file of the stock into a folder, whole from the first moment on; return where it is."""
    place = folder / path.name
    try:
        place.hardlink_to(path)
    except OSError:
        # another disk
        aside = folder / f".{path.name}"
        shutil.copyfile(path, aside)
        aside.replace(place)
    return place


def _make(lot: int, shares: Shares | None) -> None:
    folder = _folder(lot, shares)
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    aside.mkdir(parents=True, exist_ok=True)
    for number in range(lot * _LOT, (lot + 1) * _LOT):
        name, data = report(number) if shares is None else mixed(number, shares)
        (aside / name).write_bytes(data)
    with suppress(OSError):
        # somebody else may have made it meanwhile
        aside.rename(folder)


@cache
def _key() -> str:
    return sha256(sources().encode() + Path(__file__).read_bytes()).hexdigest()[:12]


def _folder(lot: int, shares: Shares | None) -> Path:
    kind = "text" if shares is None else f"mix-{crc32(str(sorted(shares.items())).encode()):08x}"
    return STOCK / _key() / kind / f"{lot:05d}"
