"""Scans of a made-up report: pages printed, spoiled as scanners, phones and fax machines do, and packed."""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support import paper
from tests.support.truth import Truth
from tests.support.typeset import Piece, typeset

Picture = NDArray[np.uint8]
VARIANTS = (
    "clean150", "clean200", "clean300", "dpi100", "skew150", "noise150", "shadow150", "jpeg150", "fax200",
    "warp150", "seal150", "tinted150", "tight150", "turned150", "long", "steep150", "blurred150", "photo200",
    "grey_seal150", "dark_heads150", "dashed150", "open150", "watermark150", "screen96",
)  # fmt: skip
"""What happened to the paper, and at how many dots per inch it was scanned."""
CONTAINERS = {
    "clean150": "tiff",
    "skew150": "tiff",
    "fax200": "tiff",
    "turned150": "tiff",
    "long": "png",
}
"""How the pages come; all others as the JPEG pages of a PDF."""
_NEVER = time.struct_time((2024, 1, 2, 3, 4, 5, 1, 2, 0))


def render(truth: Truth, rng: Random, variant: str) -> bytes:
    """Return the report as one file: a TIFF of pages, a PDF of pictures, or one long PNG."""
    pieces = typeset(truth, rng)
    container = CONTAINERS.get(variant, "pdf")
    return pack(pictures(pieces, rng, variant), container, dpi_of(variant))


def dpi_of(variant: str) -> int:
    """Return the dots per inch that a variant's name gives."""
    digits = "".join(c for c in variant if c.isdigit())
    return int(digits) if digits else 130


def kind_of(variant: str) -> str:
    """Return the name of a variant without its dots per inch."""
    return variant.rstrip("0123456789")


def _styled(style: paper.Style, kind: str) -> paper.Style:
    """Return the style with what a variant prints in its own way."""
    if kind == "tight":
        return paper.tight(style)
    if kind == "dark_heads":
        return replace(style, dark=True, shaded=False)
    if kind in ("dashed", "open"):
        return replace(style, **{kind: True})
    return style


def pictures(
    pieces: list[Piece], rng: Random, variant: str, style: paper.Style | None = None
) -> list[Picture]:
    """Return the spoiled pages, in colour (blue, green, red) or grey as the variant has them."""
    style = style or paper.Style.drawn(rng)
    style = _styled(style, kind_of(variant))
    printed = paper.print_pages(pieces, style, dpi_of(variant), long=variant == "long")
    spoil = _SPOILT.get(kind_of(variant), as_scanned)
    return [spoil(np.asarray(p), rng) for p in printed]


def pack(pages: list[Picture], container: str, dpi: int) -> bytes:
    """Return the pages in one file: tiff, pdf (JPEG inside), png or jpeg (both of the first page)."""
    images = [Image.fromarray(p if p.ndim == 2 else p[..., ::-1]) for p in pages]
    out = io.BytesIO()
    if container == "tiff":
        images[0].save(
            out,
            "TIFF",
            save_all=True,
            append_images=images[1:],
            compression="tiff_lzw",
            dpi=(dpi, dpi),
        )
    elif container == "pdf":
        images[0].save(
            out, "PDF", save_all=True, append_images=images[1:], resolution=dpi, quality=75,
            creationDate=_NEVER, modDate=_NEVER,
        )  # fmt: skip
    else:
        images[0].save(out, container.upper())
    return out.getvalue()


def _noise(rng: Random) -> np.random.Generator:
    return np.random.default_rng(rng.getrandbits(32))


def as_scanned(page: Picture, rng: Random) -> Picture:
    """Return the page a little soft and never quite white, as any scanner gives it."""
    soft = cv2.GaussianBlur(page, (3, 3), 0.5).astype(np.float32)
    grain = _noise(rng).normal(0, 2.5, page.shape)
    return np.clip(soft * 0.94 + 10 + grain, 0, 255).astype(np.uint8)


def skewed(page: Picture, rng: Random) -> Picture:
    """Return the page turned by up to 1.5 degrees."""
    height, width = page.shape
    angle = rng.choice((-1, 1)) * rng.uniform(0.4, 1.5)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return as_scanned(
        cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=255), rng
    )


