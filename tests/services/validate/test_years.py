"""Three years of one body, whatever the order in which they arrive: the same findings, each told once."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random

import pytest
from sqlalchemy import text

from services.pipeline import process
from shared.contracts.changes import IssueGone
from shared.contracts.events import ValidationFailed
from shared.database.engine import open_engine
from shared.report.record import Record
from tests.support.bus import MOMENT
from tests.support.dump import dump
from tests.support.little_line import LittleLine
from tests.support.render import LAYOUTS, render
from tests.support.years import body, one_year

CARRIED = "applications.carried_over_in@natural_person"
STOCK = "active_disclosure.normative_documents@in_force"
PLANTED = {(2022, "xy_carry_over"), (2023, "t2_2021_stock_rollforward")}
RULES = {rule for _, rule in PLANTED}


def read(truth, number) -> Record:
    report = render(truth, LAYOUTS[number % len(LAYOUTS)], Random(number))
    record = process(report.data, f"{truth.year}_{report.name}").record
    assert record is not None
    return record


@pytest.fixture(scope="module")
def truths():
    """FY2021 to FY2023: more carried into 2022 than 2021 carried out, and a stock of 2023 out of step."""
    agency, made = body(7), []
    for year, slip in ((2021, {}), (2022, {CARRIED: 3}), (2023, {STOCK: 5})):
        made.append(one_year(7, year, agency, made[-1] if made else None, slip=slip))
    return made


@pytest.fixture(scope="module")
def reports(truths):
    return [read(truth, n) for n, truth in enumerate(truths)]


def found(url):
    engine = open_engine(url, writing=False)
    query = text("SELECT year, rule FROM current_issues WHERE across = 1 ORDER BY year, rule")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return [row for row in rows if row[1] in RULES]


def told(line):
    events = line.of_type(ValidationFailed)
    return sorted((e.year, e.issue.rule) for e in events if e.issue.rule in RULES)


@pytest.fixture(scope="module")
def in_order(tmp_path_factory, reports):
    """What is on file when the years arrive as they were published."""
    line = LittleLine(f"sqlite:///{tmp_path_factory.mktemp('order')}/gouji.db")
    for record in reports:
        line.judge(record)
        line.run()
    line.stop()
    return dump(line.url)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_every_order_of_arrival_with_restarts_between_ends_the_same(
    tmp_path, reports, in_order, order
):
    line = LittleLine(f"sqlite:///{tmp_path}/gouji.db", seed=sum(order), doubled=0.3)
    for number in order:
        line.judge(reports[number])
        line.run()
        line.restart()
    line.stop()
    assert found(line.url) == sorted(PLANTED)
    assert told(line) == sorted(PLANTED)
    assert dump(line.url) == in_order


@pytest.mark.parametrize("seed", range(12))
def test_all_at_once_with_events_doubled_and_shuffled_ends_the_same(
    tmp_path, reports, in_order, seed
):
    line = LittleLine(f"sqlite:///{tmp_path}/gouji.db", seed=seed, doubled=0.5)
    line.judge(*Random(seed).sample(reports, 3))
    line.run(at_most=seed)
    line.restart()
    line.run()
    line.stop()
    assert dump(line.url) == in_order
    assert told(line) == sorted(PLANTED)


def test_it_is_the_same_on_either_database(database_url, reports, in_order):
    line = LittleLine(database_url, seed=1, doubled=0.3)
    line.judge(*reports)
    line.run()
    line.stop()
    assert found(database_url) == sorted(PLANTED)
    if database_url.startswith("sqlite"):
        assert dump(database_url) == in_order


def test_a_corrected_report_of_last_year_takes_the_finding_away(tmp_path, truths, reports):
    line = LittleLine(f"sqlite:///{tmp_path}/gouji.db")
    line.judge(*reports)
    line.run()
    out = CARRIED.replace("carried_over_in", "carried_over_out")
    more = {out: truths[0].number(out) + 3}
    for row, cell in (
        ("carried_over_out", out),
        ("received_new", CARRIED.replace("carried_over_in", "received_new")),
    ):
        total = f"applications.{row}@total"
        more |= {cell: truths[0].number(cell) + 3, total: truths[0].number(total) + 3}
    corrected = read(truths[0].with_cells(more), 0)
    assert corrected.document_id != reports[0].document_id
    line.judge(corrected, moment=MOMENT + timedelta(days=1))
    line.run()
    line.stop()
    assert found(line.url) == [(2023, "t2_2021_stock_rollforward")]
    gone = [(e.year, e.issue.rule) for e in line.of_type(IssueGone) if e.issue.rule in RULES]
    assert gone == [(2022, "xy_carry_over")]


def test_years_of_other_bodies_are_never_compared(tmp_path, truths, reports):
    other = replace(truths[0], year=2021)
    stranger = one_year(8, 2022, body(11), other, slip={CARRIED: 9})
    line = LittleLine(f"sqlite:///{tmp_path}/gouji.db")
    line.judge(reports[0], read(stranger, 4))
    line.run()
    line.stop()
    assert found(line.url) == []
