import pytest

from services.extract.core.aligning.readings import read_cell, split_number


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0", 0, None),
        ("１２", 12, None),
        ("1,234", 1234, None),
        ("1，234", 1234, None),
        ("+127", 127, None),
        ("-2", -2, None),
        ("－2", -2, None),
        ("--253", -253, None),
        ("63.2", 63.2, None),
        ("190.457379", 190.457379, None),
        ("32214 元", 32214, "元"),
        ("11750 万元", 11750, "万元"),
        ("￥32,214.50元", 32214.5, "元"),
        ("3亿元", 3, "亿元"),
        ("\u3000 5\u00a0", 5, None),
        ("7件", 7, "件"),
    ],
)
def test_a_number_is_read_exactly_with_its_unit(text, value, unit):
    reading = read_cell(text)

    assert (reading.state, reading.value, reading.unit) == ("number", value, unit)
    assert reading.confidence == 1.0


@pytest.mark.parametrize("text", ["/", "-", "—", "——", "--", "无", "不适用", "N/A", "暂无"])
def test_a_mark_is_a_mark(text):
    assert read_cell(text).state == "mark"


@pytest.mark.parametrize("text", ["", " ", "\t", "\u3000", "\u00a0\u2002"])
def test_nothing_is_blank(text):
    assert read_cell(text).state == "blank"


@pytest.mark.parametrize(("text", "value"), [("U", 0), ("O", 0), ("l", 1), ("1O", 10), ("l2", 12)])
def test_a_look_alike_is_read_and_doubted(text, value):
    reading = read_cell(text)

    assert (reading.state, reading.value) == ("number", value)
    assert reading.confidence < 0.8


@pytest.mark.parametrize("text", ["见附件", "约5", "5余", "12-3", "1.2.3", "五"])
def test_anything_else_is_unreadable_and_never_a_number(text):
    reading = read_cell(text)

    assert (reading.state, reading.value) == ("unreadable", None)


def test_digits_with_a_gap_are_one_number_in_doubt():
    reading = read_cell("1 2")

    assert reading.value == 12
    assert reading.confidence < 0.8


def test_a_label_and_its_number_come_apart():
    assert split_number("费 0") == ("费", "0")
    assert split_number("第二十条") is None


@pytest.mark.parametrize("text", ["³", "5³", "5①", "²0", "U³", "½", "5½", "Ⅴ³"])
def test_raised_figures_and_note_marks_are_no_digits(text):
    found = read_cell(text)
    assert (found.state, found.value) == ("unreadable", None)


@pytest.mark.parametrize("text", ["00", "02", "0 0", "031"])
def test_zeros_before_a_number_may_be_another_cell(text):
    found = read_cell(text)
    assert found.confidence < 0.8
    assert "split_digits" in found.notes
