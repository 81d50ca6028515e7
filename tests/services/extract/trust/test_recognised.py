"""Recognised numbers and the equations: chosen, confirmed, contradicted."""

from dataclasses import replace

import pytest

from services.extract.core.trust.arbitration import arbitrate
from services.extract.core.trust.recognised import weigh
from shared import forms
from shared.report.document import Place
from shared.report.record import Cell

T3, T4 = "applications", "review_litigation"
COLUMNS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other", "total")
PAGE = Place(page=1)
BOTH = ("t3_row_total:granted", "t3_outcome_total:business")


def table_three(changes=(), confidence=0.99):
    """One application of a business, granted; every other cell 0."""
    ones = {f"{T3}.{r}@{c}" for r in ("received_new", "granted", "total")
            for c in ("business", "total")}  # fmt: skip
    cells = {
        a: Cell(a, "number", int(a in ones), raw=str(int(a in ones)), place=PAGE,
                confidence=confidence)
        for a in forms.table("2021", T3).addresses
    }  # fmt: skip
    for address, change in dict(changes).items():
        cells[f"{T3}.{address}"] = replace(cells[f"{T3}.{address}"], **change)
    return cells


def table_four(values, confidence=0.99):
    return {
        f"{T4}.review@{c}": Cell(f"{T4}.review@{c}", "number", v, place=PAGE, confidence=confidence)
        for c, v in zip(("maintained", "corrected", "other", "pending", "total"), values, strict=True)
    }  # fmt: skip


def settled(changes):
    cells, used = arbitrate(table_three(changes), {T3: "2021"})
    return {a.removeprefix(f"{T3}."): c for a, c in cells.items()}, used


def weighed(changes=(), confidence=0.99):
    cells = weigh(table_three(changes, confidence), {T3: "2021"}, frozenset({1}))
    return {a.removeprefix(f"{T3}."): c for a, c in cells.items()}


def test_another_reading_that_mends_row_and_column_is_taken_and_says_so():
    cells, used = settled(
        {"granted@business": {"value": 7, "confidence": 0.6, "candidates": (1, 4)}}
    )
    cell = cells["granted@business"]
    assert (cell.value, cell.candidates) == (1, (7, 4))
    assert "by_equation" in cell.notes
    assert set(BOTH) <= set(used)
    assert set(BOTH) <= set(cell.proof)


def test_two_misread_numbers_of_one_row_are_each_mended_by_their_column():
    cells, _ = settled({
        "granted@business": {"value": 7, "confidence": 0.6, "candidates": (1,)},
        "granted@research": {"value": 8, "confidence": 0.6, "candidates": (0,)},
    })  # fmt: skip
    assert [cells[f"granted@{c}"].value for c in ("business", "research")] == [1, 0]


def test_two_numbers_read_well_are_mended_together_where_three_sums_say_so():
    well = {"confidence": 0.93}
    cells, used = settled({
        "granted@business": well | {"value": 7, "candidates": (1,)},
        "granted@research": well | {"value": 8, "candidates": (0,)},
    })  # fmt: skip
    assert [cells[f"granted@{c}"].value for c in ("business", "research")] == [1, 0]
    assert cells["granted@business"].candidates == (7,)
    assert set(cells["granted@research"].proof) == {
        "t3_row_total:granted", "t3_outcome_total:research",
    }  # fmt: skip
    assert set(BOTH) < set(used)


def test_one_sum_is_too_little_to_mend_two_numbers_together():
    cells = table_four((7, 7, 0, 0, 3), 0.6)
    for column, other in (("maintained", 1), ("corrected", 2)):
        address = f"{T4}.review@{column}"
        cells[address] = replace(cells[address], candidates=(other,))
    read, used = arbitrate(cells, {T4: "2021"})
    assert [read[f"{T4}.review@{c}"].value for c in ("maintained", "corrected")] == [7, 7]
    assert used == ()


def test_two_pairs_that_mend_the_same_sums_leave_both_open():
    told = {
        f"{r}@{c}": {"value": 5}
        for r in ("received_new", "total")
        for c in ("business", "research")
    }
    told |= {f"{r}@total": {"value": 5} for r in ("granted", "partially_granted")}
    told |= {f"{r}@total": {"value": 10} for r in ("received_new", "total")}
    rows, columns = ("granted", "partially_granted"), ("business", "research")
    unread = {"value": 0, "confidence": 0.6, "candidates": (5,)}
    cells, used = settled(told | {f"{r}@{c}": unread for r in rows for c in columns})
    assert {cells[f"{r}@{c}"].value for r in rows for c in columns} == {0}
    assert used == ()


def test_two_numbers_are_not_mended_together_where_another_pair_would_do_as_well():
    well = {"confidence": 0.93, "value": 7, "candidates": (1, 2)}
    cells = table_four((7, 7, 0, 0, 3), 0.93)
    for column in ("maintained", "corrected"):
        address = f"{T4}.review@{column}"
        cells[address] = replace(cells[address], **well)
    read, used = arbitrate(cells, {T4: "2021"})
    assert [read[f"{T4}.review@{c}"].value for c in ("maintained", "corrected")] == [7, 7]
    assert used == ()


