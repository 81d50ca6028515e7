"""The outside of the services: archive, database, workshop, a webhook; each may be away, torn, or answer that it was not heard."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from random import Random
from typing import Any

from services.normalize.core.outcomes import Outcome
from services.notify.core.notices import Notice
from shared.contracts.ports import Arrival
from shared.errors import BadInput, Unavailable, Undeliverable
from tests.simulation import pool
from tests.simulation.pool import Specimen


class MemoryArchive:
    """`shared.contracts.ports.Archive`; `between` is called when the bytes are there and the arrival is not."""

    def __init__(self, between: Callable[[], None] = lambda: None) -> None:
        self.bytes: dict[str, bytes] = {}
        self.arrivals: dict[str, Arrival] = {}
        self.between = between

    def put(self, data: bytes, arrival: Arrival) -> Arrival:
        self.bytes.setdefault(arrival.document_id, data)
        self.between()
        return self.register(arrival)

    def register(self, arrival: Arrival) -> Arrival:
        return self.arrivals.setdefault(arrival.document_id, arrival)

    def get(self, document_id: str) -> bytes:
        if document_id not in self.bytes:
            raise BadInput(
                "missing_bytes", "存档中没有该文件的内容。", "The archive does not hold the bytes."
            )
        return self.bytes[document_id]


class Door:
    """The way of every process to one thing outside: its methods take the process that asks as first argument."""

    def __init__(self, world: Any, kind: str, target: Any) -> None:
        self._world, self._kind, self._target = world, kind, target

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method, world, kind = getattr(self._target, name), self._world, self._kind

        def ask(process: Any, *args: Any) -> Any:
            if world.is_away(kind):
                raise Unavailable(f"{kind} is away")
            world.asks = process
            result = method(*args)
            world.asked(kind, name, args)
            if world.answer_is_lost(kind):
                raise Unavailable(f"{kind}: the connection broke while it answered")
            return result

        return ask


class Clock:
    """A process's clock: coarse, so that many things happen at one moment, and set wrong now and then."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now()


class Workshop:
    """Reads every known file to what was found out beforehand, as slowly as its kind is read."""

    def __init__(self, world: Any, process: Any) -> None:
        self._world, self._process = world, process

    async def read_fully(self, data: bytes, name: str, lanes: Collection[str]) -> Outcome:
        specimen = pool.by_bytes().get(data)
        if specimen is None:
            raise BadInput("binary", "不是文档。", "It is no document.")
        if specimen.lane is not None and specimen.lane not in lanes:
            return pool.need_of(specimen)
        await self._take_time(specimen)
        if specimen.poison is not None and specimen.name not in self._world.mended:
            return await self._fail(specimen)
        return pool.read(specimen)

    async def _take_time(self, specimen: Specimen) -> None:
        rng: Random = self._process.rng
        # recognition takes longer than the bus waits for an answer
        seconds = (
            rng.uniform(5, 70)
            if specimen.lane == "ocr"
            else rng.random() * (8 if specimen.lane else 0.2)
        )
        await asyncio.sleep(seconds)
        await self._process.turn()

    async def _fail(self, specimen: Specimen) -> Outcome:
        if specimen.poison == "killer":
            self._world.note("poison", self._process.name, specimen.name)
            self._world.ended(self._process)
            await self._process.turn()
        raise ZeroDivisionError("a defect")


class Webhook:
    """A subscriber by HTTP; `got` is what it answered 200 to."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self.got: set[str] = set()

    def of(self, process: Any) -> "WebhookDoor":
        return WebhookDoor(self._world, process, self)


class WebhookDoor:
    def __init__(self, world: Any, process: Any, webhook: Webhook) -> None:
        self._world, self._process, self._webhook = world, process, webhook

    async def post(self, notice: Notice) -> int:
        await asyncio.sleep(self._process.rng.random() * 0.2)
        await self._process.turn()
        if self._world.is_away("webhook"):
            raise Undeliverable("no answer")
        self._webhook.got.add(notice.id)
        return 200

    def pass_over(self) -> None:
        pass
