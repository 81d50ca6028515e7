"""Every rule can be measured, the measure notices what is wrong, and clean reports stay quiet."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from benchmarks.rules import Measured, lines, measure, missed, observed_rules
from benchmarks.specimens import Specimen, specimens, with_faults
from services.extract.core.extraction import extract
from services.normalize.core.reading import read_document
from services.validate.core.judging import judge
from tests.support.faults import ANEW, FAULTS, TOUCHES
from tests.support.faults_dates import TODAY
from tests.support.fill import fill
from tests.support.render import LAYOUTS, Quirks, render
from tests.support.truth import Expected

NOT_PLANTED = {
    "l_text_suspect": "wrong words are noticed by people, no code finds them",
    "s_column_count": "told of our own reading of a row, never of the agency: measured by damage",
}


def expected_by(name: str, *, most: int = 120) -> set[str]:
    """Return the rules that a class of fault plants, over some reports."""
    found: set[str] = set()
    for seed in range(most):
        kind = Random(f"kind {seed}").choice(("busy", "small", "quiet", "zero", None))
        truth = FAULTS[name](fill(seed, kind=kind, traps=True), Random(seed))
        found |= {e.rule for e in truth.expected} if truth else set()
    return found


def test_every_rule_about_one_report_has_a_class_of_fault_or_a_reason() -> None:
    planted = {rule for name in FAULTS for rule in expected_by(name)}
    assert {r.id for r in observed_rules()} - planted == set(NOT_PLANTED)


def test_the_same_seed_measures_the_same_files() -> None:
    first, second = ([(s.label, s.data) for s in specimens(24, 5)] for _ in range(2))
    assert first == second
    assert any(" " in s.medium for s in specimens(24, 5))


def test_pairs_are_unrelated_and_begin_with_the_one_that_writes_anew() -> None:
    pairs = [s.faults for s in specimens(60, 7) if len(s.faults) == 2]
    assert pairs
    for first, second in pairs:
        assert TOUCHES[first].isdisjoint(TOUCHES[second])
        assert ANEW not in TOUCHES[second]


def test_both_faults_of_a_pair_are_expected() -> None:
    pair = next(s for s in specimens(60, 7) if len(s.faults) == 2)
    assert len(pair.truth.expected) >= 2


@pytest.fixture(scope="module")
def measured() -> Measured:
    counts = Measured()
    for specimen in specimens(120, 11):
        measure(counts, specimen)
    return counts


def test_a_small_run_finds_all_that_was_planted_and_nothing_else(measured: Measured) -> None:
    assert measured.misses == []
    assert list(missed(measured)) == []


def test_the_table_has_a_line_for_every_rule(measured: Measured) -> None:
    shown = {line[:30].split(" ")[0] for line in lines(measured)}
    assert {r.id for r in observed_rules()} <= shown


def broken(specimen: Specimen) -> Specimen:
    """Return a clean report of which something is expected that is not there."""
    truth = specimen.truth.expecting(Expected("t3_balance"), Expected("p_mobile"))
    return replace(specimen, truth=truth, faults=("break_balance", "mobile"))


def test_the_measure_notices_what_is_missed_and_what_is_false() -> None:
    clean = with_faults((), 3)
    counts = Measured()
    measure(counts, broken(clean))
    assert (counts.rules["t3_balance"].planted, counts.rules["t3_balance"].found) == (1, 0)
    assert counts.faults["mobile"].found == 0
    faulty = with_faults(("mobile",), 3)
    measure(counts, replace(faulty, truth=replace(faulty.truth, expected=()), faults=()))
    assert counts.rules["p_mobile"].false == 1
    assert counts.alarmed == 1
    assert any("clean reports" in sentence for sentence in missed(counts))


def judged_clean() -> Iterator[tuple[str, str, list[str]]]:
    """Judge clean reports with everything that only looks like a fault."""
    for seed in islice(range(300_000, 300_200), 200):
        kind = ("busy", "small", "zero", None)[seed % 4]
        truth = fill(seed, kind=kind, traps=True)
        layout = LAYOUTS[seed % len(LAYOUTS)]
        printed = render(truth, layout, Random(seed), with_quirks=Quirks(), encoding="utf-8")
        record = extract(
            read_document(printed.data, "report.txt"), document_id="0" * 64, file="report.txt"
        )
        issues = judge(record, today=TODAY).issues
        loud = [f"{i.rule}: {i.message_zh}" for i in issues if i.severity != "info"]
        yield layout, str(seed), loud


def test_what_only_looks_like_a_fault_raises_neither_error_nor_warning() -> None:
    assert [(layout, seed, loud) for layout, seed, loud in judged_clean() if loud] == []
