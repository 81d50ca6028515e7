"""Readers that misbehave on demand, for `tests.endurance.poisoned_normalize`.

No file known makes a reader hang in C, fork without end or kill itself. Here a file that begins with
the mark does: its first line says what the worker process does when it is read. All else is as in
the real service, so that what confines the worker is what is tested.
"""

from typing import Any, Final

from services.normalize.adapters import workshop
from services.normalize.core.outcomes import Outcome
from services.normalize.core.reading import read
from shared.errors import BadInput
from tests.support import misbehaving

_MARK: Final = b"GOUJI-MISDEED "
_ANSWER: Final = 200 << 20
"""Bytes of an answer that is larger than any worker may give."""
ENDS: Final[dict[str, frozenset[str]]] = {
    "sleep": frozenset({"timed_out"}),
    "spin": frozenset({"timed_out"}),
    "spin_in_c": frozenset({"timed_out"}),
    "crash": frozenset({"reader_crashed"}),
    "hoard": frozenset({"out_of_memory"}),
    "multiply": frozenset({"broken"}),
    "shout": frozenset({"broken", "timed_out"}),
    "answer": frozenset({"too_large", "out_of_memory"}),
}
"""Misdeeds with the reasons for which their file must be refused."""


def order(kind: str, turn: int) -> bytes:
    """Return a file that makes its reader do this; `turn` makes it another file."""
    return _MARK + f"{kind} {turn}\n".encode() + bytes(range(256))


def slow(seconds: float, report: bytes) -> bytes:
    """Return a file whose reader takes so long and then returns this report."""
    return _MARK + f"slow {seconds}\n".encode() + report


def obey(data: bytes, name: str, aids: Any) -> Outcome:
    """Do in the worker what the file says; a file that is survived is refused as broken."""
    first, _, rest = data.partition(b"\n")
    kind, argument = first.removeprefix(_MARK).decode().split()
    if kind == "slow":
        misbehaving.sleep(float(argument))
        return read(rest, name, aids)
    call = getattr(misbehaving, kind)
    told = call(_ANSWER) if kind == "answer" else call()
    if kind == "answer":
        return told  # type: ignore[no-any-return]
    raise BadInput("broken", f"{kind}：{told}", f"{kind}: {told}")


class Workshop(workshop.Workshop):
    """The real workshop, but for files that begin with the mark."""

    async def read(self, data: bytes, name: str, aids: Any = None) -> Outcome:
        """Let the worker misbehave, or read as ever."""
        if not data.startswith(_MARK):
            return await super().read(data, name, aids)
        return await self._reading.run(name, obey, data, name, aids)
