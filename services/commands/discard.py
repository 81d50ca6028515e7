"""`gouji discard`: throw away dead letters that nobody will replay, such as those of strangers' messages."""

import asyncio
import getpass
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from services.commands.mending import choosing
from services.commands.mending.choosing import Choice, moment_of
from services.commands.mending.discarding import Discarding, Numbered, discarding, documents_of
from services.commands.mending.letters import letters_of
from services.commands.reaching import workplace
from services.commands.reaching.following import connected
from services.commands.reaching.options import Archive, AsJson, Data, DatabaseUrl
from services.commands.reviews.reviewing import Mistaken
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say, say_json
from services.ingest.adapters.ledger import Ledger
from services.sink.adapters.database import Database
from shared.contracts.events import DeadLetter
from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime import logs
from shared.runtime.archive import FolderArchive
from shared.runtime.connections.connecting import OPERATOR
from shared.runtime.settings import Settings
from shared.runtime.streams import topology, upkeep

_PATIENCE_SECONDS: Final = 30.0
_ASK_SECONDS: Final = 0.2

HELP: Final = taught(
    "丢弃死信",
    "Throw away dead letters that nobody will replay; asks first.",
    "先询问再丢弃。存档中有其文件且没有别的结果的死信予以保留，请重放。有保留的，或没有符合条件的死信时，退出码为 1。",
    "The letter of a file that we hold and that has no other end stays: replay it. Exit code "
    "1 if any stays, or if a choice meets no letter.",
)


