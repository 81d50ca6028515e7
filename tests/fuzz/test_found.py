"""What fuzzing found, each as the smallest input that shows it: mended once, and for good."""

from random import Random

import orjson
import pytest
from pydantic import ValidationError

from services.extract.core.aligning.readings import read_cell
from services.extract.core.narrative.numerals import parse_numeral
from services.normalize.core.radicals import without_radicals
from services.normalize.core.reading import read_document
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import ReportExtracted, ReportReceived, ValidationFailed
from shared.report.document import Document, Row, Table
from shared.report.money import yuan
from shared.report.neutral import neutral_report
from shared.report.record import Cell, Identity, Record
from shared.runtime.archive import FolderArchive
from tests.fuzz.invariants import check_record
from tests.fuzz.whole import ID, NOW, extracted, record_of
from tests.support.fill import fill
from tests.support.formats import docx


@pytest.mark.parametrize("text", ["\x1c", "\x85", "\x1f \x1e"])
def test_a_cell_of_blanks_that_only_patterns_know_is_blank(text: str) -> None:
    assert read_cell(text).state == "blank"


@pytest.mark.parametrize("digits", [13, 400, 5000])
def test_more_digits_than_anybody_counts_are_no_figure(digits: int) -> None:
    assert read_cell("9" * digits).state == "unreadable"
    assert read_cell("9" * 12).value == 10**12 - 1
    assert parse_numeral("9" * digits) is None
    assert parse_numeral("九千亿亿") is None


def test_an_amount_that_fits_no_database_has_no_yuan() -> None:
    assert yuan(10**12, "亿元") is None
    assert yuan(63.2, "万元") == 632_000


def test_a_radical_that_means_a_foreign_sign_is_told_where_it_stands() -> None:
    report = "政府信息公开工作年度报告\n规章\t0\t0\n" + "收到申请⼝处。\n" * 3
    assert without_radicals("⼝") == "口"
    assert read_document(report.encode(), "a.txt").blocks


def test_a_row_of_a_table_without_its_first_column_keeps_its_places() -> None:
    base = read_document(docx.render(fill(7, "2021", kind="busy"), Random(7), "plain"), "a.docx")
    at = next(n for n, b in enumerate(base.blocks) if isinstance(b, Table) and len(b.rows) > 15)
    table = base.blocks[at]
    assert isinstance(table, Table)
    for column in range(3, 10):
        rows = tuple(
            Row(tuple(c for c in r.cells if c.column != column), r.line) for r in table.rows
        )
        blocks = (*base.blocks[:at], Table(rows, table.layout), *base.blocks[at + 1 :])
        check_record(record_of(Document(blocks, "docx")))


def record(**fields: object) -> Record:
    known = {
        "document_id": ID, "file": "a", "identity": Identity(), "template": None, "templates": {}, "cells": (), "sections": (),
        "figures": (), "claims": (), "leftovers": (), "observations": (),
    }  # fmt: skip
    return Record(**(known | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"document_id": "1" * 64},
        {"identity": {"year": 0}},
        {"identity": {"year": 9999}},
        {"cells": [{"address": "a", "state": "number", "value": 10**30}]},
        {"cells": [{"address": "a", "state": "number", "value": 1e300}]},
        {"cells": [{"address": "a", "state": "absent", "derived": -(10**20)}]},
    ],
)
def test_a_record_that_no_service_can_use_is_unreadable(spoilt: dict) -> None:
    good = orjson.loads(extracted(record()).model_dump_json())
    assert ReportExtracted.model_validate(good)
    good["record"].update(spoilt)
    body = __import__("json").dumps(good)
    with pytest.raises(ValidationError):
        ReportExtracted.model_validate_json(body)


@pytest.mark.parametrize("literal", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_what_is_no_number_is_unreadable(literal: bytes) -> None:
    body = (
        extracted(record(cells=(Cell("a", "number", 0.5, None, "1"),))).model_dump_json().encode()
    )
    assert b"0.5" in body
    with pytest.raises(ValidationError):
        ReportExtracted.model_validate_json(body.replace(b"0.5", literal))


@pytest.mark.parametrize(
    "document_id",
    ["", "../x", "../" + "a" * 61, "A" * 64, "a" * 64 + "\n", "a" * 63, ">", "a" * 33, "ａ" * 64],
)
def test_a_document_id_is_a_hash_and_never_a_path(document_id: str, tmp_path) -> None:
    with pytest.raises(ValidationError):
        ReportReceived(document_id=document_id, file="a", received_at=NOW, media_type="a", size=1)
    with pytest.raises(ValueError, match="no id"):
        FolderArchive(tmp_path).get(document_id)


@pytest.mark.parametrize(
    "moment",
    [
        "2025-03-01T08:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2025-02-30T00:00:00Z",
    ],
)
def test_a_moment_has_a_zone_and_lies_in_the_calendar(moment: str) -> None:
    with pytest.raises(ValidationError):
        ReportReceived(document_id=ID, file="a", received_at=moment, media_type="a", size=1)


@pytest.mark.parametrize("rule", ["", "a.b", "a b", ">", "*", "A", "a\r\nb", "a" * 65, "规则"])
def test_the_id_of_a_rule_fits_into_a_subject(rule: str) -> None:
    issue = {
        "id": "i",
        "rule": rule,
        "severity": "error",
        "origin": "source",
        "addresses": [],
        "message_zh": "a",
        "message_en": "a",
    }
    with pytest.raises(ValidationError):
        ValidationFailed.model_validate(
            {"document_id": ID, "file": "a", "received_at": NOW, "report_id": "r", "revision_id": "v", "agency": None, "region": {},
             "agency_level": None, "agency_kind": None, "year": None, "title": None, "issue": issue}
        )  # fmt: skip


@pytest.mark.parametrize("nuid", [">", "*", "a.b", "a b", "a\r\nPUB x", "a" * 65])
def test_the_bytes_of_an_object_are_named_by_one_token(nuid: str) -> None:
    with pytest.raises(ValidationError):
        DroppedObject(name="a", nuid=nuid)


@pytest.mark.parametrize("value", [10**30, -(10**30), 1e300, 2.0])
def test_a_line_is_printed_whatever_number_an_old_database_holds(value: float) -> None:
    cell = Cell("a", "number", value, None, "1")
    line = neutral_report(record(cells=(cell,)), (), report_id="r", revision="v")
    assert orjson.loads(orjson.dumps(line))["cells"]["a"]["value"] == float(value)
