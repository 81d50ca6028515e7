"""The reader of image files: each frame, or each strip of a long picture, is recognised as a page."""

import hashlib
import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from PIL import Image, ImageOps

from services.normalize.core.composing import Block, Grid, Text, compose
from services.normalize.core.outcomes import Aids, NeedsRecognition, Outcome, Picture
from services.normalize.core.pages.joining import joined
from shared.errors import BadInput

MOST_PIXELS: Final = 120_000_000
"""An A3 page at 800 dots per inch has that many; nothing larger is decoded."""
_MOST_DECODED: Final = 40_000_000
"""Pixels of one long picture or frame that are decoded here, where memory is short."""
_AT_ONCE = 4
_MOST_FRAMES = 120
_LONG = 3.2
"""Height over width from which a picture is cut into strips: several pages pasted together."""
_SHORTEST, _USUAL, _LONGEST = 1.2, 2.8, 7.0
"""Height of strips over their width: a cut is looked for between the first two, then further down."""
_DARK = 150
_LEAST_TEXT = 10
"""Characters; with fewer there is nothing that could be a report."""
_REDUCED = 254
"""The tag of a TIFF frame that says that it is only a small copy of another one."""

_Broken = (OSError, SyntaxError, ValueError, EOFError)


def read(data: bytes, name: str, aids: Aids) -> Outcome:
    """Return the document in an image file, or the pictures that must be recognised first."""
    try:
        with warnings.catch_warnings():
            # the size is checked here, before anything is decoded
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                _check_size(image, name)
                pictures = list(_needed(image, data, name, aids))
    except Image.DecompressionBombError as error:
        raise BadInput(
            "too_large",
            f"图片“{name}”的像素超出上限 {MOST_PIXELS}（{error}）。请按 200 dpi 重新扫描。",
            f"The picture {name!r} has more than {MOST_PIXELS} pixels ({error}). Scan it again at 200 dpi.",
        ) from error
    except _Broken as error:
        raise BadInput(
            "broken",
            f"图片“{name}”无法解码（{error}）。请重新扫描或导出。",
            f"The picture {name!r} cannot be decoded ({error}). Scan or export it again.",
        ) from error
    missing = [p for p in pictures if p.key not in aids.recognised]
    if missing:
        return NeedsRecognition(tuple(missing[:_AT_ONCE]))
    blocks = list(joined(b for p in pictures for b in _blocks(p, aids)))
    if sum(len(t) for b in blocks for t in _texts(b)) < _LEAST_TEXT:
        raise BadInput(
            "no_text",
            f"图片“{name}”里没有识别出文字。",
            f"No writing was recognised in the picture {name!r}.",
        )
    pages = len(pictures)
    return compose(
        blocks, name, reader="picture", pages=pages, recognised=tuple(range(1, pages + 1))
    )


def _check_size(image: Image.Image, name: str) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise BadInput(
            "too_large",
            f"图片“{name}”为 {image.width} × {image.height} 像素，超出上限 {MOST_PIXELS} 像素。请按 200 dpi 重新扫描。",
            f"The picture {name!r} has {image.width} x {image.height} pixels, more than {MOST_PIXELS}. "
            "Scan it again at 200 dpi.",
        )


def _needed(image: Image.Image, data: bytes, name: str, aids: Aids) -> Iterator[Picture]:
    """Yield the pictures of a file; those known already, or beyond the next few, without their bytes."""
    digest = hashlib.sha256(data).hexdigest()
    frames = _frames(image, name)
    if len(frames) > 1:
        missing = 0
        for number, frame in enumerate(frames, 1):
            key = hashlib.sha256(f"{digest}/{frame}".encode()).hexdigest()
            wanted = key not in aids.recognised and missing < _AT_ONCE
            missing += wanted
            yield Picture(key, number, _frame(image, frame, name) if wanted else b"")
    elif image.height > _LONG * image.width:
        yield from _strips(image, digest, name, aids)
    else:
        if digest not in aids.recognised:
            # a picture that breaks off is refused here, under its name
            _decoded(image)
        yield Picture(digest, 1, data)


