"""The log vocabulary, and how it is rendered: JSON for machines, coloured lines on a terminal.

Exactly one `message.handled` line is written for every delivery of a message; the other names tell
of the service itself. A line never carries text of a document.
"""

import logging
import sys
from typing import Any, Literal

import orjson
import structlog

LogName = Literal[
    "message.handled",
    "publish.retried",
    "service.starting",
    "service.not_started",
    "service.ready",
    "service.stopping",
    "service.stopped",
    "service.stopped_by_dead_letter_limit",
    "service.ended_without_bus",
    "service.consumer_lost",
    "bus.waiting",
    "bus.lost",
    "bus.back",
    "bus.provisioned",
    "bus.relieved",
    "isolation.incomplete",
    "ocr.not_cached",
    "notify.no_webhooks",
    "notify.webhook",
    "bus.headers_unreadable",
    "library.said",
]
"""Every name a log line of the runtime can have."""

Level = Literal["debug", "info", "warning", "error"]

_raw: Any = structlog.get_logger("gouji")


def log(level: Level, name: LogName, **fields: object) -> None:
    """Write one line; fields that are None are left out."""
    getattr(_raw, level)(name, **{k: v for k, v in fields.items() if v is not None})


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


def _json(value: Any, **_options: Any) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)


def configure(service: str, *, style: Literal["auto", "json", "console"], level: str) -> None:
    """Set up logging of this process; every line carries the service's name."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    threshold = logging.getLevelNamesMapping()[level]
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if console:
        last: Any = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        factory: Any = structlog.PrintLoggerFactory(sys.stderr)
    else:
        first.append(structlog.processors.format_exc_info)
        last = structlog.processors.JSONRenderer(serializer=_json)
        factory = structlog.BytesLoggerFactory(sys.stderr.buffer)
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
