"""The entries of zip, tar, gzip, bzip2 and xz by the standard library, of the others by libarchive."""

import bz2
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from binascii import crc32
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise, repeat
from typing import Any, Final, Protocol

from services.normalize.core.readers.archive.rar import Check, checks_of
from services.normalize.core.sniffing import recognise
from shared.errors import BadInput

_CHUNK: Final = 1 << 18
_MOST_HEADERS: Final = 20_000
"""Directory entries beyond which a zip is not even listed."""
_UTF8_NAME: Final = 0x800
_UNICODE_PATH: Final = 0x7075
_LOCAL_HEADER: Final = 30
_AES: Final = 99
_SPLIT_MARK: Final = 4
"""Bytes that may stand before the first entry: the mark of an archive made in parts."""
_XZ_MEMORY: Final = 96 << 20
_SPOILT = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error,
           lzma.LZMAError, tarfile.TarError)  # fmt: skip


class Locked(Exception):
    """The entry needs a password."""


class Spoilt(Exception):
    """The entry cannot be unpacked; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `chunks` unpacks it and raises `Locked` or `Spoilt`; use it before the next entry.

    `packed` is its size in the archive, `size` the one it claims to unpack to; None when untold.
    """

    name: str
    chunks: Iterator[bytes]
    packed: int | None = None
    size: int | None = None
    is_folder: bool = False
    is_link: bool = False


def entries_of(data: bytes, name: str, most: int) -> Iterator[Entry]:
    """Return the entries of an archive; raises `BadInput` when it cannot be opened.

    More than `most` entries need not be listed.
    """
    found = recognise(data)
    kind = "" if found is None else found.name
    if kind == "zip":
        return _zip(data, name, most)
    if kind == "tar":
        return _tar(data, name)
    if kind == "gzip":
        return iter([Entry(_gzip_name(data, name), _single(_Gzip(), data), len(data))])
    if data.startswith(b"BZh"):
        return iter([Entry(_stem(name), _single(bz2.BZ2Decompressor(), data), len(data))])
    if data.startswith(b"\xfd7zXZ"):
        unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
        return iter([Entry(_stem(name), _single(unpacker, data), len(data))])
    return _foreign(data, name, kind)


def _broken(name: str, why: object) -> BadInput:
    return BadInput(
        "broken",
        f"压缩包“{name}”不完整或已损坏（{why}），请重新打包或重新传送。",
        f"The archive {name!r} is cut off or damaged ({why}). Pack or send it again.",
    )


def _zip(data: bytes, name: str, most: int) -> Iterator[Entry]:
    if data.count(b"PK\x01\x02") > _MOST_HEADERS:
        raise BadInput(
            "too_large",
            f"压缩包“{name}”有超过 {_MOST_HEADERS} 个文件，请分成几个。",
            f"The archive {name!r} holds more than {_MOST_HEADERS} files. Split it.",
        )
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
        infos = opened.infolist()
    except (*_SPOILT, NotImplementedError) as error:
        raise _broken(name, error) from error
    _refuse_overlaps(infos, name)
    if infos and min(i.header_offset for i in infos) > _SPLIT_MARK and data[:2] == b"PK":
        raise _broken(name, "directory of another archive")
    for info in infos[: most + 1]:
        yield Entry(
            zip_name(info),
            _zip_chunks(opened, info),
            info.compress_size,
            info.file_size,
            # the library would look for the last character of a name that may have none
            info.filename.endswith("/"),
            stat.S_ISLNK(info.external_attr >> 16),
        )


