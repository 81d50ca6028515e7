"""Looks of cells, lit passages, sources, charts, differences, words: pure parts of the page."""

import time
from dataclasses import replace

import pytest

from services.page.core.charts import LABEL, NUMBER, WIDTH, chart
from services.page.core.differences import differences
from services.page.core.doors import News
from services.page.core.looks import drawn, says, shown_number
from services.page.core.passages import lit_section, pieces
from services.page.core.source import MOST_LINES, Leaf, leaf_of, shown, source_of
from services.page.core.telling import told
from services.page.core.wording import language_of, words
from shared.forms.official import official
from shared.report.document import Document, GridCell, Paragraph, Place, Row, Table
from shared.report.issue import Evidence
from shared.report.neutral import neutral_report
from shared.report.personal import masked
from shared.report.record import Section
from tests.services.sink import made

TOTAL = "applications.{}@total"


def line_of(record, issues=()):
    return neutral_report(record, issues, report_id="r", revision="v")


def look_at(address, issues=(), **options):
    line = line_of(made.record(1), issues)
    for sheet in official(line):
        for row in drawn(sheet, line["issues"], **options):
            for look in row.looks:
                if look.box.address == address and look.box.kind == "value":
                    return look
    raise AssertionError(address)


def test_five_states_and_zero_look_like_six_things():
    addresses = {
        "number": TOTAL.format("granted"), "zero": TOTAL.format("denied.third_party"),
        "blank": TOTAL.format("unavailable.not_held"), "absent": TOTAL.format("total"),
        "mark": "review_litigation.review@total",
    }  # fmt: skip
    for kind, address in addresses.items():
        found = look_at(address)
        assert (found.state, f"is-{kind}" in found.classes.split()) == (kind, True)
    shown = [look_at(a).text for a in addresses.values()]
    assert shown == ["2", "0", "", "∅", "/"]


def test_an_uncertain_a_derived_and_a_corrected_cell_are_marked_each_in_its_way():
    unsure = look_at(TOTAL.format("other_processing"))
    derived = look_at(TOTAL.format("total"))
    corrected = look_at(TOTAL.format("granted"), corrected=frozenset({TOTAL.format("granted")}))
    assert (unsure.unsure, unsure.text) == (True, "-2")
    assert (derived.derived, derived.text) == ("6", "∅")
    assert "is-corrected" in corrected.classes
    assert "is-corrected" not in unsure.classes


def test_a_failing_cell_is_lit_and_its_issue_is_told_beside_the_first_row_alone():
    address = TOTAL.format("received_new")
    issue = made.issue("r", addresses=(address, TOTAL.format("granted")))
    line = line_of(made.record(1), [issue])
    sheet = official(line)[1]
    rows = drawn(sheet, line["issues"], chosen=address)
    beside = [row for row in rows if row.issues]
    assert len(beside) == 1
    (lit,) = [k for k in beside[0].looks if k.box.address == address and k.box.kind == "value"]
    assert {"sev-error", "from-source", "is-chosen"} <= set(lit.classes.split())
    assert lit.flag == "✕"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (5.0, "5"), (190.457379, "190.457379"), (1e-7, "0.0000001"), (None, "")],
)
def test_numbers_are_drawn_plainly(value, text):
    assert shown_number(value) == text


def test_what_a_cell_holds_is_said_in_short():
    assert says("number", 6, "万元") == "6万元"
    assert says("blank", None, None) == "[blank]"


def test_the_sentence_that_an_issue_quotes_is_lit_where_it_stood():
    section = Section(1, "总体情况", "一", "受理5件。\n答复5件。\n受理5件。", 4, lines=(5, 6, 7))
    issue = made.issue("r", evidence=(Evidence("受理5件", None, Place(line=7)),))
    lit = lit_section(section, [issue], str)
    assert [p.is_lit for p in lit] == [False, False, True]
    assert [(p.text, p.severity) for p in lit[2].pieces] == [("受理5件", "error"), ("。", None)]


def test_a_mask_hides_the_person_and_lights_the_same_words():
    section = Section(1, "总体情况", "一", "申请人王小明电话13812345678，受理5件。", 4)
    issue = made.issue("r", evidence=(Evidence("受理5件"),))
    (lit,) = lit_section(section, [issue], masked)
    text = "".join(p.text for p in lit.pieces)
    assert "13812345678" not in text
    assert [p.text for p in lit.pieces if p.issue] == ["受理5件"]


def test_of_overlapping_passages_the_more_serious_lights():
    found = pieces("abcdef", [(0, 4, "i", "info"), (2, 6, "e", "error"), (3, 3, "x", "error")])
    assert [(p.text, p.issue) for p in found] == [("ab", None), ("cdef", "e")]
    assert pieces("abc", []) == (("abc", None, None),)


