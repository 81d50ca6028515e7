"""Properties of the whole core: what was filled in is what is read back, in every layout."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.extract.core.extraction import extract
from services.normalize.core.reading import read_document
from services.validate.core.judging import judge
from shared import forms
from shared.errors import BadInput
from shared.report.issue import Judgement
from shared.report.record import Cell, Record
from tests.support.consequences import broken_equations, consequences
from tests.support.damage import DAMAGES
from tests.support.render import LAYOUTS, Rendered
from tests.support.strategies import any_text, damaged, one_cell_changed, printed
from tests.support.truth import Truth

steady = settings(
    derandomize=True, deadline=None, max_examples=6, database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
ARITHMETIC = {"t3_balance", "t3_outcome_total", "t3_row_total", "t4_sum"}


def read(report: Rendered) -> Record:
    document = read_document(report.data, report.name)
    return extract(document, document_id="0" * 64, file=report.name)


def differs(cell: Cell | None, truth: Truth, address: str) -> bool:
    value = truth.cells[address]
    if cell is None:
        return value != "absent"
    if isinstance(value, str):
        return cell.state != value
    return (cell.state, cell.value) != ("number", value)


def flagged(cell: Cell | None, address: str, record: Record) -> bool:
    if cell is None or cell.confidence < 0.8 or cell.candidates or cell.state == "unreadable":
        return True
    return any(address in o.addresses for o in record.observations)


@pytest.mark.parametrize("layout", LAYOUTS)
@steady
@given(st.data())
def test_an_undamaged_report_is_read_back_cell_by_cell(layout: str, data: st.DataObject) -> None:
    report = data.draw(printed(layout))
    record = read(report)
    found = {c.address: c for c in record.cells}
    wrong = {
        a: (v, found.get(a))
        for a, v in report.truth.cells.items()
        if a not in report.truth.loose and differs(found.get(a), report.truth, a)
    }
    assert not wrong
    assert record.templates == report.truth.templates


@pytest.mark.parametrize("layout", LAYOUTS)
@steady
@given(st.data())
def test_agency_year_and_date_do_not_depend_on_the_layout(layout: str, data: st.DataObject) -> None:
    truth = data.draw(printed(layout).map(lambda r: (r, r.truth)))
    record, true = read(truth[0]), truth[1]
    identity = record.identity
    assert identity.year == true.year
    assert identity.published_on == true.published_on
    assert identity.scope == true.scope
    assert identity.agency is not None
    assert true.agency.endswith(identity.agency) or identity.agency.endswith(true.agency)


@pytest.mark.parametrize("layout", LAYOUTS)
@steady
@given(st.data())
def test_a_clean_report_raises_no_error_or_warning(layout: str, data: st.DataObject) -> None:
    report = data.draw(printed(layout))
    judgement = judge(read(report))
    assert [(i.rule, i.message_en) for i in judgement.issues if i.severity != "info"] == []


@pytest.mark.parametrize("kind", DAMAGES)
@steady
@given(st.data())
def test_a_damaged_cell_is_exact_or_flagged_and_never_invented(
    kind: str, data: st.DataObject
) -> None:
    report = data.draw(damaged(kind))
    record = read(report)
    found = {c.address: c for c in record.cells}
    silent = {
        a: (v, found[a])
        for a, v in report.truth.cells.items()
        if a in found and found[a].state == "number"
        and differs(found[a], report.truth, a) and not flagged(found[a], a, record)
    }  # fmt: skip
    assert not silent


def failing(judgement: Judgement) -> set[tuple[str, str]]:
    return {
        (c.rule, s)
        for c in judgement.checks
        if c.status == "fail" and c.rule in ARITHMETIC
        for s in c.scopes
    }


@settings(parent=steady, max_examples=40)
@given(one_cell_changed())
def test_a_changed_cell_makes_exactly_the_rules_that_mention_it_speak(
    case: tuple[Rendered, Truth, str],
) -> None:
    report, truth, address = case
    judgement = judge(read(report))
    assert failing(judgement) == broken_equations(truth)
    loud = {i.rule for i in judgement.issues if i.severity != "info"}
    assert loud <= consequences(truth)
    assert any(address in i.addresses for i in judgement.issues if i.rule in ARITHMETIC)


@settings(parent=steady, max_examples=80)
@given(any_text())
def test_any_text_is_read_or_refused_and_never_breaks_the_cores(text: str) -> None:
    try:
        document = read_document(text.encode("utf-8", "surrogatepass"), "any.txt")
        record = extract(document, document_id="0" * 64, file="any.txt")
    except BadInput:
        return
    judge(record)
    declared = {a for t, e in record.templates.items() for a in forms.table(e, t).addresses}
    assert {c.address for c in record.cells} == declared


@settings(parent=steady, max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(BadInput):
        read_document(data, "any.txt")
