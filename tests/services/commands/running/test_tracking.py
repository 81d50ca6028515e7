"""What the events say became of each file."""

import pytest

from services.commands.running.tracking import Fate, Tracker
from services.commands.talking.wording import fate_lines

RECORDED = "gouji.v1.report.recorded"
DUPLICATE = "gouji.v1.report.duplicate"
EXPANDED = "gouji.v1.report.expanded"
ISSUE = "gouji.v1.issue.error.t3_balance"
DEAD = "gouji.v1.dead.extract"


def test_a_fate_is_told_once_with_the_issues_heard_before():
    tracker = Tracker()
    issue = {"rule": "t3_balance", "severity": "error"}
    tracker.hear(ISSUE, {"document_id": "d", "file": "a", "issue": issue})

    first = tracker.hear(RECORDED, {"document_id": "d", "file": "a", "agency": "局"})
    again = tracker.hear(RECORDED, {"document_id": "d", "file": "a", "agency": "局"})

    assert first is not None
    assert (first.state, first.issues) == ("recorded", (issue,))
    assert again is None


def test_an_issue_heard_late_is_passed_on_at_once():
    tracker = Tracker()
    tracker.hear(RECORDED, {"document_id": "d", "file": "a"})

    late = tracker.hear(ISSUE, {"document_id": "d", "file": "a", "issue": {"rule": "t4_sum"}})

    assert late is not None
    assert (late.state, late.issues) == ("finding", ({"rule": "t4_sum"},))


def test_a_further_name_is_done_only_when_it_was_heard_of():
    tracker = Tracker()
    tracker.hear(RECORDED, {"document_id": "d", "file": "a"})
    assert tracker.state_of("d", "a") == "recorded"
    assert tracker.state_of("d", "b") is None

    tracker.hear(DUPLICATE, {"document_id": "d", "file": "a", "alias": "b"})

    assert tracker.state_of("d", "b") == "duplicate"


def test_issues_of_a_document_that_ended_long_ago_are_told_and_do_not_pile_up():
    """As those of a comparison that lags behind by more files than are remembered."""
    tracker = Tracker()
    told = []
    for number in range(2_000):
        for rule in ("r10", "r11"):
            body = {"document_id": f"d{number}", "file": f"f{number}", "issue": {"rule": rule}}
            told += [found for found in [tracker.hear(ISSUE, body)] if found]

    assert len(told) == 1_500
    assert (told[0].state, told[0].file) == ("finding", "f0")
    assert [issue["rule"] for issue in told[0].issues] == ["r10", "r11"]


def test_of_long_ago_nothing_is_remembered():
    tracker = Tracker()
    for number in range(30_000):
        name = f"f{number}"
        tracker.hear(ISSUE, {"document_id": f"i{number}", "file": name, "issue": {"rule": "t4"}})
        tracker.hear(RECORDED, {"document_id": name, "file": name})
        tracker.hear(DUPLICATE, {"document_id": name, "file": name, "alias": "b"})

    assert tracker.state_of("f29999", "f29999") == "recorded"
    assert tracker.state_of("f29999", "b") == "duplicate"
    assert tracker.state_of("f0", "f0") is None
    assert tracker.state_of("f0", "b") is None
    assert max(len(kept) for kept in vars(tracker).values() if isinstance(kept, dict)) <= 10_000


def test_an_archive_is_expanded_and_its_members_are_awaited():
    tracker = Tracker()
    body = {
        "document_id": "z", "file": "a.zip", "members": [{"file": "a.zip/b", "document_id": "b"}],
    }  # fmt: skip

    fate = tracker.hear(EXPANDED, body)

    assert fate is not None
    assert (fate.state, fate.members) == ("expanded", (("a.zip/b", "b"),))
    assert tracker.state_of("z", "a.zip") == "expanded"


def test_a_dead_file_that_is_replayed_is_told_again():
    tracker = Tracker()
    dead = tracker.hear(DEAD, {"document_id": "d", "file": "a", "reason": "ValueError"})
    mended = tracker.hear(RECORDED, {"document_id": "d", "file": "a"})

    assert dead is not None
    assert mended is not None
    assert (dead.state, mended.state) == ("dead", "recorded")


def test_what_is_no_event_of_ours_is_ignored():
    assert Tracker().hear(RECORDED, {"file": 3}) is None


def test_a_webhook_that_took_nothing_changes_no_fate():
    tracker = Tracker()
    tracker.hear(RECORDED, {"document_id": "d", "file": "a"})

    assert tracker.hear("gouji.v1.dead.notify", {"document_id": "d", "file": "a"}) is None
    assert tracker.state_of("d", "a") == "recorded"


@pytest.mark.parametrize("state", ["recorded", "duplicate", "refused", "dead"])
def test_an_end_that_was_known_before_is_told_without_details_that_are_not_at_hand(state):
    (line,) = fate_lines(Fate(state, "a.txt", "d", known_before=True))
    assert "known already" in line
    assert "None" not in line
    assert "unknown" not in line
