"""Which files are waited for, and how those ended that have."""

from services.commands.reaching.records import FileState
from services.commands.running.awaiting import Awaited


def known(name: str, document_id: str, state: str, *members: tuple[str, str]) -> FileState:
    inside = [{"file": file, "document_id": held} for file, held in members]
    return FileState(name, document_id, state, None, None, inside)


def test_a_file_is_waited_for_until_its_end_is_told():
    awaited = Awaited()
    assert awaited.expect("a", "d")
    assert not awaited.expect("a", "d")
    assert awaited

    assert awaited.settle("a", "d", "recorded")
    assert not awaited
    assert not awaited.settle("a", "d", "recorded")
    assert awaited.states == {"recorded": 1}


def test_the_end_of_another_file_is_none_of_ours():
    awaited = Awaited()
    awaited.expect("a", "d")

    assert not awaited.settle("b", "d", "recorded")
    assert not awaited.settle("a", "e", "recorded", [("a/x", "x")])
    assert awaited.states == {"under way": 1}


def test_what_an_archive_held_is_waited_for_too():
    awaited = Awaited()
    awaited.expect("a.zip", "z")

    assert awaited.settle("a.zip", "z", "expanded", [("a.zip/b", "b")])
    assert awaited.waiting() == {("a.zip/b", "b")}
    assert awaited.settle("a.zip/b", "b", "refused")
    assert awaited.states == {"expanded": 1, "refused": 1}


def test_what_an_earlier_run_recorded_is_taken_over():
    awaited = Awaited()
    for name, document_id in [("a", "d"), ("b", "d"), ("a.zip", "z"), ("c", "c")]:
        awaited.expect(name, document_id)

    ended = awaited.take_over([
        known("a", "d", "recorded"), known("b", "d", "duplicate"), known("x", "x", "dead"),
        known("a.zip", "z", "expanded", ("a.zip/m", "m")),
    ])  # fmt: skip

    assert [row.name for row in ended] == ["a", "b", "a.zip"]
    assert awaited.waiting() == {("c", "c"), ("a.zip/m", "m")}


def test_a_dead_file_that_is_replayed_counts_as_what_it_became():
    awaited = Awaited()
    awaited.expect("a", "d")
    awaited.settle("a", "d", "dead")
    awaited.settle("a", "d", "recorded")

    assert awaited.states == {"recorded": 1}


def test_a_name_with_other_bytes_is_another_file():
    awaited = Awaited()
    awaited.expect("a", "d")
    awaited.forget("a", "d")
    awaited.expect("a", "e")

    assert awaited.waiting() == {("a", "e")}
    assert awaited.states == {"under way": 1}


def test_every_file_is_asked_about_in_its_turn():
    awaited = Awaited()
    for number in range(5):
        awaited.expect(f"f{number}", f"d{number}")

    turns = [awaited.next_documents(2) for _ in range(3)]
    assert turns == [["d0", "d1"], ["d2", "d3"], ["d4", "d0"]]
    awaited.settle("f1", "d1", "recorded")
    assert awaited.next_documents(9) == ["d2", "d3", "d4", "d0"]
