"""How often somebody may fail to log in: by name and by address, so that guessing takes for ever."""

from collections.abc import Callable
from threading import Lock
from typing import Final

_MOST: Final = 20_000


class Throttle:
    """Counts failures within a sliding span of time."""

    def __init__(self, *, most: int, seconds: float, clock: Callable[[], float]) -> None:
        """Bar a key after `most` failures within `seconds`."""
        self._most, self._seconds, self._clock = most, seconds, clock
        self._failures: dict[str, list[float]] = {}
        self._lock = Lock()

    def wait(self, key: str) -> float:
        """Return how many seconds a key must wait; 0 if it need not."""
        now = self._clock()
        with self._lock:
            recent = self._recent(key, now)
            if len(recent) < self._most:
                return 0.0
            return recent[-self._most] + self._seconds - now

    def failed(self, key: str) -> None:
        """Note a failure."""
        now = self._clock()
        with self._lock:
            recent = self._recent(key, now)
            recent.append(now)
            while len(self._failures) >= _MOST and key not in self._failures:
                self._failures.pop(next(iter(self._failures)))
            self._failures[key] = recent[-self._most :]

    def forget(self, key: str) -> None:
        """Let bygones be bygones: the right password was given."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: str, now: float) -> list[float]:
        recent = [at for at in self._failures.get(key, ()) if now - at < self._seconds]
        if not recent:
            self._failures.pop(key, None)
        return recent
