"""Poison files of every kind, each different from the one before, with the ends they may come to."""

from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from itertools import count
from random import Random
from typing import Final, NamedTuple

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.endurance.misdeeds import ENDS, order
from tests.hostile.files import FILES

_REFUSED: Final = frozenset({"refused"})
_SLOW: Final = frozenset({"NeedsRecognition", "NeedsConversion"})
"""Outcomes that lead to slow help: bounded, but not what a trial of minutes is about."""
_NOTICE: Final = "关于做好2023年政府信息公开工作年度报告编制工作的通知\n请于1月20日前报送。\n"


class Poison(NamedTuple):
    """One poison file: the states and the reasons of refusal that are allowed (none: any)."""

    name: str
    data: bytes
    states: frozenset[str] = _REFUSED
    reasons: frozenset[str] = frozenset()


def poisons(rng: Random, *, misdeeds: bool) -> Iterator[Poison]:
    """Yield poison for ever: all kinds in a drawn order, then all again with other bytes."""
    kinds = [*_HOSTILE, *_PLAIN]
    if misdeeds:
        kinds += list(ENDS)
    for turn in count():
        for kind in rng.sample(kinds, len(kinds)):
            yield _make(kind, turn)


def _make(kind: str, turn: int) -> Poison:
    name = f"poison_{turn:04d}_{kind}"
    if kind in ENDS:
        return Poison(f"{name}.bin", order(kind, turn), reasons=ENDS[kind])
    if kind in _PLAIN:
        make, reasons = _PLAIN[kind]
        return Poison(name, make(turn), reasons=reasons)
    # spaces behind the end are harmless to every format and make the bytes others
    return Poison(name, _hostile(kind) + b" " * turn)


@cache
def _hostile(kind: str) -> bytes:
    return FILES[kind][0]()


def _encrypted(turn: int) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption(f"locked {turn}", "owner"), invariant=1)
    canvas.drawString(100, 700, f"report {turn}")
    canvas.save()
    return out.getvalue()


_HOSTILE: Final = tuple(
    sorted(n for n, (_, ends) in FILES.items() if not n.endswith(".zip") and not ends & _SLOW)
)
_PLAIN: Final[dict[str, tuple[Callable[[int], bytes], frozenset[str]]]] = {
    "empty.txt": (lambda _: b"", frozenset({"empty"})),
    "noise.txt": (lambda turn: Random(turn).randbytes(20_000), frozenset({"binary"})),
    "locked.pdf": (_encrypted, frozenset({"encrypted"})),
    "notice.txt": (lambda turn: (_NOTICE + f"第{turn}号\n").encode(), frozenset({"not_a_report"})),
}
