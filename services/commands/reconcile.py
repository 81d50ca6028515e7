"""`gouji reconcile`: find what the bus, the database or the archive lost, and mend what can be mended."""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from services.commands.mending.letters import letters_of
from services.commands.mending.mended import ForPeople, ForPrograms, Teller
from services.commands.mending.reconciling import Letter, letter_of, without_letter, without_row
from services.commands.reaching import records, workplace
from services.commands.reaching.options import Archive, Data, DatabaseUrl
from services.commands.reaching.publishing import desk
from services.commands.reaching.reading import reading
from services.commands.reviews.reviews_again import unknown_reviews
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say
from services.ingest.adapters.given_up import GivenUpLetters
from services.ingest.adapters.ledger import Ledger
from services.ingest.adapters.mending import Mender
from services.ingest.core.reconciling import UNMENDED, Action, Step, Survey, occasion, plan
from shared.errors import Unavailable
from shared.language import spoken
from shared.report.identity import ENGINE_VERSION
from shared.runtime.archive import FolderArchive
from shared.runtime.clock import SystemClock
from shared.runtime.connections.connecting import Access
from shared.runtime.settings import Settings
from shared.runtime.streams import topology, upkeep
from shared.runtime.streams.flight import Flight

T = TypeVar("T")
_PAUSE_SECONDS: Final = 1.0
_WATCH_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a call of the command asked for."""

    dry_run: bool = False
    check_bytes: bool = True
    reread: bool = False
    refused: bool = False
    since: datetime | None = None
    """Documents that arrived since this moment are read again, whatever is known of them."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one look found: steps about documents, letters and reviews without a row, and what is under way."""

    steps: Sequence[Step]
    letters: Sequence[Letter]
    flight: Flight
    reviews: Mapping[int, str] = field(default_factory=dict)
    """Acts of reviewers by sequence; looked for only when every document is back: they need its rows."""

    @property
    def is_calm(self) -> bool:
        """Tell whether no document is under way or about to be."""
        mended = all(step.action in UNMENDED for step in self.steps)
        return mended and not (self.letters or self.flight.documents or self.flight.ahead)


HELP: Final = taught(
    "核对三处存储并修复",
    "Compare bus, archive and database; exit code 1 if something cannot be mended.",
    "比对总线、存档和数据库；有不能修复的，退出码为 1。",
)


