"""One copy of a service: the real handlers, guard and outlet over a made-up connection, until it is killed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Any, NamedTuple

from faststream.exceptions import SkipMessage
from nats.aio.msg import Msg

from shared.contracts.events import Event, Stage
from shared.runtime.messages.claims import Claims
from shared.runtime.messages.delivery import current
from shared.runtime.messages.guard import Guard
from shared.runtime.messages.outlet import PUBLISH_SECONDS, Outlet
from shared.runtime.messages.reception import Handle, Reception
from shared.runtime.messages.retries import Patience, RetryNotes
from shared.runtime.messages.settling import Settling
from shared.runtime.settings import Settings
from shared.runtime.streams import topology
from tests.simulation.jetstream import Headers
from tests.simulation.memory import decoded, interned
from tests.simulation.wire import Client

SETTINGS = Settings(nats_url="nats://nowhere")


class Killed(BaseException):
    """The process is gone: nothing of it goes on."""


class Binding(NamedTuple):
    consumer: topology.Consumer
    consumes: tuple[Any, ...]
    handle: Handle
    loops: int = 2
    pure: str | None = None
    """What names the handler if its results follow from the event alone."""


class _Message(NamedTuple):
    headers: Headers
    body: bytes


class _Known:
    """A kind of event whose equal bodies are read once: redeliveries are many, and so are seeds."""

    def __init__(self, model: Any) -> None:
        self.type, self._model = model.type, model

    def model_validate_json(self, body: bytes) -> Any:
        return decoded(self._model, body)


class Process:
    """A service process; `world` is what it lives in."""

    def __init__(self, world: Any, service: Stage, number: int, rng: Random) -> None:
        self.world, self.service, self.name, self.rng = world, service, f"{service}-{number}", rng
        self.alive = True
        self.stopping = False
        self.clock_ahead = 0.0
        self._going = asyncio.Event()
        self._going.set()
        self._busy: dict[asyncio.Task[None], int] = {}
        self.opening: list[Callable[[], Awaitable[None]]] = []
        self._open = asyncio.Event()
        self.client = Client(world.server, rng, world.weather, self.name, self.turn)
        self.js = self.client.jetstream()
        clock = world.clock_of(self)
        self.outlet = Outlet(
            service, send=self._send, clock=clock, inline_bytes=SETTINGS.inline_bytes,
            patience=SETTINGS.publish_patience.total_seconds(),
        )  # fmt: skip
        self.outlet.claims = self.claims = Claims(self.js)
        self.guard = Guard(
            service,
            patience=Patience.of(SETTINGS),
            outlet=self.outlet,
            clock=clock,
            stop=self._stopped_by_limit,
        )
        self.guard.notes = RetryNotes(self.client)

    def start(self, bindings: Sequence[Binding]) -> None:
        for binding in bindings:
            self.world.server.provide(binding.consumer)
            durable = self.world.server.durables[binding.consumer.name]
            reception = Reception(
                tuple(map(_Known, binding.consumes)),
                self._witnessed(binding),
                outlet=self.outlet, fetch=self.claims.get, thread_bytes=1 << 30,
            )  # fmt: skip
            for _ in range(binding.loops):
                task = asyncio.get_running_loop().create_task(self._loop(durable, reception))
                self._busy[task] = 0
        task = asyncio.get_running_loop().create_task(self._begin())
        self._busy[task] = 0

    async def _begin(self) -> None:
        with suppress(Killed, asyncio.CancelledError):
            for step in self.opening:
                await step()
            self._open.set()

    async def turn(self) -> None:
        """Return when this process may go on: at once, after a pause, or never."""
        while self.alive and not self._going.is_set():
            await self._going.wait()
        if not self.alive:
            raise Killed

    @property
    def is_paused(self) -> bool:
        return not self._going.is_set()

    @property
    def is_busy(self) -> bool:
        return any(self._busy.values())

    def pause(self) -> None:
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    def kill(self) -> None:
        """End as by SIGKILL: what was under way is gone, what was sent is sent."""
        if not self.alive:
            return
        self.alive = False
        self._going.set()
        self.client.cut()
        for task in self._busy:
            task.cancel()
        heart = self.guard._heart
        if heart is not None:
            heart.cancel()

    def hand_back(self) -> None:
        """Cancel what is under way, as a service does that was told to stop and has waited long enough."""
        for task in self._busy:
            task.cancel()

    def _stopped_by_limit(self) -> None:
        self.world.note("stops", self.name, "dead letter limit")
        self.world.ended(self)
        raise Killed

    async def _send(self, subject: str, body: bytes, headers: Headers, stream: str) -> None:
        await self.js.publish(subject, body, PUBLISH_SECONDS, stream, headers)

    async def _loop(self, durable: Any, reception: Reception) -> None:
        task = asyncio.current_task()
        assert task is not None
        with suppress(Killed, asyncio.CancelledError):
            await self._open.wait()
            while not self.stopping:
                msg = await self.client.next(durable)
                self._busy[task] = 1
                self.world.delivered(self, durable, msg)
                await deliver(self.guard, reception, msg)
                await self.turn()
                if not msg.is_acked:
                    self.world.let_go(self, durable, msg)
                self._busy[task] = 0

    def _witnessed(self, binding: Binding) -> Handle:
        """Let the judges of the run know what a handler returned, before anything else may happen."""

        async def witnessed(event: Any) -> Sequence[Event]:
            delivery = current.get()
            try:
                results = await binding.handle(event)
                if binding.pure is not None:
                    results = interned(binding.pure, event, results)
            except Exception as error:
                self.world.failed(self, delivery, event, error)
                raise
            self.world.handled(self, delivery, event, results)
            return results

        return witnessed


async def deliver(guard: Guard, reception: Reception, msg: Msg) -> None:
    """Let one message through, in the order in which FastStream calls middleware, decoder and handler."""
    middleware = Settling(guard, msg, context=None)  # type: ignore[arg-type]
    try:
        await middleware.__aenter__()
    except SkipMessage:
        return
    try:
        event = await reception.decode(_Message(msg.headers or {}, msg.data))
        await reception.receive(event)
    except BaseException as error:
        # FastStream logs what the middleware lets through and goes on with the next message
        if not await middleware.__aexit__(
            type(error), error, error.__traceback__
        ) and not isinstance(error, Exception):
            raise
    else:
        await middleware.__aexit__(None, None, None)


class Work:
    """`shared.contracts.ports.Work` in virtual time: what computes is remembered, what waits may be interrupted."""

    def __init__(self, process: Process, memory: Callable[..., Any]) -> None:
        self._process, self._memory = process, memory

    async def compute(self, size: int, call: Callable[..., Any], *args: Any) -> Any:
        process = self._process
        if process.rng.random() < 0.3:
            await asyncio.sleep(process.rng.random() * 0.5)
            await process.turn()
        return self._memory(call, *args)

    async def wait(self, call: Callable[..., Any], *args: Any) -> Any:
        process = self._process
        await asyncio.sleep(process.rng.random() * 0.05)
        await process.turn()
        try:
            return call(process, *args)
        finally:
            await asyncio.sleep(process.rng.random() * 0.05)
            await process.turn()
