"""Shapes of grids: how the tables of a report may stand in them, never changing what they say."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.services.extract.grid_drafts import T2, T3, T4, Draft, draft, text_of
from tests.support.breaks import paginate, split_label
from tests.support.sheets import Box, Sheet
from tests.support.wordings import full_width_digits, split_titles, vary_labels


def shaped(name: str, seed: int, *, empty: bool = False) -> Draft:
    """Return the report of a seed in one of the shapes."""
    rng = Random(f"{name}{seed}")
    made = draft(seed, empty=empty, kind=(None, "small", "busy")[seed % 3])
    SHAPES[name](made, rng)
    return made


# --- where tables end and begin -------------------------------------------------------------------


def cut_at_pages(made: Draft, rng: Random) -> None:
    """Cut tables at page ends, into grids of their own."""
    made.redraw(lambda s: paginate(s, rng))


def cut_inside_grid(made: Draft, rng: Random) -> None:
    """Cut tables at page ends and glue the parts again: titles come twice in one grid."""
    made.redraw(lambda s: [_below(paginate(s, rng))])


def _below(parts: list[Sheet], *, gap: int = 0) -> Sheet:
    whole, *rest = parts
    for part in rest:
        shift = whole.row_count + gap
        moved = tuple(replace(b, row=b.row + shift) for b in part.boxes)
        whole = replace(
            whole, boxes=(*whole.boxes, *moved), row_count=shift + part.row_count,
            column_count=max(whole.column_count, part.column_count),
        )  # fmt: skip
    return whole


def row_cut_in_two(made: Draft, rng: Random) -> None:
    """A page ends inside a row: its label on both, its numbers on one of them."""

    def change(sheet: Sheet) -> list[Sheet]:
        rows = [
            b.row
            for b in sheet.boxes
            if b.row > sheet.header_rows + 2 and b.address is None and len(b.text) > 8
            and b.rows == 1 and any(x.address and x.row == b.row for x in sheet.boxes)
            and b.row < sheet.row_count - 1
        ]  # fmt: skip
        if not rows:
            return [sheet]
        cut = rng.choice(rows) + 1
        above = sheet.fragment(0, cut, header=False)
        below = sheet.fragment(cut, sheet.row_count, header=rng.random() < 0.5)
        above, below = split_label(above, below)
        if rng.random() < 0.5:
            return [above, below]
        return list(_numbers_down(above, below))

    made.redraw(change)


def _numbers_down(above: Sheet, below: Sheet) -> tuple[Sheet, Sheet]:
    """Move the numbers of the last row above into the first row below."""
    last, first = above.row_count - 1, below.header_rows
    moving = {b.column: b for b in above.boxes if b.row == last and b.address}
    up = tuple(replace(b, text="", address=None) if b.row == last and b.address else b
               for b in above.boxes)  # fmt: skip
    down = tuple(
        replace(moving[b.column], row=first) if b.row == first and b.column in moving else b
        for b in below.boxes
    )
    return replace(above, boxes=up), replace(below, boxes=down)


def three_and_four_glued(made: Draft, rng: Random) -> None:
    """Table four follows table three in one grid, without a heading between."""
    del rng
    three = next(s for s in made.sheets() if s.table_id == T3)
    four = next(s for s in made.sheets() if s.table_id == T4)
    made.redraw(lambda s: {T3: [_below([three, four])], T4: []}.get(s.table_id, [s]))


def all_in_one_grid(made: Draft, rng: Random) -> None:
    """The three tables and the headings between them stand in one grid."""
    sheets = made.sheets()
    widest = max(s.column_count for s in sheets)
    parts: list[Sheet] = []
    for number, sheet in zip((2, 3, 4), sheets, strict=True):
        part = next(p for p in made.truth.parts if p.number == number)
        head = f"{'一二三四'[number - 1]}、{part.title}"
        top = Box(head, 0, 0, columns=widest)
        parts.append(Sheet(sheet.table_id, (top,), 1, widest, 0, 0))
        parts.append(sheet)
    glued = _below(parts, gap=rng.choice((0, 1)))
    titles = {b.text for b in glued.boxes}
    made.redraw(lambda s: [glued] if s.table_id == T2 else [])
    made.pieces = [p for p in made.pieces if isinstance(p, Sheet) or text_of(p) not in titles]


def blocks_apart(made: Draft, rng: Random) -> None:
    """Table two is printed as one grid a block."""
    del rng

    def change(sheet: Sheet) -> list[Sheet]:
        if sheet.table_id != T2:
            return [sheet]
        starts = [b.row for b in sheet.boxes if b.text.startswith("第二十条")]
        ends = [*starts[1:], sheet.row_count]
        return [sheet.fragment(a, b, header=False) for a, b in zip(starts, ends, strict=True)]

    made.redraw(change)


def rows_apart(made: Draft, rng: Random) -> None:
    """Every row is a grid of its own."""
    del rng
    made.redraw(
        lambda s: (
            [s.fragment(r, r + 1, header=False) for r in range(s.row_count)]
            if s.table_id != T4
            else [s]
        )
    )


# --- more or fewer rows and columns ---------------------------------------------------------------


def empty_column(made: Draft, rng: Random) -> None:
    """An empty column stands before or behind the table."""

    def change(sheet: Sheet) -> list[Sheet]:
        before = rng.random() < 0.5
        moved = tuple(replace(b, column=b.column + before) for b in sheet.boxes)
        at = 0 if before else sheet.column_count
        empty = tuple(Box("", r, at) for r in range(sheet.row_count))
        return [replace(sheet, boxes=(*moved, *empty), column_count=sheet.column_count + 1)]

    made.redraw(change)


def empty_rows(made: Draft, rng: Random) -> None:
    """Empty rows stand before, behind and inside the table."""

    def change(sheet: Sheet) -> list[Sheet]:
        at = rng.choice((0, sheet.row_count, rng.randrange(sheet.header_rows, sheet.row_count)))
        return [_with_row(sheet, at, [Box("", 0, c) for c in range(sheet.column_count)])]

    made.redraw(change)


def _with_row(sheet: Sheet, at: int, new: list[Box]) -> Sheet:
    boxes = [
        replace(b, row=b.row + 1) if b.row >= at
        else replace(b, rows=b.rows + 1) if b.row + b.rows > at
        else b
        for b in sheet.boxes
    ]  # fmt: skip
    taken = {c for b in boxes if b.row < at < b.row + b.rows
             for c in range(b.column, b.column + b.columns)}  # fmt: skip
    row = [replace(b, row=at) for b in new if b.column not in taken]
    return replace(sheet, boxes=(*boxes, *row), row_count=sheet.row_count + 1)


def note_rows(made: Draft, rng: Random) -> None:
    """A note stands in the last row, a caption or a unit in the first."""

    def change(sheet: Sheet) -> list[Sheet]:
        wide = sheet.column_count
        note = rng.choice((
            "注：本表数据截至12月31日。", "备注", "说明：以上数据均为本机关数据，不含下属单位。",
            "填表人：张三  审核人：李四",
        ))  # fmt: skip
        caption = rng.choice(("单位：件", "统计表", "（单位：件、项）", "本年度数据表"))
        sheet = _with_row(sheet, sheet.row_count, [Box(note, 0, 0, columns=wide)])
        return [_with_row(sheet, 0, [Box(caption, 0, 0, columns=wide)])]

    made.redraw(change)


def heading_inside(made: Draft, rng: Random) -> None:
    """The heading of the section is the first row of its table."""
    del rng
    heads = {2: T2, 3: T3, 4: T4}
    titles = {heads[p.number]: f"{'一二三四五六'[p.number - 1]}、{p.title}"
              for p in made.truth.parts if p.number in heads}  # fmt: skip
    made.redraw(
        lambda s: [_with_row(s, 0, [Box(titles[s.table_id], 0, 0, columns=s.column_count)])]
    )
    made.pieces = [p for p in made.pieces if text_of(p) not in titles.values()]


# --- spans ----------------------------------------------------------------------------------------


def _widened(sheet: Sheet, column: int) -> Sheet:
    """Make one grid column two, spanned by every cell in it: a ghost column."""
    boxes = tuple(
        replace(b, column=b.column + 1) if b.column > column
        else replace(b, columns=b.columns + 1) if b.column + b.columns > column
        else b
        for b in sheet.boxes
    )  # fmt: skip
    labels = sheet.label_columns + (column < sheet.label_columns)
    return replace(sheet, boxes=boxes, column_count=sheet.column_count + 1, label_columns=labels)


def ghost_columns(made: Draft, rng: Random) -> None:
    """Cells span grid columns that nobody sees, as rulers of Word and browsers leave them."""

    def change(sheet: Sheet) -> list[Sheet]:
        for _ in range(rng.randint(1, 4)):
            sheet = _widened(sheet, rng.randrange(sheet.column_count))
        return [sheet]

    made.redraw(change)


def ghost_rows(made: Draft, rng: Random) -> None:
    """Single rows are two grid rows high: every cell of them spans both."""

    def change(sheet: Sheet) -> list[Sheet]:
        for _ in range(rng.randint(1, 3)):
            row = rng.randrange(sheet.header_rows, sheet.row_count)
            boxes = tuple(
                replace(b, row=b.row + 1) if b.row > row
                else replace(b, rows=b.rows + 1) if b.row + b.rows > row
                else b
                for b in sheet.boxes
            )  # fmt: skip
            sheet = replace(sheet, boxes=boxes, row_count=sheet.row_count + 1)
        return [sheet]

    made.redraw(change)


def spans_lost(made: Draft, rng: Random) -> None:
    """No cell spans: empty cells stand where a merged one lay."""
    del rng

    def change(sheet: Sheet) -> list[Sheet]:
        empty = [
            Box("", r, c)
            for b in sheet.boxes
            for r in range(b.row, b.row + b.rows)
            for c in range(b.column, b.column + b.columns)
            if (r, c) != (b.row, b.column)
        ]
        own = [replace(b, rows=1, columns=1) for b in sheet.boxes]
        return [replace(sheet, boxes=(*own, *empty))]

    made.redraw(change)


def labels_repeated(made: Draft, rng: Random) -> None:
    """No label spans rows or columns: its text is repeated in every place it lay over."""
    del rng

    def change(sheet: Sheet) -> list[Sheet]:
        boxes = [
            replace(b, row=r, column=c, rows=1, columns=1)
            for b in sheet.boxes
            for r in range(b.row, b.row + b.rows)
            for c in range(b.column, b.column + b.columns)
        ]
        return [replace(sheet, boxes=tuple(boxes))]

    made.redraw(change)


def labels_narrow(made: Draft, rng: Random) -> None:
    """Table three has one or two label columns: spanning labels run into the row's, or go."""
    keep = rng.random() < 0.5

    def change(sheet: Sheet) -> list[Sheet]:
        if sheet.table_id != T3:
            return [sheet]
        groups = [b for b in sheet.boxes if not b.header and b.address is None and b.rows > 1]
        rest = [b for b in sheet.boxes if b not in groups]
        boxes: list[Box] = []
        for box in rest:
            text, label = box.text, box.column < 3
            if label and keep and not box.header:
                over = [g for g in groups if g.row == box.row]
                text = "".join([*(g.text for g in over), text])
            column = 0 if label else box.column - 2
            boxes.append(
                replace(box, text=text, column=column, columns=1 if label else box.columns)
            )
        return [replace(sheet, boxes=tuple(boxes), column_count=8, label_columns=1)]

    made.redraw(change)