def run(  # noqa: PLR0913 - what a person may type
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=spoken("只查不改", "Only say it."))
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", help=spoken("每 15 秒一次，不结束", "Every 15 seconds, for ever.")),
    ] = False,
    wait: Annotated[
        bool,
        typer.Option("--wait", help=spoken("等到全部有结果", "Until every document has its end.")),
    ] = False,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help=spoken("不核对内容哈希", "Without comparing hashes of bytes.")
        ),
    ] = False,
    reread: Annotated[
        bool,
        typer.Option(
            "--reread", help=spoken("旧版本读的重读", "Read again what an older engine read.")
        ),
    ] = False,
    refused: Annotated[
        bool, typer.Option("--refused", help=spoken("拒收的重读", "Read again what was refused."))
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help=spoken("JSON，每次核对一行", "JSON, a line for each look.")),
    ] = False,
    archive: Archive = None,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Compare bus, archive and database; exit code 1 if something cannot be mended."""
    line = workplace.find(data, database)
    folder = archive or data / "archive"
    wish = Wish(dry_run, check_bytes=not quick, reread=reread, refused=refused)
    if not dry_run:
        records.migrate(line.database_url)
    teller = ForPrograms() if as_json else ForPeople()
    reconciler = Reconciler(line.bus, line.database_url, FolderArchive(folder), teller)
    raise typer.Exit(asyncio.run(reconciler.run(wish, watch=watch, wait=wait)))


class Reconciler:
    """One call of the command."""

    def __init__(
        self, bus: Access, database_url: str, archive: FolderArchive, teller: Teller
    ) -> None:
        """Compare these three stores and tell what is found."""
        self._bus = bus
        self._teller = teller
        self._database_url = database_url
        self._archive = archive
        self._clock = SystemClock()

    async def run(self, wish: Wish, *, watch: bool = False, wait: bool = False) -> int:
        """Look and mend once, or over and over; return the exit code."""
        ledger = Ledger(self._database_url)
        try:
            async with desk(self._bus) as (outlet, js):
                await _demand_topology(js, dry_run=wish.dry_run)
                mender = Mender(js, outlet, self._archive, ledger, self._clock)
                letters = GivenUpLetters(js, outlet, self._clock)
                while True:
                    if not wish.dry_run:
                        await letters.hear()
                    found = await self._look(js, mender, ledger, wish)
                    unmended = await self._mend(js, mender, found, wish)
                    if watch:
                        await asyncio.sleep(_WATCH_SECONDS)
                    elif wait and not (wish.dry_run or (found.is_calm and not found.reviews)):
                        await asyncio.sleep(_PAUSE_SECONDS)
                        # what was asked for is asked for once
                        wish = Wish(check_bytes=False)
                    else:
                        return 1 if unmended else 0
        finally:
            ledger.close()

    async def _look(
        self, js: JetStreamContext, mender: Mender, ledger: Ledger, wish: Wish
    ) -> Found:
        survey, flight = await mender.survey_all(check_bytes=wish.check_bytes)
        letters = [x async for n, y in letters_of(js) if (x := letter_of(n, y)) is not None]
        unknown = without_row(letters, survey.ends, survey.flying)
        buried = {letter.document_id for letter in unknown}
        steps = [s for s in plan(survey) if s.action != "read" or s.document_id not in buried]
        names = _readable(survey)
        more = without_letter(mender.ends.dead, letters, names)
        wanted = set[str]()
        if wish.reread:
            wanted |= (await asyncio.to_thread(ledger.read_otherwise, ENGINE_VERSION)).keys()
        if wish.refused:
            wanted |= mender.ends.turned_away
        if wish.since is not None:
            wanted |= await asyncio.to_thread(mender.arrived_since, wish.since)
        more += [Step("read", d, names[d]) for d in sorted(wanted & names.keys())]
        there = {(s.action, s.document_id) for s in steps}
        steps += [s for s in dict.fromkeys(more) if (s.action, s.document_id) not in there]
        found = Found(steps, unknown, flight)
        if not found.is_calm:
            return found
        with reading(self._database_url) as reader:
            return replace(found, reviews=await unknown_reviews(js, reader))

    async def _mend(self, js: JetStreamContext, mender: Mender, found: Found, wish: Wish) -> int:
        """Do and tell what was found; return how much of it nobody can mend."""
        done, again = Counter[str](), occasion(self._clock.now())
        for consumer in found.flight.ahead:
            if not wish.dry_run:
                await _answered(upkeep.wind_back(js, consumer))
            done["reset"] += 1
            self._teller.step("reset", consumer=consumer.name, stream=consumer.stream)
        for letter in found.letters:
            if not wish.dry_run:
                told = upkeep.tell_again(js, topology.DEAD, letter.number, again, drop=True)
                await _answered(told)
            done["bury"] += 1
            self._teller.step("bury", file=letter.file, document_id=letter.document_id)
        for number, file in found.reviews.items():
            if not wish.dry_run:
                await _answered(upkeep.tell_again(js, topology.REVIEWS, number, again, drop=False))
            done["review"] += 1
            self._teller.step("review", file=file, stream=topology.REVIEWS, sequence=number)
        for step in found.steps:
            action: Action | str = step.action
            if not wish.dry_run and action not in UNMENDED and not await mender.take(step):
                action = "lost"
            done[action] += 1
            self._teller.step(action, file=step.file, document_id=step.document_id)
        self._teller.end(done, under_way=len(found.flight.documents), dry_run=wish.dry_run)
        return sum(done[action] for action in UNMENDED)


def _readable(survey: Survey) -> dict[str, str]:
    """Return the names of the documents that can be read again and are not under way."""
    return {
        document_id: held.file or document_id
        for document_id, held in survey.held.items()
        if held.whole and document_id not in survey.flying
    }


async def _demand_topology(js: JetStreamContext, *, dry_run: bool) -> None:
    """Make streams and consumers that are gone, so that the services find them when they start again."""
    settings = Settings()
    absent = await _answered(topology.missing(js))
    if not absent:
        return
    missing = spoken("总线上缺少", "missing on the bus", " ")
    say(f"{missing}: {', '.join(absent)}", to=sys.stderr)
    if dry_run:
        raise Unavailable(spoken("先运行 gouji provision", "run gouji provision first"))
    await topology.provision(
        js,
        total_bytes=settings.bus_bytes,
        ack_wait=settings.ack_wait,
        replicas=settings.replicas,
    )


async def _answered(asked: Awaitable[T]) -> T:
    """Wait for the bus; raises `Unavailable` when it does not answer."""
    try:
        return await asked
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the bus does not answer: {error!r}") from error
