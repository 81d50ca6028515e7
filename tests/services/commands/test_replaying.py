"""Which dead letters a call means, and which of them the database does not know."""

from datetime import UTC, datetime, timedelta

import pytest

from services.commands.mending.choosing import Choice, moment_of
from services.commands.mending.discarding import Numbered, discarding, documents_of
from services.commands.mending.reconciling import letter_of, without_letter, without_row
from services.commands.reviews.reviewing import Mistaken
from services.ingest.core.reconciling import Step, row_of
from shared.contracts.events import DeadLetter, ReportReceived, ReportRecorded

D, E, F = ("d" * 64, "e" * 64, "f" * 64)
FAILED = datetime(2026, 1, 31, 8, tzinfo=UTC)


def letter(**fields: object) -> DeadLetter:
    known = {
        "service": "extract", "document_id": D, "file": "2024/a.pdf", "reason": "OSError: no space left",
        "error_class": "OSError", "attempts": 5, "origin_subject": ReportReceived.subject,
        "origin_stream": "REPORTS", "origin_sequence": 7, "payload": "{}", "failed_at": FAILED,
        "replay": "gouji replay REPORTS 7", "consumer": "extract",
    }  # fmt: skip
    return DeadLetter(**(known | fields))


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(stream="REPORTS", sequence=7),
        Choice(service="extract"),
        Choice(reason="*no space*"),
        Choice(error_class="OS*"),
        Choice(file="2024/*.pdf"),
        Choice(since=FAILED),
        Choice(until=FAILED + timedelta(seconds=1)),
        Choice(service="extract", error_class="OSError", since=FAILED),
    ],
)
def test_a_letter_that_meets_every_condition_is_meant(choice):
    assert choice.takes(letter())


@pytest.mark.parametrize(
    "choice",
    [
        Choice(stream="DEAD"),
        Choice(sequence=8),
        Choice(service="normalize"),
        Choice(reason="no space"),
        Choice(error_class="oserror"),
        Choice(file="2023/*"),
        Choice(since=FAILED + timedelta(seconds=1)),
        Choice(until=FAILED),
        Choice(service="extract", error_class="KeyError"),
    ],
)
def test_a_letter_that_misses_one_condition_is_not(choice):
    assert not choice.takes(letter())


def test_a_letter_without_a_file_is_met_by_no_name():
    assert not Choice(file="?*").takes(letter(file=None))


def test_moments_are_utc_unless_they_say_otherwise():
    assert moment_of("2026-01-31", "--since") == datetime(2026, 1, 31, tzinfo=UTC)
    assert moment_of("2026-01-31T16:00+08:00", "--since") == FAILED
    with pytest.raises(Mistaken, match="--since"):
        moment_of("yesterday", "--since")


def test_a_letter_that_ends_no_file_needs_no_row():
    assert letter_of(1, letter(origin_subject=ReportRecorded.subject)) is None
    assert letter_of(1, letter(service="notify")) is None


def test_letters_without_a_row_are_found_once_for_each_row():
    found = [letter_of(n, letter(document_id=d)) for n, d in ((1, D), (2, D), (3, E), (4, F))]

    unknown = without_row(found, known={row_of(E)}, flying={F})

    assert [x.document_id for x in unknown] == [D]


def test_dead_rows_without_a_letter_are_read_again_where_the_archive_can():
    letters = [letter_of(1, letter())]
    dead = {row_of(d): d for d in (D, E, F)} | {row_of(D, "alias"): D}

    assert without_letter(dead, letters, {D: "d.txt", E: "e.txt"}) == [Step("read", E, "e.txt")]


def numbered(*letters: DeadLetter) -> list[Numbered]:
    return [Numbered(n, one) for n, one in enumerate(letters, start=1)]


@pytest.mark.parametrize(
    ("one", "held", "ended", "goes", "row_goes"),
    [
        (letter(), {D}, set(), False, False),
        (letter(), set(), set(), True, True),
        (letter(), {D}, {row_of(D)}, True, False),
        (letter(document_id=None), {D}, set(), True, True),
        (letter(service="notify"), {D}, set(), True, False),
    ],
    ids=["a file of ours", "a stranger's", "one that got through", "one that names none", "a webhook's"],
)  # fmt: skip
def test_only_a_letter_that_is_no_files_only_end_is_discarded(one, held, ended, goes, row_goes):
    found = discarding(numbered(one), (), held=held, ended=ended)

    assert (bool(found.gone), bool(found.kept)) == (goes, not goes)
    assert bool(found.rows) == row_goes


def test_a_row_of_which_another_letter_speaks_stays():
    first, second = numbered(letter(), letter(service="validate"))

    assert discarding([first], [second], held=(), ended=()).rows == frozenset()
    assert discarding([first, second], [], held=(), ended=()).rows == {row_of(D)}
    assert documents_of([first, second]) == {D}


def test_a_letter_whose_message_nobody_has_may_go_and_its_file_is_read_again():
    (one,) = numbered(letter())
    kept = discarding([one], (), held={D}, ended=())
    gone = discarding([one], (), held={D}, ended=(), lost={one.number})

    assert (kept.kept, kept.rows) == ([one], frozenset())
    assert (gone.gone, gone.rows) == ([one], {row_of(D)})
