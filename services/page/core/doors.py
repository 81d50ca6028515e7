"""What the page needs of the rest of the house, as it sees it; the command gives it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from shared.contracts.reviews import Verdict
from shared.report.document import Document


class RuleWords(NamedTuple):
    """What a rule says, for people."""

    zh: str
    en: str
    legal_basis: str | None = None


class Late(NamedTuple):
    """A body without a report for the year; `reason` says in both languages why one is expected."""

    agency: str
    region: str
    due: date
    reason: str
    successors: tuple[str, ...]


class Roll(NamedTuple):
    """Who is missing for a year, and how many need not have filed yet."""

    missing: tuple[Late, ...]
    not_due: int


class Ruling(NamedTuple):
    """A decision that somebody wants to make on an issue."""

    issue_id: str
    verdict: Verdict
    by: str
    at: datetime
    note: str | None


class News(NamedTuple):
    """One event of the line: which kind, and its body."""

    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a document as a picture (PNG), and its size in the units of places."""

    png: bytes
    width: float
    height: float


class Unknown(Exception):
    """What was named is not there; both sentences are for people."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep what to say."""
        super().__init__(en)
        self.zh, self.en = zh, en


class Doors(Protocol):
    """Everything that reaches beyond database and archive; raises `Unavailable` when that is away."""

    rules: Mapping[str, RuleWords]
    """Every rule in force by its id."""

    file_limit: int
    """Bytes of the largest file that the line takes."""

    async def decide(self, ruling: Ruling) -> str:
        """Publish a decision as `gouji decide` does; return its id. Raises `Unknown`."""
        ...

    async def drop(self, data: bytes, name: str) -> str:
        """Put a file into the watched bucket as `gouji drop` does; return its document id."""
        ...

    def news(self) -> AsyncIterator[News]:
        """Yield what happens from now on; ends or raises when the bus is lost."""
        ...

    async def source(self, document_id: str, file: str) -> Document:
        """Return a document read again from its bytes; raises `BadInput`, `Unknown`."""
        ...

    async def sheet(self, document_id: str, file: str, page: int) -> Sheet:
        """Return a page of a PDF as a picture; raises `BadInput`, `Unknown`."""
        ...

    def roll(self, year: int, region: str | None, today: date) -> Roll:
        """Return who has not filed; raises `Unknown` for a division that is none."""
        ...

    def labels(self, addresses: Sequence[str], edition: str | None) -> Mapping[str, str]:
        """Return the printed labels of cells."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
