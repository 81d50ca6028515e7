"""Mutators that know what they change: the parts of a container, the objects of a PDF, the cells of a text.

Each gets the bytes, the most it may return, and a seed; `mutate` is the fuzzer's own way with plain bytes.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable
from random import Random

from tests.fuzz.words import tokens

Mutate = Callable[[bytes, int], bytes]
Mutator = Callable[[bytes, int, int, Mutate], bytes]

_MOST_PART = 400_000
_OBJECT = re.compile(rb"(\d{1,7}) (\d{1,5}) obj\b(.{0,200000}?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_TAG = re.compile(rb"<[^<>]{1,400}>")
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_NUMBERS = (
    b"0",
    b"1",
    b"-1",
    b"2147483647",
    b"4294967296",
    b"99999999999999999999",
    b"0.0001",
    b"-32768",
    b"1e308",
    b"NaN",
    b"",
)
_ONE_IN = 6


def container(data: bytes, most: int, seed: int, mutate: Mutate) -> bytes:
    """Change one part of a zip, its name, or its number; now and then the bytes of the whole."""
    rng = Random(seed)
    if rng.randrange(_ONE_IN) == 0:
        return mutate(data, most)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            parts = [
                (i.filename, opened.read(i))
                for i in opened.infolist()[:60]
                if i.file_size <= _MOST_PART
            ]
    except Exception:
        return mutate(data, most)
    if not parts:
        return mutate(data, most)
    at = rng.randrange(len(parts))
    name, part = parts[at]
    kind = rng.randrange(10)
    if kind == 0:
        del parts[at]
    elif kind == 1:
        parts.append((rng.choice(parts)[0], part))
    elif kind == 2:
        parts[at] = (name, rng.choice(parts)[1])
    else:
        parts[at] = (name, markup(part, max(most // 2, 1000), rng.randrange(1 << 30), mutate))
    held = io.BytesIO()
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
    ):
        # two parts of one name are what a mutation may bring
        warnings.simplefilter("ignore")
        for shown, content in parts:
            out.writestr(zipfile.ZipInfo(shown), content, zipfile.ZIP_DEFLATED)
    made = held.getvalue()
    return made if len(made) <= most else data


def markup(data: bytes, most: int, seed: int, mutate: Mutate) -> bytes:
    """Move, repeat or lose tags and what is between them, change numbers, or put in words."""
    rng = Random(seed)
    kind = rng.randrange(8)
    tags = [m.span() for m in _TAG.finditer(data, 0, 200_000)]
    if kind == 0 or len(tags) < 4:
        return mutate(data, most) if data else b"<"
    start, end = sorted((rng.choice(tags)[0], rng.choice(tags)[1]))
    piece = data[start:end][:20_000]
    if kind == 1:
        made = data[:start] + data[end:]
    elif kind == 2:
        made = data[:end] + piece * rng.randrange(1, 4) + data[end:]
    elif kind == 3:
        where = rng.choice(tags)[0]
        made = data[:where] + piece + data[where:]
    elif kind == 4:
        made = _renumbered(data, rng)
    elif kind == 5:
        one, other = rng.choice(tags), rng.choice(tags)
        made = data[: one[0]] + data[other[0] : other[1]] + data[one[1] :]
    else:
        where = rng.choice(tags)[1]
        made = data[:where] + rng.choice(tokens()).encode("utf-8", "replace") + data[where:]
    return made[:most]


def pdf(data: bytes, most: int, seed: int, mutate: Mutate) -> bytes:
    """Change, swap, repeat or lose objects of a PDF; packed streams are unpacked and changed inside."""
    rng = Random(seed)
    found = list(_OBJECT.finditer(data))
    if not found or rng.randrange(_ONE_IN) == 0:
        return mutate(data, most)
    one, other = rng.choice(found), rng.choice(found)
    kind = rng.randrange(6)
    if kind == 0:
        made = data[: one.start()] + data[one.end() :]
    elif kind == 1:
        made = data[: one.start(3)] + other[3] + data[one.end(3) :]
    elif kind == 2:
        reference = b"%s 0 R" % other[1]
        made = (
            data[: one.start(3)]
            + re.sub(rb"\d+ \d+ R", reference, one[3], count=1)
            + data[one.end(3) :]
        )
    elif kind == 3:
        made = data[: one.start(3)] + _renumbered(one[3], rng) + data[one.end(3) :]
    else:
        made = data[: one.start(3)] + _inside(one[3], most, rng, mutate) + data[one.end(3) :]
    return made[:most]


def cells(data: bytes, most: int, seed: int, mutate: Mutate) -> bytes:
    """Move, repeat, lose and join lines and cells of a text, put in words and figures."""
    rng = Random(seed)
    if rng.randrange(_ONE_IN) == 0:
        return mutate(data, most)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return mutate(data, most)
    lines = text.split("\n")
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(lines))
        kind = rng.randrange(7)
        if kind == 0 and len(lines) > 1:
            del lines[at]
        elif kind == 1:
            lines.insert(rng.randrange(len(lines) + 1), lines[at])
        elif kind == 2:
            lines[at : at + 2] = ["".join(lines[at : at + 2])]
        elif kind == 3:
            lines.insert(at, "".join(rng.choice(tokens()) for _ in range(rng.randrange(4))))
        else:
            lines[at] = _cut(lines[at], rng)
        lines = lines or [""]
    made = "\n".join(lines).encode("utf-8", "replace")
    return made if len(made) <= most else data


def _cut(line: str, rng: Random) -> str:
    """Change one cell of a line, whatever parts its cells."""
    mark = rng.choice(("\t", "|", " ", "，", ",", "　"))
    parts = line.split(mark)
    at = rng.randrange(len(parts))
    kind = rng.randrange(4)
    if kind == 0:
        del parts[at]
    elif kind == 1:
        parts.insert(at, rng.choice(parts))
    else:
        parts[at] = rng.choice(tokens()) if kind == 2 else parts[at] + rng.choice(tokens())
    return mark.join(parts)


def _renumbered(data: bytes, rng: Random) -> bytes:
    found = [m.span() for m in _NUMBER.finditer(data, 0, 100_000)]
    if not found:
        return data
    start, end = rng.choice(found)
    return data[:start] + rng.choice(_NUMBERS) + data[end:]


def _inside(body: bytes, most: int, rng: Random, mutate: Mutate) -> bytes:
    held = _STREAM.search(body)
    if held is None or b"FlateDecode" not in body:
        return mutate(body, most)
    try:
        content = zlib.decompressobj().decompress(held[1], _MOST_PART)
    except zlib.error:
        return mutate(body, most)
    changed = zlib.compress(
        mutate(content, _MOST_PART) if rng.randrange(2) else _renumbered(content, rng), 1
    )
    made = body[: held.start(1)] + changed + body[held.end(1) :]
    return re.sub(rb"/Length \d+(?: \d+ R)?", b"/Length %d" % len(changed), made, count=1)
