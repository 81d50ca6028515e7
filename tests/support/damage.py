"""Damage as scanners and converters do it. Each kind says which cells it leaves open to doubt.

A damaged cell may be read right or be flagged; it must never be read wrong in silence, and no
number may appear that is not there.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from shared import forms
from tests.support.breaks import split_label
from tests.support.figures import T2, T3
from tests.support.layouts import tabs_grid
from tests.support.losses import Page, cut_in_the_middle, lost_column, lost_page, numbers, printed
from tests.support.render import Rendered
from tests.support.sheets import Box, Sheet, sheet
from tests.support.truth import Truth

Damage = Callable[[Truth, Random], Rendered]
ZEROS, ONES = "UOo〇", "lI"
HALF = str.maketrans("，：；（）、“”", ',:;(),""')
GLYPHS = {
    "减": "減",
    "增": "増",
    "处": "処",
    "开": "開",
    "总": "総",
    "计": "計",
    "项": "項",
    "数": "數",
}
CONFUSED = "占好结七口日目己已末未土士人入"


def look_alike_digits(truth: Truth, rng: Random) -> Rendered:
    """Read some 0 as U, O, o or 〇 and some 1 as l or I."""
    text = printed(truth, rng)
    for index in text.rows():
        cells = text.lines[index].split("\t")
        for i, cell in enumerate(cells):
            if cell.strip() in ("0", "1") and rng.random() < 0.06:
                cells[i] = rng.choice(ZEROS if cell.strip() == "0" else ONES)
        text.lines[index] = "\t".join(cells)
    return text.done("look_alike_digits")


def spaces_in_words(truth: Truth, rng: Random) -> Rendered:
    """Put blanks inside words and labels."""
    text = printed(truth, rng)
    text.lines = ["".join(_spaced(c, rng) for c in line) for line in text.lines]
    return text.done("spaces_in_words")


def _spaced(char: str, rng: Random) -> str:
    return char + " " if "\u4e00" <= char <= "\u9fff" and rng.random() < 0.08 else char


def half_width(truth: Truth, rng: Random) -> Rendered:
    """Turn full-width punctuation into ASCII; the full stop stays, as in report 004."""
    text = printed(truth, rng)
    text.lines = [line.translate(HALF) for line in text.lines]
    return text.done("half_width")


def foreign_glyphs(truth: Truth, rng: Random) -> Rendered:
    """Print some characters in their Traditional or Japanese form."""
    text = printed(truth, rng)
    text.lines = [
        "".join(GLYPHS.get(c, c) if rng.random() < 0.5 else c for c in line) for line in text.lines
    ]
    return text.done("foreign_glyphs")


def label_noise(truth: Truth, rng: Random, share: float = 0.15) -> Rendered:
    """Lose or confuse a share of the characters of row labels."""
    text = printed(truth, rng)
    for index in text.rows():
        cells = text.lines[index].split("\t")
        text.lines[index] = "\t".join(c if _is_number(c) else _noisy(c, rng, share) for c in cells)
    return text.done("label_noise")


def _is_number(cell: str) -> bool:
    return not cell.strip() or cell.strip()[-1] in "0123456789元"


def _noisy(label: str, rng: Random, share: float) -> str:
    noise = ("", "", rng.choice(CONFUSED))
    return "".join(rng.choice(noise) if rng.random() < share else c for c in label)


def _redrawn(
    truth: Truth, rng: Random, change: Callable[[Sheet, Random], Sheet], table: str
) -> Page:
    """Print the report with one sheet changed before it is drawn."""
    text = printed(truth, rng)
    plain = sheet(truth, table)
    before, after = tabs_grid(plain, rng), tabs_grid(change(plain, rng), rng)
    start = text.lines.index(before[0])
    text.lines[start : start + len(before)] = after
    return text


def split_row(truth: Truth, rng: Random) -> Rendered:
    """Print one row twice, each time with half of its label (report 004's 其他对外管理 / 服务事项)."""
    text = printed(truth, rng)
    rows = [
        i for i in text.rows() if len(text.lines[i].split("\t")[0]) > 5 and truth.edition == "2019"
    ]
    choice = next((i for i in rows if "服务事项" in text.lines[i]), None)
    if choice is not None and all(
        truth.cells[f"{T2}.other_services@{c}"] == 0 for c in ("prior_items", "change", "decisions")
    ):
        line = text.lines[choice]
        text.lines[choice : choice + 1] = [
            line.replace("服务事项", ""), line.replace("其他对外管理服务事项", "服务事项"),
        ]  # fmt: skip
    return text.done("split_row")


def label_over_rows(truth: Truth, rng: Random) -> Rendered:
    """Move the end of a label into a row of empty cells."""

    def change(plain: Sheet, rng: Random) -> Sheet:
        cut = rng.randrange(5, plain.row_count - 2)
        above = plain.fragment(0, cut, header=False)
        below = plain.fragment(cut, plain.row_count, header=False)
        above, below = split_label(replace(above, header_rows=3), replace(below, header_rows=0))
        shifted = tuple(replace(b, row=b.row + above.row_count) for b in below.boxes)
        return replace(
            plain, boxes=(*above.boxes, *shifted), row_count=above.row_count + below.row_count
        )

    return _redrawn(truth, rng, change, T3).done("label_over_rows")


def label_number_shared(truth: Truth, rng: Random) -> Rendered:
    """Let a number stand in the cell of its label's end (行政事业性收 / 费 0)."""
    text = printed(truth, rng)
    rows = [i for i in text.rows() if text.lines[i].split("\t")[0] and numbers(text.lines[i]) < 4]
    for index in rng.sample(rows, min(2, len(rows))):
        cells = text.lines[index].split("\t")
        label, number = cells[0], cells[1]
        cells[0], cells[1] = label[:-1], f"{label[-1]} {number}"
        text.lines[index] = "\t".join(cells)
    return text.done("label_number_shared")


def scrambled_header(truth: Truth, rng: Random) -> Rendered:
    """Tear the header of table three apart, as OCR did in report 004."""
    text = printed(truth, rng)
    start = next(i for i, line in enumerate(text.lines) if "勾稽" in line and "\t" in line)
    text.lines[start : start + 3] = [
        "\t\t\t申请人情况\t\t\t\t\t\t",
        "\t的勾稽关系为:\t占好\t\t总计\t\t\t\t\t",
        "第一项加第二项之和,等于第三项加第四项之和)\t\t\t自然人\t商业企业\t科研机构\t社会 公益 组织\t法律 服务 机构\t其他\t",
    ]
    return text.done("scrambled_header")


def split_paragraphs(truth: Truth, rng: Random) -> Rendered:
    """Cut long paragraphs in the middle of a sentence, as page ends do."""
    text = printed(truth, rng)
    lines: list[str] = []
    for line in text.lines:
        if len(line) > 60 and "\t" not in line and rng.random() < 0.5:
            cut = rng.randint(20, len(line) - 20)
            # a number is never torn apart by a page end: it stands on one line
            while line[cut - 1].isdigit():
                cut += 1
            lines += [line[:cut], "", line[cut:]]
        else:
            lines.append(line)
    text.lines = lines
    return text.done("split_paragraphs")


def group_label_elsewhere(truth: Truth, rng: Random) -> Rendered:
    """Print group labels beside a later row of their group, one of them over two rows."""

    def change(plain: Sheet, rng: Random) -> Sheet:
        boxes: list[Box] = []
        for box in plain.boxes:
            if box.column == 1 and box.rows > 2:
                middle = box.row + box.rows // 2
                boxes += [
                    Box("", r, 1)
                    for r in range(box.row, box.row + box.rows)
                    if r not in (middle, middle + 1)
                ]
                boxes += [Box(box.text[:3], middle, 1)]
                boxes += [Box(box.text[3:], middle + 1, 1)] if box.rows > box.rows // 2 + 1 else []
            else:
                boxes.append(box)
        return replace(plain, boxes=tuple(boxes))

    return _redrawn(truth, rng, change, T3).done("group_label_elsewhere")


def blank_inside_row(truth: Truth, rng: Random) -> Rendered:
    """Lose a number of a row, its place staying empty (report 004, row two)."""
    text = printed(truth, rng)
    table = forms.table(truth.templates[T3], T3)
    lines = [i for i in text.rows() if len(text.lines[i].split("\t")) == 10]
    rows = [r.id for r in table.blocks[0].rows]
    which, column = rng.randrange(len(rows)), rng.randrange(6)
    parts = text.lines[lines[which]].split("\t")
    parts[3 + column] = ""
    text.lines[lines[which]] = "\t".join(parts)
    address = table.address(rows[which], table.blocks[0].columns[column].id)
    text.truth = replace(truth, cells={**truth.cells, address: "blank"})
    return text.done("blank_inside_row")


DAMAGES: dict[str, Damage] = {
    d.__name__: d
    for d in (
        look_alike_digits, spaces_in_words, half_width, foreign_glyphs, label_noise, split_row,
        label_over_rows, label_number_shared, scrambled_header, lost_column, lost_page,
        cut_in_the_middle, split_paragraphs, group_label_elsewhere, blank_inside_row,
    )
}  # fmt: skip
