"""`gouji drop FILE…`: put files into the watched bucket of a running line."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import typer
from nats.js import JetStreamContext

from services.commands.reaching import records, workplace
from services.commands.reaching.following import connected, follow, last_sequence
from services.commands.running.awaiting import Awaited
from services.commands.running.tracking import (
    DEAD_LETTERS,
    FATEFUL,
    SERIOUS,
    Fate,
    Tracker,
    members_of,
)
from services.commands.talking.progress import bar
from services.commands.talking.teaching import taught
from services.commands.talking.wording import fate_lines, say, say_json
from services.ingest.adapters import source
from services.ingest.adapters.feeding import BucketFeed
from services.ingest.settings import IngestSettings
from shared.errors import GoujiError
from shared.language import spoken
from shared.runtime.streams import topology
from shared.runtime.streams.inbox import printable_name

_ASKED_AT_ONCE = 500

HELP: Final = taught(
    "投递文件",
    "Put files into the bus; exit code 1 if one cannot be read or dies.",
    "有文件读不了或处理失败时退出码为 1。",
)


def run(
    files: Annotated[list[Path], typer.Argument(help=spoken("要投递的文件", "Files to drop."))],
    wait: Annotated[
        bool, typer.Option("--wait", help=spoken("等到有结果", "Wait until every file is done."))
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help=spoken("JSON，每个结果一行", "JSON, a line for each event.")),
    ] = False,
    data: Annotated[
        Path,
        typer.Option(help=spoken("运行中 up 的数据文件夹", "Data folder of the running `up`.")),
    ] = Path("data"),
) -> None:
    """Put files into the bus; exit code 1 if one cannot be read or dies."""
    shown: Shown = _ForPrograms() if as_json else _ForPeople()
    raise typer.Exit(asyncio.run(_drop(files, workplace.find(data), shown, wait=wait)))


class NotRegular(GoujiError):
    """What was named is no file that can be taken now; in both languages, for programs too."""

    told = ("不是普通文件，或正在被写入", "no regular file, or being written just now")

    def __init__(self) -> None:
        """Say why."""
        super().__init__(" · ".join(self.told))


class Shown(Protocol):
    """How it is told what becomes of the files."""

    @property
    def steps_aside(self) -> bool:
        """Tell whether a bar may be drawn below what is told."""
        ...

    def dropped(self, path: Path, document_id: str) -> None:
        """Tell that the bus has a file."""
        ...

    def unreadable(self, path: Path, why: OSError | GoujiError) -> None:
        """Tell that a file could not be taken."""
        ...

    def fate(self, fate: Fate) -> None:
        """Tell how a file ended."""
        ...


class _ForPeople:
    steps_aside = True

    def dropped(self, path: Path, document_id: str) -> None:
        say(f"{document_id}  {path}")

    def unreadable(self, path: Path, why: OSError | GoujiError) -> None:
        told = spoken(*why.told) if isinstance(why, NotRegular) else str(why)
        say(f"? {path}: {told}")

    def fate(self, fate: Fate) -> None:
        for line in fate_lines(fate):
            say(line)


class _ForPrograms:
    steps_aside = False

    def dropped(self, path: Path, document_id: str) -> None:
        self._line(
            "dropped", path=str(path), file=printable_name(path.name), document_id=document_id
        )

    def unreadable(self, path: Path, why: OSError | GoujiError) -> None:
        self._line("unreadable", path=str(path), detail=str(why))

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
        vigil = Vigil(dropped, line.database_url, shown)
        await vigil.keep(js, *reached)
        return 1 if failures or vigil.died else 0


async def _put_all(
    files: Sequence[Path], feed: BucketFeed, shown: Shown
) -> tuple[dict[str, str], int]:
    """Put files one after another; return document ids by name and how many could not be read."""
    limit = IngestSettings().file_limit
    dropped: dict[str, str] = {}
    failures = 0
    with bar(len(files), spoken("投递", "dropping", " "), steps_aside=shown.steps_aside) as step:
        for path in files:
            name = printable_name(path.name)
            try:
                document_id = await _put(path, name, feed, limit)
            except (OSError, GoujiError) as error:
                shown.unreadable(path, error)
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
        raise NotRegular
    return taken


class Vigil:
    """Waits for the fate of dropped files and shows it."""

    def __init__(self, dropped: dict[str, str], database_url: str, shown: Shown) -> None:
        """Wait for these document ids by name; the database knows what was done before."""
        self._shown = shown
        self._database_url = database_url
        self._tracker = Tracker()
        self._awaited = Awaited()
        for name, document_id in dropped.items():
            self._awaited.expect(name, document_id)
        self.died = False

    async def keep(self, js: JetStreamContext, reports: int, issues: int, dead: int) -> None:
        """Return when every file is done; events are read after these sequences."""
        await self._look_up({document_id for _, document_id in self._awaited.waiting()})
        if not self._awaited:
            return
        tasks = [
            asyncio.create_task(self._hear(js, topology.REPORTS, FATEFUL, reports)),
            asyncio.create_task(self._hear(js, topology.ISSUES, SERIOUS, issues)),
            asyncio.create_task(self._hear(js, topology.DEAD, (DEAD_LETTERS,), dead)),
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            # one that did not hear the last end, but failed, says why
            task.result()

    async def _hear(
        self, js: JetStreamContext, stream: str, subjects: Sequence[str], after: int
    ) -> None:
        async for told in follow(js, stream, subjects, after=after):
            fate = self._tracker.hear(told.subject, told.body)
            if fate is not None and fate.state != "finding":
                await self._settle(fate)
            if not self._awaited:
                return

    async def _settle(self, fate: Fate) -> None:
        """Take a file off the list, and put on it what an archive held."""
        if not self._awaited.settle(fate.file, fate.document_id, fate.state, fate.members):
            return
        self._tell(fate)
        for name, document_id in fate.members:
            # a member may have come to its end before its archive did
            state = self._tracker.state_of(document_id, name)
            if state is not None and self._awaited.settle(name, document_id, state):
                self._tell(Fate(state, name, document_id, known_before=True))
        await self._look_up({document_id for _, document_id in fate.members})

    async def _look_up(self, documents: set[str]) -> None:
        """Take over what the database knows of documents, and of what archives among them held."""
        while documents:
            asked = sorted(documents)
            ended = [
                row
                for start in range(0, len(asked), _ASKED_AT_ONCE)
                for row in self._awaited.take_over(
                    await asyncio.to_thread(
                        records.file_states,
                        self._database_url,
                        asked[start : start + _ASKED_AT_ONCE],
                    )
                )
            ]
            documents = set()
            for row in ended:
                inside = members_of(row.members)
                documents |= {document_id for _, document_id in inside}
                self._tell(
                    Fate(
                        row.state,
                        row.name or "",
                        row.document_id or "",
                        members=inside,
                        known_before=True,
                    )
                )

    def _tell(self, fate: Fate) -> None:
        self.died = self.died or fate.state == "dead"
        self._shown.fate(fate)
