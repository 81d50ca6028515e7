"""How long the scans that wait for recognition will take, from what the bus knows of those before them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.commands.running.lags import Lag
from shared.contracts.events import ReportNormalized, ReportRefused, deferred_subject
from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime.streams import topology
from shared.runtime.streams.flight import DOCUMENT

_LOOKED_BACK: Final = 5_000
"""Messages of the stream: some four hundred files."""
_LATEST: Final = 20
"""Files whose times count: what a scan takes changes with the agency that sends it."""
_BATCH: Final = 500
_ANSWER_SECONDS: Final = 2.0
_MANY: Final = 90
"""From so many on, the next larger unit is used."""
_WAITS: Final = deferred_subject("ocr")
_ENDS: Final = (ReportNormalized.subject, ReportRefused.subject)


@dataclass(frozen=True, slots=True)
class Wait:
    """What is to be expected of a queue: its files, who works on them, seconds a file by those `measured`.

    `seconds` until the last file that waits now is done; None where nothing was measured or nobody works.
    """

    files: int
    copies: int
    measured: int
    seconds_a_file: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Passage:
    """When a file began to wait for recognition, and when it was done."""

    waited_from: datetime
    ended: datetime


def wait_of(lag: Lag, passages: Sequence[Passage]) -> Wait:
    """Return files that wait or are in work × seconds a file so far / files worked on at a time."""
    files, copies = lag.waiting + lag.in_work, lag.in_work + lag.listening
    worked = _worked(passages, max(copies, 1))[-_LATEST:]
    each = sum(worked) / len(worked) if worked else None
    return Wait(
        files=files,
        copies=copies,
        measured=len(worked),
        seconds_a_file=each,
        seconds=files * each / copies if each is not None and copies else None,
    )


def _worked(passages: Sequence[Passage], copies: int) -> list[float]:
    """Return how many seconds each file was worked on, in the order in which they were done.

    With so many copies a file is begun when it came, or when the file as many places before it was done.
    Of the first ones nobody knows what they waited for: they count only where there are no others.
    """
    done = sorted(passages, key=lambda one: one.ended)
    freed = [None] * copies + [one.ended for one in done]
    spent = [
        (one.ended - (one.waited_from if free is None else max(one.waited_from, free)))
        for one, free in zip(done, freed, strict=False)
    ]
    later = spent[copies:]
    return [one.total_seconds() for one in later or spent]


def passages_of(told: Iterable[tuple[str, str, datetime]]) -> list[Passage]:
    """Return the files that were deferred and then ended, of messages as subject, document id and moment."""
    waiting: dict[str, datetime] = {}
    found = []
    for subject, document_id, moment in told:
        if subject == _WAITS:
            waiting.setdefault(document_id, moment)
        elif document_id in waiting:
            found.append(Passage(waiting.pop(document_id), moment))
    return found


async def recognition(js: JetStreamContext, lags: Sequence[Lag]) -> Wait | None:
    """Return what is to be expected of the scans; None where none wait. Raises `Unavailable`."""
    lag = next(one for one in lags if one.stage == topology.NORMALIZE_OCR.name)
    if not (lag.waiting or lag.in_work):
        return None
    try:
        return wait_of(lag, passages_of(await _lately(js)))
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"{topology.REPORTS}: {error!r}") from error


async def _lately(js: JetStreamContext) -> list[tuple[str, str, datetime]]:
    """Return what the end of the stream says of files that were deferred or read, without their bodies."""
    last = (await js.stream_info(topology.REPORTS)).state.last_seq
    config = ConsumerConfig(
        filter_subjects=[_WAITS, *_ENDS],
        ack_policy=AckPolicy.NONE,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=max(1, last - _LOOKED_BACK),
        headers_only=True,
        inactive_threshold=30.0,
        mem_storage=True,
    )
    info = await js.add_consumer(topology.REPORTS, config)
    reader = await js.pull_subscribe_bind(stream=topology.REPORTS, consumer=info.name)
    left = info.num_pending or 0
    told = []
    while left > 0:
        messages = await reader.fetch(min(_BATCH, left), timeout=_ANSWER_SECONDS)
        left -= len(messages)
        told += [
            (m.subject, (m.headers or {}).get(DOCUMENT, ""), m.metadata.timestamp) for m in messages
        ]
    return told


def told(wait: Wait) -> str:
    """Return one line for people."""
    zh, en = f"OCR：{wait.files} 个文件", f"OCR: {wait.files} files"
    if wait.seconds_a_file is None:
        return spoken(
            f"{zh}，还没有可依据的用时，需时未知", f"{en}, nothing measured yet: time unknown"
        )
    each, last = f"{wait.seconds_a_file:.0f}", wait.measured
    zh = f"{zh}，每个约 {each} 秒（按最近 {last} 个）"
    en = f"{en}, about {each} s each (by the last {last})"
    if wait.seconds is None:
        return spoken(
            f"{zh}，没有识别进程在工作，需时未知", f"{en}, nobody works on them: time unknown"
        )
    length_zh, length_en = _length(wait.seconds)
    return spoken(
        f"{zh}，同时 {wait.copies} 个：还需约 {length_zh}，不含以后投递的",
        f"{en}, {wait.copies} at a time: about {length_en} more, without what is dropped later",
    )


def _length(seconds: float) -> tuple[str, str]:
    """Return a length of time as people say it, in both languages."""
    if seconds < _MANY:
        return f"{seconds:.0f} 秒", f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < _MANY:
        return f"{minutes:.0f} 分钟", f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} 小时", f"{minutes / 60:.1f} h"
