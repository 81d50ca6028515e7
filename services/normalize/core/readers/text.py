"""The reader of plain text and markdown: bytes to paragraphs, tables, furniture and notes."""

from services.normalize.core import decoding
from services.normalize.core.outcomes import Aids
from services.normalize.core.paragraphs import Line, build, full_width, heading_styles
from services.normalize.core.residue import Tally
from services.normalize.core.source import Source, read_lines
from services.normalize.core.walking import Walk, kinds_of
from shared.errors import BadInput
from shared.report.document import Document, Observation, Paragraph, Table

LARGEST_TEXT = 16 * 1024 * 1024
"""Bytes; refused before anything is decoded. A long report as text has some 30 kB."""
LONGEST_TEXT = 500_000
"""Characters; the longest real report has fewer than 100,000."""

_HALF_WIDTH = ",():;"
_FULL_WIDTH = "，（）：；"
_MANY_HALF_WIDTH = 30


def read(data: bytes, name: str, _: Aids) -> Document:
    """Return the document in the bytes of a text file; raises BadInput when there is none."""
    if len(data) > LARGEST_TEXT:
        raise BadInput(
            "too_large",
            f"“{name}”有 {len(data)} 字节，超出文本文件的上限 {LARGEST_TEXT} 字节。",
            f"{name!r} has {len(data)} bytes, more than the limit of {LARGEST_TEXT} for text.",
        )
    decoded = decoding.decode(data, name)
    text = decoded.text
    if not text.strip():
        raise BadInput("empty", f"“{name}”没有内容。", f"{name!r} has no content.")
    if len(text) > LONGEST_TEXT:
        raise BadInput(
            "too_large",
            f"“{name}”有 {len(text)} 个字符，超出上限 {LONGEST_TEXT}，不可能是年度报告。",
            f"{name!r} has {len(text)} characters, more than the limit of {LONGEST_TEXT}.",
        )
    source = read_lines(text)
    walk = Walk(source, kinds_of(source, text))
    walk.run()
    if decoded.damage:
        source.tally.add("e_mirror_damage", decoded.damage, 1)
    blocks = _blocks(source, walk.blocks)
    furniture = _furniture(source, walk.furniture)
    if not blocks:
        raise BadInput("empty", f"“{name}”没有内容。", f"{name!r} has no content.")
    return Document(
        blocks=tuple(blocks),
        reader="text",
        encoding=decoded.encoding,
        script="traditional" if source.traditional else "simplified",
        pages=source.pages[-1] if source.pages else None,
        lines=source.numbers[-1],
        furniture=tuple(furniture),
        observations=tuple(_observations(source, blocks, text)),
    )


def _furniture(source: Source, found: list[int]) -> list[Paragraph]:
    """Return the lines set aside, those of nothing but residue among them."""
    emptied = [i for i, raw in source.raws.items() if raw.strip() and not source.texts[i].strip()]
    return [
        Paragraph(
            source.texts[i].strip() or source.raw(i).strip(),
            source.numbers[i],
            source.page(i),
            None,
            source.raws.get(i),
        )
        for i in sorted({*found, *emptied})
    ]


def _blocks(source: Source, found: list[Table | Line]) -> list[Paragraph | Table]:
    width = full_width([b.text for b in found if isinstance(b, Line)])
    blocks: list[Paragraph | Table] = []
    lines: list[Line] = []
    for block in found:
        if isinstance(block, Line):
            lines.append(block)
            continue
        blocks += build(source, lines, width)
        lines = []
        blocks.append(block)
    blocks += build(source, lines, width)
    return blocks


def _half_width(text: str, tally: Tally) -> None:
    """Note when the punctuation of the text is ASCII throughout, as recognition prints it."""
    if text.count(",") <= text.count("，"):
        return
    half = sum(text.count(c) for c in _HALF_WIDTH)
    full = sum(text.count(c) for c in _FULL_WIDTH)
    if half >= _MANY_HALF_WIDTH and half > 3 * full:
        tally.add("e_halfwidth_punctuation", f", ( ) : ; {half} / ，（）：； {full}", 1)


def _observations(source: Source, blocks: list[Paragraph | Table], text: str) -> list[Observation]:
    tally = source.tally
    heading_styles([b for b in blocks if isinstance(b, Paragraph)], tally)
    single = [b for b in blocks if isinstance(b, Table) and b.layout in ("cell_per_line", "stream")]
    if single:
        rows = sum(len(t.rows) for t in single)
        tally.add(
            "e_one_cell_per_line",
            f"{len(single)} 个表、{rows} 行 / {len(single)} tables, {rows} rows",
            single[0].rows[0].line or 1,
        )
    _half_width(text, tally)
    return tally.observations()
