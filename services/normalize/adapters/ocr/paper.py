"""A picture file becomes grey paper: upright by its own note, seals faded, ground flat and white."""

import io
import warnings
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from shared.errors import BadInput

Grey = NDArray[np.uint8]
Colour = NDArray[np.uint8]

MOST_PIXELS = 120_000_000
"""An A3 page at 800 dots per inch has that many; a larger picture is refused before decoding."""
_WORKING_PIXELS = 24_000_000
"""What is decoded at most: JPEG decodes straight to a half or a quarter, others are reduced after."""
_WIDE, _NARROW = 1760, 1240
"""Pixels between which the short side of a page is brought: A4 at 212 and at 150 dots per inch. More
costs time and gives no better readings, less loses the thin rules."""
_LARGEST_ENLARGING = 2.0
_CUT_OUT = 1.6
"""Width over height from which a picture is no page lying on its side."""
_SEAL = 0.07
"""Least width and height of a seal as a share of the page's short side; it is about 0.19."""
_DIMMEST = 40
"""Grey of the darkest ground that is lifted to white."""
_MOSTLY = 0.62
"""Share of dark pixels around a place from which on its ground is dark, not its writing."""
_CONTRAST = 40
"""Grey by which light writing at least differs from its dark ground."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Dark writing on flat white ground. `scale` is pixels here per pixel of the picture."""

    grey: Grey
    scale: float
    width: int
    height: int


def paper(data: bytes) -> Paper:
    """Return the paper in a picture file; raises `BadInput` for what is no picture or too large."""
    colour = decode(data)
    height, width = colour.shape[:2]
    scale = _scale(width, height)
    if scale != 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        colour = np.asarray(cv2.resize(colour, size, interpolation=way), np.uint8)
    grey = colour if colour.ndim == 2 else without_seals(colour)
    return Paper(flat(grey), scale, width, height)


def decode(data: bytes) -> Colour:
    """Return the pixels (blue, green, red; or grey), turned as the file itself says."""
    try:
        with warnings.catch_warnings():
            # the size is checked here, before anything is decoded
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                _check_size(image)
                return _pixels(ImageOps.exif_transpose(_reduced(image)))
    except Image.DecompressionBombError as error:
        raise BadInput(
            "too_large",
            f"图片像素过多（{error}）。",
            f"The picture has too many pixels ({error}).",
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadInput(
            "broken",
            f"图片无法解码（{error}），请重新扫描或导出。",
            f"The picture cannot be decoded ({error}); scan or export it again.",
        ) from error


def _check_size(image: ImageFile.ImageFile) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise BadInput(
            "too_large",
            f"图片为 {image.width} × {image.height} 像素，超出上限 {MOST_PIXELS} 像素。",
            f"The picture has {image.width} x {image.height} pixels, more than {MOST_PIXELS}.",
        )


def _reduced(image: Image.Image) -> Image.Image:
    """Return the picture with no more pixels than are worked on, decoding fewer where possible."""
    factor = 1
    while image.width * image.height > _WORKING_PIXELS * factor * factor:
        factor *= 2
    if factor == 1:
        return image
    if image.format == "JPEG":
        image.draft(None, (image.width // factor, image.height // factor))
        return image
    note = image.getexif()
    smaller = (image.convert("L") if image.mode == "1" else image).reduce(factor)
    smaller.getexif().update(note)
    return smaller


def _pixels(image: Image.Image) -> Colour:
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if image.mode.startswith(("I", "F")):
        deep = np.asarray(image, np.float32)
        top = 65535.0 if deep.max() > 255 else 255.0
        return np.asarray(np.clip(deep * (255.0 / top), 0, 255), np.uint8)
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(ground, image)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])


def page_width(width: int, height: int) -> int:
    """Return the width in pixels of an upright page at the scale of the picture: what lengths refer to.

    It is the shorter side of a page and of pages pasted one below the other, but the width of a
    picture cut out of a page: a single table.
    """
    return width if width > _CUT_OUT * height else min(width, height)


def _scale(width: int, height: int) -> float:
    short = page_width(width, height)
    if short > _WIDE:
        return _WIDE / short
    if short < _NARROW:
        # a long strip may be narrow, but must not become larger than what is worked on
        room = float((_WORKING_PIXELS / (width * height)) ** 0.5)
        return max(1.0, min(_NARROW / short, _LARGEST_ENLARGING, room))
    return 1.0


def without_seals(colour: Colour) -> Grey:
    """Return the page in grey, red seals faded; red writing (the head of a document) stays."""
    grey = np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY), np.uint8)
    blue, green, red = (colour[..., i].astype(np.int16) for i in range(3))
    reddish = ((red - np.maximum(blue, green)) > 40).astype(np.uint8)
    short = page_width(grey.shape[1], grey.shape[0])
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, short // 60),) * 2)
    patches = cv2.morphologyEx(reddish, cv2.MORPH_CLOSE, kernel)
    count, _, stats, _ = cv2.connectedComponentsWithStats(patches)
    margin = max(2, short // 300)
    for i in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[i])
        if min(w, h) < _SEAL * short or not 0.5 < w / h < 2.0:
            continue
        part = np.s_[max(0, y - margin) : y + h + margin, max(0, x - margin) : x + w + margin]
        grey[part] = np.maximum(grey[part], _faded(colour[part]))
    return grey


def _faded(colour: Colour) -> Grey:
    """Return the red channel, in which red ink is as light as the paper and black stays black."""
    return np.asarray(colour[..., 2], np.uint8)


def flat(grey: Grey) -> Grey:
    """Return the page on even white ground: shadows, tints and shaded cells are divided out."""
    height, width = grey.shape
    step = max(1, page_width(width, height) // 400)
    size = (max(1, width // step), max(1, height // step))
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    inverted = _white_on_dark(small)
    if inverted.any():
        whole = cv2.resize(inverted, (width, height), interpolation=cv2.INTER_NEAREST)
        grey = np.where(whole > 0, 255 - grey, grey)
        small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    # closing takes away everything thinner than the kernel: writing and rules
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))
    ground = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), 9)
    ground = cv2.resize(ground, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(grey, np.maximum(ground, _DIMMEST), scale=255), np.uint8)


def _white_on_dark(small: Grey) -> Grey:
    """Return where light writing stands on dark ground: the heads of many tables on the web.

    Writing, however bold, leaves most of the ground around it light; a deep shadow is dark ground
    too, but what is written in it is darker still.
    """
    dark = (small < 0.5 * float(np.percentile(small, 90))).astype(np.uint8)
    share = cv2.boxFilter(dark.astype(np.float32), -1, (9, 9), borderType=cv2.BORDER_REPLICATE)
    core = cv2.dilate((share > _MOSTLY).astype(np.uint8), np.ones((9, 9), np.uint8))
    closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, patches = cv2.connectedComponents(cv2.min(core, closed))
    found = np.zeros_like(small)
    for patch in range(1, count):
        inside = patches == patch
        low, usual, high = np.percentile(small[inside], (0.5, 50, 99.5))
        if high - usual > max(_CONTRAST, usual - low):
            found[inside] = 1
    return found
