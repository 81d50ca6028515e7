"""The one place that knows how services and bus meet: delivery, publishing, start and end.

A service makes a `Bus`, binds its handlers to durable consumers and takes the app. Everything that
bit in trials is decided here: one message per fetch, stacked loops instead of prefetching, manual
acknowledgement by the guard, results published with confirmation and a content-derived message id.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

from faststream import FastStream
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, PullSub
from faststream.specification import AsyncAPI
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from pydantic import ValidationError

from shared.contracts.events import (
    DeadLetter,
    Event,
    ReportRefused,
    Stage,
)
from shared.contracts.parcel import Parcel
from shared.contracts.ports import Clock
from shared.errors import Unavailable
from shared.runtime import logs
from shared.runtime.clock import SystemClock
from shared.runtime.connections.connecting import access_of
from shared.runtime.connections.moving import Mover
from shared.runtime.ending import OVERDUE_AFTER, end_within
from shared.runtime.logs import log
from shared.runtime.messages.claims import Claims, NoClaim
from shared.runtime.messages.guard import Guard, Unreadable
from shared.runtime.messages.outlet import Outlet
from shared.runtime.messages.publishing import Publishing
from shared.runtime.messages.pulling import calm
from shared.runtime.messages.reception import Handle, Kind, Reception
from shared.runtime.messages.retries import Patience, RetryNotes
from shared.runtime.messages.room import Room
from shared.runtime.messages.settling import Settling
from shared.runtime.monitor import Monitor
from shared.runtime.paths import require_file
from shared.runtime.readiness import Check, Readiness
from shared.runtime.settings import Settings
from shared.runtime.streams import topology
from shared.runtime.streams.broker import ServiceBroker
from shared.runtime.streams.watch import Watch, open_topology

E = TypeVar("E", bound=Event)
Step = Callable[[], Awaitable[None]]

EXIT_BUS_LOST: Final = 70
EXIT_DEAD_LETTERS: Final = 71
_FETCH_SECONDS = 5
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0
_SUBSCRIBE_SECONDS = 5
"""How long a stop waits for subscriptions that are being made, so that it finds them all."""


class Bus:
    """One service's side of the bus."""

    def __init__(self, service: Stage, settings: Settings, *, clock: Clock | None = None) -> None:
        """Prepare broker and guard; nothing is connected before the app starts."""
        self.service = service
        self.settings = settings
        if settings.health_file is not None:
            # by services alone: commands read the same variables and touch no such file
            require_file(settings.health_file, "GOUJI_HEALTH_FILE")
        self._stopping = False
        self._subscribing = False
        self._subscribed = asyncio.Event()
        self._claims: Claims | None = None
        clock = clock or SystemClock()
        self.broker = self._make_broker()
        self._publishing = Publishing(service, self.broker)
        self.outlet = Outlet(
            service,
            send=self._publishing.send,
            clock=clock,
            inline_bytes=settings.inline_bytes,
            patience=settings.publish_patience.total_seconds(),
            masks=settings.personal_data == "mask",
        )
        self.guard = Guard(
            service,
            patience=Patience.of(settings),
            outlet=self.outlet,
            clock=clock,
            stop=_stop_for_dead_letters,
        )
        self.broker.add_middleware(partial(Settling, self.guard))
        self.broker.needs.streams.add(topology.REPORTS)
        self._publishing.declare(ReportRefused)
        self._publishing.declare(DeadLetter)

    @property
    def js(self) -> JetStreamContext:
        """The JetStream context of the running connection."""
        context: JetStreamContext = self.broker.config.connection_state.stream
        return context

    def reading(self, bucket: str) -> Callable[[], JetStreamContext]:
        """Declare that this service reads a bucket; return its way there once it runs."""
        self.broker.needs.reads.add(bucket)
        return lambda: self.js

    def writing(self, bucket: str) -> Callable[[], JetStreamContext]:
        """Declare that this service puts objects into a bucket; return its way there once it runs."""
        self.broker.needs.writes.add(bucket)
        return self.reading(bucket)

    def bind(
        self,
        consumer: topology.Consumer,
        *,
        consumes: tuple[Kind, ...],
        produces: tuple[type[Event], ...],
        handle: Handle,
        loops: int | None = None,
    ) -> None:
        """Let `handle` work on the messages of a durable consumer, several at a time.

        Where it `consumes` no kind of event in particular, it gets each message as a `Parcel`.
        `loops` is how many, that of the settings where nothing is said.

        The events it returns are published in order of safety: all but the last first, then the
        last, then the message is acknowledged.
        """
        self.broker.needs.consumers.append(consumer)
        for event in produces:
            self._publishing.declare(event)
        reception = Reception(
            consumes,
            handle,
            outlet=self.outlet,
            fetch=self._fetch,
            thread_bytes=self.settings.thread_bytes,
        )
        receive = _named(reception, consumer, consumes)
        for loop in range(loops or self.settings.loops):
            self.broker.subscriber(
                consumer.filters[0],
                stream=JStream(consumer.stream, declare=False),
                durable=consumer.name,
                pull_sub=PullSub(batch_size=1, timeout=_FETCH_SECONDS),
                config=ConsumerConfig(filter_subjects=[]),
                ack_policy=AckPolicy.MANUAL,
                no_reply=True,
                # given to the connection too: pulls do not take it from there
                inbox_prefix=f"{self.broker.access.inbox}.".encode(),
                decoder=reception.decode,
                title=consumer.name,
                include_in_schema=loop == 0,
            )(receive)

    def app(
        self,
        *,
        opening: Sequence[Step] = (),
        closing: Sequence[Step] = (),
        stores: Mapping[str, Check] | None = None,
        rulebook_version: str = "",
    ) -> FastStream:
        """Return the application; without its `stores` it is not ready.

        `opening` runs when the bus is there, before any message; `closing` after the last one.
        """
        settings = self.settings
        watch, monitor = self._watching(stores or {}, rulebook_version)

        async def start() -> None:
            logs.configure(self.service, style=settings.log_format, level=settings.log_level)
            log("info", "service.starting", url=self.broker.access.shown, loops=settings.loops)
            await monitor.open()
            await open_topology(self.broker, settings)
            self._equip(await self.broker.connect())
            for step in opening:
                await _until_there(step)
            if self._stopping:
                # what subscribes after the stop reads from a closed connection for ever: wait to be cancelled
                await asyncio.Event().wait()
            self._subscribing = True

        async def ready() -> None:
            self._subscribed.set()
            calm(self.broker.subscribers)
            watch.start()
            log("info", "service.ready", pid=os.getpid())

        async def stopping() -> None:
            self._stopping = True
            if self.guard.room is not None:
                self.guard.room.close()
            end_within(settings.graceful_timeout / timedelta(seconds=1) + OVERDUE_AFTER)
            if self._subscribing:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._subscribed.wait(), _SUBSCRIBE_SECONDS)
            watch.stop()
            log("info", "service.stopping")

        async def stopped() -> None:
            for step in (*closing, monitor.close):
                await step()
            log("info", "service.stopped")

        return FastStream(
            self.broker,
            logger=logging.getLogger("gouji.bus"),
            specification=AsyncAPI(title=f"gouji {self.service}", version="1"),
            on_startup=[start],
            after_startup=[ready],
            on_shutdown=[stopping],
            after_shutdown=[stopped],
        )

    def _watching(
        self, stores: Mapping[str, Check], rulebook_version: str
    ) -> tuple[Watch, Monitor]:
        """Return who looks at the bus and the stores, and who shows what is found."""
        settings = self.settings
        readiness = Readiness(stores)
        watch = Watch(
            self.broker,
            health_file=settings.health_file,
            makes_room=settings.provision and self.service == "ingest",
            end=_end_without_bus,
            readiness=readiness,
        )
        monitor = Monitor(
            self.service,
            settings.http_address,
            checks=readiness.found,
            values=self._in_process,
            rulebook_version=rulebook_version,
        )
        return watch, monitor

    def _equip(self, client: Client) -> None:
        """Give guard and outlet what needs a connection."""
        self._claims = self.outlet.claims = Claims(self.js)
        self.guard.notes = RetryNotes(client)
        self.guard.room = self._publishing.room = Room(self.service, self._fill)
        self.outlet.leave = Mover(client, self.broker.access.servers)

    def _make_broker(self) -> ServiceBroker:
        return ServiceBroker(
            access_of(self.settings, self.service),
            callbacks={
                "name": f"gouji-{self.service}",
                "closed_cb": self._closed,
                "disconnected_cb": self._lost,
                "reconnected_cb": self._back,
            },
            graceful_timeout=self.settings.graceful_timeout / timedelta(seconds=1),
        )

    async def _closed(self) -> None:
        if not self._stopping:
            _end_without_bus()

    async def _lost(self) -> None:
        if not self._stopping:
            log("warning", "bus.lost")

    async def _back(self) -> None:
        log("info", "bus.back")

    def newest(self, kind: type[E]) -> Callable[[], Awaitable[E | None]]:
        """Return how to ask for the event of a kind that was published last; None if there is none."""
        self.broker.needs.newest.add(kind.subject)

        async def ask() -> E | None:
            try:
                found = await self.js.get_msg(topology.REPORTS, subject=kind.subject, direct=True)
                return kind.model_validate_json(found.data or b"")
            except (NatsError, TimeoutError, ValidationError):
                return None

        return ask

    def _in_process(self) -> dict[str, dict[tuple[str, ...], float]]:
        return {"gouji_messages_in_process": {(self.service,): float(self.guard.in_process)}}

    async def _fill(self) -> tuple[int, int]:
        """Return how many bytes the stream of all stages holds, and may hold."""
        info = await self.js.stream_info(topology.REPORTS)
        return info.state.bytes, info.config.max_bytes or 0

    async def _fetch(self, reference: str) -> bytes:
        assert self._claims is not None
        try:
            return await self._claims.get(reference)
        except NoClaim as error:
            raise Unreadable(str(error)) from None


async def _until_there(step: Step) -> None:
    """Do a step of the opening; what does not answer yet is waited for, ever more patiently."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return await step()
        except Unavailable as error:
            log("warning", "service.waiting", error=str(error), retry_in=pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _named(
    reception: Reception, consumer: topology.Consumer, consumes: tuple[Kind, ...]
) -> Callable[[Any], Awaitable[None]]:
    """Return the handler as FastStream describes it: by its name, and by what it accepts."""

    async def receive(event: Any) -> None:
        await reception.receive(event)

    accepted: Any = consumes[0] if consumes else Parcel
    for other in consumes[1:]:
        accepted = accepted | other
    receive.__annotations__["event"] = accepted
    receive.__name__ = f"{consumer.name}_messages"
    return receive


def _end_without_bus() -> None:
    log("error", "service.ended_without_bus")
    os._exit(EXIT_BUS_LOST)


def _stop_for_dead_letters() -> None:
    os._exit(EXIT_DEAD_LETTERS)
