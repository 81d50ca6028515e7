"""Room on the bus: what is settled goes from streams that fill up, so that work never stands still.

Every stream is bounded and refuses what is too much instead of dropping what is old. So somebody must
make room: here it is taken from what our consumers are done with, and from that alone. Archive and
database hold what it led to.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Final

import orjson
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamInfo

from shared.errors import Unavailable
from shared.runtime.logs import log
from shared.runtime.streams import envelope, topology

_FULL: Final = {topology.REPORTS: 0.5}
"""Where relief begins, as a part of the stream; that of the reports lies below every mark of `room`."""
_BRIM: Final = {topology.REPORTS: 0.55}
"""From here on nobody outside is waited for: short of the first mark of `room`, where work would stop."""
_NEARLY: Final = 0.8
_NEARLY_BRIM: Final = 0.9
_EVERY_SECONDS: Final = 5.0
_ENOUGH: Final = 0.5
_AT_ONCE: Final = 16
_PAGE: Final = 256
_PAGE_SECONDS: Final = 2.0
_UNREFERENCED_SECONDS: Final = 90.0
"""A body is kept before the event that refers to it is published: so long it may lack a reference."""


async def relieve(js: JetStreamContext) -> None:
    """Drop what is worked off from streams that fill up, oldest first; raises what the client raises."""
    for stream in topology.STREAMS:
        info = await js.stream_info(stream.name)
        if not _is_over(info, _FULL.get(stream.name, _NEARLY)):
            continue
        if stream.name == topology.INBOX_STREAM:
            await _relieve_inbox(js)
        elif stream.name == topology.CLAIMS_STREAM:
            await _relieve_claims(js)
        else:
            await _relieve_events(js, info)
        after = await js.stream_info(stream.name)
        if after.state.bytes < info.state.bytes:
            log("warning", "bus.relieved", stream=stream.name,
                freed=info.state.bytes - after.state.bytes, left=after.state.bytes)  # fmt: skip


async def look_after(js: JetStreamContext) -> None:
    """Make room whenever a stream fills up, for ever; what fails is tried again."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        try:
            await relieve(js)
        except (NatsError, TimeoutError, Unavailable) as error:
            log("warning", "bus.waiting", error=repr(error))


def _is_over(info: StreamInfo, part: float) -> bool:
    limit = info.config.max_bytes or 0
    return limit > 0 and info.state.bytes >= part * limit


async def _relieve_events(js: JetStreamContext, info: StreamInfo) -> None:
    """Drop the older half of what is done; if that is not enough, all that is done.

    Each subject by the floor of its own consumer: one message that waits long holds up no others.
    What none of our consumers hears is for outside alone and goes by its age. Who reads from outside
    is waited for as long as the stream is not nearly full: a reader that is gone for good must not
    stop the line.
    """
    name = str(info.config.name)
    heard = {
        subject: await _floor(js, consumer)
        for consumer in topology.CONSUMERS
        if consumer.stream == name
        for subject in consumer.filters
    }
    middle, last = (info.state.first_seq + info.state.last_seq) // 2, info.state.last_seq
    read = await _read_outside(js, name, last)
    for bound in (min(middle, read), read, middle, last):
        if bound > read and not _is_over(await js.stream_info(name), _BRIM.get(name, _NEARLY_BRIM)):
            return
        held = await _subjects(js, name)
        done = {subject: min(floor, bound) for subject, floor in heard.items()}
        unheard = [">"] if not heard else [s for s in held if not _is_heard(s, heard)]
        done |= dict.fromkeys(unheard, min(bound, middle))
        await _purge_all(js, name, done, held)
        if not _is_over(await js.stream_info(name), _FULL.get(name, _NEARLY)):
            return


async def _read_outside(js: JetStreamContext, name: str, last: int) -> int:
    """Return up to where everybody outside who keeps a place in a stream has read it."""
    ours = {consumer.name for consumer in topology.CONSUMERS}
    places = [last]
    for info in await js.consumers_info(name):
        waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
        if waiting and info.name not in ours and info.config.durable_name:
            places.append(info.ack_floor.stream_seq if info.ack_floor else 0)
    return min(places)


async def _subjects(js: JetStreamContext, name: str) -> list[str]:
    """Return the subjects that a stream holds messages of."""
    info = await js.stream_info(name, subjects_filter=">")
    return list(info.state.subjects or {})


def _is_heard(subject: str, heard: Iterable[str]) -> bool:
    return any(topology.covers(pattern, subject) for pattern in heard)


async def _purge_all(
    js: JetStreamContext, name: str, done: Mapping[str, int], held: Sequence[str]
) -> None:
    """Drop what is done by subject; what is done of all subjects goes first, in one piece.

    The server looks at every message to drop those of one subject, and at none to drop all.
    """
    here = [until for pattern, until in done.items() if any(_is_heard(s, (pattern,)) for s in held)]
    common = min(here, default=0)
    if common > 0:
        await js.purge_stream(name, seq=common + 1)
    for subject, until in done.items():
        if until > common:
            await _purge(js, name, subject, until)


