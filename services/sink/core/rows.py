"""Events become rows: plain dicts by table, in the types both databases take (numbers and moments as text).

The same event gives the same rows, whenever and how often it comes. `precedence` texts decide in the database
which of two rows for the same key stands, so that the order of arrival never matters.
"""

import hashlib
import re
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from services.sink.core import parts
from services.sink.core.values import Row, clean, json_text, moment
from shared.contracts.events import (
    DeadLetter,
    ReportCompared,
    ReportDuplicate,
    ReportExpanded,
    ReportRefused,
    ReportValidated,
)
from shared.report.identity import fingerprint
from shared.report.series import place_of, series_of, upper_place_of
from shared.report.stored import pack, record_json

Rows = dict[str, list[Row]]
"""Rows by table name, in the order in which they must be written."""

_LONGEST_NAME = 500
"""Characters of a file name that are kept: more do not fit into an index of PostgreSQL."""

_NEVER = "-"
"""A moment that sorts before every other."""

_RANK = {"recorded": 3, "duplicate": 3, "expanded": 3, "refused": 2, "dead": 1}


def recorded(event: ReportValidated) -> Rows:
    """Return the rows of one judged report, whole."""
    record = event.record
    stored = record_json(record)
    precedence = _revision_precedence(event, stored)
    return {
        "documents": [_document(event.document_id, event.file, event.received_at)],
        "files": [_file(event.document_id, event.file, "recorded")],
        "reports": [_report(event, precedence)],
        "revisions": [_revision(event, stored, precedence)],
        "cells": list(parts.cells(event.revision_id, record.cells)),
        "figures": list(parts.figures(event.revision_id, record)),
        "sections": list(parts.sections(event.revision_id, record)),
        "issues": list(parts.issues({"revision_id": event.revision_id}, event.issues)),
        "checks": list(parts.checks({"revision_id": event.revision_id}, event.checks)),
        "leftovers": list(parts.leftovers(event.revision_id, record)),
        "marks": list(parts.marks(event.revision_id, record)),
    }


def compared(event: ReportCompared) -> Rows:
    """Return the rows of a report's judgement beside its neighbours, whole."""
    owner: Row = {"report_id": event.report_id}
    severities = [issue.severity for issue in event.issues]
    comparison: Row = {
        **owner,
        "revision_id": event.revision_id,
        "rulebook_version": event.rulebook_version,
        "beside": json_text(event.beside),
        "copied_from": event.copied_from,
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "infos": severities.count("info"),
        "position": event.position,
    }
    return {
        "comparisons": [comparison],
        "compared_issues": list(parts.issues(owner, event.issues)),
        "compared_checks": list(parts.checks(owner, event.checks)),
    }


def refused(event: ReportRefused) -> Rows:
    """Return the rows of a file that can never become a record."""
    verdict: Row = {
        "stage": event.stage,
        "reason": event.reason,
        "detail_zh": clean(event.detail_zh),
        "detail_en": clean(event.detail_en),
    }
    return {
        "documents": [_document(event.document_id, event.file, event.received_at)],
        "files": [_file(event.document_id, event.file, "refused", **verdict)],
    }


def duplicate(event: ReportDuplicate) -> Rows:
    """Return the rows of a further name for known bytes; none for the very name that came first."""
    rows: Rows = {"documents": [_document(event.document_id, event.file, event.received_at)]}
    if event.alias != event.file:
        rows["files"] = [_file(event.document_id, event.alias, "duplicate", alias=True)]
    return rows


def expanded(event: ReportExpanded) -> Rows:
    """Return the rows of an archive; its members have rows of their own, as any dropped file."""
    inside: Row = {
        "members": json_text(
            [{"file": clean(m.file), "document_id": m.document_id} for m in event.members]
        ),
        "skipped": json_text([clean(entry) for entry in event.skipped]),
    }
    return {
        "documents": [_document(event.document_id, event.file, event.received_at)],
        "files": [_file(event.document_id, event.file, "expanded", **inside)],
    }


def dead(letter: DeadLetter) -> Rows:
    """Return the row of our own failure: which file, why, and how to try it again."""
    alias = _alias_of(letter)
    verdict: Row = {
        "stage": letter.service,
        "reason": clean(letter.reason),
        "detail_zh": f"经 {letter.attempts} 次尝试仍失败，可重放",
        "detail_en": f"failed after {letter.attempts} attempts; can be replayed",
        "error_class": letter.error_class,
        "attempts": letter.attempts,
        "failed_at": moment(letter.failed_at),
        "replay": clean(letter.replay),
    }
    row = _file(letter.document_id, alias or letter.file, "dead", alias=bool(alias), **verdict)
    if letter.document_id is None:
        row["id"] = fingerprint("file", letter.origin_stream, letter.origin_sequence)
    return {"files": [row]}