def test_where_either_of_two_cells_could_mend_the_sum_neither_is_changed():
    values = {"maintained": 3, "total": 8}
    cells = table_four((3, 0, 0, 0, 8), 0.6)
    for column, other in (("maintained", 8), ("total", 3)):
        address = f"{T4}.review@{column}"
        cells[address] = replace(cells[address], candidates=(other,))
    read, used = arbitrate(cells, {T4: "2021"})
    assert {c: read[f"{T4}.review@{c}"].value for c in values} == values
    assert used == ()


def test_one_sum_alone_does_not_overrule_what_was_read_well():
    for confidence, value in ((0.93, 3), (0.6, 8)):
        cells = table_four((3, 0, 0, 0, 8))
        address = f"{T4}.review@maintained"
        cells[address] = replace(cells[address], confidence=confidence, candidates=(8,))
        read, _ = arbitrate(cells, {T4: "2021"})
        assert read[address].value == value


def test_a_number_without_other_readings_is_never_changed():
    cells, used = settled({"granted@business": {"value": 7, "confidence": 0.5}})
    assert cells["granted@business"].value == 7
    assert used == ()


def test_what_was_not_read_is_taken_from_its_candidates_only():
    gone = {"state": "unreadable", "value": None, "confidence": 0.3}
    cells, _ = settled({
        "granted@business": gone | {"candidates": (1, 7)},
        "total@research": gone,
    })  # fmt: skip
    assert cells["granted@business"].value == 1
    assert (cells["total@research"].value, cells["total@research"].derived) == (None, 0)


def test_row_and_column_that_hold_confirm_a_doubted_number():
    cell = weighed({"granted@business": {"confidence": 0.6}})["granted@business"]
    assert (cell.value, cell.confidence) == (1, 0.97)
    assert "confirmed_by_equation" in cell.notes


@pytest.mark.parametrize(
    "doubt",
    [
        {"granted@business": {"confidence": 0.49}},
        {"granted@business": {"confidence": 0.6, "notes": ("position",)}},
        {"granted@business": {"confidence": 0.6}, "granted@total": {"confidence": 0.4}},
        {"granted@business": {"confidence": 0.6}, "total@business": {"notes": ("uncertain_place",)}},
    ],
)  # fmt: skip
def test_nothing_is_confirmed_by_cells_that_are_too_doubtful_themselves(doubt):
    cell = weighed(doubt)["granted@business"]
    assert cell.confidence < 0.8
    assert "confirmed_by_equation" not in cell.notes


def test_one_equation_alone_confirms_nothing():
    cells = weigh(table_four((1, 0, 0, 0, 1), 0.85), {T4: "2021"}, frozenset({1}))
    assert {c.confidence for c in cells.values()} == {0.85}


def test_a_number_that_no_equation_supports_needs_a_look_unless_read_surely():
    cells = {
        a: Cell(a, "number", 3, place=PAGE, confidence=confidence)
        for a, confidence in (("active_disclosure.licensing@decisions", 0.9),
                              ("active_disclosure.penalty@decisions", 0.96))
    }  # fmt: skip
    read = weigh(cells, {"active_disclosure": "2021"}, frozenset({1}))
    assert [c.confidence for c in read.values()] == [0.79, 0.96]


def test_a_number_that_row_and_column_contradict_is_never_given_with_confidence():
    cells = weighed({"granted@business": {"value": 15}})
    cell = cells["granted@business"]
    assert cell.confidence < 0.8
    assert "contradicted_though_sure" in cell.notes
    assert cells["granted@total"].confidence == 0.99, "its column holds"


@pytest.mark.parametrize("doubt", [{"value": 7}, {"value": 15, "confidence": 0.9},
                                   {"value": 15, "candidates": (16,)}])  # fmt: skip
def test_a_contradiction_that_may_be_a_misreading_is_called_so(doubt):
    cell = weighed({"granted@business": doubt})["granted@business"]
    assert "contradicted" in cell.notes


def test_cells_of_other_pages_and_digital_cells_are_left_alone():
    cells = table_three({"granted@business": {"value": 7, "confidence": 0.6}})
    read = weigh(cells, {T3: "2021"}, frozenset({2}))
    assert read == cells


def test_a_cell_that_recognition_does_not_show_may_be_lost():
    lost = {"state": "absent", "value": None, "place": None, "raw": None}
    assert weighed({"granted@business": lost})["granted@business"].confidence < 0.8


def test_equations_that_agree_with_what_was_read_choose_nothing():
    cells, used = settled({"granted@business": {"confidence": 0.6, "candidates": (7,)}})
    assert (cells["granted@business"].value, used) == (1, ())
    assert "by_equation" not in cells["granted@business"].notes
