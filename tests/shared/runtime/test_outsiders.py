"""What the one outlet and the webhooks make of events for outsiders, as the setting says."""

import orjson
import pytest

from services.notify.core.notices import notice_of
from shared.contracts.changes import IssueGone
from shared.contracts.events import ReportRefused, ValidationFailed
from shared.contracts.outsiders import for_outsiders
from shared.contracts.parcel import Parcel
from shared.report.issue import Issue
from shared.report.record import Region
from shared.runtime.messages.outlet import Outlet
from shared.runtime.settings import Settings
from tests.support.bus import MOMENT

PRIVATE, MASKED = "手机13812345678", "手机138********"


class Clock:
    def now(self):
        return MOMENT


def told(kind=ValidationFailed):
    issue = Issue("i1", "r", "error", "source", (), PRIVATE, PRIVATE)
    more = {"judgement": "j", "cause": "rulebook"} if kind is IssueGone else {"title": PRIVATE}
    return kind(
        document_id="0" * 64, file=f"{PRIVATE}.txt", received_at=MOMENT, report_id="r", revision_id="v",
        agency=PRIVATE, region=Region(), agency_level=None, agency_kind=None, year=2022, issue=issue, **more,
    )  # fmt: skip


def refused():
    return ReportRefused(
        document_id="0" * 64, file=PRIVATE, received_at=MOMENT, stage="ingest", reason="empty",
        detail_zh=PRIVATE, detail_en=PRIVATE,
    )  # fmt: skip


async def sent(event, **options):
    found = []

    async def send(subject, body, headers, stream):
        found.append((subject, body.decode(), headers))

    await Outlet("t", send=send, clock=Clock(), inline_bytes=10**6, patience=1, **options).publish(
        event
    )
    return found[0]


@pytest.mark.parametrize("kind", [ValidationFailed, IssueGone])
async def test_failures_and_what_is_gone_leave_masked_under_the_same_ids(kind):
    subject, body, headers = await sent(told(kind))
    _, raw, as_printed = await sent(told(kind), masks=False)

    assert PRIVATE not in body
    assert body.count(MASKED) == raw.count(PRIVATE)
    assert "13812345678" not in str(headers)
    assert "13812345678" in str(as_printed)
    assert {**headers, "ce-file": ""} == {**as_printed, "ce-file": ""}
    assert subject.endswith(".error.r")


async def test_events_of_the_line_keep_what_the_stages_need():
    _, body, _ = await sent(refused())

    assert for_outsiders(refused()) == refused()
    assert PRIVATE in body


@pytest.mark.parametrize(("masks", "left"), [(True, MASKED), (False, PRIVATE)])
def test_a_webhook_is_told_of_every_event_as_the_setting_says(masks, left):
    parcel = Parcel(
        {"ce-type": "t", "ce-id": "i", "ce-time": "now"}, refused().model_dump_json().encode()
    )

    data = orjson.loads(notice_of(parcel, masks=masks).body)["data"]

    assert (data["file"], data["detail_zh"], data["document_id"]) == (left, left, "0" * 64)


def test_masking_is_the_rule_and_showing_is_asked_for(monkeypatch):
    assert Settings().personal_data == "mask"
    monkeypatch.setenv("GOUJI_PERSONAL_DATA", "show")
    assert Settings().personal_data == "show"
