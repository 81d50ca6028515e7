"""What the three stores say against each other, and what must be done about it."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import permutations

from services.ingest.core.reconciling import (
    Held,
    Step,
    Survey,
    occasion,
    plan,
    row_of,
    unread_id,
)
from shared.contracts.dropped import DroppedObject


def sha(name: str) -> str:
    return sha256(name.encode()).hexdigest()


A, B = sha("a"), sha("b")


def dropped(document_id: str, file: str, *, chunks: int = 1, nuid: str = "n") -> DroppedObject:
    digest = urlsafe_b64encode(bytes.fromhex(document_id)).decode()
    return DroppedObject(
        name=f"{document_id}/{file}",
        nuid=nuid,
        size=9,
        chunks=chunks,
        digest=f"SHA-256={digest}",
    )


def held(document_id: str, file: str = "a.txt", **how: bool) -> Held:
    return Held(file, f"{document_id}/{file}", **how)


def test_nothing_is_done_about_a_document_that_ended():
    survey = Survey({A: held(A)}, [dropped(A, "a.txt")], ends={row_of(A)}, known={A: "a.txt"})

    assert plan(survey) == []


def test_an_archived_document_without_an_end_is_read_again():
    assert plan(Survey({A: held(A)})) == [Step("read", A, "a.txt")]


def test_the_notice_of_an_object_without_bytes_is_taken_back_once_its_refusal_is_on_record():
    hollow = dropped(A, "a.txt")
    unread = unread_id(hollow)
    known = {unread: held(unread, unread=True)}
    wanted = [Step("withdraw", unread, "a.txt", f"{A}/a.txt")]

    assert plan(Survey(known, [hollow], ends={row_of(unread)})) == wanted
    assert plan(Survey(known, [hollow], flying={unread})) == []
    put_anew = dropped(A, "a.txt", nuid="m")
    assert [s.action for s in plan(Survey(known, [put_anew], ends={row_of(unread)}))] == [
        "announce"
    ]


def test_what_is_under_way_is_left_alone():
    survey = Survey({A: held(A)}, [dropped(B, "b.txt")], flying={A, B})

    assert plan(survey) == []


def test_the_end_of_a_further_name_is_no_end_of_the_document():
    survey = Survey({A: held(A)}, ends={row_of(A, "other.txt")}, known={A: "a.txt"})

    assert plan(survey) == [Step("read", A, "a.txt")]


def test_a_further_name_that_only_the_bucket_knows_is_announced_again():
    objects = [dropped(A, "a.txt"), dropped(A, "copy.txt"), dropped(A, "known.txt")]
    survey = Survey({A: held(A)}, objects, ends={row_of(A), row_of(A, "known.txt")})

    assert plan(survey) == [Step("announce", A, "copy.txt", f"{A}/copy.txt")]


def test_a_further_name_under_way_is_left_alone():
    survey = Survey(
        {A: held(A)}, [dropped(A, "copy.txt")], ends={row_of(A)}, flying_objects={f"{A}/copy.txt"}
    )

    assert plan(survey) == []


def test_an_object_that_never_reached_the_archive_is_announced_again():
    assert plan(Survey({}, [dropped(A, "a.txt")])) == [Step("announce", A, "a.txt", f"{A}/a.txt")]


def test_a_deleted_object_and_one_without_a_hash_are_left_alone():
    gone = dropped(A, "a.txt").model_copy(update={"deleted": True})
    nameless = dropped(B, "b.txt").model_copy(update={"digest": ""})

    assert plan(Survey({}, [gone, nameless])) == []


def test_an_object_whose_bytes_were_not_what_it_said_is_not_announced_for_ever():
    bad = dropped(A, "a.txt")
    refused = unread_id(bad)
    survey = Survey(
        {refused: held(refused, present=False, whole=False, unread=True)},
        [bad],
        ends={row_of(refused)},
    )
    taken_back = replace(survey, objects=[bad.model_copy(update={"deleted": True})])

    assert [step.action for step in plan(survey)] == ["withdraw"]
    assert plan(taken_back) == []


def test_bytes_that_the_archive_lost_come_back_from_the_bucket():
    survey = Survey({}, [dropped(A, "a.txt")], ends={row_of(A)}, known={A: "a.txt"})

    assert plan(survey) == [Step("fetch", A, "a.txt", f"{A}/a.txt")]


def test_bytes_that_nobody_holds_are_said_to_be_lost_each_time():
    survey = Survey({}, ends={row_of(A)}, known={A: "a.txt"})

    assert plan(survey) == [Step("lost", A, "a.txt")]


def test_damaged_bytes_are_fetched_where_the_bucket_has_good_ones_else_told():
    ended = {row_of(A)}
    rotten = {A: held(A, whole=False)}

    assert plan(Survey(rotten, ends=ended)) == [Step("damaged", A, "a.txt")]
    assert plan(Survey(rotten, [dropped(A, "a.txt")], ends=ended)) == [
        Step("fetch", A, "a.txt", f"{A}/a.txt")
    ]


def test_a_document_refused_for_its_bytes_is_read_again_once_they_are_whole():
    survey = Survey({A: held(A)}, ends={row_of(A)}, refused={A})

    assert plan(survey) == [Step("read", A, "a.txt")]


def test_a_file_refused_unread_never_had_bytes():
    unread = {A: held(A, present=False, whole=False, unread=True)}

    assert plan(Survey(unread, ends={row_of(A)})) == []


def test_a_file_refused_unread_whose_end_was_lost_is_judged_by_ingest_again():
    unread = {A: held(A, present=False, whole=False, unread=True)}

    assert plan(Survey(unread, [dropped(A, "a.txt", chunks=0)])) == [
        Step("announce", A, "a.txt", f"{A}/a.txt")
    ]


def test_bytes_without_an_arrival_get_the_name_that_is_known():
    nameless = {A: Held(None)}

    assert plan(Survey(nameless, ends={row_of(A)}, known={A: "a.txt"})) == [
        Step("name", A, "a.txt")
    ]
    assert plan(Survey(nameless)) == [Step("name", A, A), Step("read", A, A)]


def test_the_order_of_what_the_stores_say_changes_nothing():
    objects = [dropped(A, "x.txt"), dropped(B, "y.txt"), dropped(sha("c"), "z.txt")]
    plans = {
        tuple(plan(Survey({A: held(A), B: held(B, "b.txt")}, order)))
        for order in permutations(objects)
    }

    assert len(plans) == 1


def test_what_was_done_is_not_done_again():
    """After every step is carried out the stores agree: a second plan is empty."""
    survey = Survey({A: held(A)}, [dropped(A, "a.txt"), dropped(A, "copy.txt")])
    rows = {row_of(s.document_id, s.file if s.action == "announce" else None) for s in plan(survey)}

    after = Survey(survey.held, survey.objects, ends=rows, known={A: "a.txt"})

    assert plan(after) == []


def test_two_that_reconcile_within_five_minutes_speak_of_one_occasion():
    start = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

    assert occasion(start) == occasion(start + timedelta(minutes=4, seconds=59))
    assert occasion(start) != occasion(start + timedelta(minutes=5))
