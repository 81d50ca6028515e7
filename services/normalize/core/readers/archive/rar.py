"""The checksums and locks that the headers of a RAR archive give, which libarchive does not test."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

_RAR4_START, _RAR5_START = 7, 8
_MOST_BLOCKS: Final = 20_000
_MAIN4, _FILE4, _FILE5, _CRYPT5 = 0x73, 0x74, 2, 4
_LONG_BLOCK: Final = 0x8000
_EXTRA, _DATA = 1, 2
_LOCK_RECORD: Final = 1


class Check(NamedTuple):
    """One file of the archive: the CRC-32 of what it unpacks to, None when not given; its lock."""

    crc: int | None
    locked: bool


def checks_of(data: bytes) -> list[Check] | None:
    """Return the checks of all files in their order, None when even the headers are encrypted.

    Headers that make no sense end the list.
    """
    walk = _walk5 if data[6:7] == b"\x01" else _walk4
    found: list[Check] = []
    try:
        for check in walk(data):
            if check is None:
                return None
            found.append(check)
    except (struct.error, IndexError):
        return found
    return found


def _walk4(data: bytes) -> Iterator[Check | None]:
    at = _RAR4_START
    for _ in range(_MOST_BLOCKS):
        if at + 7 > len(data):
            return
        _, kind, flags, size = struct.unpack_from("<HBHH", data, at)
        if kind == _MAIN4 and flags & 0x80:
            yield None
        packed = struct.unpack_from("<I", data, at + 7)[0] if flags & _LONG_BLOCK else 0
        if kind == _FILE4:
            crc = struct.unpack_from("<I", data, at + 16)[0]
            if flags & 0x100:
                packed += struct.unpack_from("<I", data, at + 32)[0] << 32
            # a file that goes on in another volume has the sum of the whole
            yield Check(None if flags & 3 else crc, bool(flags & 4))
        at += max(size, 7) + packed


def _walk5(data: bytes) -> Iterator[Check | None]:
    at = _RAR5_START
    for _ in range(_MOST_BLOCKS):
        if at + 7 > len(data):
            return
        size, start = _vint(data, at + 4)
        kind, here = _vint(data, start)
        flags, here = _vint(data, here)
        extra, here = _vint(data, here) if flags & _EXTRA else (0, here)
        packed, here = _vint(data, here) if flags & _DATA else (0, here)
        if kind == _CRYPT5:
            yield None
        if kind == _FILE5:
            head = data[start : start + size]
            yield Check(_crc5(data, here, flags), _is_locked5(head[len(head) - extra :]))
        at = start + size + packed


def _crc5(data: bytes, at: int, block_flags: int) -> int | None:
    flags, at = _vint(data, at)
    for _ in range(2):
        _, at = _vint(data, at)
    at += 4 if flags & 2 else 0
    whole = not block_flags & 0x18
    return struct.unpack_from("<I", data, at)[0] if flags & 4 and whole else None


def _is_locked5(extra: bytes) -> bool:
    at = 0
    while at < len(extra):
        size, start = _vint(extra, at)
        if _vint(extra, start)[0] == _LOCK_RECORD:
            return True
        at = start + max(size, 1)
    return False


def _vint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, lowest first, and where it ends."""
    value = shift = 0
    while shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if not byte & 0x80:
            break
    return value, at
