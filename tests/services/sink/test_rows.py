import pytest

from services.sink.core import rows, values
from services.validate.core.across.wording import wording_of
from shared.report.record import LARGEST, Cell
from shared.report.stored import read_gist, read_record
from tests.services.sink import made


def cell(event, address):
    return next(row for row in rows.recorded(event)["cells"] if row["address"] == address)


def test_a_cell_knows_its_table_row_and_column_even_when_the_row_has_dots():
    row = cell(made.validated(1), "applications.denied.state_secret@total")
    assert (row["form_table"], row["form_row"], row["form_column"]) == (
        "applications",
        "denied.state_secret",
        "total",
    )


def test_numbers_travel_as_text_so_that_no_digit_is_lost():
    row = cell(made.validated(1), "active_disclosure.fees@amount_wanyuan")
    assert (row["value"], row["yuan"]) == ("190.457379", "1904573.79")


@pytest.mark.parametrize("state", ["blank", "mark", "absent"])
def test_a_cell_without_a_number_has_no_value(state):
    found = [row for row in rows.recorded(made.validated(1))["cells"] if row["state"] == state]
    assert found
    assert {row["value"] for row in found} == {None}


def test_a_value_by_equation_stays_out_of_the_value():
    row = cell(made.validated(1), "applications.total@total")
    assert (row["value"], row["derived"]) == (None, "6")


def test_the_stored_record_comes_back_whole():
    event = made.validated(1)
    assert read_record(rows.recorded(event)["revisions"][0]["record"]) == event.record


def test_the_gist_of_a_stored_record_words_it_as_the_whole_does():
    event = made.validated(1)
    stored = rows.recorded(event)["revisions"][0]["record"]

    assert wording_of("r", read_gist(stored)) == wording_of("r", event.record)
    assert wording_of("r", event.record).numbers[0] > 0
    assert wording_of("r", event.record).passages


def test_the_largest_number_that_may_travel_is_stored_and_comes_back():
    huge = Cell("applications.total@total", "number", LARGEST, None, str(LARGEST))
    event = made.validated(1, cells=(huge,))
    stored = rows.recorded(event)
    assert stored["cells"][0]["value"] == str(LARGEST)
    assert read_record(stored["revisions"][0]["record"]).cells == (huge,)


def test_a_second_cell_of_the_same_address_is_left_out():
    twin = made.cells()[1]
    assert len(rows.recorded(made.validated(1, cells=(twin, twin)))["cells"]) == 1


def test_a_second_issue_of_the_same_id_is_left_out():
    twin = made.issue("r")
    assert len(rows.recorded(made.validated(1, issues=(twin, twin)))["issues"]) == 1


def test_a_moment_is_utc_text_of_fixed_width():
    assert values.moment(made.JANUARY) == "2022-01-20T08:00:00.000000+00:00"


def test_the_same_event_gives_the_same_rows():
    assert rows.recorded(made.validated(3)) == rows.recorded(made.validated(3))


def test_the_tenth_engine_comes_after_the_ninth():
    ninth, tenth = (
        rows.recorded(made.validated(1, engine=engine))["revisions"][0]["precedence"]
        for engine in ("9", "10")
    )
    assert ninth < tenth


def test_the_first_name_dropped_again_is_no_duplicate():
    assert "files" not in rows.duplicate(made.duplicate(1, "1.txt"))


def test_a_dead_letter_of_a_duplicate_blames_the_further_name_only():
    letter = made.dead(
        1, origin_subject="gouji.v1.report.duplicate", payload='{"alias": "copy.txt"}'
    )
    buried = rows.dead(letter)["files"][0]
    assert buried["name"] == "copy.txt"
    assert buried["id"] == rows.duplicate(made.duplicate(1, "copy.txt"))["files"][0]["id"]


@pytest.mark.parametrize("payload", ["", "[1]", '{"alias": 3}', "\x00\xff"])
def test_a_dead_letter_with_an_unreadable_payload_blames_the_first_name(payload):
    letter = made.dead(1, origin_subject="gouji.v1.report.duplicate", payload=payload)
    assert rows.dead(letter)["files"][0]["name"] == "1.txt"


def test_two_dead_letters_without_a_document_are_two_rows():
    one, other = (rows.dead(made.dead(None, origin_sequence=n))["files"][0] for n in (1, 2))
    assert one["id"] != other["id"]


def test_a_nul_character_never_reaches_the_database():
    refused = rows.refused(made.refused(1, file="a\x00b.txt", detail_en="\x00"))
    assert refused["files"][0]["name"] == "a\ufffdb.txt"
    assert refused["files"][0]["detail_en"] == "\ufffd"
