"""Rows that damage tore: what stands in the wrong place is never given with confidence."""

from random import Random

import pytest

from benchmarks.scoring import Score, add_cells
from services.extract.core.aligning.tables import read_tables
from services.extract.core.extraction import extract
from services.normalize.core.outcomes import Aids
from services.normalize.core.readers import html
from shared.errors import BadInput
from shared.report.document import Document, GridCell, Row, Table
from tests.services.extract.grids import document, grid, table_three
from tests.support.fill import fill
from tests.support.formats import html as html_pages
from tests.support.torn import TEARS

TITLES = "信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数"
TRUSTED = 0.8
VARIANTS = tuple(v for v in html_pages.VARIANTS if v != "mhtml")
"""Tags inside of a mail archive are encoded; there is nothing to tear."""


def cells_of(*blocks):
    return {c.address: c for c in read_tables(document(*blocks)).cells}


def rules_of(*blocks):
    return [o.rule for o in read_tables(document(*blocks)).observations]


@pytest.mark.parametrize("label", ["（七）总计", "总计", "  总 计 "])
def test_a_blank_row_labelled_like_a_title_is_the_row_left_blank(label):
    def change(row, printed):
        return f"{label} | | | | | | |" if row == "total" else printed

    cells = cells_of(grid(table_three("2021", change=change)))
    states = {a: c.state for a, c in cells.items() if a.startswith("applications.total@")}
    assert len(states) == 7
    assert set(states.values()) == {"blank"}
    assert cells["applications.carried_over_out@total"].value == 0


def test_the_titles_of_columns_are_no_blank_row():
    text = "| 自然人 | 商业企业 | 科研机构 | 社会公益组织 | 法律服务机构 | 其他 |\n| | | | | | | 总计\n"
    cells = cells_of(grid(text + table_three("2021", header=False)))
    assert {c.state for c in cells.values()} == {"number"}


def test_values_on_both_sides_of_a_column_that_is_empty_everywhere_are_no_shift():
    rows = "规章 | 0 | 0 | | 0\n行政规范性文件 | 1 | 2 | | 30"
    titles = "信息内容 | 本年制发件数 | 本年废止件数 | | 现行有效件数"
    assert "e_cell_shift" not in rules_of(grid(f"{titles}\n{rows}"))


def test_one_row_with_a_gap_that_the_others_do_not_have_is_a_shift():
    rows = "规章 | 0 | 0 | | 0\n行政规范性文件 | 1 | 2 | 30 |"
    assert "e_cell_shift" in rules_of(grid(f"{TITLES} |\n{rows}"))


@pytest.mark.parametrize("text", ["5³", "5①", "5*", "1²", "3⑴"])
def test_a_figure_with_a_note_mark_is_unreadable_and_moves_no_other(text):
    cells = cells_of(grid(f"{TITLES}\n规章 | {text} | 1 | 2\n行政规范性文件 | 3 | 4 | 5"))
    read = [cells[f"active_disclosure.regulations@{c}"] for c in ("issued", "repealed", "in_force")]
    assert [(c.state, c.value) for c in read] == [
        ("unreadable", None),
        ("number", 1),
        ("number", 2),
    ]
    assert read[0].confidence < TRUSTED


def test_zeros_that_ran_together_are_not_given_with_confidence():
    cells = cells_of(grid(f"{TITLES}\n规章 | 00 | 1 | 02\n行政规范性文件 | 3 | 4 | 50"))
    trust = {c.raw: c.confidence < TRUSTED for c in cells.values() if c.raw}
    assert trust == {"00": True, "1": False, "02": True, "3": False, "4": False, "50": False}


def test_a_row_beside_a_missing_one_may_hold_its_numbers():
    def change(row, printed):
        return None if row == "unavailable.must_be_created" else printed

    cells = cells_of(grid(table_three("2021", change=change)))
    doubted = {a.split("@")[0] for a, c in cells.items() if "beside_lost_row" in c.notes}
    assert doubted == {
        "applications.unavailable.not_held",
        "applications.unavailable.still_unclear",
    }
    assert all(c.confidence < TRUSTED for c in cells.values() if "beside_lost_row" in c.notes)


