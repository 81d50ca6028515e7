"""Waiting for the ends of dropped files, without a bus: what is heard and what the database knows are given."""

from typing import Any

import pytest

from services.commands import drop
from services.commands.reaching.following import Told
from services.commands.reaching.records import FileState
from services.commands.running.tracking import Fate
from shared.errors import Unavailable

EXPANDED = "gouji.v1.report.expanded"
RECORDED = "gouji.v1.report.recorded"
ARCHIVE = {
    "document_id": "z", "file": "a.zip", "members": [{"file": "a.zip/m", "document_id": "m"}],
}  # fmt: skip


class Shown:
    steps_aside = True

    def __init__(self) -> None:
        self.told: list[tuple[str, str, bool]] = []

    def fate(self, fate: Fate) -> None:
        self.told.append((fate.file, fate.state, fate.known_before))

    def dropped(self, *_: Any) -> None: ...

    def unreadable(self, *_: Any) -> None: ...


@pytest.fixture
def heard(monkeypatch):
    """What the stream of reports tells; the others tell nothing, for ever."""
    events: list[tuple[str, dict[str, Any]]] = []

    async def follow(_: Any, stream: str, *__: Any, **___: Any):
        for number, (subject, body) in enumerate(events if stream == "REPORTS" else []):
            yield Told(subject, number, body)
        await drop.asyncio.Event().wait()

    monkeypatch.setattr(drop, "follow", follow)
    return events


def database(monkeypatch, *answers: list[FileState] | Exception) -> list[list[str]]:
    """Let the database answer so, one question after another; return what it was asked."""
    asked: list[list[str]] = []
    left = list(answers)

    def file_states(_: str, documents: list[str]) -> list[FileState]:
        asked.append(documents)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(drop.records, "file_states", file_states)
    return asked


async def wait(shown: Shown, **dropped: str) -> drop.Vigil:
    vigil = drop.Vigil(dropped, "sqlite://", shown)
    await vigil.keep(None, 0, 0, 0)
    return vigil


async def test_what_is_known_already_is_told_without_listening(monkeypatch):
    inside = [{"file": "a.zip/m", "document_id": "m"}]
    asked = database(
        monkeypatch,
        [FileState("a.zip", "z", "expanded", None, None, inside)],
        [FileState("a.zip/m", "m", "dead", "x", None, None)],
    )
    shown = Shown()

    vigil = await wait(shown, **{"a.zip": "z"})

    assert shown.told == [("a.zip", "expanded", True), ("a.zip/m", "dead", True)]
    assert asked == [["z"], ["m"]]
    assert vigil.died


async def test_a_member_that_ended_before_its_archive_is_told_too(monkeypatch, heard):
    database(monkeypatch, [], [])
    heard += [
        (RECORDED, {"document_id": "m", "file": "a.zip/m"}),
        (RECORDED, {"document_id": "other", "file": "other"}),
        (EXPANDED, ARCHIVE),
    ]
    shown = Shown()

    vigil = await wait(shown, **{"a.zip": "z"})

    assert shown.told == [("a.zip", "expanded", False), ("a.zip/m", "recorded", True)]
    assert not vigil.died


async def test_an_error_while_waiting_is_no_end_of_the_files(monkeypatch, heard):
    database(monkeypatch, [], Unavailable("the database is away"))
    heard.append((EXPANDED, ARCHIVE))

    with pytest.raises(Unavailable, match="is away"):
        await wait(Shown(), **{"a.zip": "z"})
