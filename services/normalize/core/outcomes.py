"""What reading a file can come to, besides a refusal: a document, members, or a need for help."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from services.normalize.core.composing import Block
from shared.report.document import Document

Lane = Literal["office", "ocr"]
"""Where slow help is given: the office converter, or character recognition."""


class Picture(NamedTuple):
    """A page or an embedded picture whose characters must be recognised.

    `key` is the sha256 of `data`, the bytes of an image file (PNG, JPEG, TIFF). `page` counts from 1.
    """

    key: str
    page: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Recognition:
    """What recognition found in one picture, in reading order; places are pixels of the picture.

    `confidence` is the mean over the characters; a picture without any text has no blocks.
    """

    blocks: tuple[Block, ...]
    confidence: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Aids:
    """Help that was fetched for a file: its conversion, and its recognised pictures by key."""

    converted: bytes | None = None
    recognised: Mapping[str, Recognition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NeedsConversion:
    """An old Office file: the converter must turn it into .docx or .xlsx first.

    `suffix` is that of the true format (`.doc`, `.wps`, `.rtf`, `.odt`), found by content.
    """

    suffix: str
    lane: Literal["office"] = "office"


@dataclass(frozen=True, slots=True)
class NeedsRecognition:
    """Some pages are images. `pictures` are the next few of them; ask again with these known."""

    pictures: tuple[Picture, ...]
    lane: Literal["ocr"] = "ocr"


class Member(NamedTuple):
    """One file inside an archive, under its full name there."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Members:
    """The files inside an archive. `skipped` names entries that are no documents (folders' debris)."""

    members: tuple[Member, ...]
    skipped: tuple[str, ...] = ()


Need = NeedsConversion | NeedsRecognition
Outcome = Document | Members | Need
