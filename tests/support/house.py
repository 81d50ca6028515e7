"""A review page over a real database and archive, filled by the real stages; the bus alone is made up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from starlette.testclient import TestClient

from services.commands.pages.serving import HouseDoors
from services.commands.reaching import rulebook
from services.commands.reaching.workplace import Line
from services.commands.reviews.deciding import decided
from services.page.adapters.people import People
from services.page.app import create_app
from services.page.core.doors import News
from services.page.settings import PageSettings
from services.pipeline import process
from services.sink.adapters.reviews import Reviews
from shared.contracts.events import ReportRefused
from shared.contracts.ports import Arrival
from shared.errors import Unavailable
from shared.report.identity import document_id
from shared.runtime.archive import FolderArchive
from tests.support.little_line import LittleLine

START = datetime(2024, 3, 1, 8, tzinfo=UTC)
NAME, PASSWORD = "审核员", "a long phrase 勾稽"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Filled:
    """A line's database and archive, filled file by file."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.url = url or f"sqlite:///{folder}/gouji.db"
        self.archive = folder / "archive"
        self.line = LittleLine(self.url)
        self._count = 0

    def add(self, data: bytes, name: str) -> str:
        """Read and judge a file as the line does; return its document id."""
        self._count += 1
        moment = START + timedelta(minutes=self._count)
        found = document_id(data)
        FolderArchive(self.archive).put(data, Arrival(found, name, f"{found}/{name}", moment))
        outcome = process(data, name)
        if outcome.refusal is not None:
            refusal = outcome.refusal
            refused = ReportRefused(
                document_id=found, file=name, received_at=moment, stage="extract", reason=refusal.reason,
                detail_zh=refusal.detail_zh, detail_en=refusal.detail_en,
            )  # fmt: skip
            self.line.publish([refused])
        else:
            self.line.judge(outcome.record, moment=moment)
        self.line.run()
        return found

    def close(self) -> None:
        self.line.stop()

    def rows(self, query: str, **values):
        from shared.database.reading import reading

        with reading(self.url) as reader:
            return reader.rows(query, **values)

    def report_of(self, document: str) -> str:
        (row,) = self.rows("SELECT report_id FROM revisions WHERE document_id = :d", d=document)
        return row["report_id"]


@cache
def _rulebook():
    return rulebook.in_force()


class HeardDoors(HouseDoors):
    """Real rules, sources and agencies; what would go to the bus goes to the database, or fails."""

    def __init__(self, filled: Filled, *, away: bool = False) -> None:
        super().__init__(
            lambda: Line("nats://127.0.0.1:1", filled.url), filled.archive, _rulebook()
        )
        self.filled, self.away = filled, away
        self.dropped: list[tuple[bytes, str]] = []
        self.told: asyncio.Queue[News] = asyncio.Queue()

    async def decide(self, ruling) -> str:
        self._check()
        event = decided(
            self._issue(ruling.issue_id),
            ruling.verdict,
            by=ruling.by,
            at=ruling.at,
            note=ruling.note,
        )
        store = Reviews(self.filled.url)
        store.decide(event)
        store.close()
        return event.id

    async def drop(self, data: bytes, name: str) -> str:
        self._check()
        self.dropped.append((data, name))
        return document_id(data)

    async def news(self) -> AsyncIterator[News]:
        self._check()
        yield News("heard", {})
        while True:
            yield await self.told.get()

    def _check(self) -> None:
        if self.away:
            raise Unavailable("nats://127.0.0.1:1 no bus answers there")


def page_of(filled: Filled, folder: Path, *, doors: HeardDoors | None = None, **settings):
    """Return the application and its doors; one user may decide."""
    users = folder / "page-users.json"
    People(users, QUICK).put(NAME, PASSWORD)
    doors = doors or HeardDoors(filled)
    made = PageSettings(GOUJI_PAGE_HOSTS="testserver", **settings)
    return create_app(made, doors, database=filled.url, archive=filled.archive, users=users), doors


def client_of(app, **options) -> TestClient:
    """Return a reader's browser without a script."""
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False, **options)


def token_in(text: str) -> str:
    """Return the hidden token of the first form of a page."""
    return text.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def log_in(client: TestClient, name: str = NAME, password: str = PASSWORD):
    """Log in by the form; return the answer."""
    token = token_in(client.get("/login").text)
    return client.post("/login", data={"csrf": token, "user": name, "password": password})