async def _relieve_inbox(js: JetStreamContext) -> None:
    """Let go of the bytes of objects that ingest is done with, which means archived, oldest first.

    Bytes come before their notice, so no position in the stream tells what is done: each object is
    looked at. The notice stays as long as there is room: by it feeders know what was fed.
    """
    stream, bucket = topology.INBOX_STREAM, topology.INBOX_BUCKET
    done = await _floor(js, topology.INGEST)
    held = await _held(js, bucket)
    settled = []
    async for notice in _messages(js, stream, topology.OBJECT_SUBJECTS, until=done):
        nuid = orjson.loads(notice.data).get("nuid", "")
        if nuid in held:
            settled.append(nuid)
    await _let_go(js, stream, (f"$O.{bucket}.C.{nuid}" for nuid in settled))
    if _is_over(await js.stream_info(stream), _NEARLY):
        await _purge(js, stream, topology.OBJECT_SUBJECTS, done)


async def _relieve_claims(js: JetStreamContext) -> None:
    """Let go of bodies that no message refers to which is still to be worked on, oldest first."""
    stream, bucket = topology.CLAIMS_STREAM, topology.CLAIMS_BUCKET
    state = (await js.stream_info(stream)).state
    notices = [
        (notice.metadata.timestamp, notice.subject, orjson.loads(notice.data))
        async for notice in _messages(js, stream, f"$O.{bucket}.M.>", until=state.last_seq)
    ]
    newest = max((when for when, _, _ in notices), default=None)
    needed = await _referred_to(js)
    subjects = []
    for when, subject, body in notices:
        age = (newest - when).total_seconds() if newest else 0.0
        if body.get("name") not in needed and age > _UNREFERENCED_SECONDS:
            subjects += [subject, f"$O.{bucket}.C.{body.get('nuid')}"]
    await _let_go(js, stream, subjects)


async def _referred_to(js: JetStreamContext) -> set[str]:
    """Return the hashes of the bodies that unfinished messages refer to."""
    found: set[str] = set()
    for consumer in topology.CONSUMERS:
        if consumer.stream == topology.INBOX_STREAM:
            continue
        floor = await _floor(js, consumer)
        last = (await js.stream_info(consumer.stream)).state.last_seq
        for subject in consumer.filters:
            async for message in _messages(
                js, consumer.stream, subject, after=floor, until=last, headers_only=True
            ):
                reference = (message.headers or {}).get(envelope.DATA_REFERENCE)
                if reference is not None:
                    found.add(reference.rpartition("/")[2])
    return found


async def _let_go(js: JetStreamContext, stream: str, subjects: Iterable[str]) -> None:
    """Purge subjects in this order until the stream has room enough."""
    wanted = list(subjects)
    for start in range(0, len(wanted), _AT_ONCE):
        if not _is_over(await js.stream_info(stream), _ENOUGH):
            return
        some = wanted[start : start + _AT_ONCE]
        await asyncio.gather(*(js.purge_stream(stream, subject=subject) for subject in some))


async def _held(js: JetStreamContext, bucket: str) -> set[str]:
    """Return the ids of the objects that have bytes; of very many only some, the next round has others."""
    prefix = f"$O.{bucket}.C."
    info = await js.stream_info(topology.bucket_stream(bucket), subjects_filter=f"{prefix}>")
    return {subject.removeprefix(prefix) for subject in info.state.subjects or {}}


async def _purge(js: JetStreamContext, stream: str, subject: str, until: int) -> None:
    if until > 0:
        await js.purge_stream(stream, seq=until + 1, subject=subject)


async def _floor(js: JetStreamContext, consumer: topology.Consumer) -> int:
    """Return up to where a consumer is done with everything it asked for."""
    floor = (await js.consumer_info(consumer.stream, consumer.name)).ack_floor
    return floor.stream_seq if floor else 0


async def _messages(
    js: JetStreamContext,
    stream: str,
    subject: str,
    *,
    until: int,
    after: int = 0,
    headers_only: bool = False,
) -> AsyncIterator[Msg]:
    """Yield the messages of a subject in order, by a reader that the bus forgets."""
    if until <= after:
        return
    info = await js.add_consumer(
        stream,
        ConsumerConfig(
            filter_subjects=[subject],
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after + 1,
            headers_only=headers_only,
            inactive_threshold=30.0,
            mem_storage=True,
        ),
    )
    reader = await js.pull_subscribe_bind(stream=stream, consumer=info.name)
    left = info.num_pending or 0
    try:
        while left:
            for message in await reader.fetch(min(left, _PAGE), timeout=_PAGE_SECONDS):
                if message.metadata.sequence.stream > until:
                    return
                yield message
                left = message.metadata.num_pending
    except TimeoutError:
        # what was left has gone meanwhile
        return
    finally:
        await reader.unsubscribe()
