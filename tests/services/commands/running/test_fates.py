"""When the files of the folder are done: what is heard and what the database knows are given."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from services.commands.reaching.following import Told
from services.commands.reaching.records import FileState
from services.commands.running import fates
from services.commands.running.fates import Fates
from services.ingest.adapters.feeder import Fed
from shared.errors import Unavailable

RECORDED = "gouji.v1.report.recorded"
EXPANDED = "gouji.v1.report.expanded"


class Line:
    """The bus and the database of a line: what is said aloud, and what is known when asked."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.rows: list[FileState] = []
        self.count: int | None = 0
        self.is_away = False

    def file_states(self, _: str, documents: list[str]) -> list[FileState]:
        if self.is_away:
            raise Unavailable("the database is away")
        return [row for row in self.rows if row.document_id in documents]

    def state_counts(self, _: str) -> Counter[str]:
        if self.count is None:
            raise Unavailable("the database is away")
        return Counter(recorded=self.count)

    async def follow(self, _: Any, stream: str, *__: Any, **___: Any) -> AsyncIterator[Told]:
        while stream == "REPORTS":
            subject, body = await self.said.get()
            yield Told(subject, 1, body)
        await asyncio.Event().wait()


@pytest.fixture
def line(monkeypatch) -> Line:
    made = Line()

    async def last_sequence(*_: Any) -> int:
        return 0

    monkeypatch.setattr(fates, "follow", made.follow)
    monkeypatch.setattr(fates, "last_sequence", last_sequence)
    monkeypatch.setattr(fates, "_ASK_SECONDS", 0.01)
    monkeypatch.setattr(fates.records, "file_states", made.file_states)
    monkeypatch.setattr(fates.records, "state_counts", made.state_counts)
    return made


@asynccontextmanager
async def telling() -> AsyncIterator[Fates]:
    known = Fates("sqlite://")
    task = asyncio.create_task(known.tell(None))
    yield known
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until_known(known: Fates) -> None:
    async with asyncio.timeout(5):
        while not known.are_known:
            await asyncio.sleep(0.01)


def state(name: str, document_id: str, of: str = "recorded", members: Any = None) -> FileState:
    return FileState(name, document_id, of, None, None, members)


def recorded(name: str, document_id: str) -> tuple[str, dict[str, Any]]:
    return RECORDED, {"document_id": document_id, "file": name}


async def test_a_file_is_waited_for_until_its_end_is_heard(line, capsys):
    async with telling() as known:
        assert known.are_known
        known.note_fed(Fed("a", "d", 1))
        assert not known.are_known

        await line.said.put(recorded("a", "d"))
        await until_known(known)

    assert known.states == {"recorded": 1}
    assert "a" in capsys.readouterr().out


async def test_an_end_heard_before_the_file_was_noted_counts(line):
    async with telling() as known:
        await line.said.put(recorded("a", "d"))
        await asyncio.sleep(0.05)

        known.note_fed(Fed("a", "d", 1))

        assert known.are_known


async def test_an_end_of_an_earlier_run_is_asked_for(line):
    line.rows = [state("a", "d")]
    async with telling() as known:
        known.note_fed(Fed("a", "d", 1))
        await until_known(known)

    assert known.states == {"recorded": 1}


async def test_an_archive_is_done_with_its_members(line):
    members = [{"file": "z/m", "document_id": "m"}]
    async with telling() as known:
        known.note_fed(Fed("z", "z", 1))
        await line.said.put((EXPANDED, {"document_id": "z", "file": "z", "members": members}))
        await asyncio.sleep(0.05)
        assert not known.are_known

        line.rows = [state("z/m", "m")]
        await until_known(known)

    assert known.states == {"expanded": 1, "recorded": 1}


async def test_a_name_with_other_bytes_is_waited_for_again_and_the_former_no_longer(line):
    async with telling() as known:
        known.note_fed(Fed("a", "d1", 1))
        known.note_fed(Fed("a", "d2", 1))

        await line.said.put(recorded("a", "d2"))
        await until_known(known)

    assert known.states == {"recorded": 1}


async def test_while_the_database_is_away_nothing_is_taken_for_done(line):
    line.rows, line.is_away = [state("a", "d")], True
    async with telling() as known:
        known.note_fed(Fed("a", "d", 1))
        await asyncio.sleep(0.1)
        assert not known.are_known

        line.is_away = False
        await until_known(known)


async def test_how_many_are_done_is_said_once_and_only_after_news(line, capsys):
    line.count = 7
    known = Fates("sqlite://")

    await known.tell_done()
    await known.tell_done()

    assert capsys.readouterr().out.count("7 files done") == 1


async def test_how_many_are_done_is_not_said_while_the_database_is_away(line, capsys):
    line.count = None

    await Fates("sqlite://").tell_done()

    assert capsys.readouterr().out == ""
