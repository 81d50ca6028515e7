"""One picture in, its paragraphs and tables out."""

from collections.abc import Sequence
from dataclasses import replace

from services.normalize.adapters.ocr.engine import Engine, Quad, engine
from services.normalize.adapters.ocr.paper import page_width, paper
from services.normalize.adapters.ocr.providers import Provider
from services.normalize.adapters.ocr.ruling import bounds, erased, frames, rulings
from services.normalize.adapters.ocr.running_text import Printed, in_order
from services.normalize.adapters.ocr.straighten import Upright, crop, straighten
from services.normalize.adapters.ocr.tables import Tables
from services.normalize.core.composing import BBox, Block, Grid, Text
from services.normalize.core.outcomes import Recognition
from services.normalize.core.pages.lattice import Frame

_LEAST_SCORE = 0.5
"""A line outside tables read with less is a picture's grain, not writing."""


def recognise_picture(data: bytes, *, threads: int, provider: Provider = "cpu") -> Recognition:
    """Return what a picture says; raises `BadInput` when it is no picture or too large.

    Places are pixels of the picture after it was turned upright and made straight.
    """
    sheet = paper(data)
    reader = engine(threads, provider)
    upright = straighten(sheet.grey, reader)
    blocks = _read(upright, reader)
    height, width = upright.grey.shape
    return Recognition(
        tuple(_scaled(b, 1 / sheet.scale) for b in blocks),
        _confidence(blocks),
        round(width / sheet.scale),
        round(height / sheet.scale),
    )


def _read(upright: Upright, reader: Engine) -> list[Block]:
    grey = upright.grey
    unit = page_width(grey.shape[1], grey.shape[0])
    rules = rulings(grey, unit)
    found = frames(rules, unit)
    tables = Tables(found, erased(grey, rules, found, unit), unit)
    quads = [q for q in upright.quads if not _inside(q, found)]
    crops = [crop(grey, q) for q in quads]
    inner = tables.crops()
    readings = reader.read([*crops, *inner])
    printed = [
        Printed(r, q) for q, r in zip(quads, readings[: len(quads)], strict=True)
        if r.text.strip() and r.score >= _LEAST_SCORE
    ]  # fmt: skip
    grids = tables.grids(readings[len(quads) :], reader)
    loose = [r for r in rules if not any(bounds(r, f, unit) for f in found)]
    return in_order(printed, grids, loose, grey.shape)


def _inside(quad: Quad, found: Sequence[Frame]) -> bool:
    x, y = (float(v) for v in quad.mean(axis=0))
    return any(f.holds(x, y) for f in found)


def _confidence(blocks: Sequence[Block]) -> float:
    """Return the mean confidence over the characters."""
    parts = [p for b in blocks for p in ((b,) if isinstance(b, Text) else b.slots) if p.text]
    total = sum(len(p.text) for p in parts)
    return round(sum(p.confidence * len(p.text) for p in parts) / total, 4) if total else 0.0


def _scaled(block: Block, factor: float) -> Block:
    if isinstance(block, Grid):
        return Grid(tuple(replace(s, bbox=_box(s.bbox, factor)) for s in block.slots))
    return replace(block, bbox=_box(block.bbox, factor))


def _box(box: BBox | None, factor: float) -> BBox | None:
    if box is None:
        return None
    return tuple(round(v * factor, 1) for v in box)  # type: ignore[return-value]