def _document(document_id: str, file: str, received_at: datetime) -> Row:
    return {"id": document_id, "file": clean(file), "received_at": moment(received_at)}


def _file(
    document_id: str | None, name: str | None, state: str, *, alias: bool = False, **verdict: Any
) -> Row:
    """Return a file row. The first name is known by its document alone, further ones by name too."""
    row: Row = {
        "id": fingerprint("file", document_id, name if alias else None),
        "name": None if name is None else clean(name[:_LONGEST_NAME]),
        "document_id": document_id,
        "state": state,
        "stage": None,
        "reason": None,
        "detail_zh": None,
        "detail_en": None,
        "error_class": None,
        "attempts": None,
        "failed_at": None,
        "replay": None,
        "members": None,
        "skipped": None,
    }
    row.update(verdict)
    row["precedence"] = f"{_RANK[state]}|{row['failed_at'] or ''}|{fingerprint(*row.values())}"
    return row


def _alias_of(letter: DeadLetter) -> str | None:
    """Return the further name when it was its own message that failed: the first name is not to blame."""
    if letter.origin_subject != ReportDuplicate.subject or letter.document_id is None:
        return None
    try:
        alias = orjson.loads(letter.payload).get("alias")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    return alias if isinstance(alias, str) and alias != letter.file else None


def _report(event: ReportValidated, precedence: str) -> Row:
    identity = event.record.identity
    region = identity.region
    return {
        "id": event.report_id,
        "agency": clean(identity.agency),
        "province": clean(region.province),
        "city": clean(region.city),
        "county": clean(region.county),
        "township": clean(region.township),
        "region_code": clean(region.code),
        "level": identity.level,
        "kind": identity.kind,
        "year": identity.year,
        "scope": identity.scope,
        "series": series_of(identity),
        "place": clean(place_of(region)),
        "upper_place": clean(upper_place_of(region)),
        "precedence": precedence,
    }


def _revision(event: ReportValidated, stored: bytes, precedence: str) -> Row:
    record, counts = event.record, event.counts
    identity = record.identity
    published = identity.published_on
    return {
        "id": event.revision_id,
        "report_id": event.report_id,
        "document_id": event.document_id,
        "engine_version": event.engine_version,
        "rulebook_version": event.rulebook_version,
        "judged_at": None if event.judged_at is None else moment(event.judged_at),
        "corrections": json_text(event.corrections),
        "received_at": moment(event.received_at),
        "file": clean(event.file),
        "agency_as_printed": clean(identity.agency_as_printed),
        "title": clean(identity.title),
        "published_on": None if published is None else published.isoformat(),
        "published_source": identity.published_source,
        "template": record.template,
        "templates": json_text(record.templates),
        "damaged": record.damaged,
        "errors": counts.error,
        "warnings": counts.warning,
        "infos": counts.info,
        "from_source": counts.source,
        "from_extraction": counts.extraction,
        "from_unknown": counts.unknown,
        # a tenth of the size; the tables beside it are what people query
        "record": pack(stored),
        "precedence": precedence,
    }


def _revision_precedence(event: ReportValidated, stored: bytes) -> str:
    """Order revisions by arrival and document, then by corrections, engine and re-judgement.

    A reviewer's reading stands against ours, whatever the engine. Of two first judgements of one
    reading the rulebook and at last the content decide, so that the order of arrival never matters.
    """
    content = hashlib.sha256(stored)
    content.update(repr((event.report_id, event.issues, event.checks)).encode())
    return "|".join(
        (
            moment(event.received_at),
            event.document_id,
            f"{len(event.corrections):04d}",
            _version_order(event.engine_version),
            moment(event.judged_at) if event.judged_at else _NEVER,
            _version_order(event.rulebook_version),
            content.hexdigest()[:32],
        )
    )


@lru_cache(maxsize=64)
def _version_order(version: str) -> str:
    """Return a version as text that sorts as people count: 9 before 10."""
    return re.sub(r"\d+", lambda digits: digits.group().zfill(8), version)
