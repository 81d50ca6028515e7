"""What holds of everything that was read, judged or printed, whatever the input."""

from datetime import UTC, datetime
from typing import Any

import orjson

from shared.contracts.events import ReportExtracted, ReportNormalized, ReportValidated
from shared.report.document import Document, Paragraph, Table
from shared.report.record import LARGEST_READ, Record
from tests.fuzz.whole import extracted, normalized

NOW = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
ID = "0" * 64


def check_document(document: Document) -> None:
    """A document can travel and comes back the same; its cells stand in order."""
    assert document.blocks or document.furniture, "nothing was read, and nobody was told"
    for block in document.blocks:
        if isinstance(block, Table):
            assert block.rows, "a table without rows"
            for row in block.rows:
                columns = [cell.column for cell in row.cells]
                assert columns == sorted(set(columns)), f"cells out of order: {columns[:20]}"
                for cell in row.cells:
                    assert cell.column >= 0
                    assert cell.rows >= 1, "a span of nothing"
                    assert cell.columns >= 1, "a span of nothing"
                    assert 0.0 <= cell.confidence <= 1.0
        else:
            assert isinstance(block, Paragraph)
            assert 0.0 <= block.confidence <= 1.0
    event = normalized(document)
    assert (
        ReportNormalized.model_validate_json(event.model_dump_json(exclude_defaults=True)) == event
    )


def check_record(record: Record) -> None:
    """No number without the text it was read from; every cell once; what was read can travel."""
    seen: set[str] = set()
    for cell in record.cells:
        assert cell.address not in seen, f"{cell.address} twice"
        seen.add(cell.address)
        assert 0.0 <= cell.confidence <= 1.0, cell
        if cell.state == "number":
            assert cell.value is not None, cell
            assert cell.raw, f"a value without its text: {cell}"
            assert abs(cell.value) < LARGEST_READ, cell
        else:
            assert cell.value is None, cell
        if cell.state == "absent":
            assert not cell.raw, cell
    for figure in record.figures:
        assert abs(figure.value) < LARGEST_READ, figure
        assert figure.text, figure
    event = extracted(record)
    assert (
        ReportExtracted.model_validate_json(event.model_dump_json(exclude_defaults=True)) == event
    )


def check_verdict(event: ReportValidated) -> None:
    """Ids of issues are unique, addresses exist, and all of it can travel."""
    ids = [issue.id for issue in event.issues]
    assert len(ids) == len(set(ids)), "two issues with one id"
    for issue in event.issues:
        assert issue.message_zh
        assert issue.message_en
    sent = event.model_dump_json(exclude_defaults=True)
    assert ReportValidated.model_validate_json(sent) == event


def check_line(line: dict[str, Any]) -> None:
    """A neutral line is one line of JSON that says the same when read again."""
    printed = orjson.dumps(line)
    assert b"\n" not in printed
    assert orjson.loads(printed)["status"] == line["status"]
