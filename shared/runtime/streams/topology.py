"""Every stream, subject and durable consumer of gouji in one place, and the one provisioner.

Only `provision` creates or changes streams and consumers: a consumer that exists is bound as it
is, and a stream declared by a service would silently lose its settings.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RePublish,
    RetentionPolicy,
    StorageType,
    StoreCompression,
    StreamConfig,
    StreamInfo,
)
from nats.js.errors import APIError, NotFoundError

from shared.contracts.changes import IssueGone
from shared.contracts.events import (
    DeadLetter,
    RecheckRequested,
    ReportCompared,
    ReportDuplicate,
    ReportExpanded,
    ReportExtracted,
    ReportNormalized,
    ReportReceived,
    ReportRecorded,
    ReportRefused,
    ReportValidated,
    ValidationFailed,
    deferred_subject,
)
from shared.errors import Unavailable
from shared.runtime.connections import strangers
from shared.runtime.connections.connecting import Access, connect

# here, as whatever talks to the bus loads this
strangers.harden()

INBOX_BUCKET: Final = "inbox"
"""The watched bucket."""
CLAIMS_BUCKET: Final = "claims"
"""Bodies of events that are too large to travel inline."""
REPORTS: Final = "REPORTS"
ISSUES: Final = "ISSUES"
REVIEWS: Final = "REVIEWS"
REVIEW_SUBJECTS: Final = "gouji.v1.review.>"
DEAD: Final = "DEAD"
ADVISORIES: Final = "ADVISORIES"
HANDBACKS: Final = "HANDBACKS"
HANDBACK_SUBJECT: Final = "gouji.internal.handback"
RETIRED: Final = ("RETRIES",)
"""Streams of earlier versions: nothing of this one reads them (`shared.runtime.streams.retiring`)."""
LIVE: Final = "gouji.live"
"""Before which subjects a stream says again what it has stored, for accounts other than its own."""
ADVISORY_SUBJECTS: Final = (
    "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",
    "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>",
)
OBJECT_SUBJECTS: Final = f"$O.{INBOX_BUCKET}.M.>"
"""Meta messages of the watched bucket: one for every object put, changed or deleted."""
WINDOW: Final = timedelta(hours=24)
"""How long the bus recognises a second copy by its message id."""


class NotReady(Unavailable):
    """The bus cannot do it now, and probably can in a moment."""


def bucket_stream(bucket: str) -> str:
    """Return the stream behind an object bucket."""
    return f"OBJ_{bucket}"


INBOX_STREAM: Final = bucket_stream(INBOX_BUCKET)
CLAIMS_STREAM: Final = bucket_stream(CLAIMS_BUCKET)


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream: what it holds, for how long, and its share of the space (per mille)."""

    name: str
    subjects: tuple[str, ...]
    share: int
    max_age: timedelta
    description: str
    bucket: bool = False
    discard: DiscardPolicy = DiscardPolicy.NEW
    counter: bool = False
    """Whether it keeps one number per subject, which the server adds up."""
    live: bool = False
    """Whether it says again what it has stored, for those who listen from an account of their own."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """One durable pull consumer. Its name is what scale-out copies share.

    One for somebody `outside` begins with what comes after it was made, unless it is wanted `whole`,
    and is forgotten when nobody has asked for longer than any stream keeps its messages.
    """

    name: str
    stream: str
    filters: tuple[str, ...]
    outside: bool = False
    whole: bool = False


STREAMS: Final = (
    Stream(INBOX_STREAM, (f"$O.{INBOX_BUCKET}.C.>", OBJECT_SUBJECTS), 400, timedelta(days=30),
           "The watched bucket: files as dropped.", bucket=True),
    Stream(CLAIMS_STREAM, (f"$O.{CLAIMS_BUCKET}.C.>", f"$O.{CLAIMS_BUCKET}.M.>"),
           150, timedelta(days=30), "Bodies too large to travel inline.", bucket=True),
    Stream(REPORTS, ("gouji.v1.report.>",), 300, timedelta(days=30),
           "What every stage found out about every report.", live=True),
    Stream(ISSUES, (f"{ValidationFailed.subject}.>", f"{IssueGone.subject}.>"), 90,
           timedelta(days=90), "One event per validation failure, and one when it holds no more.", live=True),
    Stream(REVIEWS, (REVIEW_SUBJECTS,), 10, timedelta(days=90),
           "What people decide about issues, cells and who must report."),
    Stream(DEAD, (f"{DeadLetter.subject}.>",), 30, timedelta(days=90),
           "Messages that failed for good, with their payload."),
    Stream(HANDBACKS, (f"{HANDBACK_SUBJECT}.>",), 10, timedelta(days=30),
           "How often a message was handed back in order.",
           discard=DiscardPolicy.OLD, counter=True),
    Stream(ADVISORIES, ADVISORY_SUBJECTS, 10, timedelta(days=14),
           "The server's own record of messages given up.", discard=DiscardPolicy.OLD),
)  # fmt: skip

INGEST: Final = Consumer("ingest", INBOX_STREAM, (OBJECT_SUBJECTS,))
NORMALIZE: Final = Consumer("normalize", REPORTS, (ReportReceived.subject,))
NORMALIZE_OFFICE: Final = Consumer("normalize-office", REPORTS, (deferred_subject("office"),))
NORMALIZE_OCR: Final = Consumer("normalize-ocr", REPORTS, (deferred_subject("ocr"),))
EXTRACT: Final = Consumer("extract", REPORTS, (ReportNormalized.subject,))
VALIDATE: Final = Consumer("validate", REPORTS, (ReportExtracted.subject,))
VALIDATE_BESIDE: Final = Consumer("validate-beside", REPORTS, (ReportRecorded.subject,))
VALIDATE_AGAIN: Final = Consumer("validate-again", REPORTS, (RecheckRequested.subject,))
SINK: Final = Consumer(
    "sink",
    REPORTS,
    (
        ReportValidated.subject,
        ReportRefused.subject,
        ReportDuplicate.subject,
        ReportExpanded.subject,
        ReportCompared.subject,
    ),
)
SINK_REVIEWS: Final = Consumer("sink-reviews", REVIEWS, (REVIEW_SUBJECTS,))
SINK_DEAD: Final = Consumer("sink-dead", DEAD, (f"{DeadLetter.subject}.>",))
CONSUMERS: Final = (
    INGEST, NORMALIZE, NORMALIZE_OFFICE, NORMALIZE_OCR, EXTRACT, VALIDATE, VALIDATE_BESIDE,
    VALIDATE_AGAIN, SINK, SINK_REVIEWS, SINK_DEAD,
)  # fmt: skip
"""The consumers of the services."""

GIVEN_UP: Final = Consumer("keeper-given-up", ADVISORIES, ADVISORY_SUBJECTS)
"""The consumer of whoever looks after the bus; nobody waits for it."""

MAX_ACK_PENDING: Final = 1024
MAX_WAITING: Final = 512
READY_SECONDS: Final = 60.0
"""How long a command waits for a cluster that is still forming."""
_NOT_NOW: Final = 503
_FORMING: Final = (10005, 10009, 10126)
"""No suitable peers for placement, not the leader, a stream that is just getting its copies."""
_FORGOTTEN_AFTER: Final = max(stream.max_age for stream in STREAMS)


def is_for(name: str, subject: str) -> bool:
    """Tell whether one of our consumers asks for a subject; of others nothing is known, so they do."""
    consumer = next((c for c in CONSUMERS if c.name == name), None)
    return consumer is None or any(covers(pattern, subject) for pattern in consumer.filters)


def covers(pattern: str, subject: str) -> bool:
    """Tell whether a filter of ours, whole or ending in `>`, takes in a subject."""
    return subject == pattern or (pattern.endswith(">") and subject.startswith(pattern[:-1]))


def stream_of(subject: str) -> str:
    """Return the name of the stream that keeps a gouji subject."""
    for prefix, name in (("gouji.v1.report.", REPORTS), (f"{ValidationFailed.subject}.", ISSUES),
                         (f"{IssueGone.subject}.", ISSUES), ("gouji.v1.review.", REVIEWS),
                         (f"{DeadLetter.subject}.", DEAD)):  # fmt: skip
        if subject.startswith(prefix):
            return name
    raise KeyError(subject)


def bucket_bytes(total_bytes: int) -> int:
    """Return the room of the watched bucket, given the space for all streams."""
    (share,) = (stream.share for stream in STREAMS if stream.name == INBOX_STREAM)
    return total_bytes * share // 1000


def stream_config(stream: Stream, *, total_bytes: int, replicas: int) -> StreamConfig:
    """Return the server's configuration of a stream, given the space for all of them."""
    return StreamConfig(
        name=stream.name,
        description=stream.description,
        subjects=list(stream.subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=stream.discard,
        max_bytes=total_bytes * stream.share // 1000,
        max_age=stream.max_age.total_seconds(),
        num_replicas=replicas,
        duplicate_window=WINDOW.total_seconds(),
        allow_rollup_hdrs=stream.bucket,
        allow_direct=True,
        allow_msg_counter=stream.counter or None,
        max_msgs_per_subject=1 if stream.counter else -1,
        # nats-server 2.15.1 cannot always read a compressed block again after its node was killed in a
        # cluster ("s2: corrupt input"); the copy is then dead, and two of them stop the stream
        compression=StoreCompression.NONE,
        # what comes into the account of the streams from another account is stored there and passed on to
        # no third one; what the stream says again itself is
        republish=RePublish(src=">", dest=f"{LIVE}.>") if stream.live else None,
    )


def consumer_config(consumer: Consumer, *, ack_wait: timedelta, replicas: int) -> ConsumerConfig:
    """Return the server's configuration of a consumer.

    Deliveries are not bounded by the server: a message that ran out there shows in no metric.
    The guard counts and ends them as dead letters instead.
    """
    return ConsumerConfig(
        durable_name=consumer.name,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ack_wait.total_seconds(),
        max_deliver=-1,
        filter_subjects=list(consumer.filters),
        max_ack_pending=MAX_ACK_PENDING,
        max_waiting=MAX_WAITING,
        num_replicas=replicas,
        deliver_policy=(
            DeliverPolicy.NEW if consumer.outside and not consumer.whole else DeliverPolicy.ALL
        ),
        inactive_threshold=_FORGOTTEN_AFTER.total_seconds() if consumer.outside else None,
    )


async def provision(
    js: JetStreamContext, *, total_bytes: int, ack_wait: timedelta, replicas: int = 1
) -> None:
    """Create every stream and consumer, or bring existing ones to what this module says."""
    try:
        for stream in STREAMS:
            config = stream_config(stream, total_bytes=total_bytes, replicas=replicas)
            try:
                known = await js.stream_info(stream.name)
            except NotFoundError:
                await js.add_stream(config)
            else:
                config.max_bytes = max(config.max_bytes or 0, _least(known))
                await js.update_stream(config)
    except (NatsError, TimeoutError) as error:
        raise _refusal("the topology", error) from error
    await provide(js, (*CONSUMERS, GIVEN_UP), ack_wait=ack_wait, replicas=replicas)


def _least(known: StreamInfo) -> int:
    """Return how far a stream may shrink: what it holds must still be worked off inside it."""
    return min(2 * known.state.bytes, known.config.max_bytes or 0)


class DamagedStore(Unavailable):
    """The bus cannot read what it keeps of a consumer: its files there must go, then it is made anew.

    The consumer then begins at the start of its stream, which changes no row.
    """

    def __init__(self, consumer: Consumer) -> None:
        """Keep whose files they are."""
        folder = f"jetstream/$G/streams/{consumer.stream}/obs/{consumer.name}"
        super().__init__(
            f"the bus cannot read the state of the consumer {consumer.name}: stop it, "
            f"remove {folder} from its store, start it again"
        )
        self.consumer = consumer


async def provide(
    js: JetStreamContext, consumers: Iterable[Consumer], *, ack_wait: timedelta, replicas: int = 1
) -> None:
    """Create consumers, or bring existing ones to what is said of them here."""
    try:
        for consumer in consumers:
            config = consumer_config(consumer, ack_wait=ack_wait, replicas=replicas)
            await js.add_consumer(consumer.stream, config)
    except APIError as error:
        if "store for consumer" in (error.description or ""):
            raise DamagedStore(consumer) from error
        raise _refusal(f"the consumer {consumer.name}", error) from error
    except (NatsError, TimeoutError) as error:
        raise _refusal(f"the consumer {consumer.name}", error) from error


def _refusal(what: str, error: Exception) -> Unavailable:
    """Say what the bus refuses; a cluster that is still forming, or electing, is only not ready."""
    if not isinstance(error, APIError):
        return NotReady(f"the bus does not answer: {error!r}")
    kind = NotReady if error.code == _NOT_NOW or error.err_code in _FORMING else Unavailable
    return kind(f"the bus refuses {what}: {error}")


async def missing(js: JetStreamContext) -> tuple[str, ...]:
    """Return the names of the streams and consumers that are not there."""
    gone = []
    for stream in STREAMS:
        try:
            await js.stream_info(stream.name)
        except NotFoundError:
            gone.append(stream.name)
    return (*gone, *await absent(js, (*CONSUMERS, GIVEN_UP)))


async def absent(js: JetStreamContext, consumers: Iterable[Consumer]) -> tuple[str, ...]:
    """Return the names of those consumers that are not there."""
    names = []
    for consumer in consumers:
        try:
            await js.consumer_info(consumer.stream, consumer.name)
        except NotFoundError:
            names.append(consumer.name)
    return tuple(names)


async def provision_at(
    access: Access,
    *,
    total_bytes: int,
    ack_wait: timedelta,
    replicas: int = 1,
    others: Iterable[Consumer] = (),
) -> None:
    """Connect to a bus, provision it and `others`, the consumers of those outside, and leave.

    A cluster that is still forming is waited for; raises `Unavailable` when it takes too long.
    """
    client = await connect(access)
    deadline = time.monotonic() + READY_SECONDS
    try:
        js = client.jetstream()
        while True:
            try:
                await provision(js, total_bytes=total_bytes, ack_wait=ack_wait, replicas=replicas)
                await provide(js, others, ack_wait=ack_wait, replicas=replicas)
            except NotReady:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(1)
            else:
                return
    finally:
        await client.close()
