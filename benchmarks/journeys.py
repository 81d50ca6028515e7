"""Where the time of one document went, read from the logs of the line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

_FED = "feeder.file_fed"
_HANDLED = "message.handled"
_NEIGHBOURS = ("gouji.v1.report.recorded", "gouji.v1.report.compared")
"""What happens to a document after its row is there."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One stage of a journey: milliseconds before the stage had it, and in its hands."""

    stage: str
    waited: float
    worked: float
    outcome: str
    attempt: int

    def __str__(self) -> str:
        """Show it on one line."""
        odd = "" if self.attempt == 1 else f", attempt {self.attempt}"
        return f"{self.stage} waited {self.waited:.0f} ms, worked {self.worked:.0f} ms ({self.outcome}{odd})"


def journey(logs: Path, document_id: str, dropped_at: float) -> tuple[Leg, ...]:
    """Return the stages of a document until its row, in order; `dropped_at` is seconds since the epoch."""
    lines = sorted(_lines(logs, document_id), key=_ended)
    legs, before = [], dropped_at
    for line in lines:
        ended, worked = _ended(line), float(line.get("duration_ms", 0.0))
        waited = max(0.0, 1000 * (ended - before) - worked)
        legs.append(
            Leg(
                line.get("service", "feeder"), waited, worked,
                line.get("outcome", "fed"), line.get("attempt", 1),
            )
        )  # fmt: skip
        before = ended
    return tuple(legs)


def _lines(logs: Path, document_id: str) -> Iterator[Mapping[str, Any]]:
    for path in sorted(logs.glob("*.log*")):
        with path.open(encoding="utf-8", errors="replace") as file:
            for text in file:
                if document_id not in text:
                    continue
                line = json.loads(text)
                if line["event"] == _FED or (
                    line["event"] == _HANDLED and line.get("subject") not in _NEIGHBOURS
                ):
                    yield line


def _ended(line: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()
