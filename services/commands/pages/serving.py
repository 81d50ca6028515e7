"""What the review page needs of the rest of the house: bus, bucket, rules, sources, agencies."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, cast

from services.commands.pages.sources import Sources
from services.commands.reaching import rulebook
from services.commands.reaching.following import connected, hearing
from services.commands.reaching.publishing import desk
from services.commands.reaching.reading import reading
from services.commands.reaching.workplace import Line
from services.commands.reviews.absence import reason
from services.commands.reviews.deciding import decided
from services.commands.reviews.expecting import Missing, UnknownRegion, situation
from services.commands.reviews.finding import find_issues
from services.commands.reviews.reviewing import Mistaken
from services.commands.running.tracking import FATEFUL
from services.commands.talking.labels import printed
from services.ingest.adapters.feeding import BucketFeed
from services.ingest.settings import IngestSettings
from services.page.core.doors import Late, News, Roll, RuleWords, Ruling, Sheet, Unknown
from services.validate.core.rulebook import Rulebook
from shared.contracts.events import ReportDuplicate, ReportExpanded, ReportRecorded, ReportRefused
from shared.report.document import Document
from shared.report.record import Edition
from shared.runtime.connections.connecting import PAGE, Access

_KINDS: Final = {
    ReportRecorded.subject: "recorded",
    ReportRefused.subject: "refused",
    ReportDuplicate.subject: "duplicate",
    ReportExpanded.subject: "expanded",
}


class HouseDoors:
    """`services.page.core.doors.Doors` over a line's bus and archive."""

    def __init__(
        self, find: Callable[[], Line], archive: Path, book: Rulebook | None = None
    ) -> None:
        """Nothing is connected yet; raises `RulebookError` where own rules of the deployment are faulty.

        `book` are the rules, those in force if left. `find` says where the line is now: one that was
        started again may have moved.
        """
        self._find = find
        self._sources = Sources(archive)
        self.file_limit = IngestSettings().file_limit
        self.rules: Mapping[str, RuleWords] = {
            rule.id: RuleWords(rule.says_zh, rule.says_en, rule.legal_basis)
            for rule in (book or rulebook.in_force(find())).rules
        }

    async def decide(self, ruling: Ruling) -> str:
        """Publish a decision; return its id once the bus has it."""
        row = await asyncio.to_thread(self._issue, ruling.issue_id)
        event = decided(row, ruling.verdict, by=ruling.by, at=ruling.at, note=ruling.note)
        async with desk(self._bus) as (outlet, _):
            await outlet.publish(event)
        return event.id

    async def drop(self, data: bytes, name: str) -> str:
        """Put a file into the watched bucket; return its document id."""
        async with connected(self._bus) as client:
            return await BucketFeed(client.jetstream()).put(data, name)

    async def news(self) -> AsyncIterator[News]:
        """Yield `heard` once the bus answers, then what becomes of every file from now on."""
        async with connected(self._bus) as client:
            async for told in hearing(client, FATEFUL):
                yield News("heard", {}) if told is None else News(_KINDS[told.subject], told.body)

    async def source(self, document_id: str, file: str) -> Document:
        """Return a document read again from its bytes."""
        return await self._sources.document(document_id, file)

    async def sheet(self, document_id: str, file: str, page: int) -> Sheet:
        """Return a page of a PDF as a picture."""
        return await self._sources.sheet(document_id, file, page)

    def roll(self, year: int, region: str | None, today: date) -> Roll:
        """Return who has not filed for a year as of a day."""
        with reading(self._find().database_url) as reader:
            try:
                found = situation(reader, year, region, today)
            except UnknownRegion as error:
                raise Unknown(
                    f"不知是哪个地区：{error.named}", f"No such division: {error.named}"
                ) from None
        return Roll(tuple(map(_late, found.missing)), len(found.not_due))

    def labels(self, addresses: Sequence[str], edition: str | None) -> Mapping[str, str]:
        """Return the printed labels of cells, rows and tables."""
        known = cast("Edition | None", edition)
        return {address: printed(address, known) for address in addresses}

    async def close(self) -> None:
        """End the worker processes."""
        await self._sources.close()

    @property
    def _bus(self) -> Access:
        """The way into the bus with the page's own key: no other has so few rights."""
        return self._find().way_in(PAGE)

    def _issue(self, issue_id: str) -> Mapping[str, object]:
        with reading(self._find().database_url) as reader:
            try:
                return find_issues(reader, [issue_id])[0]
            except Mistaken:
                raise Unknown("现在没有这个问题。", "There is no such issue now.") from None


def _late(one: Missing) -> Late:
    body = one.body
    return Late(body.agency, body.region.full_name, one.due, reason(one), one.successors)
