"""What differs between two readings of one report."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

from services.page.core.looks import says
from shared.report.record import Cell, Record, Section

Change = Literal["same", "was", "now", "cut"]


class Bit(NamedTuple):
    """A stretch of a text: in both readings, in the older or newer one alone, or left out as the same."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was read in two ways; `about` is a cell's address or a name of the identity.

    A text says by `bits` where it differs; `was` and `now` are then how many characters it has.
    """

    about: str
    was: str
    now: str
    is_cell: bool = True
    bits: tuple[Bit, ...] = ()


_SENTENCE: Final = re.compile(r"[^。；！？\n]*[。；！？\n]?")
_MOST_SENTENCES: Final = 500
"""Longer texts are compared as a whole: comparing takes time that grows with the square."""
_SHOWN_AROUND: Final = 40
"""Characters of what is the same that are shown before and after a change."""


_IDENTITY = (
    "agency",
    "agency_as_printed",
    "year",
    "title",
    "published_on",
    "scope",
    "level",
    "kind",
)


def differences(old: Record, new: Record) -> tuple[Difference, ...]:
    """Return what differs, identity first, then cells in form order, then the texts of sections."""
    return (*_identity(old, new), *_cells(old, new), *_sections(old, new))


def _said(cell: Cell | None) -> str:
    return "–" if cell is None else says(cell.state, cell.value, cell.unit)


def _identity(old: Record, new: Record) -> Iterator[Difference]:
    for name in _IDENTITY:
        was, now = getattr(old.identity, name), getattr(new.identity, name)
        if was != now:
            yield Difference(name, _plain(was), _plain(now), is_cell=False)


def _cells(old: Record, new: Record) -> Iterator[Difference]:
    before = {cell.address: cell for cell in old.cells}
    after = {cell.address: cell for cell in new.cells}
    for address in dict.fromkeys([*after, *before]):
        was, now = _said(before.get(address)), _said(after.get(address))
        if was != now:
            yield Difference(address, was, now)


def _sections(old: Record, new: Record) -> Iterator[Difference]:
    before = {s.number: s for s in old.sections}
    after = {s.number: s for s in new.sections}
    for number in sorted(before.keys() | after.keys()):
        was, now = before.get(number), after.get(number)
        if (was.text if was else None) != (now.text if now else None):
            bits = _bits(was.text if was else "", now.text if now else "")
            yield Difference(f"section_{number}", _length(was), _length(now), False, bits)


def _bits(was: str, now: str) -> tuple[Bit, ...]:
    """Return both texts in one, sentence by sentence; what is the same is cut short."""
    old, new = _sentences(was), _sentences(now)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    found: list[Bit] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found += _cut("".join(old[a:b]))
            continue
        found += [Bit("was", "".join(old[a:b]))] if b > a else []
        found += [Bit("now", "".join(new[c:d]))] if d > c else []
    return tuple(found)


def _sentences(text: str) -> list[str]:
    found = [one for one in _SENTENCE.findall(text) if one]
    return found if len(found) <= _MOST_SENTENCES else [text]


def _cut(text: str) -> list[Bit]:
    """Return a text that did not change: its ends, and a mark for the middle."""
    if len(text) <= 3 * _SHOWN_AROUND:
        return [Bit("same", text)]
    return [Bit("same", text[:_SHOWN_AROUND]), Bit("cut", "…"), Bit("same", text[-_SHOWN_AROUND:])]


def _length(section: Section | None) -> str:
    return "–" if section is None else str(len(section.text))


def _plain(value: object) -> str:
    return "–" if value is None else str(value)
