"""A web page that breaks off inside a table: what stood in the last cell is not known."""

from random import Random

import pytest

from benchmarks.scoring import Score, add_cells
from services.extract.core.extraction import extract
from services.normalize.core.outcomes import Aids
from services.normalize.core.readers import html
from services.normalize.core.reading import read_document
from shared.errors import BadInput
from shared.report.document import Document, GridCell, Table
from tests.services.normalize.html_pages import HEAD, NORMS, RULES, TABLE, of
from tests.services.normalize.reading import rules
from tests.support.fill import fill
from tests.support.formats.html import VARIANTS, render

FRONT = f"<html><body><p>一、总体情况</p><table>{HEAD}{RULES}"
DRAWN = TABLE.replace("table>", "div>").replace("<div>", '<div style="display:table">', 1)
for tag, role in (("tr", "table-row"), ("td", "table-cell")):
    DRAWN = DRAWN.replace(f"<{tag}>", f'<div style="display:{role}">').replace(
        f"</{tag}>", "</div>"
    )


def cut(page: str) -> Document:
    return read_document(page.encode(), "report.html")


def last_cell(document: Document) -> GridCell:
    table = document.blocks[-1]
    assert isinstance(table, Table)
    return table.rows[-1].cells[-1]


@pytest.mark.parametrize(("end", "text"), [
    ("<tr><td>行政规范性文件</td><td>4</td><td>", ""),
    ("<tr><td>行政规范性文件</td><td>4</td><td>1", "1"),
    ("<tr><td>行政规范性文件</td><td>4</td><td><p><span>1", "1"),
    ("<tr><td>行政规范性文件<td>4<td>1", "1"),
    ("<tr><td>行政规范性文件</td><td>4</td><td>1</t", "1"),
    ("<tr><td>行政规范性文件</td><td>4</td><td><!-- </td></tr></table></body>", ""),
])  # fmt: skip
def test_the_cell_that_the_file_breaks_off_in_is_unread(end: str, text: str) -> None:
    document = cut(FRONT + end)
    cell = last_cell(document)
    assert (cell.text, cell.unread) == (text, True)
    assert cell.confidence < 0.8
    assert "e_page_lost" in rules(document)


@pytest.mark.parametrize("end", ["", NORMS, "<tr><td>行政规范性文件</td><td>4</td><td>1</td>"])
def test_cells_that_were_ended_before_the_file_breaks_off_keep_their_trust(end: str) -> None:
    document = cut(FRONT + end)
    assert not last_cell(document).unread
    assert last_cell(document).confidence == 1.0
    assert "e_page_lost" in rules(document)


def test_a_table_drawn_with_styles_may_break_off_as_well() -> None:
    document = cut(f"<html><body><p>一、总体情况</p>{DRAWN[: DRAWN.rindex('6') + 1]}")
    assert last_cell(document).unread
    assert "e_page_lost" in rules(document)


@pytest.mark.parametrize(
    "body", [TABLE, TABLE.removesuffix("</table>"), f"<div><table><tr><td>{TABLE}", f"<div>{TABLE}"]
)
def test_a_sloppy_page_that_ends_is_not_cut(body: str) -> None:
    document = of(f"<p>一、总体情况</p>{body}")
    assert "e_page_lost" not in rules(document)
    cells = [c for b in document.blocks if isinstance(b, Table) for r in b.rows for c in r.cells]
    assert cells
    assert not any(c.unread for c in cells)


def test_a_fragment_whose_tables_end_is_not_cut() -> None:
    assert "e_page_lost" not in rules(cut(f"<p>一、总体情况</p>{TABLE}"))


def test_no_cell_of_a_cut_page_is_wrong_with_confidence() -> None:
    """Wherever it breaks off: a value or a blank that is given was there."""
    checked = 0
    for seed in range(24):
        rng = Random(f"cut {seed}")
        variant = rng.choice([v for v in VARIANTS if v != "text_file"])
        truth = fill(seed, kind="busy")
        page = render(truth, rng, variant)
        try:
            found = html.read(page[: int(len(page) * rng.uniform(0.3, 0.95))], "x.html", Aids())
            assert isinstance(found, Document)
            record = extract(found, document_id="0" * 64, file="x.html")
        except BadInput:
            continue
        score = Score()
        wrong = add_cells(score, record, truth, partial=True)
        assert [x for x in wrong if "SILENT" in x or "INVENT" in x] == []
        checked += score.cells
    assert checked > 1_000
