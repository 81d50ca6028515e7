"""What a new judgement changed is told exactly, and told again until it was heard."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from services.sink.core.changes import events
from shared.contracts.changes import IssueGone, IssuesChanged
from shared.database.engine import open_engine
from shared.report import identity
from tests.services.sink import made

LATER = datetime(2022, 3, 1, 9, tzinfo=UTC)


def rows(url, query):
    engine = open_engine(url, writing=False)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def ids(issues):
    return [issue.rule for issue in issues]


def rejudged(first, *issues, **changes):
    again = {"issues": issues, "judged_at": LATER, "rulebook": "2", **changes}
    return made.validated(1, **again)


def test_the_first_judgement_of_a_report_changes_nothing(database):
    assert database.record(made.validated(1)) is None


def test_the_same_judgement_again_changes_nothing(database):
    database.record(made.validated(1))
    assert database.record(made.validated(1)) is None


def test_a_rejudgement_tells_what_is_new_gone_changed_and_unchanged(database):
    first = made.validated(1)
    report = first.report_id
    stays = made.issue(report, "c_blank")
    database.record(made.validated(1, issues=(stays, made.issue(report, "t4_sum"),
                                              made.issue(report, "d_deadline"))))  # fmt: skip
    softer = made.issue(report, "t4_sum", severity="warning")
    change = database.record(rejudged(first, stays, softer, made.issue(report, "t3_balance")))
    assert change.cause == "rulebook"
    assert change.judged_at == LATER
    assert ids(change.new) == ["t3_balance"]
    assert ids(change.gone) == ["d_deadline"]
    assert [(i.rule, i.severity) for i in change.changed] == [("t4_sum", "warning")]
    assert change.unchanged == (stays.id,)


def test_a_rejudgement_that_changes_nothing_is_told_too(database):
    first = made.validated(1)
    database.record(first)
    change = database.record(rejudged(first, *first.issues))
    assert change.is_none
    assert set(change.unchanged) == {i.id for i in first.issues}


def test_a_change_is_told_again_when_the_event_comes_again(database):
    first = made.validated(1)
    database.record(first)
    again = rejudged(first)
    change = database.record(again)
    assert database.record(again) == change
    assert len(change.gone) == 2


def test_an_earlier_judgement_that_comes_late_changes_nothing(database, url):
    first = made.validated(1)
    database.record(rejudged(first))
    assert database.record(first) is None
    assert rows(url, "SELECT count(*) FROM issues") == [(0,)]


def test_another_document_of_the_same_report_is_a_revision(database):
    one = made.validated(1, of=1)
    database.record(one)
    two = made.validated(2, of=1, issues=(made.issue(one.report_id),))
    assert two.report_id == one.report_id
    change = database.record(two)
    assert change.cause == "revision"
    assert ids(change.gone) == ["c_blank"]


def test_a_corrected_reading_stands_against_every_engine(database, url):
    first = made.validated(1)
    database.record(first)
    corrected = made.validated(1, issues=(), corrections=("k1",), judged_at=LATER).model_copy(
        update={"revision_id": identity.fingerprint("revision", "corrected")}
    )
    change = database.record(corrected)
    assert change.cause == "correction"
    assert len(change.gone) == 2
    assert database.record(made.validated(1, engine="2")) is None
    assert rows(url, "SELECT revision_id FROM current_reports") == [(corrected.revision_id,)]


def test_a_comparison_replaces_the_earlier_one_whole(database, url):
    first = made.validated(1)
    database.record(first)
    carry = made.issue(first.report_id, "xy_carry_over", severity="warning")
    change = database.compare(made.compared(first, carry, at=1))
    assert ids(change.new) == ["xy_carry_over"]
    assert change.cause == "neighbours"
    change = database.compare(made.compared(first, at=2))
    assert ids(change.gone) == ["xy_carry_over"]
    assert rows(url, "SELECT count(*) FROM compared_issues") == [(0,)]
    assert rows(url, "SELECT status FROM compared_checks") == [("pass",)]


def test_a_comparison_caused_earlier_changes_nothing_when_it_comes_late(database, url):
    first = made.validated(1)
    database.record(first)
    database.compare(made.compared(first, at=2))
    late = made.compared(first, made.issue(first.report_id, "xy_carry_over"), at=1)
    assert database.compare(late) is None
    assert rows(url, "SELECT count(*) FROM compared_issues") == [(0,)]


def test_a_comparison_that_changes_nothing_is_not_told(database):
    first = made.validated(1)
    database.record(first)
    carry = made.issue(first.report_id, "xy_carry_over")
    database.compare(made.compared(first, carry, at=1))
    assert database.compare(made.compared(first, carry, at=2)) is None


def test_issues_of_both_kinds_stand_in_one_view_with_the_decision(database, url):
    first = made.validated(1)
    database.record(first)
    database.compare(
        made.compared(first, made.issue(first.report_id, "xy_carry_over", severity="warning"))
    )
    seen = rows(url, "SELECT rule, across, verdict FROM current_issues ORDER BY across, position")
    assert seen == [("t3_balance", 0, None), ("c_blank", 0, None), ("xy_carry_over", 1, None)]
    assert rows(url, "SELECT errors, warnings FROM current_reports") == [(1, 2)]


def test_a_change_becomes_one_event_for_each_gone_issue_and_one_for_all():
    first = made.validated(1)
    from services.sink.core.changes import change

    again = rejudged(first, first.issues[0])
    gone, told = events(change(again, first.issues, "rulebook"), again)
    assert isinstance(gone, IssueGone)
    assert gone.issue.rule == "c_blank"
    assert isinstance(told, IssuesChanged)
    assert told.agency == "江州市第1局"
    assert told.judged_at == LATER
    assert [brief.rule for brief in told.gone] == ["c_blank"]
    assert told.message_id() != gone.message_id()


def test_judgements_asked_for_at_other_moments_are_other_judgements(database):
    first = made.validated(1)
    database.record(first)
    database.record(rejudged(first))
    later = rejudged(first, made.issue(first.report_id), judged_at=LATER + timedelta(hours=1))
    assert ids(database.record(later).new) == ["t3_balance"]