def run(  # noqa: PLR0913, PLR0917 - what a person may type
    stream: choosing.Stream = None,
    sequence: choosing.Sequence = None,
    service: choosing.Service = None,
    reason: choosing.Reason = None,
    error_class: choosing.ErrorClass = None,
    file: choosing.File = None,
    since: choosing.Since = None,
    until: choosing.Until = None,
    limit: choosing.Limit = None,
    everything: Annotated[bool, typer.Option("--all", help=spoken("全部", "All of them."))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=spoken("不再询问", "Do not ask."))] = False,
    dry_run: choosing.DryRun = False,
    as_json: AsJson = False,
    archive: Archive = None,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Throw away dead letters that nobody will replay; asks first."""
    choice = Choice(
        stream, sequence, service, reason, error_class, file,
        moment_of(since, "--since"), moment_of(until, "--until"),
    )  # fmt: skip
    if choice.is_any and not everything:
        raise Mistaken(
            spoken(
                "未说明丢弃哪些：给出条件或 --all，先用 gouji replay 查看",
                "which ones? give a condition or --all; gouji replay lists them",
            )
        )
    if not (yes or dry_run or sys.stdin.isatty()):
        raise Mistaken(spoken("无人可问，请加 --yes", "nobody can be asked: give --yes"))
    line = workplace.find(data, database)
    desk = _Desk(line, FolderArchive(archive or data / "archive"))
    with _logging_into(data / "logs"):
        found = asyncio.run(
            desk.discard(choice, limit, ask=not yes, dry_run=dry_run, quiet=as_json)
        )
    if as_json:
        say_json(_for_programs(found, discarded=not dry_run))
    raise typer.Exit(0 if found.gone and not found.kept else 1)


class _Desk:
    """One call of the command."""

    def __init__(self, line: workplace.Line, archive: FolderArchive) -> None:
        self._line = line
        self._archive = archive

    async def discard(
        self, choice: Choice, limit: int | None, *, ask: bool, dry_run: bool, quiet: bool
    ) -> Discarding:
        """Look, show, ask and throw away; return what was meant."""
        async with connected(self._line.bus) as client:
            js = client.jetstream()
            letters = [Numbered(*one) async for one in letters_of(js, unreadable=True)]
            chosen = [one for one in letters if choice.takes(one.letter)][:limit]
            if not chosen:
                say(spoken("没有符合的死信", "no dead letter is like that"), to=sys.stderr)
                return Discarding((), (), frozenset())
            await _heard_by_sink(js, chosen[-1].number)
            others = [one for one in letters if one not in chosen]
            lost = {number for number, letter in chosen if await _is_lost(js, letter)}
            found = await asyncio.to_thread(self._decide, chosen, others, lost)
            if not quiet:
                _show(found)
            if dry_run or not found.gone:
                return found
            if ask:
                question = spoken(
                    f"丢弃这 {len(found.gone)} 条死信，不可撤销",
                    f"discard these {len(found.gone)} for good?",
                )
                await asyncio.to_thread(typer.confirm, question, abort=True)
            await self._throw_away(js, found)
            if not quiet:
                say(f"{len(found.gone)} {spoken('已丢弃', 'discarded', ' ')}")
        return found

    def _decide(
        self, chosen: Sequence[Numbered], others: Sequence[Numbered], lost: Collection[int]
    ) -> Discarding:
        documents = documents_of(chosen)
        if not documents:
            return discarding(chosen, others, held=(), ended=())
        self._archive.is_there()
        held = {one for one in documents if self._archive.arrival(one) is not None}
        ledger = Ledger(self._line.database_url)
        try:
            ends = ledger.ends(documents)
        finally:
            ledger.close()
        return discarding(chosen, others, held=held, ended=ends.rows - ends.dead.keys(), lost=lost)

    async def _throw_away(self, js: JetStreamContext, found: Discarding) -> None:
        """Rows first: what is interrupted in between is begun again, or brought back by `reconcile`."""
        if found.rows:
            database = Database(self._line.database_url)
            try:
                await asyncio.to_thread(database.forget_dead, found.rows)
            finally:
                database.close()
        for number, letter in found.gone:
            await _delete(js, number)
            logs.log(
                "warning", "letter.discarded", sequence=number, by=getpass.getuser(),
                dead_service=letter.service, document_id=letter.document_id, file=letter.file,
                error_class=letter.error_class, detail=letter.reason, origin=letter.origin_subject,
            )  # fmt: skip


async def _heard_by_sink(js: JetStreamContext, number: int) -> None:
    """Return when the sink is done with this letter: it must not write a row afterwards."""
    for _ in range(int(_PATIENCE_SECONDS / _ASK_SECONDS)):
        try:
            info = await js.consumer_info(topology.DEAD, topology.SINK_DEAD.name)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the bus does not answer: {error!r}") from error
        if (info.ack_floor.stream_seq if info.ack_floor else 0) >= number or not (
            info.num_pending or info.num_ack_pending
        ):
            return
        await asyncio.sleep(_ASK_SECONDS)
    raise Unavailable(
        spoken(
            "sink 尚未处理这些死信，请先启动它",
            "the sink has not read these letters yet: let it run first",
        )
    )


async def _is_lost(js: JetStreamContext, letter: DeadLetter) -> bool:
    if letter.origin_stream == topology.DEAD:
        return False
    try:
        return await upkeep.is_lost(js, letter)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the message cannot be looked for: {error!r}") from error


async def _delete(js: JetStreamContext, number: int) -> None:
    try:
        await js.delete_msg(topology.DEAD, number)
    except NotFoundError:
        # somebody replayed or discarded it meanwhile
        return
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the letter cannot be removed: {error!r}") from error


@contextmanager
def _logging_into(folder: Path) -> Iterator[None]:
    """Let what is thrown away be told in the logs of the line, where these are at hand."""
    settings = Settings()
    with ExitStack() as stack:
        file = None
        if folder.is_dir():
            file = stack.enter_context((folder / f"{OPERATOR}.log").open("ab", buffering=0))
        logs.configure(OPERATOR, style=settings.log_format, level=settings.log_level, file=file)
        yield


def _show(found: Discarding) -> None:
    for number, letter in found.gone:
        about = letter.replay.removeprefix("gouji replay ") or f"{topology.DEAD} {number}"
        say(f"{about}  {letter.service}  {letter.file}  {letter.reason}")
    for _, letter in found.kept:
        why = spoken(
            "文件在存档中且没有别的结果，请重放", "its file is in the archive and has no other end"
        )
        stays = spoken("保留", "stays", " ")
        say(f"{stays}  {letter.service}  {letter.file}  {why}: {letter.replay}")
    say(
        f"{len(found.gone)} {spoken('可丢弃', 'to be discarded', ' ')}, "
        f"{len(found.kept)} {spoken('保留', 'stay', ' ')}"
    )


def _for_programs(found: Discarding, *, discarded: bool) -> dict[str, Any]:
    shown = ("service", "file", "document_id", "reason", "error_class", "origin_subject")

    def listed(letters: Sequence[Numbered]) -> list[dict[str, Any]]:
        return [
            {"sequence": number, **{name: getattr(letter, name) for name in shown}}
            for number, letter in letters
        ]

    return {"gone": listed(found.gone), "kept": listed(found.kept), "discarded": discarded}
