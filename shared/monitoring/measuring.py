"""The vocabulary of metrics: like a line of the log, a word here costs next to nothing when nobody listens."""

from typing import Final, Protocol

from shared.monitoring.catalogue import Counter, Gauge, Histogram


class Recorder(Protocol):
    """Keeps what is measured in this process; labels come in the order of the catalogue."""

    def count(self, name: str, labels: tuple[str, ...], amount: float) -> None:
        """Add to a counter."""
        ...

    def observe(self, name: str, labels: tuple[str, ...], value: float) -> None:
        """Take one value into a histogram."""
        ...

    def shift(self, name: str, labels: tuple[str, ...], by: float) -> None:
        """Move a gauge up or down."""
        ...


_recorders: Final[list[Recorder]] = []


def record_with(recorder: Recorder) -> None:
    """Let a recorder hear what is measured from now on."""
    _recorders.append(recorder)


def forget(recorder: Recorder) -> None:
    """Let a recorder hear no more."""
    _recorders.remove(recorder)


def is_on() -> bool:
    """Tell whether anybody listens."""
    return bool(_recorders)


def count(name: Counter, *labels: str, amount: float = 1.0) -> None:
    """Add to a counter."""
    for recorder in _recorders:
        recorder.count(name, labels, amount)


def observe(name: Histogram, value: float, *labels: str) -> None:
    """Take one value into a histogram."""
    for recorder in _recorders:
        recorder.observe(name, labels, value)


def shift(name: Gauge, by: float, *labels: str) -> None:
    """Move a gauge up or down."""
    for recorder in _recorders:
        recorder.shift(name, labels, by)
