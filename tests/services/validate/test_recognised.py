"""What was recognised from a picture is held against the report only where it was read surely."""

from dataclasses import replace

import pytest

from services.validate.core.examples.clean import clean_record
from services.validate.core.judging import judge
from shared.report.document import Observation
from shared.report.record import Claim, NarrativeFigure

GRANTED = "applications.granted@business"
SURE = {"confidence": 0.75, "notes": ("recognised", "contradicted_though_sure")}


def recognised(changes=(), **others):
    """The clean report, recognised with 0.98 everywhere, with changes to single cells."""
    record = clean_record("2021")
    cells = tuple(replace(c, confidence=0.98, notes=("recognised",)) for c in record.cells)
    changes = dict(changes)
    cells = tuple(replace(c, **changes.get(c.address, {})) for c in cells)
    return replace(record, cells=cells, **others)


def loud(record):
    return {i.rule: i for i in judge(record).issues if i.severity != "info"}


def test_a_clean_recognised_report_raises_nothing():
    assert loud(recognised()) == {}


def test_a_wrong_sum_of_surely_read_numbers_is_the_reports_and_tells_how_it_was_read():
    found = loud(recognised({GRANTED: {"value": 15} | SURE}))["t3_row_total"]
    assert (found.severity, found.origin) == ("error", "source")
    assert "文字识别" in found.message_zh
    assert "recognised" in found.message_en


@pytest.mark.parametrize(
    "doubt",
    [{"confidence": 0.94}, {"candidates": (1,)}, {"notes": ("recognised", "contradicted"),
                                                  "confidence": 0.75}],
)  # fmt: skip
def test_a_wrong_sum_with_one_doubted_number_is_the_readings(doubt):
    found = loud(recognised({GRANTED: {"value": 15} | doubt}))["t3_row_total"]
    assert (found.severity, found.origin) == ("warning", "extraction")


def test_other_readings_of_a_confirmed_number_raise_no_doubt():
    confirmed = {"candidates": (7,), "notes": ("recognised", "confirmed_by_equation")}
    changes = {GRANTED: confirmed, "applications.granted@research": {"value": 15} | SURE}
    assert loud(recognised(changes))["t3_row_total"].origin == "source"


def test_the_same_confidence_in_a_digital_file_is_enough():
    record = clean_record("2021")
    cells = tuple(
        replace(c, value=15, confidence=0.9) if c.address == GRANTED else c for c in record.cells
    )
    assert loud(replace(record, cells=cells))["t3_row_total"].origin == "source"


def test_ink_that_was_not_read_is_never_charged_to_the_agency():
    gone = {"state": "unreadable", "value": None, "raw": "", "confidence": 0.3,
            "notes": ("unread", "recognised")}  # fmt: skip
    judged = judge(recognised({GRANTED: gone}))
    (found,) = [i for i in judged.issues if i.rule == "c_unreadable"]
    assert found.origin == "extraction"


def test_a_word_where_a_number_belongs_stays_open():
    word = {"state": "unreadable", "value": None, "raw": "见附件", "notes": ()}
    judged = judge(recognised({GRANTED: word}))
    (found,) = [i for i in judged.issues if i.rule == "c_unreadable"]
    assert found.origin == "unknown"


def row_of(state, note):
    columns = ("natural_person", "business", "research", "nonprofit", "legal_service", "other",
               "total")  # fmt: skip
    change = {"state": state, "value": None, "raw": None, "confidence": 0.7, "notes": note}
    return {f"applications.not_processed.petition@{c}": change for c in columns}


@pytest.mark.parametrize("note", ["unsure_blank", "covered", "empty_in_damaged_source"])
def test_a_row_that_is_printed_without_readable_numbers_is_not_missing(note):
    assert "s_row_missing" not in loud(recognised(row_of("absent", (note,))))


def test_a_row_whose_numbers_were_too_few_is_short_and_not_missing():
    found = loud(recognised(row_of("absent", ("column_lost",))))
    assert "s_row_missing" not in found
    assert found["s_column_count"].origin == "extraction"


def test_a_row_that_recognition_does_not_show_is_looked_for_in_the_picture_first():
    missing = loud(recognised(row_of("absent", ())))["s_row_missing"]
    assert missing.origin == "extraction"


def test_a_merged_value_is_reported_once_and_not_as_a_short_row():
    note = ("covered",)
    cell = {GRANTED: {"state": "absent", "value": None, "raw": None, "notes": note}}
    seen = Observation("e_merged_value", "granted", addresses=(GRANTED,))
    found = loud(recognised(cell, observations=(seen,)))
    assert set(found) == {"e_merged_value"}
    assert found["e_merged_value"].addresses == (GRANTED,)


def figure(confidence):
    return NarrativeFigure("收到申请", 99, "件", "全年收到申请99件", 1, key="received", line=4,
                           confidence=confidence)  # fmt: skip


def test_a_figure_of_a_sentence_read_with_doubt_blames_nobody():
    def judged(confidence):
        record = recognised(figures=(figure(confidence),))
        return next(i for i in judge(record).issues if i.rule == "n_received")

    assert (judged(0.99).severity, judged(0.99).origin) == ("warning", "source")
    assert (judged(0.9).severity, judged(0.9).origin) == ("info", "unknown")
    assert "文字识别" in judged(0.9).message_zh


def test_a_claim_read_with_doubt_blames_nobody():
    claim = Claim("zero", "received", "未收到政府信息公开申请", 1, 4, confidence=0.8)
    found = [i for i in judge(recognised(claims=(claim,))).issues if i.rule.startswith("n_")]
    assert [(i.severity, i.origin) for i in found] == [("info", "unknown")]


def signed(name, **others):
    record = recognised(**others)
    return replace(record, identity=replace(record.identity, signature=name))


def conflict(record):
    return next(i for i in judge(record).issues if i.rule == "i_agency_conflict")


def test_a_signature_that_recognition_may_have_misread_blames_nobody():
    found = conflict(signed("江东省云州币清河县贝攻局"))
    assert (found.severity, found.origin) == ("info", "unknown")


def test_the_signature_of_quite_another_body_is_a_conflict_on_a_scan_too():
    found = conflict(signed("海西省林州市安平县卫生健康委员会"))
    assert (found.severity, found.origin) == ("warning", "source")
