"""Two versions side by side: what an earlier one published is worked on by this one, and the other way round.

`released/` holds what version 0.1 published of a dozen files, stream by stream as it stood on the bus, and the
schemas its subscribers were given. Neither is ever edited.
"""

import asyncio
import gzip
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from services.commands.reaching.records import file_states
from services.extract.handler import handle as extract
from services.sink.adapters.database import Database
from services.sink.adapters.reviews import Reviews
from services.sink.handler import handle as keep
from services.sink.handler import handle_review
from services.validate.handler import handle as validate
from shared.contracts.events import (
    ReportDuplicate,
    ReportExpanded,
    ReportNormalized,
    ReportRecorded,
    ReportRefused,
    ReportValidated,
    ValidationFailed,
)
from shared.runtime.streams import envelope
from tests.support.little_line import InTurn
from tools import event_page

RELEASED = Path(__file__).with_name("released")
EVENTS = {event.type: event for event in event_page.EVENTS}
SINK = (ReportValidated, ReportRefused, ReportDuplicate, ReportExpanded)


@cache
def recorded() -> list[Any]:
    """Everything that was published, as this version reads it, in the order of the streams."""
    lines = gzip.decompress((RELEASED / "events-0.1.jsonl.gz").read_bytes()).splitlines()
    return [_event(orjson.loads(line)) for line in lines]


def _event(line: dict[str, Any]) -> Any:
    return EVENTS[line["headers"]["ce-type"]].model_validate_json(line["body"])


def of(kind: type) -> list[Any]:
    return [event for event in recorded() if isinstance(event, kind)]


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(
        gzip.decompress((RELEASED / "schemas-0.1.json.gz").read_bytes())
    )
    return found


def run(*coroutines: Any) -> list[Any]:
    async def all_in_turn() -> list[Any]:
        return [event for one in coroutines for event in await one]

    return asyncio.run(all_in_turn())


@cache
def published_today() -> list[Any]:
    """What this version makes of the documents that the earlier one had read."""
    work = InTurn()
    extracted = run(*(extract(event, work=work) for event in of(ReportNormalized)[:3]))
    return [*extracted, *run(*(validate(event, work=work) for event in extracted))]


@pytest.fixture
def url(database_url):
    return database_url


def sink(url, events):
    database = Database(url)
    try:
        return run(*(keep(event, store=database, work=InTurn()) for event in events))
    finally:
        database.close()


def test_every_kind_of_event_of_the_earlier_version_is_among_what_was_kept():
    kinds = Counter(type(event).__name__ for event in recorded())

    assert len(recorded()) == 70
    assert {
        "ReportReceived",
        "ReportNormalized",
        "ReportExtracted",
        "ValidationFailed",
        "IssueDecided",
    } <= kinds.keys()


def _plain(identity: str) -> str:
    """Return an id without the version of the engine that read the document."""
    return re.sub(r"(?<=v1:)\d+$", "", identity)


def test_events_of_the_earlier_version_keep_subject_and_message_id():
    lines = gzip.decompress((RELEASED / "events-0.1.jsonl.gz").read_bytes()).splitlines()
    for line, event in zip(map(orjson.loads, lines), recorded(), strict=True):
        assert envelope.subject(event) == line["subject"]
        assert _plain(envelope.encode(envelope.message_id(event))) == _plain(
            line["headers"]["ce-id"]
        )


def test_what_waits_in_the_streams_over_an_upgrade_becomes_the_same_rows(url):
    told = sink(url, [e for e in recorded() if isinstance(e, SINK)])

    states = Counter(row.state for row in file_states(url))
    assert states == {"recorded": 7, "duplicate": 1, "refused": 2, "expanded": 1}
    earlier = {(e.document_id, e.report_id, e.revision_id) for e in of(ReportRecorded)}
    assert {
        (e.document_id, e.report_id, e.revision_id) for e in told if isinstance(e, ReportRecorded)
    } == earlier


def test_a_decision_of_the_earlier_version_is_kept(url):
    sink(url, of(ReportValidated))
    reviews = Reviews(url)
    (decided,) = [e for e in recorded() if type(e).__name__ == "IssueDecided"]

    run(handle_review(decided, store=reviews, work=InTurn()))

    reviews.close()


def test_each_stage_takes_over_in_mid_line(url):
    judged = [event for event in published_today() if isinstance(event, ReportValidated)]

    told = sink(url, [*judged, *of(ReportValidated)])

    assert len(judged) == 3
    assert Counter(row.state for row in file_states(url)) == {"recorded": 7}
    # both versions speak of the same reports, so neither is doubled
    earlier = {e.document_id: e.report_id for e in of(ReportRecorded)}
    assert all(earlier[e.document_id] == e.report_id for e in told if isinstance(e, ReportRecorded))


@pytest.mark.parametrize("version", sorted(schemas()))
def test_the_earlier_version_still_has_its_fields(version):
    """Structure by structure: nothing it knew has gone or is of another type, nothing new is demanded of it."""
    before, now = schemas()[version], orjson.loads(event_page.schema(EVENTS[version]))
    for name, shape in {**before.get("$defs", {}), "": before}.items():
        today = now["$defs"][name] if name else now
        assert shape.get("properties", {}).keys() <= today.get("properties", {}).keys(), name
        for field, was in shape.get("properties", {}).items():
            missing = _types(was) - _types(today["properties"][field])
            assert not missing, f"{name}.{field}: no longer {missing}"
        assert set(today.get("required", ())) <= set(shape.get("required", ())), name


def _types(shape: dict[str, Any]) -> set[str]:
    """Return what a field may be, flat."""
    several = shape.get("anyOf", shape.get("oneOf"))
    if several:
        return set().union(*(_types(one) for one in several))
    return {str(shape.get("type") or shape.get("$ref") or "anything")}


def test_the_earlier_version_reads_what_this_one_publishes():
    checkers = {name: Draft202012Validator(schema) for name, schema in schemas().items()}
    for event in published_today():
        body = orjson.loads(event.model_dump_json(exclude_defaults=True))
        faults = [f.message[:200] for f in checkers[event.type].iter_errors(body)]
        assert not faults, event.type

    assert {ReportValidated, ValidationFailed} <= {type(event) for event in published_today()}