def noisy(page: Picture, rng: Random) -> Picture:
    """Return the page with grain and specks, slightly turned."""
    base = skewed(page, rng).astype(np.float32)
    dice = _noise(rng)
    base += dice.normal(0, 14, base.shape)
    specks = dice.random(base.shape)
    base[specks < 0.0008] = 40
    base[specks > 0.9992] = 250
    return np.clip(base, 0, 255).astype(np.uint8)


def shadowed(page: Picture, rng: Random) -> Picture:
    """Return the page with the shadow of a book's fold and a dim corner."""
    height, width = page.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    fold = (
        0.45 * np.exp(-x / (width * 0.08))
        if rng.random() < 0.5
        else 0.45 * np.exp((x - width) / (width * 0.08))
    )
    corner = 0.3 * np.exp(-np.hypot(x - width * rng.random(), y - height) / (height * 0.3))
    return as_scanned(np.clip(page * (1 - fold - corner), 0, 255).astype(np.uint8), rng)


def squeezed(page: Picture, rng: Random) -> Picture:
    """Return the page after JPEG at quality 50, and a second time at 45."""
    page = as_scanned(page, rng)
    for quality in (50, 45):
        page = cv2.imdecode(
            cv2.imencode(".jpg", page, (cv2.IMWRITE_JPEG_QUALITY, quality))[1], cv2.IMREAD_GRAYSCALE
        )
    return page


def faxed(page: Picture, rng: Random) -> Picture:
    """Return the page in black and white only."""
    grain = _noise(rng).normal(0, 18, page.shape)
    return np.where(as_scanned(page, rng) + grain > rng.choice((130, 150, 170)), 255, 0).astype(
        np.uint8
    )


def warped(page: Picture, rng: Random) -> Picture:
    """Return the page as curled paper: lines bend, verticals lean."""
    height, width = page.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    bend, lean = rng.uniform(3, 7) * width / 1240, rng.uniform(-0.012, 0.012)
    tilt = rng.uniform(-0.008, 0.008)
    dy = bend * np.sin(np.pi * x / width + rng.uniform(-0.4, 0.4)) + tilt * (x - width / 2)
    dx = lean * (y - height / 2) + 2 * np.sin(np.pi * y / height)
    return as_scanned(cv2.remap(page, x + dx, y + dy, cv2.INTER_CUBIC, borderValue=255), rng)


