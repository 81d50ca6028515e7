"""What a hostile document may cost: numbers of rows and comparisons, never seconds."""

from collections.abc import Sequence

import pytest

from services.extract.core.aligning import rows
from services.extract.core.aligning.lines import MOST_ROWS, make_line, read_lines
from services.extract.core.aligning.rows import Declared, align_rows, declared_rows
from services.extract.core.extraction import extract
from shared.errors import BadInput
from shared.report.document import Document, GridCell, Row, Table

DECLARED = declared_rows((("applications", "2021"),))


def row(label: str, *values: str) -> Row:
    return Row(tuple(GridCell(t, n, 1) for n, t in enumerate((label, *values))), 1)


def table(count: int) -> Document:
    rows = tuple(row("某某事项", "1", "2") for _ in range(count))
    return Document((Table(rows, "tabs"),), "text")


def test_as_many_rows_as_the_limit_are_read() -> None:
    assert len(read_lines(table(MOST_ROWS))) == MOST_ROWS


def test_more_rows_than_any_report_has_are_refused() -> None:
    with pytest.raises(BadInput) as refused:
        extract(table(MOST_ROWS + 1), document_id="0" * 64, file="x.txt")

    assert refused.value.reason == "too_large"
    assert str(MOST_ROWS) in refused.value.detail_zh


@pytest.mark.parametrize(("count", "guessed"), [(100, True), (1000, False)])
def test_only_a_gap_of_sensible_size_is_filled_by_likeness(
    monkeypatch: pytest.MonkeyPatch, count: int, guessed: bool
) -> None:
    asked: list[int] = []
    fill = rows._fill

    def noting(gap: Sequence[rows.Line], declared: Sequence[Declared]):  # type: ignore[no-untyped-def]
        asked.append(len(gap))
        return fill(gap, declared)

    monkeypatch.setattr(rows, "_fill", noting)
    lines = [make_line(n, 0, row("某某事项", *"1234567").cells, n) for n in range(count)]

    alignment = align_rows(lines, DECLARED)

    assert asked == ([count] if guessed else [])
    assert len(alignment.unplaced) == count


def test_exact_labels_out_of_order_keep_the_longest_chain_in_order() -> None:
    pairs = [(0, 5), (1, 0), (2, 1), (3, 9), (4, 2), (5, 1), (6, 3)]

    assert rows._longest_rising(pairs) == [(1, 0), (2, 1), (4, 2), (6, 3)]
