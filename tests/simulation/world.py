"""Everything that one run consists of, and the notes that its judges and its trace are made of."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from nats.aio.msg import Msg

from shared.contracts.events import DeadLetter, Event, ReportRefused, Stage
from shared.errors import BadInput, Unavailable, Undeliverable
from shared.runtime.messages.delivery import Delivery
from shared.runtime.streams import envelope, topology
from tests.simulation import pool, services
from tests.simulation.doors import Clock, Door, MemoryArchive, Webhook
from tests.simulation.jetstream import Durable, Server, Stored, Stream
from tests.simulation.plan import Plan
from tests.simulation.process import SETTINGS, Killed, Process
from tests.simulation.wire import Client, Weather

EPOCH = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
_COARSE = 60
_SINKS = frozenset({topology.SINK.name, topology.SINK_DEAD.name, topology.SINK_REVIEWS.name})

Key = tuple[str, int]
"""A message as one consumer sees it: the consumer's name and the sequence in its stream."""


class Broken(AssertionError):
    """Something happened that must never happen."""


class World:
    """One run of one seed. `stores` are store, reviews and shelf."""

    def __init__(self, plan: Plan, stores: tuple[Any, Any, Any], archive: Any = None) -> None:
        self.plan = plan
        self.trace: list[tuple[float, str, str, str]] = []
        self.counts: Counter[str] = Counter()
        self.loop = asyncio.get_running_loop()
        self.weather = Weather()
        self.bus_ahead = 0.0
        self.server = Server(self._bus_time, ack_wait=SETTINGS.ack_wait.total_seconds())
        self.server.on_stored = self._stored
        self.server.on_settled = self._settled
        self.server.on_silence = self._silent
        self.server.on_forgotten = self._forgotten
        self.away: Counter[str] = Counter()
        self.unheard: Counter[str] = Counter()
        self.torn = 0
        self.rng = Random(f"world {plan.seed}")
        self.tables, reviews, shelf = stores
        self.archive_itself = archive or MemoryArchive()
        self.archive_itself.between = self._between
        self.store = Door(self, "database", self.tables)
        self.reviews = Door(self, "database", reviews)
        self.shelf = Door(self, "database", shelf)
        self.archive = Door(self, "archive", self.archive_itself)
        self.webhook = Webhook(self)
        self.mended: set[str] = set()
        self.asks: Process | None = None
        self.others: list[Client] = []
        self.processes: dict[Stage, list[Process]] = {s: [] for s in services.SERVICES}
        self.new_rules = not plan.two_rulebooks
        self.calm = False
        self._born = 0
        self._returning = 0
        self.promises: dict[Key, list[tuple[str | None, list[tuple[str, str]]]]] = defaultdict(list)
        self.committed: set[str] = set()
        self.stored_ids: dict[str, set[str]] = defaultdict(set)
        self.silent: Counter[Key] = Counter()
        self.released: Counter[Key] = Counter()
        self.forgotten: Counter[Key] = Counter()
        self.failures: Counter[Key] = Counter()

    # ------------------------------------------------------------------ processes

    def start(self) -> None:
        for service, copies in self.plan.copies.items():
            for _ in range(copies):
                self.spawn(service)  # type: ignore[arg-type]

    def spawn(self, service: Stage) -> Process:
        self._born += 1
        name = f"{service} {self._born}"
        process = Process(self, service, self._born, Random(f"{name} {self.plan.seed}"))
        process.outlet._inline_bytes = self.plan.inline_bytes
        self.processes[service].append(process)
        process.start(services.bindings(process, service))
        return process

    def ended(self, process: Process) -> None:
        """Let a process be gone; another one of its service comes in its place."""
        if not process.alive:
            return
        self.note("ends", process.name, "")
        process.kill()
        self.counts.update(process.client.counts)
        self.processes[process.service].remove(process)
        self._returning += 1
        pause = 0.5 if self.calm else self.rng.uniform(*self.plan.restart)
        self.loop.call_later(pause, self._back, process.service)

    def _back(self, service: Stage) -> None:
        self._returning -= 1
        self.note("starts", self.spawn(service).name, "")

    def client(self, name: str) -> Client:
        """Return a connection for somebody who is no service."""

        async def turn() -> None:
            pass

        made = Client(self.server, Random(f"{name} {self.plan.seed}"), self.weather, name, turn)
        self.others.append(made)
        return made

    @property
    def everybody(self) -> list[Process]:
        return [process for copies in self.processes.values() for process in copies]

    @property
    def is_idle(self) -> bool:
        durables = self.server.durables.values()
        return (
            not self.server.down
            and not self._returning
            and all(d.is_idle for d in durables)
            and not any(process.is_busy for process in self.everybody)
        )

    # ------------------------------------------------------------------ time and weather

    def _bus_time(self) -> float:
        return EPOCH.timestamp() + self.loop.time() + self.bus_ahead

    def clock_of(self, process: Process | None) -> Clock:
        def now() -> datetime:
            ahead = process.clock_ahead if process is not None else 0.0
            seconds = self.loop.time() + ahead
            return EPOCH + timedelta(seconds=seconds - seconds % _COARSE)

        return Clock(now)

    def is_away(self, kind: str) -> bool:
        return self.away[kind] > 0

    def answer_is_lost(self, kind: str) -> bool:
        lost = self.unheard[kind] > 0 and self.rng.random() < 0.5
        if lost:
            self.counts["done but not heard"] += 1
        return lost

    def _between(self) -> None:
        """Break off when a file's bytes are in the archive and its arrival is not."""
        if not self.torn or self.rng.random() < 0.5:
            return
        self.counts["torn archive"] += 1
        if self.rng.random() < 0.5 and self.asks is not None:
            self.ended(self.asks)
            raise Killed
        raise Unavailable("archive: no space left")

    def rulebook_of(self, process: Process) -> Any:
        old, new = pool.rulebooks()
        return new if self.new_rules or process.rng.random() < 0.5 else old

    # ------------------------------------------------------------------ what the witnesses note

    def note(self, what: str, who: str, about: str) -> None:
        self.trace.append((round(self.loop.time(), 4), what, who, about))

    def delivered(self, process: Process, durable: Durable, msg: Msg) -> None:
        meta = msg.metadata
        self.note(
            "takes",
            process.name,
            f"{durable.name} {meta.sequence.stream} try {meta.num_delivered} {msg.subject}",
        )

    def handled(
        self, process: Process, delivery: Delivery | None, event: Any, results: Sequence[Event]
    ) -> None:
        assert delivery is not None
        about = getattr(event, "message_id", None)
        told = [
            (topology.stream_of(envelope.subject(r)), envelope.encode(envelope.message_id(r)))
            for r in results
        ]
        own = (
            _id_of(event)
            if (delivery.consumer in _SINKS and about is not None) or isinstance(event, DeadLetter)
            else None
        )
        if isinstance(event, DeadLetter) and not event.ends_its_file:
            own = None
        self.promises[delivery.consumer, delivery.sequence].append((own, told))

    def failed(
        self, process: Process, delivery: Delivery | None, event: Any, error: Exception
    ) -> None:
        assert delivery is not None
        self.note(
            "fails", process.name, f"{delivery.consumer} {delivery.sequence} {type(error).__name__}"
        )
        key = delivery.consumer, delivery.sequence
        if isinstance(error, BadInput):
            refusal = envelope.encode(f"{event.document_id}:{ReportRefused.type}")
            self.promises[key].append((None, [(topology.REPORTS, refusal)]))
        elif isinstance(error, ZeroDivisionError | Undeliverable):
            self.failures[key] += 1

    def asked(self, kind: str, name: str, args: Sequence[Any]) -> None:
        if kind == "database" and args and not isinstance(args[0], str):
            self.committed.add(_id_of(args[0]))

    def let_go(self, process: Process, durable: Durable, msg: Msg) -> None:
        """Note that a process is done with a message and could not tell the bus."""
        self.note("lets go", process.name, f"{durable.name} {msg.metadata.sequence.stream}")
        self.released[durable.name, msg.metadata.sequence.stream] += 1

    def _silent(self, durable: Durable, sequence: int) -> None:
        self.note("silent", durable.name, str(sequence))
        self.silent[durable.name, sequence] += 1

    def _forgotten(self, durable: Durable, sequence: int) -> None:
        self.forgotten[durable.name, sequence] += 1

    def _stored(self, stream: Stream, message: Stored) -> None:
        found = message.headers.get("ce-id")
        if found is not None:
            self.stored_ids[stream.name].add(found)
        self.counts["stored"] += 1
        self.note(
            "stores",
            stream.name,
            f"{message.sequence} {message.subject} {message.headers.get('Nats-Msg-Id', '')}",
        )

    def _settled(self, durable: Durable, sequence: int, verb: bytes) -> None:
        if verb == b"+WPI":
            return
        self.note("told", durable.name, f"{sequence} {verb.decode()}")
        if verb == b"+TERM" and durable.stream.name != topology.DEAD:
            self._demand_letter(durable, sequence)
        if verb == b"+ACK":
            self._demand_results(durable, sequence)

    def _demand_letter(self, durable: Durable, sequence: int) -> None:
        place = f"{DeadLetter.type}:{durable.stream.name}:{sequence}:{durable.name}"
        if not any(found.endswith(place) for found in self.stored_ids[topology.DEAD]):
            raise Broken(f"{durable.name} gave up message {sequence} and there is no dead letter")

    def _demand_results(self, durable: Durable, sequence: int) -> None:
        """Hold an ack against what is durable at this very moment."""
        promises = self.promises.get((durable.name, sequence))
        if not promises:
            raise Broken(
                f"{durable.name} acknowledged message {sequence} before its handler was done"
            )
        for own, told in promises:
            safe = own is None or own in self.committed
            if safe and all(found in self.stored_ids[stream] for stream, found in told):
                return
        raise Broken(
            f"{durable.name} acknowledged message {sequence} before its results were durable"
        )


def _id_of(event: Any) -> str:
    found: str = envelope.message_id(event)
    return found
