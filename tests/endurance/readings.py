"""What the services' own log lines say of a trial: lost buses, attempts, work that was done twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from tests.endurance.line import SERVICES, Line

_UNFINISHED: Final = frozenset({"retried", "handed_back"})


def handled(line: Line, part: str) -> Iterator[dict[str, Any]]:
    """Yield the one line of each delivery that a part settled."""
    return (entry for entry in line.logged(part) if entry.get("event") == "message.handled")


def longest_away(line: Line) -> float:
    """Return the longest time in seconds that a living service was without its bus."""
    longest = 0.0
    for part in SERVICES:
        lost: float | None = None
        for entry in line.logged(part):
            event = entry.get("event")
            if event == "service.starting":
                lost = None
            elif event == "bus.lost":
                lost = lost or _moment(entry)
            elif event == "bus.back" and lost is not None:
                longest, lost = max(longest, _moment(entry) - lost), None
    return longest


def finished_twice(line: Line) -> list[str]:
    """Return the messages that a service had finished and was given once more."""
    twice = []
    for part in SERVICES:
        done: Counter[tuple[str, int]] = Counter(
            (entry["stream"], entry["sequence"])
            for entry in handled(line, part)
            if entry["outcome"] not in _UNFINISHED
        )
        twice += [f"{part} {stream} {seq}" for (stream, seq), n in done.items() if n > 1]
    return twice


def most_attempts(line: Line, part: str, mark: str) -> int:
    """Return the most attempts that a file whose name begins with `mark` took at a part."""
    attempts = (
        entry["attempt"]
        for entry in handled(line, part)
        if (entry.get("file") or "").startswith(mark)
    )
    return max(attempts, default=0)


def _moment(entry: dict[str, Any]) -> float:
    return datetime.fromisoformat(entry["timestamp"]).timestamp()
