import csv
import io
import json
import tracemalloc

import pytest
from sqlalchemy.orm import Session

from services.sink.adapters.export import cell_rows, csv_lines, export_lines
from services.sink.adapters.reviews import Reviews
from services.sink.core.lines import harmless
from shared.database.comparisons import ComparedIssueRow, ComparisonRow
from shared.database.engine import open_engine
from shared.errors import Unavailable
from shared.report.neutral import neutral_report
from tests.services.sink import deciding, made


def direct(event):
    return neutral_report(
        event.record, event.issues, report_id=event.report_id, revision=event.revision_id
    )


def test_an_exported_report_is_the_very_line_that_a_check_prints(database, url):
    event = made.validated(1)
    database.record(event)
    assert json.dumps(list(export_lines(url))) == json.dumps([direct(event)])


def test_every_file_is_a_line_in_the_order_of_names(database, url):
    database.bury(made.dead(4))
    database.record(made.validated(3))
    database.refuse(made.refused(2))
    database.alias(made.duplicate(3, "Ärger.txt"))
    database.alias(made.duplicate(3, "a copy.txt"))
    found = [(line["file"], line["status"], line["reason"]) for line in export_lines(url)]
    assert found == [
        ("2.txt", "refused", "not_a_report"),
        ("3.txt", "recorded", None),
        ("4.txt", "dead", "Unavailable: archive does not answer"),
        ("a copy.txt", "duplicate", None),
        ("Ärger.txt", "duplicate", None),
    ]


def test_a_dead_file_says_how_to_replay_it_and_a_duplicate_what_it_repeats(database, url):
    database.bury(made.dead(4))
    database.record(made.validated(3))
    database.alias(made.duplicate(3, "copy.txt"))
    lines = {line["file"]: line for line in export_lines(url)}
    assert lines["4.txt"]["replay"] == "gouji replay REPORTS 7"
    assert lines["4.txt"]["attempts"] == 5
    assert lines["copy.txt"]["duplicate_of"] == "3.txt"


def test_an_archive_names_what_it_held(database, url):
    database.expand(made.expanded(5, "一.docx", "x/b.txt"))
    database.expand(made.expanded(5, "一.docx", "x/b.txt"))
    database.bury(made.dead(5))

    (line,) = export_lines(url)

    assert (line["file"], line["status"], line["reason"]) == ("5.zip", "expanded", None)
    assert [m["file"] for m in line["members"]] == ["5.zip/一.docx", "5.zip/x/b.txt"]
    assert {m["document_id"] for m in line["members"]} == {"1" * 64}
    assert line["skipped"] == ["Thumbs.db"]


def test_only_the_current_revision_is_exported_unless_every_one_is_asked_for(database, url):
    database.record(made.validated(1, of=9))
    database.record(made.validated(2, of=9))
    database.record(made.validated(1, of=9, engine="2"))
    assert [line["file"] for line in export_lines(url)] == ["2.txt"]
    every = [line["file"] for line in export_lines(url, every_revision=True)]
    assert every == ["1.txt", "1.txt", "2.txt"]


def test_cells_come_one_a_row_in_form_order(database, url):
    database.record(made.validated(1))
    found = list(cell_rows(url))
    assert [row["address"] for row in found] == [c.address for c in made.cells()]
    assert {row["agency"] for row in found} == {"江州市第1局"}
    assert found[7]["notes"] == ["look_alike", "position"]


def test_csv_is_the_same_on_every_database_and_runs_nothing(database, url):
    database.record(made.validated(1))
    table = list(csv.DictReader(io.StringIO("".join(csv_lines(url)))))
    fees, other = table[0], table[7]
    assert (fees["value"], fees["unit"], fees["yuan"]) == ("190.457379", "万元", "1904573.79")
    assert (other["value"], other["raw"], other["notes"]) == ("-2", "'=-2", "look_alike;position")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+cmd|' /C calc'!A0", "'-2+cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("+127", "+127"),
        ("-2", "-2"),
        ("-", "'-"),
        ("无", "无"),
        (-3, -3),
        (None, None),
    ],
)
def test_text_that_a_spreadsheet_might_run_gets_a_quote(value, shown):
    assert harmless(value) == shown


def test_an_export_shows_one_moment_while_others_write(database, url):
    for n in range(3):
        database.record(made.validated(n))
    lines = export_lines(url)
    next(lines)
    database.record(made.validated(99))
    assert len(list(lines)) == 2


def test_an_export_does_not_hold_all_reports_at_once(database, url):
    def peak():
        tracemalloc.start()
        for _ in export_lines(url):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    for n in range(150):
        database.record(made.validated(n))
    peak()
    small = peak()
    for n in range(150, 600):
        database.record(made.validated(n))
    assert peak() < 1.5 * small


def test_a_database_that_is_not_there_is_named_and_not_made(tmp_path):
    with pytest.raises(Unavailable, match=r"nowhere\.db"):
        list(export_lines(f"sqlite:///{tmp_path}/nowhere.db"))
    assert not (tmp_path / "nowhere.db").exists()


def compare(url, event, *issues):
    """Put a comparison with these issues beside a report, as the sink would."""
    engine = open_engine(url, writing=True)
    with Session(engine) as session, session.begin():
        session.add(ComparisonRow(
            report_id=event.report_id, revision_id=event.revision_id, rulebook_version="1", beside=[],
            copied_from=None, errors=0, warnings=len(issues), infos=0, position="1",
        ))  # fmt: skip
        session.flush()
        for position, issue in enumerate(issues):
            session.add(ComparedIssueRow(
                report_id=event.report_id, id=issue.id, position=position, rule=issue.rule,
                severity=issue.severity, origin=issue.origin, addresses=[], message_zh=issue.message_zh,
                message_en=issue.message_en, evidence=[], repairs=[],
            ))  # fmt: skip
    engine.dispose()


def test_issues_found_beside_other_reports_follow_those_of_the_current_revision(database, url):
    older, newer = made.validated(1, of=9), made.validated(2, of=9)
    database.record(older)
    database.record(newer)
    compare(url, newer, made.issue(newer.report_id, "xy_carry_over"))
    rules = [[i["rule"] for i in line["issues"]] for line in export_lines(url, every_revision=True)]
    assert rules == [["t3_balance", "c_blank"], ["t3_balance", "c_blank", "xy_carry_over"]]


def test_an_issue_carries_the_decision_that_stands_and_no_other_key_changes(database, url):
    event = made.validated(1)
    database.record(event)
    compare(url, event, across := made.issue(event.report_id, "xy_carry_over"))
    reviews = Reviews(url)
    reviews.decide(deciding.decided(1, "confirm"))
    reviews.decide(deciding.decided(1, "dismiss", 5, note="王小明说电话 0990-39906616 有误"))
    reviews.decide(deciding.decided(1, "confirm", issue_id=across.id))
    reviews.close()
    (line,) = export_lines(url)
    first, blank, beside = line["issues"]
    assert first.pop("decision") == {
        "verdict": "dismiss", "by": "李审", "at": "2022-05-04T09:35:00+00:00",
        "note": "王**说电话 0990-3990**** 有误",
    }  # fmt: skip
    assert beside["decision"]["verdict"] == "confirm"
    assert [first, blank] == direct(event)["issues"]
