"""One re-judgement of many stored reports: which, since when, and asking for each of them once.

A campaign has a moment. It is part of every request's id and of every judgement that follows, so that an interrupted
campaign goes on where it stopped and asks for nothing twice.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from services.commands.reaching.reading import Reader, Row, moment
from shared.contracts.events import RecheckRequested
from shared.errors import Unavailable
from shared.runtime.messages.outlet import Outlet
from shared.runtime.streams import topology

PAGE: Final = 100
"""Reports that are asked for at once."""
_PAUSE_SECONDS: Final = 0.2
_FILE: Final = "recheck.json"

_PENDING: Final = """
    FROM current_reports c JOIN revisions v ON v.id = c.revision_id
    WHERE c.received_at <= :moment AND (v.judged_at IS NULL OR v.judged_at < :moment)
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which reports: all, or those judged by another rulebook; of one name or id, of one year."""

    everything: bool = False
    report: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A re-judgement by one rulebook, asked for at one moment."""

    rulebook_version: str
    moment: datetime
    selection: Selection = field(default_factory=Selection)


def kept(data: Path) -> Campaign | None:
    """Return the campaign that was begun last from this data folder; None if none is known."""
    try:
        found = json.loads((data / _FILE).read_text(encoding="utf-8"))
        return Campaign(
            found["rulebook_version"],
            datetime.fromisoformat(found["moment"]),
            Selection(**found["selection"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(data: Path, campaign: Campaign) -> None:
    """Remember a campaign, so that the next call goes on with it."""
    data.mkdir(parents=True, exist_ok=True)
    content = {**asdict(campaign), "moment": campaign.moment.isoformat()}
    aside = data / f".{_FILE}"
    aside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    aside.replace(data / _FILE)


def chosen(
    before: Campaign | None, wanted: Campaign, *, is_open: Callable[[Campaign], bool]
) -> Campaign:
    """Return the campaign of last time if it meant the same and is not done, else the wanted one."""
    if before is None:
        return wanted
    same = (before.rulebook_version, before.selection) == (
        wanted.rulebook_version,
        wanted.selection,
    )
    return before if same and is_open(before) else wanted


def pending(reader: Reader, campaign: Campaign) -> int:
    """Return how many reports of a campaign are not judged anew yet."""
    condition, values = _condition(campaign)
    return int(reader.rows(f"SELECT count(*) AS n {condition}", **values)[0]["n"])


def judged_otherwise(reader: Reader, campaign: Campaign) -> int:
    """Return how many reports were judged for this campaign, but by another rulebook than it meant."""
    found = reader.rows(
        "SELECT count(*) AS n FROM current_reports c JOIN revisions v ON v.id = c.revision_id"
        " WHERE v.judged_at = :moment AND v.rulebook_version <> :version",
        moment=campaign.moment, version=campaign.rulebook_version,
    )  # fmt: skip
    return int(found[0]["n"])


def is_on_file(reader: Reader, report: str) -> bool:
    """Tell whether a file name, report id or document id means a report that stands."""
    wanted = "SELECT 1 FROM current_reports WHERE :report IN (file, report_id, document_id)"
    return bool(reader.rows(wanted, report=report))


def page_after(reader: Reader, campaign: Campaign, document: str) -> list[Row]:
    """Return the next reports of a campaign that are not judged anew yet, by document."""
    condition, values = _condition(campaign)
    return reader.rows(
        f"SELECT c.document_id, c.file, c.received_at {condition}"
        " AND c.document_id > :document ORDER BY c.document_id LIMIT :page",
        **values, document=document, page=PAGE,
    )  # fmt: skip


def _condition(campaign: Campaign) -> tuple[str, dict[str, object]]:
    condition, values = _PENDING, dict[str, object](moment=campaign.moment)
    which = campaign.selection
    if not which.everything:
        condition += " AND v.rulebook_version <> :version"
        values["version"] = campaign.rulebook_version
    if which.report is not None:
        condition += " AND :report IN (c.file, c.report_id, c.document_id)"
        values["report"] = which.report
    if which.year is not None:
        condition += " AND c.year = :year"
        values["year"] = which.year
    return condition, values


async def ask(
    outlet: Outlet, js: JetStreamContext, reader: Reader, campaign: Campaign, ahead: int
) -> int:
    """Ask for every report of a campaign; at most `ahead` requests wait for the validators.

    Returns how many were asked for. What was asked for before is dropped by the bus.
    """
    asked, document = 0, ""
    while page := await asyncio.to_thread(page_after, reader, campaign, document):
        await _room(js, max(ahead, PAGE) - len(page))
        await outlet.publish_all([_request(row, campaign) for row in page])
        asked, document = asked + len(page), page[-1]["document_id"]
    return asked


async def settled(js: JetStreamContext) -> None:
    """Return when all that is recorded by now is compared with its neighbours, and that is recorded too."""
    for consumer in (topology.SINK, topology.VALIDATE_BESIDE, topology.SINK):
        last = (await js.stream_info(consumer.stream)).state.last_seq
        while True:
            info = await js.consumer_info(consumer.stream, consumer.name)
            done = info.ack_floor.stream_seq if info.ack_floor else 0
            if done >= last or not ((info.num_pending or 0) + (info.num_ack_pending or 0)):
                break
            await asyncio.sleep(_PAUSE_SECONDS)


async def _room(js: JetStreamContext, most: int) -> None:
    """Wait until no more than `most` requests are before the validators."""
    consumer = topology.VALIDATE_AGAIN
    while True:
        try:
            info = await js.consumer_info(consumer.stream, consumer.name)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the consumer {consumer.name} does not answer: {error!r}") from error
        if (info.num_pending or 0) + (info.num_ack_pending or 0) <= most:
            return
        await asyncio.sleep(_PAUSE_SECONDS)


def _request(row: Row, campaign: Campaign) -> RecheckRequested:
    return RecheckRequested(
        document_id=row["document_id"],
        file=row["file"],
        received_at=moment(row["received_at"]),
        cause="rulebook",
        requested_at=campaign.moment,
        rulebook_version=campaign.rulebook_version,
    )
