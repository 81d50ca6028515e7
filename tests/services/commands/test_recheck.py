"""Re-judging what is stored: each report once, going on where it stopped, and what it changed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from services.commands.reviews import campaign as campaigns
from services.commands.reviews.campaign import Campaign, Selection
from services.commands.reviews.differences import Tally, differences, shown_differences
from shared.database.comparisons import ChangeRow
from shared.database.engine import open_engine
from tests.services.sink import made
from tests.support.processes import gouji

MOMENT = datetime(2026, 5, 4, 8, 0, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def rejudged(n, version="2", at=MOMENT, **changes):
    return made.validated(n, rulebook=version, **changes).model_copy(update={"judged_at": at})


def documents(reader, campaign):
    found, after = [], ""
    while page := campaigns.page_after(reader, campaign, after):
        found += [row["document_id"] for row in page]
        after = found[-1]
    return found


def ids(*numbers):
    return sorted(made.document(n) for n in numbers)


def test_reports_judged_by_another_rulebook_are_pending_until_they_are_judged_anew(
    database, reader
):
    campaign = Campaign("2", MOMENT)
    for n in (1, 2, 3):
        database.record(made.validated(n))
    database.record(made.validated(4, rulebook="2"))
    assert documents(reader, campaign) == ids(1, 2, 3)

    database.record(rejudged(2))

    assert documents(reader, campaign) == ids(1, 3)
    assert campaigns.pending(reader, campaign) == 2


def test_all_means_each_report_once_whatever_its_rulebook(database, reader):
    campaign = Campaign("2", MOMENT, Selection(everything=True))
    database.record(made.validated(1))
    database.record(made.validated(2, rulebook="2"))
    database.record(rejudged(3, at=MOMENT - SECOND))
    database.record(rejudged(4))
    database.record(rejudged(5, at=MOMENT + SECOND))
    assert documents(reader, campaign) == ids(1, 2, 3)


def test_only_the_current_revision_is_judged_again_and_nothing_that_came_later(database, reader):
    database.record(made.validated(1, of=9))
    database.record(made.validated(2, of=9))
    late = made.validated(3).model_copy(update={"received_at": MOMENT + SECOND})
    database.record(late)
    assert documents(reader, Campaign("2", MOMENT)) == ids(2)


def test_a_selection_takes_one_report_or_one_year(database, reader):
    database.record(made.validated(1, year=2020))
    database.record(made.validated(2))
    by_name = Selection(report="2.txt")
    by_id = Selection(report=made.document(1))
    assert documents(reader, Campaign("2", MOMENT, by_name)) == ids(2)
    assert documents(reader, Campaign("2", MOMENT, by_id)) == ids(1)
    assert documents(reader, Campaign("2", MOMENT, Selection(year=2020))) == ids(1)


def test_pages_leave_nothing_out(database, reader, monkeypatch):
    monkeypatch.setattr(campaigns, "PAGE", 3)
    for n in range(8):
        database.record(made.validated(n))
    assert documents(reader, Campaign("2", MOMENT)) == ids(*range(8))


def test_an_unfinished_campaign_goes_on_with_its_moment_across_calls(tmp_path):
    first = Campaign("2", MOMENT, Selection(year=2021))
    campaigns.keep(tmp_path / "data", first)
    before = campaigns.kept(tmp_path / "data")
    assert before == first

    later = Campaign("2", MOMENT + SECOND, Selection(year=2021))
    assert campaigns.chosen(before, later, is_open=lambda _: True) == first
    assert campaigns.chosen(before, later, is_open=lambda _: False) == later


@pytest.mark.parametrize(
    "other",
    [Campaign("3", MOMENT + SECOND), Campaign("2", MOMENT + SECOND, Selection(everything=True))],
)
def test_another_rulebook_or_selection_is_another_campaign(other):
    assert campaigns.chosen(Campaign("2", MOMENT), other, is_open=lambda _: True) == other


def test_a_memory_that_is_damaged_is_no_memory(tmp_path):
    assert campaigns.kept(tmp_path) is None
    (tmp_path / "recheck.json").write_text('{"moment": "yesterday"}')
    assert campaigns.kept(tmp_path) is None


def change(url, n, at=MOMENT, **kinds):
    event = made.validated(n)
    brief = {"rule": "t3_balance", "severity": "error"}
    row = {kind: [{**brief, "id": str(i)} for i in range(count)] for kind, count in kinds.items()}
    values = {"new": [], "gone": [], "changed": [], "unchanged": []} | row
    if "unchanged" in kinds:
        values["unchanged"] = [issue.id for issue in event.issues[: kinds["unchanged"]]]
    engine = open_engine(url, writing=True)
    stored = at
    if engine.dialect.name == "sqlite":
        stored = at.isoformat(timespec="microseconds")
    with Session(engine) as session, session.begin():
        session.add(ChangeRow(
            judgement=f"{n}{at}", report_id=event.report_id, revision_id=event.revision_id,
            cause="rulebook", rulebook_version="2", judged_at=stored, **values,
        ))  # fmt: skip
    engine.dispose()


def test_the_difference_is_counted_by_rule(database, database_url, reader):
    for n in (1, 2, 3):
        database.record(rejudged(n))
    change(database_url, 1, new=2, gone=1, unchanged=2)
    change(database_url, 2, changed=1, unchanged=1)
    # another moment is not this campaign's
    change(database_url, 2, at=MOMENT - SECOND, gone=5)

    found = differences(reader, MOMENT)

    # the third report was judged anew and has no difference to tell
    assert found.rules == {"t3_balance": Tally(2, 1, 1, 3), "c_blank": Tally(0, 0, 0, 2)}
    assert found.reports == 2
    shown = shown_differences(found)
    assert shown[1].split() == ["t3_balance", "2", "1", "1", "3"]
    assert shown[-1].endswith("2 reports differ")


def test_differences_of_many_reports_are_all_counted(database, database_url, reader, monkeypatch):
    monkeypatch.setattr("services.commands.reviews.differences._PAGE", 2)
    for n in range(5):
        change(database_url, n, gone=1)
    assert differences(reader, MOMENT).rules["t3_balance"] == Tally(gone=5)


def test_reports_judged_by_another_rulebook_than_was_meant_are_counted(database, reader):
    campaign = Campaign("2", MOMENT)
    for n in (1, 2, 3):
        database.record(made.validated(n))
    database.record(rejudged(1))
    database.record(rejudged(2, version="1"))
    assert campaigns.judged_otherwise(reader, campaign) == 1


def test_a_report_is_on_file_by_name_by_id_and_by_document(database, reader):
    event = made.validated(1)
    database.record(event)
    for named in (event.file, event.report_id, event.document_id):
        assert campaigns.is_on_file(reader, named)
    assert not campaigns.is_on_file(reader, "nosuch")


@pytest.mark.parametrize(
    ("options", "told"),
    [(("--report", "nosuch"), "no such report"), (("--resume", "2020-13"), "no moment")],
)
def test_a_recheck_of_what_is_not_there_is_a_mistake(
    database_url, database, tmp_path, options, told
):
    ended = gouji("recheck", *options, "--database", database_url, cwd=tmp_path)
    assert ended.returncode == 2
    assert told in ended.stderr


def test_what_changed_beside_other_reports_belongs_to_the_difference(database, reader):
    event = rejudged(1)
    database.record(event)
    for at, (kept, judged_at) in enumerate([((0, 1), None), ((0,), MOMENT), ((0,), MOMENT)], 1):
        issues = [made.issue(1, f"xy_{n}") for n in kept]
        database.compare(made.compared(event, *issues, at=at, judged_at=judged_at))

    found = differences(reader, MOMENT)

    assert found.rules["xy_1"] == Tally(gone=1)
    assert found.rules["xy_0"] == Tally(unchanged=1)
    assert found.reports == 1
