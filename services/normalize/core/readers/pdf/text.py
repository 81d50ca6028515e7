"""The characters of a PDF page with their places, straight from the text layer of PDFium."""

import ctypes
from collections import Counter
from ctypes import byref, c_double
from dataclasses import dataclass, field
from math import hypot
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from services.normalize.core.radicals import without_radicals

UNREADABLE = "\ufffd"
"""Stands for a character that the font gives no meaning."""
MOST_CHARACTERS = 60_000
"""Of one page; a page of small print has some 5,000."""

_ASCENT, _DESCENT = 0.88, 0.12
"""Share of the type size above and below the line the characters stand on."""
_STRAIGHT = 0.1
_HYPHEN = 2
_NOT_SHOWN = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)

# the plain address of the object: a typed pointer would cost as much as all the rest together
_owner = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(pdfium.FPDFText_GetTextObject, ctypes.c_void_p).value or 0
)

_mode = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(pdfium.FPDFTextObj_GetTextRenderMode, ctypes.c_void_p).value or 0
)


class Character(NamedTuple):
    """One character in the space of the page: its box (left, bottom, right, top) and its piece."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    piece: int


@dataclass(slots=True)
class PageText:
    """What the text layer of one page holds.

    `by_turn` holds the characters by reading direction: to the right, up, to the left, down.
    `slanted` are texts in other directions, `hidden` is drawn invisibly. `unknown` counts
    characters without meaning.
    """

    by_turn: tuple[list[Character], ...] = field(default_factory=lambda: ([], [], [], []))
    slanted: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    unknown: int = 0

    @property
    def turn(self) -> int:
        """The reading direction of most characters."""
        return max(range(4), key=lambda t: len(self.by_turn[t]))

    @property
    def count(self) -> int:
        """Number of characters shown upright in any direction."""
        return sum(map(len, self.by_turn))

    @property
    def tally(self) -> Counter[str]:
        """How often each character is shown."""
        return Counter(c.text for turn in self.by_turn for c in turn)


class _Piece(NamedTuple):
    """What all characters drawn in one go share: number, direction (None: slanted), size."""

    number: int
    turn: int | None
    size: float
    shown: bool


def page_text(text_page: Any) -> PageText:
    """Return the characters of a loaded text page."""
    found = PageText()
    reader = _Reader(text_page)
    slanted: dict[int, list[str]] = {}
    # some thousand characters a file: what is looked up in the loop is most of its cost
    code_of, owner_of, placed = pdfium.FPDFText_GetUnicode, _owner, reader.placed
    known = reader.pieces
    for i in range(pdfium.FPDFText_CountChars(text_page)):
        code = code_of(text_page, i)
        text = chr(code) if 0x4E00 <= code <= 0x9FFF or 0x20 < code < 0x7F else _meaning(code)
        if not text:
            continue
        address = owner_of(reader.address, i)
        piece = known.get(address) or reader.new_piece(i, address)
        if not piece.shown:
            found.hidden.append(text)
        elif piece.turn is None:
            slanted.setdefault(piece.number, []).append(text)
        else:
            found.by_turn[piece.turn].append(placed(i, text, piece))
            found.unknown += text == UNREADABLE
    found.slanted = ["".join(part) for part in slanted.values()]
    return found


def _meaning(code: int) -> str:
    """Return the character of a code, empty for blanks, `UNREADABLE` for what says nothing."""
    if code == _HYPHEN:
        return "-"
    if code in (0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x3000, 0xFEFF, 0xAD) or 0x2000 <= code <= 0x200F:
        return ""
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xF900 or code >= 0xFFF0:
        astral = 0xFFFF < code < 0xF0000
        return chr(code) if astral else UNREADABLE
    return without_radicals(chr(code))


class _Reader:
    """Reads places from PDFium into the same few buffers over and over."""

    def __init__(self, text_page: Any) -> None:
        self.page = text_page
        self.address = ctypes.cast(text_page, ctypes.c_void_p).value
        self.box, self.matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        self.box_at, self.matrix_at = byref(self.box), byref(self.matrix)
        self.x, self.y = c_double(), c_double()
        self.x_at, self.y_at = byref(self.x), byref(self.y)
        self.pieces: dict[int | None, _Piece] = {}

    def new_piece(self, i: int, address: int | None) -> _Piece:
        """Return what is drawn in one go with a character, and remember it by its address."""
        pdfium.FPDFText_GetMatrix(self.page, i, self.matrix_at)
        a, b, c, d = self.matrix.a, self.matrix.b, self.matrix.c, self.matrix.d
        size = pdfium.FPDFText_GetFontSize(self.page, i) * hypot(c, d)
        turn: int | None = None
        if abs(b) <= _STRAIGHT * abs(a):
            turn = 0 if a > 0 else 2
        elif abs(a) <= _STRAIGHT * abs(b):
            turn = 1 if b > 0 else 3
        mode = _mode(address) if address else 0
        piece = _Piece(len(self.pieces) + 1, turn, size, mode not in _NOT_SHOWN)
        self.pieces[address] = piece
        return piece

    def placed(self, i: int, text: str, piece: _Piece) -> Character:
        """Return a character with the box of its type."""
        pdfium.FPDFText_GetLooseCharBox(self.page, i, self.box_at)
        pdfium.FPDFText_GetCharOrigin(self.page, i, self.x_at, self.y_at)
        box, x, y = self.box, self.x.value, self.y.value
        number, turn, size, _ = piece
        if turn == 0:
            return Character(
                text, box.left, y - _DESCENT * size, box.right, y + _ASCENT * size, number
            )
        if turn == 1:
            return Character(
                text, x - _ASCENT * size, box.bottom, x + _DESCENT * size, box.top, number
            )
        if turn == 2:
            return Character(
                text, box.left, y - _ASCENT * size, box.right, y + _DESCENT * size, number
            )
        return Character(text, x - _DESCENT * size, box.bottom, x + _ASCENT * size, box.top, number)
