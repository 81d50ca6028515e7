"""What is true of the whole line at this moment, as gauges: asked of the bus, the database, the backups."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError
from sqlalchemy import Connection, func, inspect, select

from services.commands.backups import manifest
from services.notify.adapters.consumers import known
from shared.contracts.events import DeadLetter
from shared.database.snapshots import Snapshots
from shared.database.tables import FileRow, ReportRow
from shared.errors import Unavailable
from shared.runtime.streams import topology
from shared.runtime.streams.flight import LINE

Gauges = dict[str, dict[tuple[str, ...], float]]

_NO_LABELS: Final[tuple[str, ...]] = ()
STATES: Final = ("recorded", "duplicate", "expanded", "refused", "dead")
"""The terminal states of a file; each is shown, also with nothing in it."""


async def of_bus(js: JetStreamContext, now: float) -> Gauges:
    """Return streams, consumers, dead letters and the oldest file in flight; raises `Unavailable`.

    `now` is in seconds since 1970.
    """
    try:
        infos = {
            consumer.name: await js.consumer_info(consumer.stream, consumer.name)
            for consumer in topology.CONSUMERS
        }
        streams = [await js.stream_info(stream.name) for stream in topology.STREAMS]
        oldest = await _oldest(js, infos)
        letters = await _dead_letters(js)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the bus does not answer: {error!r}") from error
    consumers = [*infos.values(), *await known(js)]
    sizes = {(str(info.config.name),): info for info in streams}
    return {
        "gouji_line_oldest_in_flight_seconds": {_NO_LABELS: max(0.0, now - oldest) if oldest else 0.0},
        "gouji_line_messages_pending": _each(consumers, "num_pending"),
        "gouji_line_messages_ack_pending": _each(consumers, "num_ack_pending"),
        "gouji_line_messages_redelivered": _each(consumers, "num_redelivered"),
        "gouji_line_pulls_waiting": _each(consumers, "num_waiting"),
        "gouji_line_stream_bytes": {k: float(i.state.bytes) for k, i in sizes.items()},
        "gouji_line_stream_limit_bytes": {k: float(i.config.max_bytes or 0) for k, i in sizes.items()},
        "gouji_line_stream_messages": {k: float(i.state.messages) for k, i in sizes.items()},
        "gouji_line_dead_letters": letters,
    }  # fmt: skip


def _each(consumers: list[ConsumerInfo], field: str) -> dict[tuple[str, ...], float]:
    return {(info.name,): float(getattr(info, field) or 0) for info in consumers}


async def _dead_letters(js: JetStreamContext) -> dict[tuple[str, ...], float]:
    """Return how many dead letters lie on the bus, by the service that gave up."""
    prefix = f"{DeadLetter.subject}."
    info = await js.stream_info(topology.DEAD, subjects_filter=f"{prefix}>")
    found = info.state.subjects or {}
    return {(subject.removeprefix(prefix),): float(count) for subject, count in found.items()}


async def _oldest(js: JetStreamContext, infos: Mapping[str, ConsumerInfo]) -> float | None:
    """Return when the oldest file arrived that some stage still has before it, None without one.

    The first message that a consumer is not done with stands right after its floor.
    """
    found = []
    for consumer in LINE:
        info = infos[consumer.name]
        if not (info.num_pending or info.num_ack_pending):
            continue
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        firsts = [await _first(js, consumer.stream, floor + 1, f) for f in consumer.filters]
        if waiting := [first for first in firsts if first is not None]:
            found.append(_arrival(min(waiting, key=lambda message: message.seq or 0)))
    return min(found, default=None)


async def _first(js: JetStreamContext, stream: str, sequence: int, subject: str) -> Any:
    try:
        return await js.get_msg(stream, sequence, subject, direct=True, next=True)
    except NotFoundError:
        return None


def _arrival(message: Any) -> float:
    """Return when the file of a message arrived; of a notice, which does not say, when it was written."""
    try:
        told = orjson.loads(message.data or b"{}")
        return datetime.fromisoformat(str(told["received_at"])).timestamp()
    except (ValueError, KeyError, TypeError):
        written: datetime = message.time
        return written.timestamp()


class Books:
    """The database, for counting files and reports."""

    def __init__(self, url: str) -> None:
        """Remember where; nothing is opened before the first look."""
        self._snapshots = Snapshots(url)

    def gauges(self) -> Gauges:
        """Return files by terminal state and the number of reports; raises `Unavailable`."""
        with self._snapshots.reading() as connection:
            return _counted(connection)

    def close(self) -> None:
        """Let go of all connections."""
        self._snapshots.close()


def _counted(connection: Connection) -> Gauges:
    files: dict[tuple[str, ...], float] = {(state,): 0.0 for state in STATES}
    if not inspect(connection).has_table(FileRow.__tablename__):
        return {"gouji_line_files": files, "gouji_line_reports": {_NO_LABELS: 0.0}}
    by_state = select(FileRow.state, func.count()).group_by(FileRow.state)
    files |= {(state,): float(count) for state, count in connection.execute(by_state)}
    reports = connection.execute(select(func.count()).select_from(ReportRow)).scalar_one()
    return {"gouji_line_files": files, "gouji_line_reports": {_NO_LABELS: float(reports)}}


def of_backups(place: Path) -> Gauges:
    """Return when the newest whole backup began; raises `Incomplete` where there is none."""
    began = manifest.read(manifest.latest(place)).began
    return {"gouji_line_backup_timestamp_seconds": {_NO_LABELS: began.timestamp()}}
