"""The three tables as printed sheets: boxes with spans, from which every layout is drawn."""

from dataclasses import dataclass, replace

from shared import forms
from shared.forms import FormTable
from tests.support.truth import Truth

WRAPPED = {
    "本年新制作数量": ("本年新", "制作数量"),
    "本年新公开数量": ("本年新", "公开数量"),
    "对外公开总数量": ("对外公开", "总数量"),
    "上一年项目数量": ("上一年", "项目数量"),
    "处理决定数量": ("处理决定", "数量"),
    "本年处理决定数量": ("本年处理", "决定数量"),
    "商业企业": ("商业", "企业"),
    "科研机构": ("科研", "机构"),
    "社会公益组织": ("社会", "公益", "组织"),
    "法律服务机构": ("法律", "服务", "机构"),
    "结果维持": ("结果", "维持"),
    "结果纠正": ("结果", "纠正"),
    "其他结果": ("其他", "结果"),
    "尚未审结": ("尚未", "审结"),
}
"""Where narrow columns break their titles."""


@dataclass(frozen=True, slots=True)
class Box:
    """One printed cell: text, where it starts, how far it spans, and the address of its value."""

    text: str
    row: int
    column: int
    columns: int = 1
    rows: int = 1
    address: str | None = None
    header: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printed table. `label_columns` stand before the numbers; `header_rows` repeat after a break."""

    table_id: str
    boxes: tuple[Box, ...]
    row_count: int
    column_count: int
    label_columns: int
    header_rows: int

    def row(self, index: int) -> list[Box]:
        """Return the boxes that cover a row, left to right, those begun above included."""
        found = [b for b in self.boxes if b.row <= index < b.row + b.rows]
        return sorted(found, key=lambda b: b.column)

    def fragment(self, start: int, stop: int, *, header: bool) -> "Sheet":
        """Return rows [start, stop) as a table of their own, under a repeated header if asked.

        A box begun above shows no text in the fragment: the page before holds it.
        """
        head = [b for b in self.boxes if b.row < self.header_rows] if header else []
        shift = (self.header_rows if header else 0) - start
        body = [self._cut(b, start, stop, shift) for b in self.boxes if _meets(b, start, stop)]
        return replace(
            self,
            boxes=(*head, *body),
            row_count=stop + shift,
            header_rows=self.header_rows if header else 0,
        )

    def _cut(self, box: Box, start: int, stop: int, shift: int) -> Box:
        first, last = max(box.row, start), min(box.row + box.rows, stop)
        text = box.text if box.row >= start else ""
        return replace(box, row=first + shift, rows=last - first, text=text)


def _meets(box: Box, start: int, stop: int) -> bool:
    return box.row < stop and box.row + box.rows > start


def sheet(truth: Truth, table_id: str) -> Sheet:
    """Return a table of the report as printed."""
    table = forms.table(truth.templates[table_id], table_id)
    makers = {
        "active_disclosure": _active_disclosure,
        "applications": _applications,
        "review_litigation": _review_litigation,
    }
    made = makers[table_id](truth, table)
    for name in truth.omitted:
        made = _without(made, name)
    for after, texts in truth.added:
        made = _with_row(made, after, texts)
    return made


def _without(sheet: Sheet, name: str) -> Sheet:
    """Take a row out of the sheet, or, of table four, a group of columns."""
    places = [b for b in sheet.boxes if b.address and b.address.split("@")[0] == name]
    if sheet.table_id == "review_litigation":
        for column in sorted({b.column for b in places}, reverse=True):
            sheet = _turned(_less(_turned(sheet), column))
        return sheet
    for row in {b.row for b in places}:
        sheet = _less(sheet, row)
    return sheet


def _turned(sheet: Sheet) -> Sheet:
    """Return the sheet with rows for columns."""
    boxes = tuple(
        replace(b, row=b.column, column=b.row, rows=b.columns, columns=b.rows) for b in sheet.boxes
    )
    return replace(sheet, boxes=boxes, row_count=sheet.column_count, column_count=sheet.row_count)


def _less(sheet: Sheet, row: int) -> Sheet:
    """Take out one row: boxes that span it shrink, what stands below moves up."""
    kept = []
    for box in sheet.boxes:
        if box.row > row:
            kept.append(replace(box, row=box.row - 1))
        elif box.row + box.rows <= row:
            kept.append(box)
        elif box.rows > 1:
            kept.append(replace(box, rows=box.rows - 1))
    return replace(sheet, boxes=tuple(kept), row_count=sheet.row_count - 1)


def _with_row(sheet: Sheet, after: str, texts: tuple[str, ...]) -> Sheet:
    """Print a further row below one of the form, with its texts in the columns of that row."""
    model = sorted(
        (b for b in sheet.boxes if b.address and b.address.split("@")[0] == after),
        key=lambda b: b.column,
    )
    if not model:
        return sheet
    row = model[0].row
    label = next(b for b in sheet.boxes if b.row == row and not b.address)
    moved = [replace(b, row=b.row + 1) if b.row > row else b for b in sheet.boxes]
    new = [
        replace(b, text=t, row=row + 1, address=None)
        for b, t in zip((label, *model), texts, strict=False)
    ]
    return replace(sheet, boxes=(*moved, *new), row_count=sheet.row_count + 1)


def _active_disclosure(truth: Truth, table: FormTable) -> Sheet:
    boxes: list[Box] = []
    row = 0
    for block in table.blocks:
        boxes.append(Box(str(block.caption), row, 0, columns=4))
        boxes.append(Box(str(block.title), row + 1, 0, header=True))
        width = {1: 3}.get(len(block.columns), 1)
        last = 4 - len(block.columns) * width
        for i, column in enumerate(block.columns):
            span = width + (last - 1 if i == len(block.columns) - 1 else 0)
            boxes.append(Box(column.label, row + 1, 1 + i * width, columns=span, header=True))
        row += 2
        for line in block.rows:
            boxes.append(Box(line.label, row, 0))
            for i, column in enumerate(block.columns):
                span = width + (last - 1 if i == len(block.columns) - 1 else 0)
                address = table.address(line.id, column.id)
                boxes.append(
                    Box(truth.shown(address), row, 1 + i * width, columns=span, address=address)
                )
            row += 1
    return Sheet(table.id, tuple(boxes), row, 4, 1, 0)


def _applications(truth: Truth, table: FormTable) -> Sheet:
    block = table.blocks[0]
    boxes = [
        Box(table.furniture[0], 0, 0, columns=3, rows=3, header=True),
        Box(table.furniture[1], 0, 3, columns=7, header=True),
        Box(block.columns[0].label, 1, 3, rows=2, header=True),
        Box("法人或其他组织", 1, 4, columns=5, header=True),
        Box(block.columns[-1].label, 1, 9, rows=2, header=True),
    ]
    boxes += [Box(c.label, 2, 4 + i, header=True) for i, c in enumerate(block.columns[1:-1])]
    groups = {g.id: g for g in table.groups}
    sizes = {g: sum(r.group == g for r in block.rows) for g in groups}
    outcome_rows = sum(r.group is not None for r in block.rows)
    opened: set[str] = set()
    for number, line in enumerate(block.rows):
        row = 3 + number
        if line.group is not None and "outcome" not in opened:
            boxes.append(Box(groups["outcome"].label, row, 0, rows=outcome_rows))
            opened.add("outcome")
        if line.group is not None and line.group not in opened:
            boxes.append(Box(groups[line.group].label, row, 1, rows=sizes[line.group]))
            opened.add(line.group)
        start = {None: 0, "outcome": 1}.get(line.group, 2)
        boxes.append(Box(line.label, row, start, columns=3 - start))
        for i, column in enumerate(block.columns):
            address = table.address(line.id, column.id)
            boxes.append(Box(truth.shown(address), row, 3 + i, address=address))
    return Sheet(table.id, tuple(boxes), 3 + len(block.rows), 10, 3, 3)


def _review_litigation(truth: Truth, table: FormTable) -> Sheet:
    block = table.blocks[0]
    names = [c.label for c in block.columns]
    boxes = [
        Box("行政复议", 0, 0, columns=5, header=True),
        Box("行政诉讼", 0, 5, columns=10, header=True),
        *(Box(n, 1, i, rows=2, header=True) for i, n in enumerate(names)),
        Box("未经复议直接起诉", 1, 5, columns=5, header=True),
        Box("复议后起诉", 1, 10, columns=5, header=True),
        *(Box(n, 2, 5 + i, header=True) for i, n in enumerate(names * 2)),
    ]
    for i, line in enumerate(block.rows):
        for j, column in enumerate(block.columns):
            address = table.address(line.id, column.id)
            boxes.append(Box(truth.shown(address), 3, 5 * i + j, address=address))
    return Sheet(table.id, tuple(boxes), 4, 15, 0, 3)