def _frames(image: Image.Image, name: str) -> list[int]:
    """Return the numbers of the frames that are pages of their own."""
    if image.format not in ("TIFF", "GIF"):
        return [0]
    count = int(getattr(image, "n_frames", 1))
    if count > _MOST_FRAMES:
        raise BadInput(
            "too_large",
            f"图片“{name}”有 {count} 页，不可能是年度报告。",
            f"The picture {name!r} has {count} pages; no report has.",
        )
    found = []
    for number in range(count):
        image.seek(number)
        tags = getattr(image, "tag_v2", {})
        if not number or not int(tags.get(_REDUCED, 0)) & 1:
            found.append(number)
    image.seek(0)
    return found


def _frame(image: Image.Image, number: int, name: str) -> bytes:
    image.seek(number)
    _check_size(image, name)
    return _png(_decoded(image))


def _decoded(image: Image.Image) -> Image.Image:
    """Return the pixels upright; of a very large picture fewer, so that memory stays bounded."""
    factor = 1
    while image.width * image.height > _MOST_DECODED * factor * factor:
        factor *= 2
    if factor > 1:
        image.draft(None, (image.width // factor, image.height // factor))
    if image.width * image.height > _MOST_DECODED:
        image = image.convert("L").reduce(factor)
    image.load()
    return ImageOps.exif_transpose(image)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    if image.mode not in ("1", "L", "P", "RGB", "RGBA", "I;16"):
        image = image.convert("RGB")
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _strips(image: Image.Image, digest: str, name: str, aids: Aids) -> Iterator[Picture]:
    """Yield the strips of a long picture, cut where nothing is printed: never through a table."""
    whole = _decoded(image)
    if whole.height > _MOST_FRAMES * _SHORTEST * whole.width:
        raise BadInput(
            "too_large",
            f"长图“{name}”过长（{whole.width} × {whole.height} 像素）。",
            f"The long picture {name!r} is too long ({whole.width} x {whole.height} pixels).",
        )
    missing = 0
    edges = [0, *cuts(whole), whole.height]
    for number, (top, bottom) in enumerate(pairwise(edges), 1):
        key = hashlib.sha256(f"{digest}/{top}-{bottom}".encode()).hexdigest()
        wanted = key not in aids.recognised and missing < _AT_ONCE
        missing += wanted
        strip = _png(whole.crop((0, top, whole.width, bottom))) if wanted else b""
        yield Picture(key, number, strip)


def cuts(image: Image.Image) -> list[int]:
    """Return the heights at which a long picture is cut: in the middle of the widest white gaps."""
    grey = image.convert("L")
    light = _white_rows(grey)
    width, found, start = image.width, [], 0
    while image.height - start > _LONG * width:
        first, last, furthest = (start + round(f * width) for f in (_SHORTEST, _USUAL, _LONGEST))
        cut = _widest_gap(light, first, last) or _widest_gap(
            light, last, min(furthest, image.height)
        )
        if cut is None:
            if image.height <= furthest:
                break
            cut = furthest
        found.append(cut)
        start = cut
    return found


def _white_rows(grey: Image.Image) -> bytes:
    """Return for every row of pixels whether nothing dark is in it."""
    dark = grey.point(lambda v: 255 if v < _DARK else 0)
    return bytes(not row for row in dark.getprojection()[1])


def _widest_gap(white: bytes, first: int, last: int) -> int | None:
    """Return the middle of the longest run of white rows between two heights."""
    runs = white[first:last].split(b"\0")
    longest = max(map(len, runs), default=0)
    if longest < 2:
        return None
    at = first
    for run in runs:
        if len(run) == longest:
            return at + longest // 2
        at += len(run) + 1
    return None


def _blocks(picture: Picture, aids: Aids) -> Iterable[Block]:
    for block in aids.recognised[picture.key].blocks:
        if isinstance(block, Grid):
            yield Grid(tuple(replace(s, page=picture.page) for s in block.slots))
        else:
            yield replace(block, page=picture.page)


def _texts(block: Block) -> Sequence[str]:
    return (block.text,) if isinstance(block, Text) else [s.text for s in block.slots]
