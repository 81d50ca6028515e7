"""A parsed web page as frames of printed lines and tables: what is shown, and where it belongs."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.normalize.core.composing import Grid

FRAME_LIMIT = 150
"""Frames nested deeper than this put their content into the frame around them."""


@dataclass(slots=True)
class Line:
    """One printed line. `linked` counts its characters that are links to other pages."""

    text: str
    linked: int = 0
    level: int | None = None

    @property
    def size(self) -> int:
        """Number of characters, blanks included."""
        return len(self.text)


@dataclass(slots=True)
class Image:
    """A picture on the page: its address, and what the page says instead of it.

    A spacer only keeps other things apart.
    """

    source: str
    alt: str = ""
    is_spacer: bool = False
    linked: int = 0
    size: int = 0


@dataclass(slots=True)
class Sheet:
    """A table of data, spans resolved. `linked` and `size` count characters as in `Line`."""

    grid: Grid
    linked: int
    size: int


@dataclass(slots=True)
class Frame:
    """An element that sets a part of the page apart; `hint` holds its class and id names."""

    tag: str
    hint: str = ""
    children: list["Piece"] = field(default_factory=list)
    depth: int = 0
    linked: int = 0
    size: int = 0


Piece = Line | Image | Sheet | Frame


@dataclass(slots=True)
class Link:
    """A link to a file; `text` is what the page calls it."""

    text: str
    target: str


@dataclass(slots=True)
class Page:
    """What the walk found. `hidden` and `struck` lines are not shown or crossed out."""

    root: Frame
    links: list[Link] = field(default_factory=list)
    viewers: list[str] = field(default_factory=list)
    hidden: list[Line] = field(default_factory=list)
    struck: list[Line] = field(default_factory=list)


def lines_of(piece: Piece) -> Iterable[Line]:
    """Return every line below a piece in reading order; a table gives one line for each cell."""
    if isinstance(piece, Line):
        yield piece
    elif isinstance(piece, Sheet):
        for slot in piece.grid.slots:
            if slot.text:
                yield Line(slot.text)
    elif isinstance(piece, Frame):
        for child in piece.children:
            yield from lines_of(child)


def images_of(piece: Piece) -> Iterable[Image]:
    """Return every picture below a piece."""
    if isinstance(piece, Image):
        yield piece
    elif isinstance(piece, Frame):
        for child in piece.children:
            yield from images_of(child)


def weigh(frame: Frame) -> None:
    """Set `linked` and `size` of a frame and of all below it."""
    frame.linked = frame.size = 0
    for child in frame.children:
        if isinstance(child, Frame):
            weigh(child)
        frame.linked += child.linked
        frame.size += child.size
