"""Every hostile file with what may become of it: refusal reasons, or a type where it is harmless."""

from collections.abc import Callable
from typing import Final

from tests.support import hostile as make

_PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
_REFUSED = frozenset(["hostile", "too_large", "broken"])
_BOUNDED = _REFUSED | {"timed_out", "out_of_memory", "reader_crashed"}
_EMPTY = frozenset(["no_text", "empty", "blank_form"])


def _inside(member: str, content: bytes) -> Callable[[], bytes]:
    """Return a maker of an OpenDocument text with this member."""
    kind = b"application/vnd.oasis.opendocument.text"
    return lambda: make.packed({"mimetype": kind, member: content})


FILES: Final[dict[str, tuple[Callable[[], bytes], frozenset[str]]]] = {
    # S1: bombs
    "spaces.docx": (lambda: make.docx(make.zeros(250)), _REFUSED),
    "spaces.xlsx": (lambda: make.xlsx("<!--" + " " * (80 << 20) + "-->"), _REFUSED),
    "spaces.ofd": (lambda: make.ofd(b"<a>" + b" " * (200 << 20)), _REFUSED),
    "spaces.zip": (lambda: make.packed({"a.txt": make.zeros(250)}), _REFUSED),
    "overlap.zip": (lambda: make.overlapping_zip(1500, 2), _REFUSED),
    "nested.zip": (lambda: make.nested_zip(6), _REFUSED),
    "entries.zip": (lambda: make.many_entries(65_535), _REFUSED),
    "entries.docx": (
        lambda: make.docx(make.body(""), **{f"word__{n}_dot_xml": b"" for n in range(20_000)}),
        _REFUSED | _EMPTY,
    ),
    # S2: XML
    "laughs.docx": (
        lambda: make.docx(make.body(_PARAGRAPH.format("&l10;"), make.laughs("w:document"))),
        _REFUSED,
    ),
    "quadratic.docx": (
        lambda: make.docx(make.body(_PARAGRAPH.format("&a;" * 50_000), make.quadratic("w:document"))),
        _REFUSED,
    ),
    "outside.docx": (
        lambda: make.docx(
            make.body(_PARAGRAPH.format("&x;"), make.outside("w:document", "file:///etc/passwd"))
        ),
        _REFUSED,
    ),
    "styles.docx": (
        lambda: make.docx(
            make.body(_PARAGRAPH.format("x")),
            word__styles_dot_xml=f"{make.laughs('s')}<s>&l10;</s>".encode(),
        ),
        _REFUSED | {"Document"},
    ),
    "laughs.ofd": (lambda: make.ofd(f"{make.laughs('a')}<a>&l10;</a>".encode()), _REFUSED),
    "laughs.xlsx": (
        lambda: make.xlsx("&l10;"),
        _REFUSED | _EMPTY,
    ),
    "laughs.odt": (
        _inside("content.xml", f"{make.laughs('a')}<a>&l10;</a>".encode()),
        _REFUSED | {"NeedsConversion"},
    ),
    "deep.docx": (
        lambda: make.docx(make.body("<w:sdt><w:sdtContent>" * 20_000)),
        _BOUNDED,
    ),
    "deep-tables.docx": (
        lambda: make.docx(
            make.body("<w:tbl><w:tr><w:tc>" * 4000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 4000)
        ),
        _BOUNDED | _EMPTY,
    ),
    "attribute.docx": (
        lambda: make.docx(make.body(f'<w:p w:rsidR="{"a" * (50 << 20)}"/>')),
        _BOUNDED | _EMPTY,
    ),
    "spans.docx": (
        lambda: make.docx(
            make.body(
                "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2000000000'/></w:tcPr>"
                + _PARAGRAPH.format("x") + "</w:tc></w:tr></w:tbl>"
            )
        ),
        _BOUNDED | {"Document"},
    ),
    # S3: PDF
    "pages.pdf": (lambda: make.pdf_pages(10_000), _BOUNDED),
    "itself.pdf": (make.pdf_drawing_itself, _BOUNDED | _EMPTY | {"NeedsRecognition"}),
    "forms.pdf": (make.pdf_of_nested_forms, _BOUNDED | _EMPTY | {"NeedsRecognition"}),
    "bomb.pdf": (lambda: make.pdf_bomb(300), _BOUNDED | _EMPTY | {"NeedsRecognition"}),
    "image.pdf": (lambda: make.pdf_with_image(20_000), _BOUNDED | {"NeedsRecognition"}),
    "giant.pdf": (make.pdf_of_giant_page, _BOUNDED | {"NeedsRecognition"}),
    "page-loop.pdf": (make.pdf_with_page_loop, _BOUNDED | _EMPTY),
    "deep-pages.pdf": (
        lambda: make.pdf_with_deep_pages(20_000), _BOUNDED | _EMPTY | {"NeedsRecognition"},
    ),
    "table-loop.pdf": (make.pdf_with_table_loop, _BOUNDED | {"Document"}),
    "lines.pdf": (lambda: make.pdf_of_lines(200_000), _BOUNDED | _EMPTY | {"NeedsRecognition"}),
    "cut.pdf": (lambda: make.pdf_pages(3)[:200], _BOUNDED | _EMPTY),
    # pictures
    "header.png": (lambda: make.png_header(50_000, 50_000), _BOUNDED),
    "giant.png": (lambda: make.png_bomb(12_000), _BOUNDED | {"NeedsRecognition"}),
    # web pages
    "deep.html": (lambda: make.html("<div>" * 200_000 + "x"), _BOUNDED | {"Document"}),
    "deep-tables.html": (
        lambda: make.html("<table><tr><td>" * 20_000 + "x"), _BOUNDED | {"Document"},
    ),
    "spans.html": (
        lambda: make.html(
            "<table>" + "<tr><td colspan=1000 rowspan=65534>1</td></tr>" * 500 + "</table>"
        ),
        _BOUNDED | {"Document"},
    ),
    "cells.html": (
        lambda: make.html("<table><tr>" + "<td>1</td>" * 500_000 + "</tr></table>"),
        _BOUNDED | {"Document"},
    ),
    "attribute.html": (
        lambda: make.html(f'<p class="{"a" * (30 << 20)}">x</p>'), _BOUNDED | {"Document"},
    ),
    # sheets
    "far-cell.xlsx": (
        lambda: make.xlsx(
            "<sheetData><row r='1'><c r='A1'><v>1</v></c></row>"
            "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
        ),
        _BOUNDED,
    ),
    # S7: text
    "one-line.txt": (lambda: "年度报告".encode() * 4_000_000, _BOUNDED | {"Document"}),
    "tabs.txt": (lambda: b"1\t" * 5_000_000, _BOUNDED | {"Document", "not_a_report"}),
}  # fmt: skip
