"""`gouji drop FILE…`: put files into the watched bucket of a running line."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from nats.js import JetStreamContext

from services.commands.reaching import records, workplace
from services.commands.reaching.following import connected, follow, last_sequence
from services.commands.running.tracking import (
    DEAD_LETTERS,
    FATEFUL,
    SERIOUS,
    Fate,
    Tracker,
    members_of,
)
from services.commands.talking.progress import bar
from services.commands.talking.wording import fate_lines, say, say_json
from services.ingest.adapters import source
from services.ingest.adapters.feeding import BucketFeed
from services.ingest.settings import IngestSettings
from shared.errors import GoujiError
from shared.runtime.streams import topology
from shared.runtime.streams.inbox import printable_name


def run(
    files: Annotated[list[Path], typer.Argument(help="要投递的文件 · Files to drop.")],
    wait: Annotated[
        bool, typer.Option("--wait", help="等到有结果 · Wait until every file is done.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON，每个结果一行 · JSON, a line for each event.")
    ] = False,
    data: Annotated[
        Path, typer.Option(help="运行中 up 的数据文件夹 · Data folder of the running `up`.")
    ] = Path("data"),
) -> None:
    """投递文件 · Put files into the bus; exit code 1 if one cannot be read or dies."""
    shown: Shown = _ForPrograms() if as_json else _ForPeople()
    raise typer.Exit(asyncio.run(_drop(files, workplace.find(data), shown, wait=wait)))


class Shown(Protocol):
    """How it is told what becomes of the files."""

    @property
    def steps_aside(self) -> bool:
        """Tell whether a bar may be drawn below what is told."""
        ...

    def dropped(self, path: Path, document_id: str) -> None:
        """Tell that the bus has a file."""
        ...

    def unreadable(self, path: Path, why: str) -> None:
        """Tell that a file could not be taken."""
        ...

    def fate(self, fate: Fate) -> None:
        """Tell how a file ended."""
        ...


class _ForPeople:
    steps_aside = True

    def dropped(self, path: Path, document_id: str) -> None:
        say(f"{document_id}  {path}")

    def unreadable(self, path: Path, why: str) -> None:
        say(f"? {path}: {why}")

    def fate(self, fate: Fate) -> None:
        for line in fate_lines(fate):
            say(line)


class _ForPrograms:
    steps_aside = False

    def dropped(self, path: Path, document_id: str) -> None:
        self._line(
            "dropped", path=str(path), file=printable_name(path.name), document_id=document_id
        )

    def unreadable(self, path: Path, why: str) -> None:
        self._line("unreadable", path=str(path), detail=why)

    def fate(self, fate: Fate) -> None:
        told = asdict(fate)
        members = [{"file": file, "document_id": found} for file, found in told.pop("members")]
        self._line(told.pop("state"), **told, members=members)

    @staticmethod
    def _line(state: str, **about: Any) -> None:
        say_json({"state": state, **about})


async def _drop(files: Sequence[Path], line: workplace.Line, shown: Shown, *, wait: bool) -> int:
    async with connected(line.bus) as client:
        js = client.jetstream()
        streams = (topology.REPORTS, topology.ISSUES, topology.DEAD)
        reached = [await last_sequence(js, stream) for stream in streams]
        dropped, failures = await _put_all(files, BucketFeed(js), shown)
        if not wait:
            return 1 if failures else 0
        known = await asyncio.to_thread(records.file_states, line.database_url)
        vigil = Vigil(dropped, known, shown)
        await vigil.keep(js, *reached)
        return 1 if failures or vigil.died else 0


async def _put_all(
    files: Sequence[Path], feed: BucketFeed, shown: Shown
) -> tuple[dict[str, str], int]:
    """Put files one after another; return document ids by name and how many could not be read."""
    limit = IngestSettings().file_limit
    dropped: dict[str, str] = {}
    failures = 0
    with bar(len(files), "投递 dropping", steps_aside=shown.steps_aside) as step:
        for path in files:
            name = printable_name(path.name)
            try:
                document_id = await _put(path, name, feed, limit)
            except (OSError, GoujiError) as error:
                shown.unreadable(path, str(error))
                failures += 1
            else:
                dropped[name] = document_id
                shown.dropped(path, document_id)
            step()
    return dropped, failures


async def _put(path: Path, name: str, feed: BucketFeed, limit: int) -> str:
    """Put one file; return its document id."""
    taken = await asyncio.to_thread(_taken, path, limit)
    if taken.data is None:
        await feed.announce(name, taken.document_id, taken.size)
    else:
        await feed.put(taken.data, name)
    return taken.document_id


def _taken(path: Path, limit: int) -> source.Taken:
    found = path.resolve()
    taken = source.take(found, source.Signature.of(found.stat()), limit)
    if taken is None:
        raise GoujiError("不是普通文件，或正在被写入 · no regular file, or being written just now")
    return taken


class Vigil:
    """Waits for the fate of dropped files and shows it."""

    def __init__(
        self, dropped: dict[str, str], known: Sequence[records.FileState], shown: Shown
    ) -> None:
        """Wait for these document ids by name; `known` is what the database has already."""
        self._shown = shown
        self._tracker = Tracker()
        for row in known:
            if row.document_id is not None and row.name is not None:
                inside = members_of(row.members)
                self._tracker.remember(row.document_id, row.name, row.state, inside)
        self._waiting = dict(dropped)
        self.died = False

    async def keep(self, js: JetStreamContext, reports: int, issues: int, dead: int) -> None:
        """Return when every file is done; events are read after these sequences."""
        self._settle()
        if not self._waiting:
            return
        tasks = [
            asyncio.create_task(self._hear(js, topology.REPORTS, FATEFUL, reports)),
            asyncio.create_task(self._hear(js, topology.ISSUES, SERIOUS, issues)),
            asyncio.create_task(self._hear(js, topology.DEAD, (DEAD_LETTERS,), dead)),
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(
        self, js: JetStreamContext, stream: str, subjects: Sequence[str], after: int
    ) -> None:
        async for told in follow(js, stream, subjects, after=after):
            self._settle(self._tracker.hear(told.subject, told.body))
            if not self._waiting:
                return

    def _settle(self, fate: Fate | None = None) -> None:
        """Take off the list whatever is done by now, and put on it what an archive held."""
        done = [x for x in self._waiting.items() if self._tracker.is_done(x[1], x[0])]
        for name, document_id in done:
            del self._waiting[name]
            state = self._tracker.state_of(document_id, name) or "recorded"
            self.died = self.died or state == "dead"
            inside = self._tracker.inside(document_id) if state == "expanded" else ()
            told = fate
            if told is None or told.document_id != document_id or told.state == "finding":
                told = Fate(state, name, document_id, members=inside, known_before=True)
            self._shown.fate(told)
            self._waiting.update(inside)
        if done:
            # a member may have come to its end before its archive did
            self._settle()
