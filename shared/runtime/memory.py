"""How this process holds memory that it took once."""

import contextlib
import ctypes
from typing import Final

_M_ARENA_MAX: Final = -8
"""`mallopt` of the GNU C library: the most heaps that threads get of their own."""
_ARENAS: Final = 2


def share_heaps() -> None:
    """Let all threads share two heaps; call it before there are threads.

    Otherwise each thread that ever held a large file keeps as much for ever: a feeder of files of 50 MB grew
    to half a gigabyte. Other C libraries have no such heaps and are left as they are.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
