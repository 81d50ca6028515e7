"""A county's reports of three years in any order: what the line ends with is what all of them together say.

The oracle sees every report at once, in memory, with no bus, no database and no order.
"""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text

from services.validate.core.across.family import Neighbour
from services.validate.core.across.gathering import Neighbourhood
from services.validate.core.across.judging import compare
from services.validate.core.examples.building import build
from services.validate.core.telling import report_of
from shared.contracts.changes import IssueGone
from shared.contracts.events import ValidationFailed
from shared.database.engine import open_engine
from shared.report.record import Record, Region, Section
from tests.support.bus import MOMENT
from tests.support.essays import essay, reworded
from tests.support.little_line import LittleLine

COUNTY = Region("江东省", "云州市", "清河县")
BODIES = ("财政局", "教育局", "水利局", "审计局", "统计局", "民政局", "司法局")
T3 = "applications"


def report(rng: Random, name: str, year: int, words: str, *, roll_up: bool = False) -> Record:
    """Return a balanced report whose carry-over, stock and text are drawn: some fit the years beside, some not."""
    carried_in, carried_out = rng.choice((0, 0, 1, 2)), rng.choice((0, 0, 1, 2))
    handled = rng.choice((2, 3, 5)) * (30 if roll_up and rng.random() < 0.5 else 1)
    cells = {}
    for row, value in (("carried_over_in", carried_in), ("carried_over_out", carried_out),
                       ("received_new", handled + carried_out - carried_in), ("total", handled)):  # fmt: skip
        cells |= {f"{T3}.{row}@natural_person": value, f"{T3}.{row}@total": value}
    cells["active_disclosure.normative_documents@in_force"] = rng.choice((12, 14))
    made = build({"edition": "2021", "cells": cells})
    agency = f"江东省云州市清河县{name}"
    identity = replace(
        made.identity, agency=agency, agency_as_printed=agency, year=year, region=COUNTY,
        scope="roll_up" if roll_up else "own", kind="government" if roll_up else "department",
    )  # fmt: skip
    section = Section(1, "总体情况", "一、总体情况", words, 3)
    return replace(
        made,
        document_id=f"{rng.getrandbits(256):064x}", file=f"{year}{name}.txt", identity=identity,
        sections=(section, *(s for s in made.sections if s.number != 1)),
    )  # fmt: skip


def county(seed: int) -> list[Record]:
    """Return the reports of every body on three years and the county's roll-ups."""
    rng = Random(seed)
    shared = essay(rng, 700)
    made = []
    for name in BODIES:
        words = essay(rng, 600)
        for year in (2021, 2022, 2023):
            fate = rng.random()
            if fate < 0.25:
                words = reworded(rng, shared, 0.95)
            elif fate < 0.75:
                words = essay(rng, 600)
            made.append(report(rng, name, year, words))
    made += [
        report(rng, "人民政府", year, essay(rng, 900), roll_up=True) for year in (2021, 2022, 2023)
    ]
    return made


def oracle(records: list[Record]) -> set[tuple[str, ...]]:
    """Return every finding beside others, all reports being known."""
    neighbours = [Neighbour(report_of(record), record) for record in records]
    all_of_them = Neighbourhood(neighbours)
    found = set()
    for one in neighbours:
        family = all_of_them.around(one.report_id, one.record).family
        for issue in compare(family).judgement.issues:
            found.add(_known(one.report_id, issue.id, issue.rule, issue.severity, issue.message_zh))
    return found


def _known(
    report_id: str, issue_id: str, rule: str, severity: str, message: str
) -> tuple[str, ...]:
    # of several texts that are alike the one that was met first is named
    told = "" if rule == "xy_duplicate_text" else message
    return report_id, issue_id, rule, severity, told


def on_file(url: str) -> set[tuple[str, ...]]:
    engine = open_engine(url, writing=False)
    query = text(
        "SELECT report_id, issue_id, rule, severity, message_zh FROM current_issues WHERE across = 1"
    )
    with engine.connect() as connection:
        found = {_known(*row) for row in connection.execute(query)}
    engine.dispose()
    return found


def standing(line: LittleLine) -> set[str]:
    """Return the ids of findings beside others that stand for whoever heard all events in their order."""
    found: set[str] = set()
    for event in line.told.values():
        if isinstance(event, ValidationFailed) and event.judgement is not None:
            found.add(event.issue.id)
        elif isinstance(event, IssueGone) and event.cause == "neighbours":
            assert event.issue.id in found
            found.remove(event.issue.id)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_the_line_ends_with_what_all_reports_together_say(tmp_path, seed):
    records = county(seed)
    expected = oracle(records)
    assert {rule for _, _, rule, _, _ in expected} >= {
        "xy_carry_over", "t2_2021_stock_rollforward", "xy_duplicate_text", "h_rollup_ge_child",
    }  # fmt: skip
    rng = Random(seed)
    line = LittleLine(f"sqlite:///{tmp_path}/gouji.db", seed=seed, doubled=0.3)
    shuffled = rng.sample(records, len(records))
    while shuffled:
        line.judge(*shuffled[:5])
        del shuffled[:5]
        line.run(at_most=rng.randrange(30))
        if rng.random() < 0.3:
            line.restart()
    line.run()
    line.stop()
    assert on_file(line.url) == expected
    assert standing(line) == {issue for _, issue, _, _, _ in expected}


def test_replaced_reports_end_as_if_they_had_been_there_from_the_start(tmp_path):
    records = county(3)
    rng = Random(9)
    line = LittleLine(f"sqlite:///{tmp_path}/gouji.db", seed=9, doubled=0.3)
    line.judge(*records)
    line.run(at_most=60)
    later = []
    for number in rng.sample(range(len(records)), 9):
        old = records[number]
        name = str(old.identity.agency).removeprefix("江东省云州市清河县")
        new = report(rng, name, old.identity.year or 0, essay(rng, 600),
                     roll_up=old.identity.scope == "roll_up")  # fmt: skip
        records[number] = new
        later.append(new)
    line.judge(*later, moment=MOMENT + timedelta(days=3))
    line.run()
    line.stop()
    expected = oracle(records)
    assert on_file(line.url) == expected
    assert standing(line) == {issue for _, issue, _, _, _ in expected}
