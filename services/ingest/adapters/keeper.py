"""Looks every few seconds for what the bus lost, and has it worked on again.

Cheap where nothing happens: a folder of the archive that did not change since all in it had ended is not
read again, and the bus is asked only about documents that had no end at two looks in a row. Several
keepers at once do no harm: what they publish in the same minutes is the same.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from nats.js import JetStreamContext

from services.ingest.adapters.given_up import GivenUpLetters
from services.ingest.adapters.ledger import Ledger
from services.ingest.adapters.mending import Mender
from services.ingest.core.reconciling import UNMENDED, plan, row_of
from shared.contracts.dropped import DroppedObject
from shared.contracts.ports import Clock
from shared.runtime.archive import FolderArchive
from shared.runtime.logs import log
from shared.runtime.messages.outlet import Outlet
from shared.runtime.streams import topology, upkeep
from shared.runtime.streams.flight import scan
from shared.runtime.streams.inbox import read_notice

_RESTS: Final = 20
"""A look may take a twentieth of the time: after a long one the pause is longer."""
_ALL_ANEW_SECONDS: Final = 3600.0
"""After this time everything is looked at again, whatever its folder says: clocks may have jumped."""
_SLACK_SECONDS: Final = 60.0
_HEARD_AT_ONCE: Final = 1000
"""Notices in memory at once: the bucket may hold a million, nearly all of files that are done with."""
_NEVER: Final = -1
"""When a folder changed that is not in order yet."""


@dataclass(slots=True)
class _Memory:
    """What earlier looks found: folders in order and since when, suspects, how far the bucket was read."""

    clean: dict[str, tuple[int, float]] = field(default_factory=dict)
    suspects: set[str] = field(default_factory=set)
    objects: dict[str, DroppedObject] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    reached: int = 0
    began: float = field(default_factory=time.monotonic)


class Keeper:
    """Runs beside the service that owns the archive; `start` and `stop` are its steps."""

    def __init__(
        self,
        js: Callable[[], JetStreamContext],
        outlet: Outlet,
        archive: FolderArchive,
        ledger: Ledger,
        clock: Clock,
        every: float,
    ) -> None:
        """Look every so many seconds; the connection is taken from `js` when it is needed."""
        self._js = js
        self._outlet = outlet
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self._every = every
        self._memory = _Memory()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin looking."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.to_thread(self._ledger.close)

    async def _run(self) -> None:
        quiet, took = False, 0.0
        while True:
            await asyncio.sleep(max(self._every, _RESTS * took))
            began = time.monotonic()
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the next look may work; the service goes on
                if not quiet:
                    log("warning", "reconcile.waiting", error=str(error) or repr(error))
                quiet = True
            else:
                quiet = False
            took = time.monotonic() - began

    async def look(self) -> int:
        """Look once; return how much was mended. Raises what is not there raises."""
        if time.monotonic() - self._memory.began > _ALL_ANEW_SECONDS:
            self._memory = _Memory()
        memory, js = self._memory, self._js()
        await upkeep.wind_back_all(js)
        await GivenUpLetters(js, self._outlet, self._clock).hear()
        now = await asyncio.to_thread(self._unended)
        suspects, memory.suspects = now & memory.suspects, now
        await self._hear_of_objects(js)
        old = [o for key, o in memory.objects.items() if key not in memory.fresh]
        memory.fresh.clear()
        if not (suspects or old):
            return 0
        mender = Mender(js, self._outlet, self._archive, self._ledger, self._clock)
        survey, _ = await mender.survey_of(suspects, old)
        mended = 0
        for step in plan(survey):
            if step.action in UNMENDED or not await mender.take(step):
                continue
            mended += 1
            log(
                "warning", "reconcile.mended", action=step.action,
                document_id=step.document_id, file=step.file,
            )  # fmt: skip
        return mended

    def _unended(self) -> set[str]:
        """Return the documents of folders that changed that have no end in the database."""
        found: set[str] = set()
        for shard in self._archive.shards():
            changed, asked = shard.stat().st_mtime_ns, time.time()
            known, since = self._memory.clean.get(shard.name, (0, 0.0))
            if changed == known:
                continue
            young = self._archive.newer(shard, since - _SLACK_SECONDS)
            ends = self._ledger.ends(young).rows if young else set()
            waiting = {d: noted for d, noted in young.items() if row_of(d) not in ends}
            found |= waiting.keys()
            oldest = min(waiting.values(), default=asked)
            self._memory.clean[shard.name] = (_NEVER if waiting else changed, oldest)
        return found

    async def _hear_of_objects(self, js: JetStreamContext) -> None:
        """Take in notices of the bucket that are new, and let go of objects that are done with."""
        memory = self._memory
        last = (await js.stream_info(topology.INBOX_STREAM)).state.last_seq
        if last < memory.reached:
            memory.reached = 0
        if last > memory.reached:
            heard: dict[str, DroppedObject] = {}
            subjects = (topology.OBJECT_SUBJECTS,)
            async for message in scan(
                js, topology.INBOX_STREAM, subjects, after=memory.reached, bodies=True
            ):
                dropped = read_notice(message.data)
                if dropped is not None:
                    heard[dropped.name] = dropped
                if len(heard) >= _HEARD_AT_ONCE:
                    await self._take_in(heard)
                    heard = {}
            await self._take_in(heard)
            memory.reached = last
        memory.objects = await asyncio.to_thread(self._unsettled, memory.objects)

    async def _take_in(self, heard: dict[str, DroppedObject]) -> None:
        """Remember the objects of new notices, of all the few that are not done with already."""
        left = await asyncio.to_thread(self._unsettled, heard)
        for key in heard.keys() - left.keys():
            self._memory.objects.pop(key, None)
        self._memory.objects |= left
        self._memory.fresh |= left.keys()

    def _unsettled(self, objects: dict[str, DroppedObject]) -> dict[str, DroppedObject]:
        """Return the objects that neither the archive has under their name nor the database as alias."""
        left = {key: o for key, o in objects.items() if not self._is_archived(o)}
        ends = self._ledger.ends({o.sha256 for o in left.values() if o.sha256}).rows if left else ()
        return {key: o for key, o in left.items() if row_of(o.sha256 or "", o.file) not in ends}

    def _is_archived(self, dropped: DroppedObject) -> bool:
        """Tell whether nothing more is to come of an object than the document it brought.

        One that was refused because its bytes were gone is done with when its notice is taken back.
        """
        document_id = dropped.sha256
        if dropped.deleted or document_id is None:
            return True
        first = self._archive.arrival(document_id)
        return first is not None and (
            dropped.name == first.object_key or dropped.file == first.file
        )
