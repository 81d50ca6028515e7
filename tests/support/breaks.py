"""Cut a sheet at page ends: repeated headers, label tails, page numbers between the parts."""

from dataclasses import replace
from random import Random

from tests.support.sheets import Box, Sheet


def paginate(sheet: Sheet, rng: Random) -> list[Sheet]:
    """Return the sheet cut once or twice between data rows, header repeated or not."""
    first = sheet.header_rows + 1
    if sheet.row_count - first < 4:
        return [sheet]
    cuts = sorted(rng.sample(range(first + 1, sheet.row_count - 1), rng.choice((1, 1, 2))))
    header = bool(sheet.header_rows) and rng.random() < 0.5
    bounds = list(zip([0, *cuts], [*cuts, sheet.row_count], strict=True))
    parts = [sheet.fragment(start, stop, header=header and start > 0) for start, stop in bounds]
    if rng.random() < 0.5:
        parts[:2] = split_label(parts[0], parts[1])
    return parts


def split_label(above: Sheet, below: Sheet) -> list[Sheet]:
    """Move the end of the last label above the break into a row of empty cells below it."""
    last = above.row_count - 1
    labels = [b for b in above.boxes if b.row == last and b.address is None and len(b.text) > 8]
    if not labels:
        return [above, below]
    box = labels[-1]
    cut = len(box.text) - 3
    shortened = tuple(replace(b, text=b.text[:cut]) if b is box else b for b in above.boxes)
    at = below.header_rows
    moved = tuple(replace(b, row=b.row + 1) if b.row >= at else b for b in below.boxes)
    tail = [Box(box.text[cut:], at, box.column, columns=box.columns)]
    tail += [
        Box("", at, c)
        for c in range(below.column_count)
        if not box.column <= c < box.column + box.columns
    ]
    return [
        replace(above, boxes=shortened),
        replace(below, boxes=(*moved, *tail), row_count=below.row_count + 1),
    ]


def page_end(rng: Random, number: int) -> list[str]:
    """Return the lines that stand between two pages."""
    mark = rng.choice(
        ("", f"- {number} -", f"—{number}—", f"-{number}-", f"第 {number} 页", str(number))
    )
    return ["", mark, ""] if mark else ["", ""]
