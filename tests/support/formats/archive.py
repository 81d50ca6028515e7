"""Archives of given files, as different systems pack them; the same files give the same bytes."""

import gzip
import io
import struct
import tarfile
import zipfile
from binascii import crc32
from random import Random

from tests.support.formats.text import render as render_text
from tests.support.truth import Truth

VARIANTS = ("zip", "gbk_zip", "bare_zip", "nested_zip", "7z", "rar", "rar5", "tar", "tar_gz")
"""gbk_zip: names as Chinese Windows writes them. bare_zip: UTF-8 names without the mark."""


def pack(files: dict[str, bytes], variant: str) -> bytes:
    """Return an archive that holds these files."""
    if variant == "nested_zip":
        return zip_bytes({"内层/附件.zip": zip_bytes(files)})
    makers = {
        "zip": zip_bytes,
        "gbk_zip": lambda f: zip_bytes(f, names="gb18030"),
        "bare_zip": lambda f: zip_bytes(f, names="utf-8"),
        "7z": seven_zip,
        "rar": rar4,
        "rar5": rar5,
        "tar": tar,
        "tar_gz": lambda f: gzip.compress(tar(f), mtime=0),
    }
    return makers[variant](files)


def render(truth: Truth, rng: Random, variant: str) -> bytes:
    """Return an archive that holds the report as a text file among the debris of two systems."""
    name = f"2021年年报/{truth.agency}年度报告.txt"
    files = {
        name: render_text(truth, rng, "tabs_grid"),
        "__MACOSX/._x": b"\0\5\x16\7",
        "Thumbs.db": b"x",
    }
    return pack(files, variant)


def zip_bytes(files: dict[str, bytes], names: str | None = None) -> bytes:
    """Return a zip; `names` is the encoding of names that do not say it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            info = _RawName(name) if names is None else _RawName(name, names)
            out.writestr(info, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


class _RawName(zipfile.ZipInfo):
    """An entry whose name is written in an encoding of its own, without the mark of UTF-8."""

    __slots__ = ("names",)

    def __init__(self, name: str, names: str | None = None) -> None:
        super().__init__(name)
        # zipfile would cut at a zero and change strokes
        self.filename = name
        self.names = names

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name zipfile calls
        if self.names is None:
            return self.filename.encode("utf-8", "surrogatepass"), self.flag_bits | 0x800
        return self.filename.encode(self.names), self.flag_bits & ~0x800


def seven_zip(files: dict[str, bytes]) -> bytes:
    import libarchive

    parts: list[bytes] = []
    with libarchive.custom_writer(
        lambda data: parts.append(bytes(data)) or len(data), "7zip"
    ) as out:
        for name, data in files.items():
            out.add_file_from_memory(name, len(data), data)
    return b"".join(parts)


def tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as out:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def rar4(files: dict[str, bytes], *, locked: bool = False) -> bytes:
    """Return a RAR 4 archive of stored files with names in GBK, as old WinRAR writes them."""
    parts = [b"Rar!\x1a\x07\x00", _block4(0x73, 0, bytes(6))]
    for name, data in files.items():
        raw = name.replace("/", "\\").encode("gb18030")
        body = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 2, crc32(data), 0, 20, 0x30, len(raw), 32
        )
        parts += [_block4(0x74, 0x8000 | (4 if locked else 0), body + raw), data]
    return b"".join([*parts, _block4(0x7B, 0x4000, b"")])


def _block4(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", crc32(head) & 0xFFFF) + head


def rar5(files: dict[str, bytes]) -> bytes:
    """Return a RAR 5 archive of stored files."""
    parts = [b"Rar!\x1a\x07\x01\x00", _block5(_vint(1) + _vint(0) + _vint(0))]
    for name, data in files.items():
        raw = name.encode()
        body = _vint(2) + _vint(2) + _vint(len(data)) + _vint(4) + _vint(len(data)) + _vint(32)
        body += struct.pack("<I", crc32(data)) + _vint(0) + _vint(0) + _vint(len(raw)) + raw
        parts += [_block5(body), data]
    return b"".join([*parts, _block5(_vint(5) + _vint(0) + _vint(0))])


def _block5(body: bytes) -> bytes:
    sized = _vint(len(body)) + body
    return struct.pack("<I", crc32(sized)) + sized


def _vint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
