"""The official form as printed: boxes in their places, and what one report shows in them."""

from random import Random

import pytest

from services.pipeline import process
from shared import forms
from shared.forms.official import elsewhere, layout, official, sheet
from tests.support.fill import fill
from tests.support.render import render

TABLES = [(edition, table) for edition in forms.EDITIONS for table in forms.TABLE_IDS]


def covered(printed):
    """Every square of the grid, with how many boxes lie on it."""
    squares = {}
    for box in printed.boxes:
        for row in range(box.row, box.row + box.rows):
            for column in range(box.column, box.column + box.columns):
                squares[row, column] = squares.get((row, column), 0) + 1
    return squares


@pytest.mark.parametrize(("edition", "table"), TABLES)
def test_boxes_cover_the_whole_form_and_never_one_another(edition, table):
    printed = layout(edition, table)
    whole = {(r, c) for r in range(len(printed.rows)) for c in range(printed.width)}
    assert covered(printed) == dict.fromkeys(whole, 1)


@pytest.mark.parametrize(("edition", "table"), TABLES)
def test_every_declared_cell_has_one_box_and_a_box_stands_in_the_row_that_lists_it(edition, table):
    printed = layout(edition, table)
    assert sorted(printed.addresses) == sorted(forms.table(edition, table).addresses)
    assert all(box.row == n for n, row in enumerate(printed.rows) for box in row)


def spans(printed, text):
    return [(b.rows, b.columns) for b in printed.boxes if b.text == text]


def test_table_three_has_the_spans_of_the_national_form():
    old, new = layout("2019", "applications"), layout("2021", "applications")
    assert (len(old.rows) - old.head_rows, len(new.rows) - new.head_rows) == (23, 25)
    assert spans(old, "三、本年度办理结果") == [(20, 1)]
    assert spans(new, "三、本年度办理结果") == [(22, 1)]
    assert spans(new, "（三）不予公开") == [(8, 1)]
    assert spans(new, "（一）予以公开") == [(1, 2)]
    assert spans(new, "四、结转下年度继续办理") == [(1, 3)]
    assert spans(new, "法人或其他组织") == [(1, 5)]
    assert spans(new, "自然人") == [(2, 1)]


def test_table_four_is_one_line_of_fifteen_under_three_of_titles():
    printed = layout("2021", "review_litigation")
    assert (len(printed.rows), printed.head_rows, printed.width) == (4, 3, 15)
    assert printed.addresses == forms.table("2021", "review_litigation").addresses
    assert spans(printed, "行政诉讼") == [(1, 10)]
    assert spans(printed, "结果维持") == [(2, 1), (1, 1), (1, 1)]


def test_the_last_column_of_a_narrow_block_takes_what_is_left():
    printed = layout("2021", "active_disclosure")
    assert spans(printed, "本年处理决定数量") == [(1, 3), (1, 3)]
    assert spans(printed, "第二十条第（八）项") == [(1, 4)]


ADDRESS = "applications.granted@total"


def line_with(cell, **rest):
    return {"templates": {"applications": "2021"}, "cells": {ADDRESS: cell}, "issues": [], **rest}


def cell(state, value=None, raw=None, **rest):
    return {"state": state, "value": value, "unit": None, "raw": raw, "confidence": 1.0, **rest}


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (cell("number", 0, "0"), "0"),
        (cell("number", 2, "2 "), "2"),
        (cell("blank", raw=""), ""),
        (cell("mark", raw=" / "), "/"),
        (cell("unreadable", raw="U7"), "U7"),
        (cell("absent"), ""),
    ],
)
def test_only_a_number_is_printed_as_one(told, text):
    face = sheet(line_with(told), "applications").faces[ADDRESS]
    assert (face.state, face.text) == (told["state"], text)


def issue(severity, *addresses, verdict=None, changes=()):
    told = {"severity": severity, "addresses": list(addresses)}
    if changes:
        told["repairs"] = [{"changes": [{"address": a, "new": n} for a, n in changes]}]
    return told | ({"decision": {"verdict": verdict}} if verdict else {})


def test_the_gravest_issue_lights_a_cell_and_a_dismissed_one_does_not():
    issues = [
        issue("error", ADDRESS, verdict="dismiss"),
        issue("info", ADDRESS),
        issue("warning", ADDRESS, changes=[(ADDRESS, 7)]),
        issue("error", "applications.total"),
        issue("error"),
    ]
    line = line_with(cell("number", 1, "1"), issues=issues)
    found = sheet(line, "applications")
    face = found.faces[ADDRESS]
    assert (face.issues, face.level, face.suggested) == ((0, 1, 2), "warning", 7)
    assert found.marks["applications.total"].level == "error"
    assert found.level == "error"
    assert elsewhere(line) == (4,)


def test_cells_of_another_edition_are_kept_apart_and_a_lost_table_is_all_absent():
    stranger = "applications.other_processing@total"
    line = line_with(cell("number", 1, "1"), year=2022)
    line["cells"][stranger] = cell("number", 3, "3")
    two, three, four = official(line)
    assert [face.address for face in three.strangers] == [stranger]
    assert (two.found, three.found, four.found) == (False, True, False)
    assert {face.state for face in four.faces.values()} == {"absent"}
    assert two.layout.edition == "2021"


def test_a_real_line_shows_its_figures_where_the_form_has_them():
    truth = fill(3, "2019", kind="busy")
    line = process(render(truth, "tabs_grid", Random(1)).data, "a.txt").neutral()
    for found in official(line):
        assert found.found
        for address, face in found.faces.items():
            assert face.value == line["cells"][address]["value"]
