"""What a handler may ask of the outside; the runtime provides it, tests bring their own."""

from datetime import datetime
from typing import NamedTuple, Protocol


class Arrival(NamedTuple):
    """The first arrival of a document, kept for ever beside its bytes."""

    document_id: str
    file: str
    object_key: str
    received_at: datetime


class Archive(Protocol):
    """Documents by hash, written once. Raises `Unavailable` when the store does not answer."""

    def put(self, data: bytes, arrival: Arrival) -> Arrival:
        """Keep the bytes durably; return the arrival that came first (maybe an earlier one)."""
        ...

    def get(self, document_id: str) -> bytes:
        """Return the bytes; raises `Unavailable` when they cannot be read."""
        ...


class Clock(Protocol):
    """Time as a value."""

    def now(self) -> datetime:
        """Return the present moment with its time zone (UTC)."""
        ...
