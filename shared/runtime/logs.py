"""The log vocabulary, and how it is rendered: JSON for machines, coloured lines on a terminal.

Exactly one `message.handled` line is written for every delivery of a message; the other names tell
of the service itself. A line never carries text of a document; names of files come from strangers, so
personal data in them is masked and nothing in them can fake a line or steer a terminal.
"""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import IO, Any, Literal

import orjson
import structlog

from shared.report.personal import masked
from shared.report.printable import printable
from shared.secrets import redacted

LogName = Literal[
    "message.handled",
    "publish.retried",
    "service.starting",
    "service.not_started",
    "service.ready",
    "service.stopping",
    "service.stopped",
    "service.stopped_by_dead_letter_limit",
    "service.stop_overdue",
    "service.ended_without_bus",
    "service.consumer_lost",
    "bus.waiting",
    "bus.lost",
    "bus.back",
    "bus.left_silent_server",
    "bus.headers_unreadable",
    "bus.denied",
    "bus.refused",
    "bus.provisioned",
    "bus.relieved",
    "bus.full",
    "bus.has_room",
    "service.waiting",
    "bus.wound_back",
    "reconcile.waiting",
    "reconcile.mended",
    "isolation.incomplete",
    "isolation.worker_killed",
    "isolation.stuck",
    "ocr.not_cached",
    "monitor.waiting",
    "notify.no_webhooks",
    "notify.webhook",
    "letter.discarded",
    "database.counted",
    "setting.unknown",
    "page.answered",
    "page.failed",
    "page.login",
    "page.decided",
    "page.uploaded",
    "library.said",
]
"""Every name a log line of the runtime can have."""

Level = Literal["debug", "info", "warning", "error"]

_raw: Any = structlog.get_logger("gouji")


def log(level: Level, name: LogName, **fields: object) -> None:
    """Write one line; fields that are None are left out."""
    getattr(_raw, level)(name, **{k: v for k, v in fields.items() if v is not None})


class Forgiving:
    """A stream whose full disk, closed reader or own end stops nobody: what cannot be written is dropped.

    Otherwise a line about a message would be the end of that message.
    """

    def __init__(self, stream: IO[Any]) -> None:
        """Write to this stream."""
        self._stream = stream

    def write(self, line: Any) -> int:
        """Write a line if the stream takes it; one that is closed raises `ValueError`."""
        with suppress(OSError, ValueError):
            return self._stream.write(line)
        return 0

    def flush(self) -> None:
        """Flush if the stream takes it; what it refused is tried again with the next line."""
        with suppress(OSError, ValueError):
            self._stream.flush()


class _LibraryLines(logging.Handler):
    """Hands what libraries log to the one renderer."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as a `library.said` line."""
        level: Level = "info"
        if record.levelno >= logging.ERROR:
            level = "error"
        elif record.levelno >= logging.WARNING:
            level = "warning"
        elif record.levelno < logging.INFO:
            level = "debug"
        error = repr(record.exc_info[1]) if record.exc_info else None
        log(level, "library.said", logger=record.name, message=record.getMessage(), error=error)


_LONGEST = 4000
"""Characters of one value: a longer one is cut."""


def safe(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask and clean all values of a line, and take passwords out of addresses, for structlog."""
    return {printable(str(key)): _safe(value) for key, value in event.items()}


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return masked(printable(redacted(value), _LONGEST))
    if isinstance(value, dict):
        return {_safe(key): _safe(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(one) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _safe(str(value))


def _json(value: Any, **_options: Any) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)


def configure(
    service: str,
    *,
    style: Literal["auto", "json", "console"],
    level: str,
    file: IO[bytes] | None = None,
) -> None:
    """Set up logging of this process; every line carries the service's name.

    Lines go to standard error, or as JSON into `file`.
    """
    console = file is None and (style == "console" or (style == "auto" and sys.stderr.isatty()))
    threshold = logging.getLevelNamesMapping()[level]
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    first += [structlog.processors.format_exc_info, safe]
    stream: Any = Forgiving(sys.stderr if console else file or sys.stderr.buffer)
    if console:
        last: Any = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        factory: Any = structlog.PrintLoggerFactory(stream)
    else:
        last = structlog.processors.JSONRenderer(serializer=_json)
        factory = structlog.BytesLoggerFactory(stream)
    structlog.configure(
        processors=[*first, last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=factory,
        cache_logger_on_first_use=False,
    )
    global _raw  # noqa: PLW0603 - one process writes one log
    _raw = structlog.get_logger().bind(service=service)
    root = logging.getLogger()
    root.handlers[:] = [_LibraryLines()]
    root.setLevel(max(threshold, logging.INFO))
    for name in ("faststream", "faststream.access", "faststream.access.nats", "gouji.bus"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)