def _refuse_overlaps(infos: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse a zip whose entries share bytes: that is how a small file unpacks to terabytes."""
    ordered = sorted(infos, key=lambda i: i.header_offset)
    for info, after in pairwise(ordered):
        if info.header_offset + _LOCAL_HEADER + info.compress_size > after.header_offset:
            raise BadInput(
                "hostile",
                f"压缩包“{name}”的文件互相重叠，不予解压。",
                f"The entries of the archive {name!r} overlap; it is not unpacked.",
            )


def _zip_chunks(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    if info.flag_bits & 1 or info.compress_type == _AES:
        raise Locked
    try:
        with opened.open(info) as member:
            while chunk := member.read(_CHUNK):
                yield chunk
    except (*_SPOILT, NotImplementedError, RuntimeError) as error:
        raise Spoilt(str(error)) from error


def zip_name(info: zipfile.ZipInfo) -> str:
    """Return the name of an entry; without a mark of UTF-8 it may be in any encoding."""
    if info.flag_bits & _UTF8_NAME:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    return _unicode_path(info.extra, raw) or decoded_name(raw)


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """Return the name of the extra field that some packers add, where it belongs to this name."""
    at = 0
    while at + 4 <= len(extra):
        field, size = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + size]
        if (
            field == _UNICODE_PATH
            and len(body) > 5
            and body[1:5] == crc32(raw).to_bytes(4, "little")
        ):
            return body[5:].decode("utf-8", "replace")
        at += 4 + size
    return None


def decoded_name(raw: bytes) -> str:
    """Return the text of a name in bytes: UTF-8 if it is valid, else as Chinese systems write."""
    for encoding in ("utf-8", "gb18030", "big5"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("gb18030", "replace")


def _tar(data: bytes, name: str) -> Iterator[Entry]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errors="surrogateescape") as opened:
            for info in opened:
                known = info.name.encode("utf-8", "surrogateescape")
                chunks = _tar_chunks(opened, info)
                is_link = not (info.isreg() or info.isdir())
                yield Entry(decoded_name(known), chunks, None, info.size, info.isdir(), is_link)
    except _SPOILT as error:
        raise _broken(name, error) from error


def _tar_chunks(opened: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    try:
        member = opened.extractfile(info)
        while member is not None and (chunk := member.read(_CHUNK)):
            yield chunk
    except _SPOILT as error:
        raise Spoilt(str(error)) from error


class _Unpacker(Protocol):
    """What the standard library's decompressors share."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """A gzip stream with the interface of the other decompressors."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)


def _single(unpacker: _Unpacker, data: bytes) -> Iterator[bytes]:
    at = 0
    try:
        while not unpacker.eof:
            fed = b""
            if unpacker.needs_input:
                fed, at = data[at : at + _CHUNK], at + _CHUNK
                if not fed:
                    raise Spoilt("unexpected end")
            yield unpacker.decompress(fed, _CHUNK)
    except _SPOILT as error:
        raise Spoilt(str(error)) from error


def _stem(name: str) -> str:
    base = name.rpartition("/")[2]
    stem, dot, suffix = base.rpartition(".")
    shorter = {"tgz": ".tar", "tbz": ".tar", "txz": ".tar"}.get(suffix.lower(), "")
    return f"{stem}{shorter}" if dot and stem else base


def _gzip_name(data: bytes, name: str) -> str:
    """Return the name in the header of a gzip file, or the archive's own without its suffix."""
    flags = data[3] if len(data) > 10 else 0
    at = 10 + (2 + int.from_bytes(data[10:12], "little") if flags & 4 else 0)
    if flags & 8 and b"\0" in data[at : at + 1024]:
        return decoded_name(data[at : data.index(b"\0", at)]) or _stem(name)
    return _stem(name)


def _foreign(data: bytes, name: str, kind: str) -> Iterator[Entry]:
    """Yield the entries of what only libarchive reads: 7z, RAR, cab, lha."""
    try:
        import libarchive  # noqa: PLC0415 - an optional component, loaded when first needed
        from libarchive import ffi  # noqa: PLC0415

        utf8 = _optional_call(ffi, "entry_pathname_utf8")
    except (ImportError, OSError, AttributeError, TypeError) as error:
        raise BadInput(
            "needs_extra",
            f"解压“{name}”需要未安装的组件 libarchive：请运行 pip install 'gouji[archives]' "
            "并安装系统库 libarchive13，或改用 zip。",
            f"Unpacking {name!r} needs libarchive, which is not installed: pip install "
            "'gouji[archives]' and the system library libarchive13, or use zip.",
        ) from error
    checks = checks_of(data) if kind == "rar" else []
    if checks is None:
        raise _locked(name)
    checked = chain(checks, repeat(Check(None, locked=False)))
    failure = libarchive.exception.ArchiveError
    try:
        with libarchive.memory_reader(
            data, format_name=_layout(data, kind), filter_name="none"
        ) as opened:
            for entry, check in zip(opened, checked, strict=False):
                chunks = _foreign_chunks(entry, check, failure)
                is_link = not (entry.isreg or entry.isdir)
                shown = _foreign_name(entry, utf8)
                yield Entry(shown, chunks, None, entry.size, entry.isdir, is_link)
    except failure as error:
        raise _locked(name) if _speaks_of_password(error) else _broken(name, error.msg) from error


def _locked(name: str) -> BadInput:
    return BadInput(
        "encrypted",
        f"压缩包“{name}”有密码，请解压后放入其中的文件。",
        f"The archive {name!r} is locked with a password. Unpack it and drop its files.",
    )


def _layout(data: bytes, kind: str) -> str:
    if kind == "rar":
        return "rar5" if data[6:7] == b"\x01" else "rar"
    if kind == "7z":
        return "7zip"
    return "cab" if data.startswith(b"MSCF") else "lha"


def _optional_call(ffi: Any, name: str) -> Callable[[Any], bytes | None]:
    """Return a function of the C library that the binding leaves out: names whatever the locale."""
    from ctypes import c_char_p, c_void_p  # noqa: PLC0415 - only with the optional component

    found: Callable[[Any], bytes | None] = ffi.ffi(name, [c_void_p], c_char_p)
    return found


def _foreign_name(entry: Any, utf8: Callable[[Any], bytes | None]) -> str:
    known = utf8(entry._entry_p)  # noqa: SLF001 - the binding offers no name free of the locale
    if known:
        return known.decode("utf-8", "replace")
    name = entry.pathname
    return decoded_name(name) if isinstance(name, bytes) else name or ""


def _foreign_chunks(entry: Any, check: Check, failure: type[Exception]) -> Iterator[bytes]:
    if check.locked:
        raise Locked
    found = 0
    try:
        for chunk in entry.get_blocks(_CHUNK):
            found = crc32(chunk, found)
            yield chunk
    except failure as error:
        if _speaks_of_password(error):
            raise Locked from error
        raise Spoilt(str(getattr(error, "msg", error))) from error
    if check.crc not in (None, found):
        raise Spoilt(f"CRC {found:08x}, not {check.crc:08x}")


def _speaks_of_password(error: Exception) -> bool:
    said = str(error).lower()
    return any(word in said for word in ("encrypt", "crypto", "passphrase", "password"))