def test_rows_beside_a_lost_page_that_add_up_keep_their_trust():
    lost = ("denied.third_party", "denied.internal_affairs", "denied.deliberative",
            "denied.enforcement_file", "denied.admin_query")  # fmt: skip
    broken = {"denied.three_securities": [1, 0, 0, 0, 0, 0, 7]}

    def change(row, printed):
        return None if row in lost else printed

    whole = cells_of(grid(table_three("2021", change=change)))
    assert not [c for c in whole.values() if "beside_lost_row" in c.notes]
    torn = cells_of(grid(table_three("2021", broken, change=change)))
    assert torn["applications.denied.three_securities@total"].confidence < TRUSTED


def test_two_numbers_in_one_cell_make_the_whole_row_doubtful():
    """The edge between two cells is gone, and the last column is filled from beyond the row."""

    def change(row, printed):
        return "（一）予以公开 | 0 6 | 0 | 0 | 0 | 0 | | 6" if row == "granted" else printed

    cells = cells_of(grid(table_three("2021", change=change)))
    row = [c for a, c in cells.items() if a.startswith("applications.granted@")]
    assert all(c.confidence < TRUSTED for c in row)


def test_a_row_pushed_under_its_own_label_is_doubtful_as_a_whole():
    table = grid(table_three("2021", {"carried_over_out": [1, 2, 3, 4, 5, 6, 21]}))
    *rows, last = table.rows
    label, *values = last.cells
    moved = [GridCell(v.text, v.column + 1, v.line) for v in values[:-1]]
    cover = GridCell("", 1, label.line, covered=True)
    wide = GridCell(label.text, 0, label.line, columns=2)
    torn = Table((*rows, Row((wide, cover, *moved), last.line)), "grid")
    found = cells_of(torn)
    row = [c for a, c in found.items() if a.startswith("applications.carried_over_out@")]
    assert [c.confidence < TRUSTED for c in row] == [True] * 7


def test_more_numbers_than_the_table_has_columns_are_no_repeated_span():
    rows = "行政许可 | 3 | 3 | 3\n行政处罚 | 0 | 0 | 0 | 0 | 0 | 0 | 0\n行政强制 | 0"
    cells = cells_of(
        grid(
            f"{TITLES}\n规章 | 0 | 0 | 0\n行政规范性文件 | 1 | 1 | 1\n信息内容 | 本年处理决定数量\n{rows}"
        )
    )
    assert cells["active_disclosure.licensing@decisions"].confidence > TRUSTED
    assert cells["active_disclosure.penalty@decisions"].confidence < TRUSTED


SEEDS = (*range(8), 176, 277)
"""The last two tore rows so that numbers of one stood in another, unnoticed at first."""


@pytest.mark.parametrize("kind", TEARS)
def test_a_torn_page_gives_no_wrong_value_with_confidence(kind):
    score, refused = Score(), 0
    for seed in SEEDS:
        rng = Random(f"{seed} {kind}")
        truth = fill(seed, kind=rng.choice(("busy", None)))
        page = TEARS[kind](html_pages.render(truth, rng, rng.choice(VARIANTS)), rng)
        try:
            found = html.read(page, "x.html", Aids())
            assert isinstance(found, Document)
            record = extract(found, document_id="0" * 64, file="x.html")
        except BadInput:
            refused += 1
            continue
        add_cells(score, record, truth)
    # a stretch torn out of one cell leaves a sound page with an empty cell: nothing can tell
    unseen = score.emptied if kind == "stretch" else 0
    assert (score.silent - unseen, score.invented) == (0, 0)
    assert score.cells > 150 * len(SEEDS) / 2
    assert refused < len(SEEDS) / 3
