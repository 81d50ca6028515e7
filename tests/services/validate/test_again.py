"""Stored readings are judged again: the difference is told exactly, decisions and corrections stay."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text

from services.validate.core.examples.building import build
from services.validate.core.rulebook import Override, load
from shared.contracts.changes import IssueGone, IssuesChanged
from shared.contracts.events import RecheckRequested, ValidationFailed
from shared.database.engine import open_engine
from tests.support.bus import MOMENT
from tests.support.dump import dump
from tests.support.little_line import LittleLine

TOTAL = "applications.total@total"


def record(n, **cells):
    made = build({"edition": "2021", "cells": {TOTAL: 6 + n, **cells}})
    agency = f"江东省云州市清河县第{n}局"
    return replace(
        made, document_id=f"{n:064x}", file=f"{n}.txt",
        identity=replace(made.identity, agency=agency, agency_as_printed=agency),
    )  # fmt: skip


def recheck(record, cause="rulebook", hours=1):
    return RecheckRequested(
        document_id=record.document_id, file=record.file, received_at=MOMENT, cause=cause,
        requested_at=MOMENT + timedelta(hours=hours),
    )  # fmt: skip


def without(rule):
    return load().overridden({rule: Override(enabled=False)})


def rows(url, query):
    engine = open_engine(url, writing=False)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


@pytest.fixture
def line(database_url):
    line = LittleLine(database_url)
    yield line
    line.stop()


def test_a_rule_that_is_switched_off_takes_its_issues_away_and_tells_each_once(line, database_url):
    records = [record(n) for n in range(1, 6)]
    line.judge(*records)
    line.run()
    before = {i for (i,) in rows(database_url, "SELECT issue_id FROM current_issues")}
    broken = rows(database_url, "SELECT issue_id FROM current_issues WHERE rule = 't3_row_total'")
    assert broken
    line.rulebook = without("t3_row_total")
    line.publish(map(recheck, records))
    line.run()
    after = {i for (i,) in rows(database_url, "SELECT issue_id FROM current_issues")}
    assert before - after == {i for (i,) in broken}
    assert after <= before
    gone = [event.issue.id for event in line.of_type(IssueGone)]
    assert sorted(gone) == sorted(i for (i,) in broken)
    told = line.of_type(IssuesChanged)
    assert len(told) == len(records)
    assert all(event.cause == "rulebook" and not event.new for event in told)
    assert {i for event in told for i in event.unchanged} == after


def test_an_issue_that_stays_is_not_told_to_subscribers_again(line):
    one = record(1)
    line.judge(one)
    line.run()
    first = len(line.of_type(ValidationFailed))
    line.rulebook = without("t3_row_total")
    line.publish([recheck(one)])
    line.run()
    assert len(line.of_type(ValidationFailed)) == first
    line.rulebook = None
    line.publish([recheck(one, hours=2)])
    line.run()
    assert len(line.of_type(IssuesChanged)) == 2
    back = line.of_type(IssuesChanged)[-1]
    assert [brief.rule for brief in back.new] == ["t3_row_total"] * len(back.new)


@pytest.mark.parametrize("seed", range(8))
def test_interrupted_doubled_and_shuffled_the_outcome_is_the_same(tmp_path, seed):
    records = [record(n) for n in range(1, 9)]
    found = []
    for name, doubled in (("straight", 0.0), ("rough", 0.5)):
        line = LittleLine(f"sqlite:///{tmp_path}/{name}.db", seed=seed, doubled=doubled)
        line.judge(*records)
        line.run()
        line.rulebook = without("t3_row_total")
        line.publish(map(recheck, records))
        if name == "rough":
            line.run(at_most=Random(seed).randrange(5, 15))
            line.restart()
        line.run()
        changes = sorted((e.report_id, e.gone, e.unchanged) for e in line.of_type(IssuesChanged))
        found.append((dump(line.url), [str(c) for c in changes]))
        line.stop()
    assert found[0] == found[1]


def test_a_correction_makes_a_new_revision_and_the_earlier_one_stays(line, database_url):
    one = record(1)
    line.judge(one)
    line.run()
    insert = (
        'INSERT INTO corrections (id, document_id, report_id, address, state, value, "by", at) '
        "VALUES ('k1', :document, 'r', :address, 'number', 6, '王芳', :at)"
    )
    engine = open_engine(database_url, writing=True)
    with engine.begin() as connection:
        named = {"document": one.document_id, "address": TOTAL,
                 "at": "2025-03-01T09:00:00.000000+00:00"}  # fmt: skip
        connection.execute(text(insert), named)
    engine.dispose()
    line.publish([recheck(one, "correction")])
    line.run()
    told = line.of_type(IssuesChanged)[-1]
    assert told.cause == "correction"
    values = rows(
        database_url, f"SELECT value, raw, confidence FROM current_cells WHERE address = '{TOTAL}'"
    )
    assert [(int(v), raw, c) for v, raw, c in values] == [(6, "7", 1.0)]
    assert rows(database_url, "SELECT count(*) FROM revisions") == [(2,)]


def test_a_document_that_is_not_on_file_is_nothing_to_judge(line):
    line.publish([recheck(record(1))])
    line.run()
    assert len(line.told) == 1
