"""Merged cells and walls, one row at a time."""

import pytest

from services.extract.core.cells import printed_cell
from services.extract.core.spans import ghost_columns, is_shown, own_cells, under, without_repeats
from shared import forms
from shared.report.document import GridCell

COUNT = forms.table("2021", "applications").blocks[0].columns[0]
MONEY = forms.table("2021", "active_disclosure").blocks[3].columns[0]


def row(*cells):
    return tuple(GridCell(c, i) if isinstance(c, str) else c for i, c in enumerate(cells))


def covered(column):
    return GridCell("", column, covered=True)


def read(cell, column=COUNT, **more):
    return printed_cell("applications.granted@other", column, cell, **more)


def test_a_ghost_column_is_one_that_most_rows_only_span():
    rows = [row("1", covered(1), "2")] * 3 + [row("1", "9", "2")]
    assert ghost_columns(rows) == {1}
    assert ghost_columns([row("1", "9", "2"), row("1", covered(1), "2")]) == set()


def test_a_covered_cell_is_not_its_own():
    assert [c.column for c in own_cells(row("0", covered(1), "2"))] == [0, 2]


def test_ink_that_nobody_can_read_is_shown():
    assert is_shown(GridCell("", 0, unread=True))
    assert not is_shown(GridCell("", 0))


def test_one_number_over_two_columns_belongs_to_the_first_and_is_doubted():
    cell = GridCell("12", 0, columns=2)
    first, second = under((0, 1), row(cell, covered(1)))
    assert (first.text, first.confidence, second.covered) == ("12", 0.6, True)


def test_two_numbers_in_one_cell_over_two_columns_are_parted():
    cell = GridCell("12 3", 0, columns=2)
    slots = under((0, 1), row(cell, covered(1)))
    assert [(c.text, c.column, c.confidence, c.raw) for c in slots] == [
        ("12", 0, 0.6, "12 3"),
        ("3", 1, 0.6, "12 3"),
    ]


@pytest.mark.parametrize(
    ("left", "right", "text"), [("1", "2", "12"), ("", "12", "12"), ("12", "", "12")]
)
def test_a_wall_that_other_rows_do_not_have_is_taken_out(left, right, text):
    (slot, last) = under((0, 2), row(left, right, "7"), frozenset({1}))
    assert (slot.text, last.text) == (text, "7")
    assert slot.confidence == (0.6 if right else 1.0)


def test_a_row_that_does_not_reach_all_columns_is_not_placed():
    assert under((0, 1, 2), row("1", "2")) is None


def test_a_spanning_number_printed_once_more_is_left_out():
    assert [c.column for c in without_repeats(row("", "7", "7"), frozenset({2}))] == [0, 1]
    assert [c.column for c in without_repeats(row("", "7", "8"), frozenset({2}))] == [0, 1, 2]


def test_a_covered_value_is_absent_and_says_why():
    cell = read(covered(3))
    assert (cell.state, cell.raw, cell.notes) == ("absent", None, ("covered",))
    assert cell.confidence < 0.8


def test_unread_ink_is_unreadable_and_keeps_what_it_may_be():
    cell = read(GridCell("", 0, unread=True, confidence=0.4, alternatives=(("3", 0.3),)))
    assert (cell.state, cell.raw, cell.notes) == ("unreadable", "", ("unread",))
    assert cell.candidates == (3,)
    assert cell.confidence <= 0.4


def test_an_empty_cell_is_blank_only_when_recognition_is_sure_of_it():
    assert read(GridCell("", 0, confidence=0.9)).state == "blank"
    unsure = read(GridCell("", 0, confidence=0.89))
    assert (unsure.state, unsure.notes) == ("absent", ("unsure_blank",))
    assert unsure.confidence < 0.8


def test_other_readings_become_candidates_each_once_without_what_was_read():
    others = (("12", 0.3), ("l2", 0.2), ("17", 0.1), ("13", 0.01), ("是", 0.2))
    cell = read(GridCell("12", 0, confidence=0.7, alternatives=others))
    assert (cell.value, cell.candidates, cell.confidence) == (12, (17,), 0.7)


def test_money_keeps_its_unit_beside_other_readings():
    cell = read(GridCell("1.5", 0, confidence=0.7, alternatives=(("7.5", 0.2),)), MONEY)
    assert (cell.value, cell.unit, cell.candidates) == (1.5, "万元", (7.5,))
