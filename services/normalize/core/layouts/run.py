"""What a layout hands back, and the shared way from loose cells to rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from services.normalize.core.vocabulary import is_value, label_kind, label_kinds
from shared.report.characters import fold
from shared.report.document import GridCell, Layout, Row, Table


class Loose(NamedTuple):
    """A line that turned out to be running text or a heading inside a run of rows."""

    at: int
    text: str
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Tables, loose lines and furniture (by line index) in source order; `end` is the first line not used."""

    pieces: tuple[Table | Loose, ...]
    end: int
    furniture: tuple[int, ...] = ()


Group = list[GridCell]

# beyond these a list of labels or figures is a column read downwards, not a row
_LONGEST_LABEL_RUN = 5
_LONGEST_VALUE_RUN = 16
_WIDEST_TITLE = 4


def row_of(group: Group) -> Row:
    """Return the cells side by side."""
    if [c.column for c in group] == list(range(len(group))):
        return Row(tuple(group), group[0].line)
    return Row(
        tuple(GridCell(c.text, column, c.line, c.raw, c.page) for column, c in enumerate(group)),
        group[0].line,
    )


def evidence(texts: Iterable[str]) -> bool:
    """Tell whether cells can be part of one of the three tables."""
    labels = values = 0
    for text in texts:
        if not text:
            continue
        if is_value(text):
            values += 1
        elif label_kind(text) is not None:
            labels += 1
        if labels >= 2 or (labels and values >= 2):
            return True
    return values >= 4


def rows_of_groups(groups: list[Group], *, parted: bool = False) -> tuple[list[Row], Layout]:
    """Return rows from cells that stood one to a line, `groups` being parted by empty lines.

    Where groups are rows (`parted` says that the source marks rows) they are taken as rows;
    where every cell stands apart, or none does, a row is its labels and the figures that follow.
    """
    groups = [_joined_titles(g) for g in groups if g]
    apart = sum(1 for g in groups if len(g) == 1)
    if apart * 3 < len(groups) * 2 and (parted or _groups_are_rows(groups)):
        return [row_of(g) for g in groups], "cell_per_line"
    cells = _joined_titles([c for g in groups for c in g])
    if _runs_downwards(cells):
        return [row_of([c]) for c in cells], "stream"
    return [row_of(g) for g in _regrouped(cells)], "stream"


def _groups_are_rows(groups: list[Group]) -> bool:
    rows = others = 0
    for group in groups:
        values = sum(1 for c in group if is_value(c.text))
        if not values:
            continue
        labels = len(group) - values
        is_row = 0 < labels <= _LONGEST_LABEL_RUN and _labels_lead(group)
        # table four has a row of fifteen figures without a label
        is_row = is_row or (not labels and values == _LONGEST_VALUE_RUN - 1)
        rows += is_row
        others += not is_row
    return rows > 0 and rows >= 2 * others


def _labels_lead(group: Group) -> bool:
    """Tell whether labels stand before the figures only."""
    texts = [c.text for c in group if c.text]
    first = next((at for at, text in enumerate(texts) if is_value(text)), len(texts))
    return first > 0 and all(is_value(text) for text in texts[first:])


def _runs_downwards(cells: Group) -> bool:
    """Tell whether labels and figures were printed column by column."""
    labels = values = 0
    for d in cells:
        if d.text and is_value(d.text):
            values += 1
            labels = 0
        elif d.text:
            values = 0
            kind = label_kind(d.text)
            labels = 0 if kind in ("caption", "opening", "head") else labels + (kind != "group")
        if labels > _LONGEST_LABEL_RUN or values > _LONGEST_VALUE_RUN:
            return True
    return False


def _regrouped(cells: Group) -> list[Group]:
    rows: list[Group] = []
    labels: Group = []
    values: Group = []
    for d in cells:
        if not d.text or is_value(d.text):
            if labels and not values:
                labels = _without_heads(labels, rows)
            values.append(d)
            continue
        if values:
            rows.append(labels + values)
            labels, values = [], []
        if labels and _opens_row(d.text, labels):
            rows.append(labels)
            labels = []
        labels.append(d)
    if labels or values:
        rows.append(labels + values)
    return rows


def _without_heads(labels: Group, rows: list[Group]) -> Group:
    """Give column titles before the first label of a row a row of their own."""
    cut = len(labels)
    while (
        cut and len(labels) - cut < 3 and label_kind(labels[cut - 1].text) in (None, "row", "group")
    ):
        cut -= 1
    if cut:
        rows.append(labels[:cut])
    return labels[cut:]


def _opens_row(text: str, labels: Group) -> bool:
    kind, before = label_kind(text), label_kind(labels[-1].text)
    if kind in ("caption", "opening") or before == "caption":
        return True
    if kind in ("row", "group"):
        return before in ("row", "head", "opening")
    return False


def _joined_titles(cells: Group) -> Group:
    """Join cells that are one label of the form printed over several lines."""
    result: Group = []
    at, end = 0, len(cells)
    while at < end:
        first = cells[at].text
        width = 1
        if len(first) > 1 and at + 1 < end and not is_value(first):
            width = _title_width(cells, at)
        result.append(cells[at] if width == 1 else joined(cells[at : at + width]))
        at += width
    return result


def _title_width(cells: Group, at: int) -> int:
    """Return how many cells from `at` on make up one label; 1 when they do not."""
    width = 1
    text = fold(cells[at].text)
    for ahead in range(at + 1, min(at + _WIDEST_TITLE, len(cells))):
        part = cells[ahead].text
        if not part or is_value(part):
            break
        text += fold(part)
        if text in label_kinds() and not all(label_kind(c.text) for c in cells[at : ahead + 1]):
            width = ahead + 1 - at
    return width


def joined(parts: Group) -> GridCell:
    """Return one cell of which `parts` are the printed lines."""
    raw = "\n".join(c.text if c.raw is None else c.raw for c in parts)
    first = parts[0]
    return GridCell("".join(c.text for c in parts), first.column, first.line, raw, first.page)
