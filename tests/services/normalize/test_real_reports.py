"""The five real reports: rows must be what a person sees on the page."""

import pytest

from tests.services.normalize.reading import paragraphs, real, rows, rules, tables

ZEROS = ["0"] * 7


@pytest.mark.parametrize(
    ("number", "sevens", "layout"),
    [
        (0, 23, "tabs"),
        (1, 23, "cell_per_line"),
        (2, 23, "cell_per_line"),
        (3, 12, "tabs"),
        (4, 22, "tabs"),
    ],
)
def test_table_three_has_seven_figures_in_each_row(number: int, sevens: int, layout: str) -> None:
    document = real(number)

    trimmed = [[t for t in row if t] for row in rows(document)]
    full = [row for row in trimmed if row[-7:] == ZEROS and 8 <= len(row) <= 10 and row[0] != "0"]

    assert len(full) == sevens
    assert {t.layout for t in tables(document)} == {layout}


@pytest.mark.parametrize("number", [1, 2])
def test_a_cell_per_line_report_has_48_rows_and_one_of_fifteen_figures(number: int) -> None:
    found = rows(real(number))

    assert len(found) == 48
    assert found.count(["0"] * 15) == 1
    assert ["信息内容", "本年新制作数量", "本年新公开数量", "对外公开总数量"] in found


def test_empty_review_cells_of_report_000_stay_empty() -> None:
    assert rows(real(0))[-1] == [""] * 5 + ["0"] * 10


def test_ragged_scanner_rows_of_report_004_keep_every_cell() -> None:
    found = rows(real(4))

    assert ["行政事业性收", "费 0", "+140", *[""] * 8] in found
    assert ["政府集中采购", "60", "", "11750 万元", *[""] * 7] in found
    assert ["度办し", "(=)", "1. 属于国家秘密", *ZEROS, "", "", ""] in found


def test_the_zeros_of_report_001_lose_their_blanks_but_not_their_raw_text() -> None:
    cells = [c for t in tables(real(1)) for row in t.rows for c in row.cells]

    padded = [c for c in cells if c.raw is not None and "\u00a0" in c.raw]

    assert len(padded) == 153
    assert {c.text for c in padded} == {"0"}


def test_the_title_of_report_001_stays_on_two_lines() -> None:
    assert paragraphs(real(1))[:3] == [
        "韶关市浈江区人民政府办公室2020年政府",
        "信息公开工作年度报告",
        "总体情况",
    ]


@pytest.mark.parametrize(("number", "cuts"), [(0, 1), (1, 0), (2, 0), (3, 3), (4, 3)])
def test_sentences_cut_by_a_page_end_are_joined(number: int, cuts: int) -> None:
    document = real(number)

    noted = [o for o in document.observations if o.rule == "e_paragraph_split"]

    assert [o.text.rsplit("×", 1)[1] for o in noted] == ([str(cuts)] if cuts else [])


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, {"e_paragraph_split", "e_heading_style"}),
        (1, {"e_one_cell_per_line"}),
        (2, {"e_one_cell_per_line", "e_artifact"}),
        (3, {"e_paragraph_split", "e_inline_markup"}),
        (
            4,
            {
                "e_paragraph_split",
                "e_inline_markup",
                "e_halfwidth_punctuation",
                "e_ocr_substitution",
            },
        ),
    ],
)
def test_what_was_seen_while_reading_is_reported_once_each(number: int, expected: set[str]) -> None:
    document = real(number)

    assert rules(document) == expected
    assert len(document.observations) == len(expected)


@pytest.mark.parametrize("number", range(5))
def test_section_headings_are_never_rows(number: int) -> None:
    headings = [
        p for p in paragraphs(real(number)) if "行政复议、行政诉讼情况" in p and len(p) < 30
    ]

    assert len(headings) == 1
