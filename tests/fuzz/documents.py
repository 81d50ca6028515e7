"""Documents out of bytes: a whole report as a reader hands it on, and then a row of damages to it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random

from services.normalize.core.reading import read_document
from shared.report.document import Document, GridCell, Observation, Paragraph, Row, Table
from tests.fuzz import words
from tests.fuzz.draws import Draws
from tests.support.fill import fill
from tests.support.formats import docx, html
from tests.support.render import render

Block = Paragraph | Table
_MOST_BLOCKS = 160
_LAYOUTS = ("tabs_grid", "cell_per_line", "pipes_both", "spaces")
_LAYOUT_NAMES = ("tabs", "cell_per_line", "pipes", "markdown", "columns", "stream", "grid")
_RULES = ("e_page_lost", "e_artifact", "e_encoding", "no_such_rule", "")


@cache
def bases() -> tuple[Document, ...]:
    """Return what the damages begin with: nothing, and reports of both editions from several readers."""
    found = [Document((), "text")]
    for number, layout in enumerate(_LAYOUTS):
        truth = fill(number + 1, "2019" if number % 2 else "2021", kind="small")
        found.append(
            read_document(render(truth, layout, Random(number), encoding="utf-8").data, "a.txt")
        )
    for edition, variant in (("2021", "plain"), ("2019", "merged")):
        truth = fill(7, edition, kind="busy")  # type: ignore[arg-type]
        found.append(read_document(docx.render(truth, Random(7), variant), "a.docx"))
    found.append(read_document(html.render(fill(9, "2021"), Random(9), "plain"), "a.html"))
    return tuple(found)


def document(draws: Draws) -> Document:
    """Return a document; the same bytes give the same one."""
    base = draws.pick(bases())
    blocks = list(base.blocks)
    changed = base
    while draws.left and len(blocks) <= _MOST_BLOCKS:
        if draws.below(10) == 9:
            changed = _redescribed(changed, draws)
        else:
            draws.pick(_DAMAGES)(blocks, draws)
    return replace(changed, blocks=tuple(blocks))


def _redescribed(found: Document, draws: Draws) -> Document:
    kind = draws.below(4)
    if kind == 0:
        return replace(found, recognised=tuple(range(1, draws.below(4) + 1)), reader="picture")
    if kind == 1:
        noted = Observation(draws.pick(_RULES), words.text(draws), line=draws.below(300))
        return replace(found, observations=(*found.observations, noted))
    if kind == 2:
        return replace(found, lines=None, pages=draws.below(9), encoding=None)
    return replace(
        found, script="traditional", reader=draws.pick(("docx", "pdf", "html", "ofd", "sheet"))
    )


def _drop(blocks: list[Block], draws: Draws) -> None:
    if blocks:
        del blocks[draws.below(len(blocks))]


def _repeat(blocks: list[Block], draws: Draws) -> None:
    if blocks:
        blocks.insert(draws.below(len(blocks) + 1), draws.pick(blocks))


def _swap(blocks: list[Block], draws: Draws) -> None:
    if blocks:
        one, other = draws.below(len(blocks)), draws.below(len(blocks))
        blocks[one], blocks[other] = blocks[other], blocks[one]


def _say(blocks: list[Block], draws: Draws) -> None:
    said = Paragraph(
        words.text(draws), line=draws.below(400) or None, level=draws.below(4) or None,
        page=draws.below(3) or None, confidence=1 - draws.below(5) / 5,
    )  # fmt: skip
    blocks.insert(draws.below(len(blocks) + 1), said)


def _reword(blocks: list[Block], draws: Draws) -> None:
    places = [n for n, b in enumerate(blocks) if isinstance(b, Paragraph)]
    if not places:
        return
    at = draws.pick(places)
    told = blocks[at]
    assert isinstance(told, Paragraph)
    cut = draws.below(len(told.text) + 1)
    blocks[at] = replace(told, text=told.text[:cut] + words.text(draws) + told.text[cut:])


def _draw_table(blocks: list[Block], draws: Draws) -> None:
    rows = []
    for _ in range(draws.below(9) + 1):
        cells = tuple(GridCell(words.text(draws, 2), column) for column in range(draws.below(11)))
        rows.append(Row(cells, line=draws.below(400) or None))
    blocks.insert(draws.below(len(blocks) + 1), Table(tuple(rows), draws.pick(_LAYOUT_NAMES)))  # type: ignore[arg-type]


def _damage_table(blocks: list[Block], draws: Draws) -> None:
    places = [n for n, b in enumerate(blocks) if isinstance(b, Table)]
    if not places:
        return
    at = draws.pick(places)
    table = blocks[at]
    assert isinstance(table, Table)
    rows = list(table.rows)
    draws.pick(_ROW_DAMAGES)(rows, draws)
    kind = draws.below(12)
    if kind == 11 and len(rows) > 1:
        cut = 1 + draws.below(len(rows) - 1)
        blocks[at : at + 1] = [
            replace(table, rows=tuple(rows[:cut])),
            replace(table, rows=tuple(rows[cut:])),
        ]
    elif kind == 10:
        blocks[at] = Table(tuple(rows), draws.pick(_LAYOUT_NAMES))  # type: ignore[arg-type]
    else:
        blocks[at] = replace(table, rows=tuple(rows))


def _drop_row(rows: list[Row], draws: Draws) -> None:
    if len(rows) > 1:
        del rows[draws.below(len(rows))]


def _repeat_row(rows: list[Row], draws: Draws) -> None:
    rows.insert(draws.below(len(rows) + 1), draws.pick(rows))


def _swap_rows(rows: list[Row], draws: Draws) -> None:
    one, other = draws.below(len(rows)), draws.below(len(rows))
    rows[one], rows[other] = rows[other], rows[one]


def _drop_column(rows: list[Row], draws: Draws) -> None:
    column = draws.below(12)
    rows[:] = [replace(r, cells=tuple(c for c in r.cells if c.column != column)) for r in rows]


def _change_cell(rows: list[Row], draws: Draws) -> None:
    at = draws.below(len(rows))
    cells = list(rows[at].cells)
    if not cells:
        rows[at] = replace(rows[at], cells=(GridCell(words.text(draws, 2), draws.below(12)),))
        return
    where = draws.below(len(cells))
    cells[where] = draws.pick(_CELL_CHANGES)(cells[where], draws)
    rows[at] = replace(rows[at], cells=tuple(cells))


def _drop_cell(rows: list[Row], draws: Draws) -> None:
    at = draws.below(len(rows))
    cells = list(rows[at].cells)
    if cells:
        del cells[draws.below(len(cells))]
    if draws.flag():
        # the row slides to the left, as when a reader misses a cell
        cells = [replace(c, column=n) for n, c in enumerate(cells)]
    rows[at] = replace(rows[at], cells=tuple(cells))


def _reread(cell: GridCell, draws: Draws) -> GridCell:
    others = tuple((words.text(draws, 1), 1 - n / 10) for n in range(draws.below(4)))
    return replace(cell, confidence=draws.below(11) / 10, alternatives=others)


_DAMAGES: tuple[Callable[[list[Block], Draws], None], ...] = (
    _damage_table, _damage_table, _damage_table, _damage_table, _drop, _repeat, _swap, _say, _reword, _draw_table,
)  # fmt: skip
_ROW_DAMAGES: tuple[Callable[[list[Row], Draws], None], ...] = (
    _change_cell, _change_cell, _change_cell, _drop_row, _repeat_row, _swap_rows, _drop_cell, _drop_column,
)  # fmt: skip
_CELL_CHANGES: tuple[Callable[[GridCell, Draws], GridCell], ...] = (
    lambda cell, draws: replace(cell, text=words.text(draws, 3)),
    lambda cell, draws: replace(cell, text=draws.pick(words.tokens())),
    lambda cell, draws: replace(cell, text=cell.text + draws.pick(words.tokens())),
    lambda cell, draws: replace(cell, raw=words.text(draws, 3).strip() or None),
    _reread,
    lambda cell, draws: replace(cell, text="", covered=draws.flag(), unread=draws.flag()),
    lambda cell, draws: replace(cell, rows=draws.below(9) + 1, columns=draws.below(9) + 1),
    lambda cell, draws: replace(cell, line=draws.below(500) or None, page=draws.below(5) or None),
)