def sealed(page: Picture, rng: Random) -> Picture:
    """Return the page in colour with one or two red seals over text and cells."""
    height, width = page.shape
    ink = np.zeros((height, width), np.float32)
    for _ in range(rng.choice((1, 2))):
        radius = int(width * 0.095)
        x, y = (
            rng.randint(radius, width - radius),
            rng.randint(int(height * 0.2), int(height * 0.85)),
        )
        cv2.circle(ink, (x, y), radius, 1.0, max(2, width // 300), cv2.LINE_AA)
        star = [
            (x + radius * k * np.sin(a), y - radius * k * np.cos(a))
            for a, k in ((i * np.pi / 5, 0.35 if i % 2 == 0 else 0.14) for i in range(10))
        ]
        cv2.fillPoly(ink, [np.array(star, np.int32)], 1.0, cv2.LINE_AA)
        for i in range(12):
            a = np.pi * (0.75 + 1.5 * i / 11) + np.pi / 2 + np.pi * 0.0
            cx, cy = x + radius * 0.8 * np.cos(a), y + radius * 0.8 * np.sin(a)
            size = radius * 0.13
            cv2.rectangle(
                ink,
                (int(cx - size / 2), int(cy - size / 2)),
                (int(cx + size / 2), int(cy + size / 2)),
                1.0,
                max(1, width // 500),
            )
            cv2.line(
                ink,
                (int(cx - size / 2), int(cy)),
                (int(cx + size / 2), int(cy)),
                1.0,
                max(1, width // 500),
            )
    grain = _noise(rng).random((height, width)).astype(np.float32)
    ink *= 0.65 + 0.35 * (grain > 0.15)
    grey = as_scanned(page, rng).astype(np.float32)
    colour = np.stack(
        [grey * (1 - ink * 0.78), grey * (1 - ink * 0.8), grey * (1 - ink * 0.12)], axis=-1
    )
    return np.clip(colour, 0, 255).astype(np.uint8)


def tinted(page: Picture, rng: Random) -> Picture:
    """Return the page on coloured paper with the upper part tinted more, as web pages print heads."""
    grey = as_scanned(page, rng).astype(np.float32) / 255
    paper_colour = np.array(
        rng.choice(((235, 248, 255), (250, 240, 225), (230, 245, 230))), np.float32
    )
    return np.clip(grey[..., None] * paper_colour, 0, 255).astype(np.uint8)


def turned(page: Picture, rng: Random) -> Picture:
    """Return the page on its side or upside down."""
    return np.ascontiguousarray(np.rot90(as_scanned(page, rng), rng.choice((1, 2, 3))))


def as_screen(page: Picture, rng: Random) -> Picture:
    """Return the page as a screen shows it: nothing spoiled."""
    return page


def steep(page: Picture, rng: Random) -> Picture:
    """Return the page as laid on the glass by a careless hand: turned by 2 to 7 degrees."""
    height, width = page.shape
    angle = rng.choice((-1, 1)) * rng.uniform(2, 7)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 0.92)
    return as_scanned(
        cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=255), rng
    )


def blurred(page: Picture, rng: Random) -> Picture:
    """Return the page out of focus."""
    return as_scanned(cv2.GaussianBlur(page, (0, 0), rng.uniform(0.9, 1.5)), rng)


def photographed(page: Picture, rng: Random) -> Picture:
    """Return the page as a phone sees it from one side on a dark desk, unevenly lit."""
    height, width = page.shape
    colour = np.repeat(page[..., None], 3, axis=2)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    away = np.array(
        [[rng.uniform(0.02, 0.05) * width, rng.uniform(0.02, 0.05) * height] for _ in range(4)],
        np.float32,
    )
    seen = corners + away * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    desk = (48, 60, 82)
    photo = cv2.warpPerspective(
        colour,
        cv2.getPerspectiveTransform(corners, seen),
        (width, height),
        flags=cv2.INTER_AREA,
        borderValue=desk,
    )
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 0.95 - 0.35 * np.hypot(x / width - rng.random(), y / height - rng.random())
    grain = _noise(rng).normal(0, 5, photo.shape)
    return np.clip(photo * light[..., None] + grain, 0, 255).astype(np.uint8)


def grey_sealed(page: Picture, rng: Random) -> Picture:
    """Return the page with seals, scanned without colour: what they cover is hard to read."""
    return cv2.cvtColor(sealed(page, rng), cv2.COLOR_BGR2GRAY)


def watermarked(page: Picture, rng: Random) -> Picture:
    """Return the page with pale slanting words behind the print."""
    height, width = page.shape
    pale = np.zeros((height, width), np.uint8)
    for y in range(0, height, height // 5):
        for x in range(0, width, width // 2):
            cv2.putText(
                pale,
                "ZWGK 2021",
                (x, y + 90),
                cv2.FONT_HERSHEY_SIMPLEX,
                width / 620,
                255,
                width // 250,
                cv2.LINE_AA,
            )
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 30, 1.2)
    pale = cv2.warpAffine(pale, turn, (width, height))
    return as_scanned(np.minimum(page, 255 - (pale * 0.22).astype(np.uint8)), rng)


_SPOILT: dict[str, Callable[[Picture, Random], Picture]] = {
    "clean": as_scanned,
    "dpi": as_scanned,
    "skew": skewed,
    "noise": noisy,
    "shadow": shadowed,
    "jpeg": squeezed,
    "fax": faxed,
    "warp": warped,
    "seal": sealed,
    "tinted": tinted,
    "tight": as_scanned,
    "turned": turned,
    "long": as_screen,
    "screen": as_screen,
    "steep": steep,
    "blurred": blurred,
    "photo": photographed,
    "grey_seal": grey_sealed,
    "watermark": watermarked,
}