def labels_wide(made: Draft, rng: Random) -> None:
    """Table three has a fourth label column: the number of the item, or of the row."""
    serial = rng.random() < 0.5

    def change(sheet: Sheet) -> list[Sheet]:
        if sheet.table_id != T3:
            return [sheet]
        boxes = [
            replace(b, columns=b.columns + 1) if b.column == 0 and b.header
            else replace(b, column=b.column + 1)
            for b in sheet.boxes
        ]  # fmt: skip
        for row in range(sheet.header_rows, sheet.row_count):
            text = f"{row - sheet.header_rows + 1:02d}" if serial else ""
            boxes.append(Box(text, row, 0))
        return [replace(sheet, boxes=tuple(boxes), column_count=11, label_columns=4)]

    made.redraw(change)


def header_lost(made: Draft, rng: Random) -> None:
    """Table three has no titles, or only the row of the five business applicants."""

    def change(sheet: Sheet) -> list[Sheet]:
        if sheet.table_id != T3:
            return [sheet]
        keep = rng.choice((3, 2, 1))
        return [replace(sheet.fragment(keep, sheet.row_count, header=False), header_rows=3 - keep)]

    made.redraw(change)


def header_flat(made: Draft, rng: Random) -> None:
    """The titles of table three stand in one row, perhaps under a 小计 of the five."""
    del rng

    def change(sheet: Sheet) -> list[Sheet]:
        if sheet.table_id != T3:
            return [sheet]
        leaves = [b for b in sheet.boxes if b.header and b.column >= 3 and b.columns == 1]
        head = [Box("申请人情况", 0, 0, columns=3)]
        head += [replace(b, row=0, rows=1) for b in leaves]
        body = [replace(b, row=b.row - 2) for b in sheet.boxes if b.row >= 3]
        return [replace(sheet, boxes=(*head, *body), row_count=sheet.row_count - 2, header_rows=1)]

    made.redraw(change)


