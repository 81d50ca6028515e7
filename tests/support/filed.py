"""Reports put into a database as the line would put them there: read, judged, recorded, without a bus."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from services.pipeline import process
from services.sink.adapters.database import Database
from services.validate.core.telling import verdict
from shared.contracts.events import ReportRefused
from shared.report.identity import revision_id
from tests.support.fill import fill
from tests.support.render import render

FIRST = datetime(2025, 1, 20, 8, tzinfo=UTC)
FAULTY = "applications.granted@total"


@dataclass(frozen=True, slots=True)
class Dropped:
    document_id: str
    file: str
    received_at: datetime


def several(count: int, first: int = 1, **how) -> Iterator[tuple[str, bytes]]:
    """Made-up reports of both editions by name; every third does not add up, every fifth lacks its end."""
    for n in range(first, first + count):
        truth = fill(
            n, "2019" if n % 4 == 0 else "2021", kind=("small", "busy", "zero")[n % 3], **how
        )
        data = render(truth, "tabs_grid", Random(n), encoding="utf-8").data
        if n % 3 == 0:
            data = _unbalanced(data)
        if n % 5 == 0:
            data = data[: int(len(data) * 0.8)]
        yield f"{n}.txt", data


def _unbalanced(data: bytes) -> bytes:
    lines = data.decode().split("\n")
    for at, line in enumerate(lines):
        if "予以公开" in line and line.rstrip().endswith(
            ("0", "1", "2", "3", "4", "5", "6", "7", "8")
        ):
            lines[at] = line.rstrip()[:-1] + "9"
            break
    return "\n".join(lines).encode()


def file_away(url: str, files: Iterable[tuple[str, bytes]]) -> None:
    """Bring the database up to date and put every file into it with what becomes of it."""
    database = Database(url)
    database.migrate()
    for n, (name, data) in enumerate(files):
        outcome = process(data, name)
        dropped = Dropped(outcome.document_id, name, FIRST + timedelta(minutes=n))
        if outcome.refusal is not None:
            why = outcome.refusal
            database.refuse(ReportRefused(
                document_id=dropped.document_id, file=name, received_at=dropped.received_at,
                stage="extract", reason=why.reason, detail_zh=why.detail_zh, detail_en=why.detail_en,
            ))  # fmt: skip
            continue
        assert outcome.record is not None
        assert outcome.judgement is not None
        revision = revision_id(outcome.document_id)
        database.record(verdict(dropped, outcome.record, revision, outcome.judgement))
    database.close()
