"""The store of a private bus changes its account whole, or is set aside; nothing is removed."""

from pathlib import Path

from shared.runtime.streams.moving_in import OPEN, move_in


def stream(store: Path, account: str, name: str) -> None:
    (store / account / "streams" / name).mkdir(parents=True)


def found(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.parent.name == "streams"}


def test_a_store_goes_over_to_the_other_account(tmp_path):
    store = tmp_path / "jetstream"
    stream(store, OPEN, "REPORTS")
    (store / "GOUJI" / "streams").mkdir(parents=True)

    assert move_in(store, "GOUJI", OPEN) is None
    assert found(store) == {"GOUJI/streams/REPORTS"}
    assert move_in(store, "GOUJI", OPEN) is None
    assert move_in(store, OPEN, "GOUJI") is None
    assert found(store) == {"$G/streams/REPORTS"}


def test_of_two_the_one_in_use_stays_and_the_other_is_set_aside(tmp_path):
    store = tmp_path / "jetstream"
    stream(store, OPEN, "REPORTS")
    stream(store, "GOUJI", "REPORTS")
    (tmp_path / "set-aside-G-1").mkdir()

    aside = move_in(store, "GOUJI", OPEN)

    assert aside == tmp_path / "set-aside-G-2"
    assert found(tmp_path) == {"set-aside-G-2/streams/REPORTS", "jetstream/GOUJI/streams/REPORTS"}


def test_a_store_that_is_not_there_yet_is_left_alone(tmp_path):
    assert move_in(tmp_path / "jetstream", "GOUJI", OPEN) is None
    assert list(tmp_path.iterdir()) == []
