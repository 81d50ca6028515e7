"""Who uses the line: feeders that drop files, strangers with a client of their own, and operators."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError
from nats.js.object_store import ObjectStore

from shared.contracts.events import DeadLetter, Event, RecheckRequested
from shared.contracts.reviews import CellCorrected, IssueDecided
from shared.errors import Unavailable
from shared.runtime.messages.outlet import PUBLISH_SECONDS, Outlet
from shared.runtime.streams import relief, topology, upkeep
from shared.runtime.streams.inbox import Inbox
from tests.simulation import pool
from tests.simulation.plan import Act, Drop
from tests.simulation.world import EPOCH, World

_AWAY = (Unavailable, NatsError, TimeoutError)


@dataclass
class Ledger:
    """What people know: which files the bucket took under which names, and what they let go of again."""

    accepted: set[tuple[str, str]] = field(default_factory=set)
    deleted: set[tuple[str, str]] = field(default_factory=set)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)


class People:
    """Everybody outside, and the one ledger."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = Ledger()
        client = world.client("people")
        self.js = client.jetstream()
        self.rng = Random(f"people {world.plan.seed}")
        self.outlet = Outlet(
            "desk",
            send=self._send,
            clock=world.clock_of(None),
            inline_bytes=256 << 10,
            patience=10.0,
        )
        self.decided: list[Event] = []
        self._moment = 0

    async def _send(self, subject: str, body: bytes, headers: dict[str, str], stream: str) -> None:
        await self.js.publish(subject, body, PUBLISH_SECONDS, stream, headers)

    async def drop(self, drop: Drop) -> None:
        """Put one file, again and again until the bucket has it."""
        await asyncio.sleep(drop.at - self.world.loop.time())
        specimen = pool.specimens()[drop.specimen]
        if drop.interrupted is not None:
            try:
                await asyncio.wait_for(self._put(drop, specimen.data), drop.interrupted)
            except (TimeoutError, Unavailable, NatsError):
                await asyncio.sleep(self.rng.uniform(1, 20))
        while True:
            try:
                await self._put(drop, specimen.data)
            except _AWAY:
                await asyncio.sleep(self.rng.uniform(0.5, 5))
            else:
                return

    async def _put(self, drop: Drop, data: bytes) -> None:
        if drop.by == "feeder":
            put = await Inbox(self.js).put(data, drop.file)
            key = put.key
        else:
            bucket = ObjectStore(topology.INBOX_BUCKET, topology.INBOX_STREAM, self.js)
            key = drop.file
            if key in self.ledger.keys and self.ledger.keys[key][0] != pool.document_id(data):
                # whatever stood there may be read before it is replaced, or not
                self.ledger.deleted.add(self.ledger.keys[key])
            self.ledger.keys[key] = pool.document_id(data), drop.file
            await bucket.put(key, data)
            if self.ledger.keys[key][0] != pool.document_id(data):
                # somebody else put under this name meanwhile: whose bytes came last, nobody outside knows
                self.ledger.deleted |= {self.ledger.keys[key], (pool.document_id(data), drop.file)}
        dropped = pool.document_id(data), drop.file
        self.world.note("accepts", "bucket", drop.file)
        self.ledger.keys[key] = dropped
        self.ledger.accepted.add(dropped)

    async def act(self, act: Act) -> None:
        await asyncio.sleep(act.at - self.world.loop.time())
        deeds: dict[str, Callable[[Random], Awaitable[Any]]] = {
            "recheck": lambda _: self.recheck(), "correct": self._correct, "decide": self._decide,
            "delete": self._delete, "replay": lambda _: self.replay(), "relieve": lambda _: self.relieve(),
        }  # fmt: skip
        self.world.note("does", "people", act.kind)
        try:
            await deeds[act.kind](Random(act.number))
        except _AWAY:
            self.world.note("fails", "people", act.kind)

    async def recheck(self) -> None:
        """Ask for every recorded document to be judged again."""
        at = self._now()
        for row in _documents(self.world):
            request = RecheckRequested(
                document_id=row["document_id"], file=row["file"], received_at=row["received_at"],
                cause="rulebook", requested_at=at,
            )  # fmt: skip
            await self.outlet.publish(request)

    async def relieve(self) -> None:
        """Make room in the streams of events, however full they are."""
        for name in (topology.REPORTS, topology.ISSUES):
            await relief._relieve_events(self.js, await self.js.stream_info(name))

    async def replay(self) -> int:
        """Put every dead letter back."""
        count, number = 0, 1
        while True:
            try:
                message = await self.js.get_msg(
                    topology.DEAD, number, f"{DeadLetter.subject}.>", next=True
                )
            except NotFoundError:
                return count
            number = (message.seq or number) + 1
            letter = DeadLetter.model_validate_json(message.data or b"")
            await upkeep.replay(self.js, number - 1, letter)
            count += 1

    async def _correct(self, rng: Random) -> None:
        rows = _documents(self.world)
        if not rows:
            return
        row = rng.choice(rows)
        address = rng.choice(("applications.granted@total", "applications.total@total"))
        event = CellCorrected(
            document_id=row["document_id"], file=row["file"], received_at=row["received_at"],
            by="reviewer", at=self._now(), report_id=row["report_id"], address=address, state="number",
            value=rng.randrange(9),
        )  # fmt: skip
        self.decided.append(event)
        await self.outlet.publish(event)

    async def _decide(self, rng: Random) -> None:
        rows = _documents(self.world)
        if not rows:
            return
        row = rng.choice(rows)
        event = IssueDecided(
            document_id=row["document_id"], file=row["file"], received_at=row["received_at"],
            by="reviewer", at=self._now(), report_id=row["report_id"], issue_id=f"{rng.randrange(99):032x}", verdict="confirm",
        )  # fmt: skip
        self.decided.append(event)
        await self.outlet.publish(event)

    async def _delete(self, rng: Random) -> None:
        if not self.ledger.keys:
            return
        key = rng.choice(sorted(self.ledger.keys))
        self.ledger.deleted.add(self.ledger.keys[key])
        bucket = ObjectStore(topology.INBOX_BUCKET, topology.INBOX_STREAM, self.js)
        await bucket.delete(key)

    def _now(self) -> Any:
        """Return a moment that no other act has."""
        self._moment += 1
        return EPOCH + timedelta(seconds=self.world.loop.time(), microseconds=self._moment)


def _documents(world: World) -> list[dict[str, Any]]:
    """Return what people see as recorded."""
    found = world.tables.on_record()
    return sorted(found, key=lambda row: str(row["document_id"]))
