"""Ghost columns go, real columns stay."""

from random import Random

import pytest

from services.normalize.core.composing import Slot
from services.normalize.core.squeezing import squeeze
from tests.support.fill import fill
from tests.support.formats.html_cells import ghosted
from tests.support.sheets import Sheet
from tests.support.typeset import typeset


def places(slots):
    return [(s.text, s.row, s.column, s.rows, s.columns) for s in slots]


def slots_of(sheet: Sheet) -> list[Slot]:
    return [Slot(b.text, b.row, b.column, b.rows, b.columns) for b in sheet.boxes]


def test_a_column_that_no_cell_fills_is_dropped():
    ghost = [
        Slot("甲", 0, 0),
        Slot("乙", 0, 1, columns=2),
        Slot("丙", 1, 0, columns=2),
        Slot("丁", 1, 2),
    ]
    assert places(squeeze(ghost)) == [
        ("甲", 0, 0, 1, 1),
        ("乙", 0, 1, 1, 1),
        ("丙", 1, 0, 1, 1),
        ("丁", 1, 1, 1, 1),
    ]


def test_a_span_that_reaches_beyond_the_table_ends_with_it():
    wide = [Slot("标题", 0, 0, columns=2000), Slot("甲", 1, 0), Slot("乙", 1, 1)]
    assert places(squeeze(wide))[0] == ("标题", 0, 0, 1, 2)


def test_a_column_filled_by_one_cell_stays():
    real = [
        Slot("甲", 0, 0, columns=2),
        Slot("乙", 0, 2),
        Slot("丙", 1, 0),
        Slot("丁", 1, 1),
        Slot("戊", 1, 2),
    ]
    assert squeeze(real) == tuple(real)


def test_a_row_in_which_no_cell_begins_is_dropped():
    idle = [Slot("甲", 0, 0, rows=2), Slot("乙", 0, 1, rows=2), Slot("丙", 2, 0), Slot("丁", 2, 1)]
    assert places(squeeze(idle)) == [
        ("甲", 0, 0, 1, 1),
        ("乙", 0, 1, 1, 1),
        ("丙", 1, 0, 1, 1),
        ("丁", 1, 1, 1, 1),
    ]


def test_nothing_is_nothing():
    assert squeeze([]) == ()


@pytest.mark.parametrize("seed", range(6))
def test_the_tables_of_the_form_keep_every_place_and_lose_every_ghost(seed):
    rng = Random(seed)
    sheets = [p for p in typeset(fill(seed), rng) if isinstance(p, Sheet)]
    for sheet in sheets:
        assert squeeze(slots_of(sheet)) == tuple(slots_of(sheet))
        assert squeeze(slots_of(ghosted(sheet, rng))) == tuple(slots_of(sheet))
