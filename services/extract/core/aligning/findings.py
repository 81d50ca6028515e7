"""What the reading of the tables itself has to report: lost pages, split labels, shifted cells.

None of this blames the agency; it says how sure the reading is and why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.extract.core.aligning.columns import Placement
from services.extract.core.aligning.labels import is_title_piece, label_key, vocabulary
from services.extract.core.aligning.lines import Line
from services.extract.core.aligning.rows import Declared, RowAlignment, RowMatch
from services.extract.core.aligning.table_four import TableFour
from shared import forms
from shared.report.document import Observation
from shared.report.issue import Severity
from shared.report.record import Cell, Edition

_LEAST_LOST_ROWS = 4


@dataclass(frozen=True)
class Reading:
    """Everything known about how the tables were read."""

    lines: Sequence[Line]
    alignment: RowAlignment
    placements: Mapping[int, tuple[Placement, ...]]
    declared: Sequence[Declared]
    four: TableFour | None
    templates: Mapping[str, Edition]
    cells: Mapping[str, Cell]
    sections: frozenset[int]

    @property
    def by_position(self) -> list[RowMatch]:
        """Rows whose label could not be read."""
        return [m for m in self.alignment.matches if m.matched == "position"]

    @cached_property
    def substituted(self) -> list[Cell]:
        """Cells read through look-alike characters or from one row printed as two."""
        return [
            c
            for c in self.cells.values()
            if c.notes and ("look_alike" in c.notes or "merged_rows" in c.notes)
        ]

    @property
    def is_damaged(self) -> bool:
        """Tell whether an empty place may be a lost number: labels or digits had to be guessed."""
        return bool(self.by_position) or len(self.substituted) > 1

    @cached_property
    def header_debris(self) -> list[str]:
        """Text among the titles of table three that is no title, when titles are missing."""
        header = [x for x in self.lines if x.role == "header" and len(x.titles) >= 2]
        words = vocabulary()
        shown = {k for x in self.lines if x.role == "header" for k in x.keys}
        table = forms.table("2021", "applications")
        wanted = {label_key(c.label) for c in table.blocks[0].columns}
        wanted |= {label_key(c.parent) for c in table.blocks[0].columns if c.parent}
        if not header or "applications" not in self.templates or wanted <= shown:
            return []
        return [
            t
            for x in self.lines
            if x.role == "header"
            for t, k in zip(x.texts, x.keys, strict=True)
            if k not in words.rows and not is_title_piece(k)
        ]

    def label(self, declared: Declared) -> str:
        """Return the printed label of a declared row."""
        table = forms.table(self.templates[declared.table], declared.table)
        rows = table.blocks[declared.block].rows
        return next(r.label for r in rows if r.id == declared.row)

    def addresses(self, declared: Declared) -> tuple[str, ...]:
        """Return the addresses of one declared row."""
        table = forms.table(self.templates[declared.table], declared.table)
        columns = table.blocks[declared.block].columns
        return tuple(table.address(declared.row, c.id) for c in columns)


def table_findings(reading: Reading) -> tuple[Observation, ...]:
    """Return every observation about the reading of the tables, in a fixed order."""
    return tuple(
        x
        for finding in (_page_lost, _columns_lost, _labels, _substitutions, _shifts, _headers,
                        _empty_in_damage, _merged)
        for x in finding(reading)
    )  # fmt: skip


def _page_lost(reading: Reading) -> Iterable[Observation]:
    matched = {(m.declared.table, m.declared.row) for m in reading.alignment.matches}
    runs: list[list[int]] = []
    for i, d in enumerate(reading.declared):
        if d.table not in reading.templates or (d.table, d.row) in matched:
            continue
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    for run in runs:
        lost = [reading.declared[i] for i in run]
        crosses = len({d.table for d in lost}) > 1
        inside = run[0] > 0 and run[-1] < len(reading.declared) - 1
        cut_off = run[-1] == len(reading.declared) - 1 and _ends_here(reading)
        if run[0] == 0 and run[-1] == len(reading.declared) - 1:
            continue
        if (inside and (crosses or len(lost) >= _LEAST_LOST_ROWS)) or cut_off:
            addresses = tuple(a for d in lost for a in reading.addresses(d))
            text = "、".join(reading.label(d) for d in lost)
            yield Observation("e_page_lost", text, addresses=addresses, severity="error")


def _ends_here(reading: Reading) -> bool:
    """Tell whether nothing of the report follows the last table that was read."""
    return reading.four is None and not reading.sections & {4, 5, 6}


def _columns_lost(reading: Reading) -> Iterable[Observation]:
    rows = [
        (m, p)
        for n, m in enumerate(reading.alignment.matches)
        for p in reading.placements[n]
        if p.lost or not p.certain
    ]
    if rows:
        addresses = tuple(a for m, _ in rows for a in reading.addresses(m.declared))
        text = "; ".join(m.lines[0].printed for m, _ in rows)
        yield Observation(
            "s_column_count", text, rows[0][0].lines[0].line, addresses, "warning", "extraction"
        )


def _labels(reading: Reading) -> Iterable[Observation]:
    split = [m for m in reading.alignment.matches if len(m.lines) > 1]
    if split:
        text = "; ".join(" + ".join(x.printed for x in m.lines) for m in split)
        addresses = tuple(a for m in split for a in reading.addresses(m.declared))
        yield Observation("e_row_label_split", text, split[0].lines[0].line, addresses)
    guessed = reading.by_position
    if guessed:
        text = "; ".join(x.printed for m in guessed for x in m.lines)
        addresses = tuple(a for m in guessed for a in reading.addresses(m.declared))
        yield Observation(
            "e_row_label_by_position", text, guessed[0].lines[0].line, addresses, "warning"
        )


def _substitutions(reading: Reading) -> Iterable[Observation]:
    if reading.substituted:
        cells = reading.substituted
        text = "; ".join(f"{c.raw} -> {c.value}" for c in cells)
        line = cells[0].place.line if cells[0].place else None
        addresses = tuple(c.address for c in cells)
        yield Observation("e_ocr_substitution", text, line, addresses, "warning")


def _shifts(reading: Reading) -> Iterable[Observation]:
    every = [p for placements in reading.placements.values() for p in placements]
    split = any(x.split for m in reading.alignment.matches for x in m.lines)
    if not split and not any(p.extra or p.shifted or p.trailing for p in every):
        return
    beyond = [n for n in reading.placements if any(p.extra for p in reading.placements[n])]
    # a column of its own in every row is a local addition, not a slip of the reading
    local_column = len(beyond) * 2 > len(reading.placements)
    shifted = [
        m
        for n, m in enumerate(reading.alignment.matches)
        if any(x.split for x in m.lines)
        or any(p.shifted for p in reading.placements[n])
        or (n in beyond and not local_column)
    ]
    if shifted:
        text = "; ".join(x.printed for m in shifted for x in m.lines)
        addresses = tuple(a for m in shifted for a in reading.addresses(m.declared))
        yield Observation("e_cell_shift", text, shifted[0].lines[0].line, addresses, "warning")
    trailing = [
        m
        for n, m in enumerate(reading.alignment.matches)
        if any(p.trailing for p in reading.placements[n])
    ]
    if trailing and len(trailing) < len(reading.alignment.matches):
        text = "; ".join(m.lines[0].printed for m in trailing)
        yield Observation("e_trailing_cell", text, trailing[0].lines[0].line)


def _headers(reading: Reading) -> Iterable[Observation]:
    debris = reading.header_debris
    if debris:
        severity: Severity = "warning" if reading.is_damaged else "info"
        yield Observation("e_header_damaged", " | ".join(debris), None, (), severity)
    first = next(
        (m.lines[0].index for m in reading.alignment.matches
         if m.declared.table == "applications"), None
    )  # fmt: skip
    repeated = [
        x
        for x in reading.lines
        if first is not None and x.index > first and x.role == "header" and len(x.titles) >= 5
    ]
    if repeated:
        yield Observation("e_header_repeated", repeated[0].printed, repeated[0].line)


def _empty_in_damage(reading: Reading) -> Iterable[Observation]:
    doubtful = {"empty_in_damaged_source", "unsure_blank"}
    empty = [c for c in reading.cells.values() if not doubtful.isdisjoint(c.notes)]
    if empty:
        addresses = tuple(c.address for c in empty)
        yield Observation(
            "c_blank", f"{len(empty)} empty", _line(empty[0]), addresses, "info", "extraction"
        )


def _merged(reading: Reading) -> Iterable[Observation]:
    covered = [c for c in reading.cells.values() if "covered" in c.notes]
    if not covered:
        return
    rows = [
        match.lines[0].printed
        for number, match in enumerate(reading.alignment.matches)
        if any(s is not None and s.covered for p in reading.placements[number] for s in p.slots)
    ]
    addresses = tuple(c.address for c in covered)
    text = "; ".join(rows) or "、".join(addresses)
    yield Observation("e_merged_value", text, _line(covered[0]), addresses)


def _line(cell: Cell) -> int | None:
    return cell.place.line if cell.place else None
