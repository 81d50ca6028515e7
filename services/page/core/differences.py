"""What differs between two readings of one report."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.page.core.looks import says
from shared.report.record import Cell, Record, Section


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was read in two ways; `about` is a cell's address or a name of the identity."""

    about: str
    was: str
    now: str
    is_cell: bool = True


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
            yield Difference(f"section_{number}", _length(was), _length(now), is_cell=False)


def _length(section: Section | None) -> str:
    return "–" if section is None else str(len(section.text))


def _plain(value: object) -> str:
    return "–" if value is None else str(value)
