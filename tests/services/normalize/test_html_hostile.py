"""Pages made to hang a reader are refused at once; ugly but honest ones are read."""

from time import process_time

import pytest

from services.normalize.core.reading import read, read_document
from shared.errors import BadInput
from tests.services.normalize.reading import rows

LIMIT = 1.5
"""Seconds of processor time on a busy machine; each takes a few tenths."""
START = "<html><body><p>政府信息公开</p>"


def many(form: str, count: int) -> str:
    return "".join(form.format(i) for i in range(count))


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 200_000,
        "<div>" * 100_000 + "</div>" * 100_000,
        "<select>" + "<option>x" * 100_000,
        f"<div {many(' a{}=1', 20_000)}>x",
        f"<div {many(' a{}=1', 700)}>x" * 400,
        "<table>" + ("<tr>" + "<td>1" * 1_000) * 150,
        "<table>" + "<tr><td rowspan=65000 colspan=2000>x" * 200,
        "<table><tr><td>x" * 2_000,
        "<" * 1_000_000,
        "<svg>" * 100_000,
        "<a href='" * 100_000,
    ],
    ids=[
        "deep", "deep and closed", "choices", "attributes", "many attributes", "cells", "spans", "nested tables",
        "signs", "drawings", "quotes",
    ],
)  # fmt: skip
def test_a_hostile_page_is_refused_at_once(body: str) -> None:
    begun = process_time()
    with pytest.raises(BadInput) as caught:
        read((START + body).encode(), "bomb.html")
    assert caught.value.reason == "hostile"
    assert process_time() - begun < LIMIT


@pytest.mark.parametrize(
    "body",
    [
        many("<p><font color={}>x</p>", 20_000),
        "<table><tr><td colspan=100000 rowspan=65000>x</table>",
        f'<div title="{"x" * 5_000_000}">y</div>',
        "<!--" * 100_000,
        "<script></script>" * 50_000,
        "<img src='data:image/png;base64," + "A" * 5_000_000 + "'>",
        "<img src='data:image/png;base64," * 50_000,
        "&#x653f;" * 200_000,
        "<div>x" * 1_400,
    ],
    ids=[
        "open fonts", "one huge span", "huge attribute", "comments", "scripts", "huge picture",
        "broken pictures", "entities", "open divisions",
    ],
)  # fmt: skip
def test_an_ugly_page_is_read_in_bounded_time(body: str) -> None:
    begun = process_time()
    document = read_document((START + body).encode(), "ugly.html")
    assert document.blocks
    assert process_time() - begun < LIMIT


def test_a_page_longer_than_any_report_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        read((START + "<p>政府信息公开" * 100_000 + "政" * 600_000).encode(), "long.html")
    assert caught.value.reason == "too_large"


def test_an_archive_of_archives_is_refused() -> None:
    data = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n"
    data += b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 3_000
    with pytest.raises(BadInput):
        read(data, "bomb.mht")


def test_a_large_table_whose_cells_never_close_their_fonts_is_read() -> None:
    table = "<table>" + ("<tr>" + "<td><font size=2><div>1" * 10) * 300 + "</table>"
    assert rows(read_document((START + table).encode(), "open.html")) == [["1"] * 10] * 300
