"""The wire: snapshots are current, and what was once published can be read for ever."""

import importlib.util

import orjson
import pytest

from tools import event_page

BASE = {"document_id": "0" * 64, "file": "a.txt", "received_at": "2025-01-31T00:00:00Z"}
DOCUMENT = {"blocks": [{"text": "标题"}, {"rows": [{"cells": [{"text": "1", "column": 0}]}], "layout": "tabs"}],
            "reader": "text"}  # fmt: skip
RECORD = {
    "document_id": "0" * 64, "file": "a.txt", "identity": {}, "template": "2021", "templates": {},
    "cells": [{"address": "t.r@c", "state": "number", "value": 3}], "sections": [], "figures": [], "claims": [],
    "leftovers": [], "observations": [],
}  # fmt: skip
ISSUE = {"id": "i", "rule": "t3_balance", "severity": "error", "origin": "source", "addresses": [],
         "message_zh": "不平", "message_en": "does not balance"}  # fmt: skip
ACT = {"by": "王芳", "at": "2025-02-01T00:00:00Z"}
IDS = {"report_id": "r", "revision_id": "v"}
FIRST_PAYLOADS = {
    "gouji.report.received.v1": BASE | {"media_type": "text/plain", "size": 1},
    "gouji.report.duplicate.v1": BASE | {"alias": "b.txt"},
    "gouji.report.expanded.v1": BASE | {"members": [{"file": "a.zip/b.docx", "document_id": "1" * 64}]},
    "gouji.report.deferred.v1": BASE | {"lane": "ocr"},
    "gouji.report.normalized.v1": BASE | {"document": DOCUMENT},
    "gouji.report.extracted.v1": BASE | {"record": RECORD},
    "gouji.report.validated.v1": BASE | IDS | {
        "record": RECORD, "issues": [ISSUE], "checks": [{"rule": "t3_balance", "status": "fail"}],
        "rulebook_version": "1", "engine_version": "1", "counts": {"error": 1},
    },
    "gouji.report.refused.v1": BASE | {"stage": "ingest", "reason": "empty", "detail_zh": "空", "detail_en": "Empty"},
    "gouji.report.recorded.v1": BASE | IDS | {"agency": None, "year": None, "counts": {}},
    "gouji.issue.v1": BASE | IDS | {
        "agency": None, "region": {}, "agency_level": None, "agency_kind": None, "year": None, "title": None,
        "issue": ISSUE,
    },
    "gouji.report.compared.v1": BASE | IDS | {
        "issues": [ISSUE], "checks": [{"rule": "xy_carry_over", "status": "fail"}], "beside": ["r0"],
        "rulebook_version": "1", "position": "2025-01-31T00:00:00.000000+00:00|1",
    },
    "gouji.report.recheck.v1": BASE | {"cause": "rulebook", "requested_at": "2025-01-31T00:00:00Z"},
    "gouji.report.changed.v1": BASE | IDS | {
        "judgement": "j", "cause": "rulebook", "agency": None, "region": {}, "agency_level": None, "year": None,
        "rulebook_version": "1", "new": [{"id": "i", "rule": "t3_balance", "severity": "error"}],
    },
    "gouji.issue.gone.v1": BASE | IDS | {
        "judgement": "j", "cause": "neighbours", "agency": None, "region": {}, "agency_level": None,
        "agency_kind": None, "year": None, "issue": ISSUE,
    },
    "gouji.review.decided.v1": BASE | ACT | {"issue_id": "i", "report_id": "r", "verdict": "dismiss"},
    "gouji.review.corrected.v1": BASE | ACT | {"report_id": "r", "address": "a", "state": "number", "value": 8},
    "gouji.review.agencies.v1": BASE | ACT | {"name": "county", "agencies": [{"series": "s", "agency": "某局"}]},
    "gouji.dead.v1": {
        "service": "extract", "document_id": None, "file": None, "reason": "r", "error_class": "E", "attempts": 5,
        "origin_subject": "s", "origin_stream": "REPORTS", "origin_sequence": 1, "payload": "{}",
        "failed_at": "2025-01-31T00:00:00Z", "replay": "gouji replay REPORTS 1",
    },
}  # fmt: skip
"""The smallest payload of each version as first published: never edited, only added to by new versions."""

EVENTS = {event.type: event for event in event_page.EVENTS}


@pytest.mark.parametrize("event", event_page.EVENTS, ids=lambda event: event.__name__)
def test_the_schema_snapshot_is_current(event):
    assert event_page.schema_path(event).read_text("utf-8") == event_page.schema(event)


def test_the_event_page_is_current():
    assert event_page.PAGE.read_text("utf-8") == event_page.page()


def test_every_event_version_has_a_first_payload():
    assert EVENTS.keys() == FIRST_PAYLOADS.keys()


@pytest.mark.parametrize("version", FIRST_PAYLOADS)
def test_the_first_payload_of_a_version_still_parses(version):
    EVENTS[version].model_validate_json(orjson.dumps(FIRST_PAYLOADS[version]))


@pytest.mark.parametrize("version", FIRST_PAYLOADS)
def test_fields_of_a_newer_publisher_are_ignored(version):
    newer = FIRST_PAYLOADS[version] | {"field_of_the_future": {"a": 1}}

    EVENTS[version].model_validate_json(orjson.dumps(newer))


@pytest.mark.parametrize("version", FIRST_PAYLOADS)
def test_what_leaves_out_defaults_comes_back_equal(version):
    event = EVENTS[version].model_validate_json(orjson.dumps(FIRST_PAYLOADS[version]))

    body = event.model_dump_json(exclude_defaults=True)

    assert EVENTS[version].model_validate_json(body) == event


@pytest.mark.skipif(importlib.util.find_spec("yaml") is None, reason="PyYAML is not installed")
@pytest.mark.parametrize(
    "service", ["ingest", "normalize", "extract", "validate", "sink", "notify"]
)
def test_asyncapi_describes_what_a_service_publishes(service):
    import yaml

    from tools import asyncapi

    described = yaml.safe_load(asyncapi.describe(service))

    channels = {channel["address"] for channel in described["channels"].values()}
    assert {"gouji.v1.report.refused", f"gouji.v1.dead.{service}"} <= channels
    assert all("payload" in message for message in described["components"]["messages"].values())
