"""The measures measure: a planted misreading is counted, and the bar it breaks is named."""

from dataclasses import replace
from random import Random

import pytest

from benchmarks import bars
from benchmarks.bars import Measured
from benchmarks.scoring import Score, add_cells, together
from services.extract.core.extraction import extract
from services.normalize.core.reading import read_document
from shared.report.record import Cell, Record
from tests.support.fill import fill
from tests.support.render import Quirks, render
from tests.support.truth import Truth

ADDRESS = "applications.granted@natural_person"


@pytest.fixture(scope="module")
def report() -> tuple[Record, Truth]:
    truth = fill(4, "2021", kind="busy")
    data = render(truth, "tabs_grid", Random(4), with_quirks=Quirks(), encoding="utf-8").data
    record = extract(read_document(data, "x.txt"), document_id="0" * 64, file="x.txt")
    return record, truth


def misread(record: Record, **changes: object) -> Record:
    def changed(cell: Cell) -> Cell:
        return replace(cell, **changes) if cell.address == ADDRESS else cell  # type: ignore[arg-type]

    return replace(record, cells=tuple(changed(c) for c in record.cells))


def scored(record: Record, truth: Truth, *, partial: bool = False) -> Score:
    score = Score(reports=1)
    add_cells(score, record, truth, partial=partial)
    return score


def test_a_right_reading_misses_no_bar(report):
    score = scored(*report)
    assert (score.exact, score.silent, score.invented) == (score.cells, 0, 0)
    assert score.given == score.cells
    assert bars.missed(Measured({("docx", "whole"): score})) == []


def test_a_wrong_number_that_is_sure_of_itself_breaks_four_bars(report):
    record, truth = report
    score = scored(misread(record, value=99_999), truth)
    assert (score.silent, score.trust[0.95][1]) == (1, 1)
    named = " ".join(bars.missed(Measured({("docx", "whole"): score})))
    for bar in ("non-zero cells", "exact reports", "silent or invented", "confidence 0.95"):
        assert bar in named


def test_a_wrong_number_that_says_it_is_unsure_is_no_silent_error(report):
    record, truth = report
    score = scored(misread(record, value=99_999, confidence=0.5), truth)
    assert (score.silent, score.flagged, score.trust[0.0][1]) == (0, 1, 1)
    named = " ".join(bars.missed(Measured({("scan", "whole"): score})))
    assert named == ""


def test_a_number_for_a_blank_is_invented(report):
    record, truth = report
    score = scored(record, truth.with_cells({ADDRESS: "blank"}))
    assert (score.silent, score.invented) == (0, 1)


def test_a_blank_for_a_number_claims_something_wrong(report):
    record, truth = report
    score = scored(misread(record, state="blank", value=None), truth)
    assert score.trust[0.95][1] == 1
    assert score.exact == score.cells - 1


def test_what_a_cut_file_no_longer_shows_is_not_counted_against_it(report):
    record, truth = report
    gone = misread(record, state="absent", value=None)
    assert scored(gone, truth, partial=True).exact == scored(record, truth).exact - 1
    assert scored(gone, truth, partial=True).cells == scored(record, truth).cells - 1


def test_false_alarms_and_missed_faults_break_their_bars():
    alarmed = Score(reports=100, alarmed_reports=2, false_alarms=2)
    found = Score(reports=50, planted=50, found=48)
    measured = Measured({("html", "whole"): found + alarmed}, {"late": found}, alarmed)
    named = " ".join(bars.missed(measured))
    for bar in ("precision", "recall of late", "faultless reports"):
        assert bar in named


def test_a_file_that_cannot_be_read_breaks_the_bars():
    measured = Measured({("pdf", "whole"): Score(reports=3, failed=1)})
    assert any("1 files failed" in line for line in bars.missed(measured))


def test_scores_add_up(report):
    one = scored(*report)
    both = together([one, one])
    assert both.cells == 2 * one.cells
    assert both.trust[0.95] == [2 * n for n in one.trust[0.95]]
    assert one.trust[0.95][0] * 2 == both.trust[0.95][0]
