"""Real time, behind the port that handlers ask for."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

_TICK: Final = timedelta(microseconds=1)
_BELIEVED: Final = timedelta(days=1)
"""A clock that goes back further than this was wrong before, and is right now."""


class SystemClock:
    """The clock of this machine, in UTC."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that reads the clock


class SteadyClock:
    """A clock that never goes back while it runs, whatever is done to the machine's.

    Of two revisions of a report the one that arrived later stands: a clock that is set back by an hour
    must not turn them round. Until the machine's clock has caught up, moments follow one another closely.
    """

    def __init__(self, clock: SystemClock | None = None) -> None:
        """Follow this clock."""
        self._clock = clock or SystemClock()
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()

    def not_before(self, moment: datetime) -> None:
        """Begin after a moment that an earlier run has given."""
        with self._lock:
            self._last = max(self._last, moment)

    def now(self) -> datetime:
        """Return the present moment, or the one after the last."""
        with self._lock:
            now = self._clock.now()
            if now <= self._last < now + _BELIEVED:
                now = self._last + _TICK
            self._last = now
            return now
