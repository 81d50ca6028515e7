"""What a handler may ask of the outside; the runtime provides it, tests bring their own."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar, TypeVarTuple

from shared.contracts.dropped import DroppedObject

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


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

    def register(self, arrival: Arrival) -> Arrival:
        """Note an arrival without bytes (a file refused unread); return the one that came first."""
        ...

    def get(self, document_id: str) -> bytes:
        """Return the bytes; `Unavailable` if not readable now, `BadInput` if never."""
        ...


class Bucket(Protocol):
    """The watched bucket, read side."""

    async def read(self, dropped: DroppedObject) -> bytes | None:
        """Return the object's bytes, None if it was replaced or deleted since.

        Raises `BadInput` when the bytes are gone or damaged, `Unavailable` when the bus is silent.
        """
        ...


class Work(Protocol):
    """Where work runs, so that a long piece never silences the heartbeats of the others."""

    async def compute(self, size: int, call: Callable[[*Ts], T], *args: *Ts) -> T:
        """Run a pure function on an input of `size` bytes."""
        ...

    async def wait(self, call: Callable[[*Ts], T], *args: *Ts) -> T:
        """Run a function that waits for a disk or a database."""
        ...


class Clock(Protocol):
    """Time as a value."""

    def now(self) -> datetime:
        """Return the present moment with its time zone (UTC)."""
        ...