# --- spellings ------------------------------------------------------------------------------------


def other_wordings(made: Draft, rng: Random) -> None:
    """Labels in other spellings, full-width digits, titles over two rows."""
    wide = rng.random() < 0.3

    def change(sheet: Sheet) -> list[Sheet]:
        sheet = split_titles(vary_labels(sheet, rng), rng)
        return [full_width_digits(sheet, rng) if wide else sheet]

    made.redraw(change)


def numbers_in_words_of_units(made: Draft, rng: Random) -> None:
    """Numbers carry their unit (3件) or a thousands separator."""

    def change(sheet: Sheet) -> list[Sheet]:
        def printed(box: Box) -> Box:
            if not box.address or not box.text.isdigit() or "amount" in box.address:
                return box
            number = f"{int(box.text):,}" if rng.random() < 0.5 else f"{box.text}件"
            return replace(box, text=number)

        return [replace(sheet, boxes=tuple(map(printed, sheet.boxes)))]

    made.redraw(change)


def plain(made: Draft, rng: Random) -> None:
    """Nothing changed."""
    del made, rng


def several(made: Draft, rng: Random) -> None:
    """Three shapes at once."""
    for name in rng.sample(
        ("empty_column", "ghost_columns", "note_rows", "other_wordings", "cut_at_pages",
         "empty_rows", "row_cut_in_two", "numbers_in_words_of_units"), 3
    ):  # fmt: skip
        SHAPES[name](made, rng)


SHAPES: dict[str, Callable[[Draft, Random], None]] = {
    f.__name__: f
    for f in (
        plain, cut_at_pages, cut_inside_grid, row_cut_in_two, three_and_four_glued,
        all_in_one_grid, blocks_apart, rows_apart, empty_column, empty_rows, note_rows,
        heading_inside, ghost_columns, ghost_rows, spans_lost, labels_repeated, labels_narrow,
        labels_wide, header_lost, header_flat, other_wordings, numbers_in_words_of_units, several,
    )
}  # fmt: skip
"""How the tables of a report may stand in their grids; every one says the same."""
