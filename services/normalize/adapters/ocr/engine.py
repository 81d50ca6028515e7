"""The two networks: one finds lines of text in a picture, the other reads the characters of a line.

The models are files inside the rapidocr wheel and are opened from there, so nothing is ever
fetched. The sessions are made here, not by rapidocr's front door: that pads every crop to the width
of a sentence and gives one score per line, while most crops of a form hold one digit, and
the second best digit is what arbitration needs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from services.normalize.adapters.ocr.providers import Provider, make_sure, wished

Grey = NDArray[np.uint8]
Quad = NDArray[np.float32]
"""Four corners of a line of text: left top, right top, right bottom, left bottom."""

VERSION = "PP-OCRv6-small/2"
"""Part of the key of every cached result; raise the number when readings may change."""

_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNISER = "PP-OCRv6_rec_small.onnx"
_HEIGHT = 48
"""Pixels; the recogniser was trained on lines of this height."""
_STEP = 8
"""Pixels of a line that become one step of the recogniser's output."""
_WIDEST = 2400
_BATCH_PIXELS = 1600
"""Pixels of width in one call; more at once costs memory (one megabyte per six) and saves no time."""
_FAINT = 0.02
"""A second best character below this share is no alternative."""


class Character(NamedTuple):
    """One character as read: its share among all, and the runner-up with its share."""

    text: str
    share: float
    other: str
    other_share: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One line as read. `score` is the mean share of its characters, 0.0 without any."""

    characters: tuple[Character, ...]

    @property
    def text(self) -> str:
        """The characters as one string."""
        return "".join(c.text for c in self.characters)

    @property
    def score(self) -> float:
        """Mean share of the characters."""
        return (
            sum(c.share for c in self.characters) / len(self.characters) if self.characters else 0.0
        )

    @property
    def weakest(self) -> float:
        """Share of the least certain character."""
        return min((c.share for c in self.characters), default=0.0)


class Engine:
    """Both networks in this process, with a fixed number of threads and no spinning."""

    def __init__(self, threads: int, provider: Provider = "cpu") -> None:
        spec = find_spec("rapidocr")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("No module named 'rapidocr'", name="rapidocr")
        models = Path(spec.origin).parent / "models"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # the arena keeps the largest page ever seen; results are as fast without it
        options.enable_cpu_mem_arena = False
        providers = wished(provider)
        self._detector = onnxruntime.InferenceSession(str(models / _DETECTOR), options, providers)
        self._recogniser = onnxruntime.InferenceSession(
            str(models / _RECOGNISER), options, providers
        )
        for session in (self._detector, self._recogniser):
            make_sure(provider, session.get_providers())
        listed = self._recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = ("", *listed, " ")

    def read(self, crops: Sequence[Grey]) -> list[Reading]:
        """Return what each crop says; a crop is one line of dark characters on light ground."""
        found: list[Reading] = [Reading(())] * len(crops)
        scaled = [_scaled(c) for c in crops]
        for batch in _batches([s.shape[1] for s in scaled]):
            width = max(scaled[i].shape[1] for i in batch)
            stack = np.full((len(batch), _HEIGHT, width), 255, np.uint8)
            for row, i in enumerate(batch):
                stack[row, :, : scaled[i].shape[1]] = scaled[i]
            shares = self._shares(stack)
            for row, i in enumerate(batch):
                steps = -(-scaled[i].shape[1] // _STEP)
                found[i] = self._decode(shares[row, : steps + 1])
        return found

    def _shares(self, stack: Grey) -> NDArray[np.float32]:
        planes = (stack.astype(np.float32) / 127.5 - 1.0)[:, None].repeat(3, axis=1)
        name = self._recogniser.get_inputs()[0].name
        result: NDArray[np.float32] = self._recogniser.run(None, {name: planes})[0]
        return result

    def _decode(self, shares: NDArray[np.float32]) -> Reading:
        """Take the best character of each step; a run of one character counts once, at its peak."""
        best = shares.argmax(axis=1)
        characters: list[Character] = []
        start = 0
        for step in range(1, len(best) + 1):
            if step < len(best) and best[step] == best[start]:
                continue
            if best[start]:
                run = shares[start:step]
                characters.append(self._character(run[run[:, best[start]].argmax()], best[start]))
            start = step
        return Reading(tuple(characters))

    def _character(self, step: NDArray[np.float32], best: int) -> Character:
        share = float(step[best])
        rest = step.copy()
        rest[best] = 0.0
        second = int(rest.argmax())
        other = self._characters[second] if rest[second] >= _FAINT else ""
        return Character(self._characters[best], share, other, float(rest[second]))

    def find_lines(self, picture: Grey) -> list[Quad]:
        """Return the corners of the lines of text, in pixels of the picture, top to bottom."""
        from rapidocr.ch_ppocr_det.utils import DBPostProcess  # noqa: PLC0415 - a slow import

        height, width = picture.shape
        # the network wants sides that are multiples of 32
        tall, wide = (max(32, round(s / 32) * 32) for s in (height, width))
        plane = cv2.resize(picture, (wide, tall)).astype(np.float32) / 127.5 - 1.0
        name = self._detector.get_inputs()[0].name
        heat = self._detector.run(None, {name: plane[None, None].repeat(3, axis=1)})[0]
        post = DBPostProcess(
            thresh=0.3, box_thresh=0.5, max_candidates=1000, unclip_ratio=1.6, use_dilation=True
        )
        quads, _ = post(heat, (height, width))
        return sorted(
            (np.asarray(q, np.float32) for q in quads), key=lambda q: float(q[:, 1].mean())
        )


@lru_cache(maxsize=1)
def engine(threads: int, provider: Provider = "cpu") -> Engine:
    """Return the engine of this process; the models are opened once."""
    return Engine(threads, provider)


def _scaled(crop: Grey) -> Grey:
    height, width = crop.shape
    wide = min(_WIDEST, max(_STEP * 4, round(width * _HEIGHT / height)))
    shrinks = height > _HEIGHT
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(crop, (wide, _HEIGHT), interpolation=way), np.uint8)


def _batches(widths: Sequence[int]) -> Iterable[list[int]]:
    """Yield crops of like width together, so that little is padded."""
    batch: list[int] = []
    for i in sorted(range(len(widths)), key=lambda i: widths[i]):
        if batch and (len(batch) + 1) * widths[i] > _BATCH_PIXELS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