def test_the_line_of_a_cell_is_lit_in_the_source():
    rows = (Row((GridCell("一、本年新收", 0, 30), GridCell("5", 1, 30), GridCell("7", 2, 30))),)
    document = Document((Paragraph("标题", 1), Table(rows, "tabs")), "text", lines=30)
    source = source_of(document)
    lines = list(shown(source, [Place(line=30, column=2)], str))
    assert [line.lit for line in lines] == [False, True]
    assert [bit.lit for bit in lines[1].bits] == [False, True, False]
    whole = list(shown(source, [Place(line=30)], str))
    assert all(bit.lit for bit in whole[1].bits)


def test_a_source_without_end_is_cut_and_says_so():
    document = Document(tuple(Paragraph("x", n) for n in range(MOST_LINES + 7)), "text")
    assert (len(source_of(document).lines), source_of(document).more) == (MOST_LINES, 7)


def test_the_page_of_a_pdf_is_the_one_asked_for_else_that_of_the_cell():
    place = Place(page=2, bbox=(1, 2, 3, 4))
    source = source_of(Document((), "pdf", pages=3, recognised=(3,)))
    assert leaf_of(source, "a.pdf", [place], None) == Leaf(2, 3, (place.bbox,))
    assert leaf_of(source, "a.pdf", [place], 9) == Leaf(3, 3)
    assert leaf_of(source, "a.pdf", [], None) == Leaf(1, 3)
    scanned = Place(page=3, bbox=(1, 2, 3, 4))
    assert leaf_of(source, "a.pdf", [scanned], None).boxes == ()
    assert leaf_of(None, "A.PDF", [place], None) == Leaf(2, None)
    assert leaf_of(None, "a.txt", [place], None) is None


def test_bars_fill_the_width_and_stack_their_parts():
    found = chart(
        [("a", [1, 3]), ("很长很长很长很长很长很长很长很长很长的名字", [0, 2])], ("x", "y")
    )
    first = found.bars[0]
    assert [round(p.x + p.width, 1) for p in first.parts] == [
        LABEL + (WIDTH - LABEL - NUMBER) / 4, WIDTH - NUMBER,
    ]  # fmt: skip
    assert (first.total, found.bars[1].label[-1]) == (4, "…")
    assert chart([("a", [0])], ("x",)).bars[0].parts == ()
    assert chart([], ("x",)).height > 0


def test_two_readings_differ_in_identity_cells_and_texts():
    old = made.record(1)
    new = made.record(1, cells=made.cells(shift=1), title="更正")
    new = replace(new, sections=())
    found = {d.about: (d.was, d.now) for d in differences(old, new)}
    assert found == {
        "title": ("2021年政府信息公开工作年度报告", "更正"),
        TOTAL.format("received_new"): ("5", "6"),
        "section_1": ("26", "–"),
    }
    assert differences(old, old) == ()


def test_a_text_says_which_sentences_differ_and_leaves_out_what_is_the_same():
    same = "依法公开。" * 60
    old, new = (
        replace(made.record(1), sections=(Section(1, "总体情况", "", f"{same}{x}{same}", 1),))
        for x in ("受理申请5件。", "受理申请6件。")
    )
    (found,) = differences(old, new)
    bits = [(bit.change, bit.text) for bit in found.bits]
    assert ("was", "受理申请5件。") in bits
    assert ("now", "受理申请6件。") in bits
    assert [change for change, _ in bits].count("cut") == 2
    assert sum(len(text) for _, text in bits) < 250


def test_a_text_without_end_is_compared_in_no_time():
    old, new = (
        replace(made.record(1), sections=(Section(1, "总体情况", "", text, 1),))
        for text in ("一。" * 50_000, "一。" * 49_999 + "二。")
    )
    began = time.process_time()
    (found,) = differences(old, new)
    assert time.process_time() - began < 1
    assert [bit.change for bit in found.bits] == ["was", "now"]


def test_every_word_is_there_in_both_languages():
    zh, en = words("zh"), words("en")
    assert zh.keys() == en.keys()
    assert [k for k in zh if not zh[k] and k != "page_picture_end"] == []


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "language"),
    [
        (None, None, "", "zh"), (None, None, "en-GB,en;q=0.9", "en"), (None, None, "zh-CN,en;q=0.8", "zh"),
        (None, None, "fr,en;q=0.5,zh;q=0.7", "zh"), ("en", "zh", "zh", "en"), (None, "en", "zh", "en"),
        ("xx", None, "en", "en"), (None, None, "\x00;q=9,,;" * 50, "zh"), (None, None, "en;q=0", "zh"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_asked_for_else_kept_else_accepted_else_chinese(
    asked, kept, accepted, language
):
    assert language_of(asked, kept, accepted) == language


def test_an_event_is_told_in_few_words_and_masked_for_strangers():
    body = {"document_id": "d", "file": "张三13812345678.txt", "agency": "局\u202e", "year": "x",
            "counts": {"error": 2, "other": 1}}  # fmt: skip
    found = told(News("recorded", body), masks=True)
    assert found["counts"] == {"error": 2}
    assert "13812345678" not in found["file"]
    assert (found["agency"], found["year"]) == ("局\ufffd", None)
    assert told(News("recorded", {"file": 1}), masks=True) is None
