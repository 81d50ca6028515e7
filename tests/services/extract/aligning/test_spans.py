"""Cells that a span repeats, and rows with no cell left under them."""

from services.extract.core.aligning.spans import without_repeats
from shared.report.document import GridCell


def cells(*texts):
    return tuple(GridCell(text, column) for column, text in enumerate(texts))


def test_a_cell_printed_again_under_a_repeated_title_counts_once():
    shown = without_repeats(cells("5", "5", "7"), frozenset({1}))
    assert [c.text for c in shown] == ["5", "7"]


def test_another_figure_under_a_repeated_title_stays():
    assert len(without_repeats(cells("5", "6", "7"), frozenset({1}))) == 3


def test_a_row_without_value_cells_has_nothing_repeated():
    assert without_repeats((), frozenset({1})) == ()
