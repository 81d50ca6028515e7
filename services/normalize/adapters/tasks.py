"""What runs inside worker processes."""

import ctypes
import os
from functools import cache
from typing import Final

from services.normalize.adapters.ocr.providers import Provider
from services.normalize.core import reading
from services.normalize.core.outcomes import Aids, Outcome, Recognition

_LIBARCHIVE: Final = ("libarchive.so.13", "libarchive.so")


def unpack(data: bytes, name: str, aids: Aids | None) -> Outcome:
    """Read an archive; raises `BadInput` as every reader does."""
    _show_libarchive()
    return reading.read(data, name, aids)


@cache
def _show_libarchive() -> None:
    """Tell the binding where its library is: it would run programs to find it, which no worker may."""
    for name in () if "LIBARCHIVE" in os.environ else _LIBARCHIVE:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        os.environ["LIBARCHIVE"] = name
        return


def recognition_version() -> str:
    """Return the version of the networks and of how we use them: part of every cached result's key."""
    from services.normalize.adapters.ocr.engine import VERSION  # noqa: PLC0415 - the heavy libraries

    return VERSION


def recognise(data: bytes, threads: int, provider: Provider) -> Recognition:
    """Recognise one picture."""
    from services.normalize.adapters.ocr.recognise import (  # noqa: PLC0415 - the heavy libraries
        recognise_picture,
    )

    return recognise_picture(data, threads=threads, provider=provider)
