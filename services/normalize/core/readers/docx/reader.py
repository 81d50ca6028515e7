"""The reader of Word documents (.docx, .docm, .dotx and strict ones): own walk over the XML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from services.normalize.core.composing import Block, Grid, Text, compose
from services.normalize.core.ooxml import Package, Relation, W
from services.normalize.core.outcomes import Aids, NeedsRecognition, Outcome, Picture, Recognition
from services.normalize.core.readers.docx.numbering import Numbering, Styles
from services.normalize.core.readers.docx.pictures import (
    has_all_tables,
    may_hold_table,
    picture,
    picture_size,
)
from services.normalize.core.readers.docx.story import Notes, Piece, Shown, Story
from services.normalize.core.readers.docx.typed import as_text, is_typed
from services.normalize.core.readers.sheet.reader import embedded_blocks
from services.normalize.core.reading import reader_for
from services.normalize.core.sniffing import recognise
from shared.errors import BadInput
from shared.report.document import Observation

_MAIN: Final = "word/document.xml"
_MAIN_TYPE: Final = "main+xml"
_MARKS: Final = (b"vanish", b"del", b"moveFrom")
"""What names every mark of hidden or removed text."""
_MOST_PICTURES: Final = 60
"""Pictures of one document that are recognised; a report has its three tables on at most ten."""
_ASKED_AT_ONCE: Final = 8
_DRAWN: Final = frozenset({"chart", "chartEx", "diagramData"})
"""Relationships to charts and diagrams, whose words are drawn, not written."""
_LONGEST_EVIDENCE: Final = 120


@dataclass(slots=True)
class _Pictures:
    """The pictures met in reading order, and what was found out about each."""

    met: list[Picture] = field(default_factory=list)
    seen: dict[str, Picture | None] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)


def read(data: bytes, name: str, aids: Aids) -> Outcome:
    """Return the document in a Word file, or the pictures that must be recognised first."""
    try:
        return _read(Package(data, name), name, aids)
    except RecursionError as error:
        raise BadInput(
            "hostile",
            f"“{name}”的结构嵌套过深，不可能是年度报告。",
            f"The structure of {name!r} is nested too deeply; no report is.",
        ) from error


def _read(package: Package, name: str, aids: Aids) -> Outcome:
    main = package.main(_MAIN, _MAIN_TYPE)
    relations = package.relations(main)
    data = package.part(main) or b""
    root = package.tree(data, main)
    _check_root(root, main, name)
    styles = Styles(_related(package, relations, "styles"))
    numbering = Numbering(_related(package, relations, "numbering"), styles)
    notes = Notes()
    marks = (*_MARKS, *(f'"{style}"'.encode() for style in styles.hiding))
    plain = not any(mark in data for mark in marks)
    body = Story(styles, numbering, notes, plain=plain).pieces(root)
    whole = None if body else _whole_page(package, relations)
    if whole is not None:
        return reader_for(recognise(whole), name)(whole, name, aids)
    pictures = _Pictures()
    placed = _placed(package, relations, body, pictures)
    wanted = _wanted(placed, pictures)
    unknown = [p for p in wanted.values() if p.key not in aids.recognised]
    if unknown:
        return NeedsRecognition(tuple(unknown[:_ASKED_AT_ONCE]))
    around = _around(package, relations, styles, numbering)
    blocks = [*around, *_recognised(placed, wanted, aids)]
    observations = _observations(notes, pictures, relations)
    if not wanted and is_typed(blocks):
        return as_text(blocks, name, observations)
    return compose(
        blocks,
        name,
        reader="docx",
        observations=observations,
        recognised=tuple(sorted({p.page for p in wanted.values()})),
    )


def _whole_page(package: Package, relations: dict[str, Relation]) -> bytes | None:
    """Return the web page that some systems put into an empty Word file as its only content."""
    for relation in relations.values():
        if relation.kind == "aFChunk" and not relation.external:
            data = package.part(relation.target) or b""
            found = recognise(data)
            if found is not None and found.name in ("html", "mhtml"):
                return data
    return None


def _check_root(root: etree._Element, main: str, name: str) -> None:
    if root.tag != f"{W}document":
        raise BadInput(
            "broken",
            f"“{name}”的 {main} 不是 Word 正文（根元素为 {root.tag}），请另存原文件后重新传送。",
            f"{main} in {name!r} is no Word document (its root is {root.tag}). "
            "Save the original again and send it.",
        )


def _related(package: Package, relations: dict[str, Relation], kind: str) -> etree._Element | None:
    for relation in relations.values():
        if relation.kind == kind and not relation.external:
            return package.xml(relation.target)
    return None


def _around(
    package: Package, relations: dict[str, Relation], styles: Styles, numbering: Numbering
) -> list[Text]:
    """Return headers, footers and notes: what is printed, but apart from the text."""
    found: dict[str, None] = {}
    for relation in relations.values():
        if relation.kind in ("header", "footer", "footnotes", "endnotes"):
            root = None if relation.external else package.xml(relation.target)
            if root is not None:
                pieces = Story(styles, numbering, Notes()).pieces(root)
                found |= dict.fromkeys(_texts(pieces))
    return [Text(text, aside=True) for text in found]


def _texts(pieces: Iterable[Piece]) -> Iterable[str]:
    for piece in pieces:
        if isinstance(piece, Text):
            yield piece.text
        elif isinstance(piece, Grid):
            yield from (slot.text for slot in piece.slots if slot.text)


def _placed(
    package: Package, relations: dict[str, Relation], body: Sequence[Piece], pictures: _Pictures
) -> list[Block | Picture]:
    """Put pictures and embedded sheets where they stand; what cannot be read is noted."""
    placed: list[Block | Picture] = []
    for piece in body:
        if not isinstance(piece, Shown):
            placed.append(piece)
            continue
        relation = relations.get(piece.relation)
        if relation is None or relation.external or piece.linked:
            pictures.skipped.append(relation.target if relation else piece.relation)
        elif piece.embedded:
            placed += _embedded(package, relation, pictures)
        else:
            placed += _picture(package, relation, pictures)
    return placed


def _embedded(package: Package, relation: Relation, pictures: _Pictures) -> list[Block]:
    """Return the cells of an embedded workbook; any other object is noted as an attachment."""
    blocks = embedded_blocks(_bytes(package, relation), relation.target)
    if not blocks:
        pictures.attached.append(relation.target)
    return blocks


def _picture(package: Package, relation: Relation, pictures: _Pictures) -> list[Block | Picture]:
    if relation.target not in pictures.seen:
        pictures.seen[relation.target] = _looked_at(package, relation, pictures)
    found = pictures.seen[relation.target]
    return [] if found is None else [found]


def _looked_at(package: Package, relation: Relation, pictures: _Pictures) -> Picture | None:
    data = _bytes(package, relation)
    size = picture_size(data)
    if size is None or not may_hold_table(size) or len(pictures.met) >= _MOST_PICTURES:
        shape = "" if size is None else f" {size[0]}×{size[1]}"
        pictures.skipped.append(f"{relation.target}{shape}")
        return None
    found = picture(data, len(pictures.met) + 1)
    pictures.met.append(found)
    return found


def _bytes(package: Package, relation: Relation) -> bytes:
    """Return a picture or object; one that is damaged or huge does not spoil the text around it."""
    try:
        return package.part(relation.target) or b""
    except BadInput:
        return b""


def _wanted(placed: Sequence[Block | Picture], pictures: _Pictures) -> dict[str, Picture]:
    """Return the pictures that must be recognised, by key: none when every table stands as text."""
    if not pictures.met:
        return {}
    if has_all_tables(b for b in placed if isinstance(b, Grid)):
        pictures.skipped += [f"{p.page}: {len(p.data)} bytes" for p in pictures.met]
        return {}
    wanted: dict[str, Picture] = {}
    for met in pictures.met:
        wanted.setdefault(met.key, met)
    return wanted


def _recognised(
    placed: Sequence[Block | Picture], wanted: dict[str, Picture], aids: Aids
) -> Iterable[Block]:
    for block in placed:
        if not isinstance(block, Picture):
            yield block
        elif block.key in wanted:
            yield from _blocks_of(aids.recognised[block.key], wanted[block.key].page)


def _blocks_of(recognition: Recognition, page: int) -> Iterable[Block]:
    for block in recognition.blocks:
        if isinstance(block, Text):
            yield replace(block, page=page)
        else:
            yield Grid(tuple(replace(slot, page=page) for slot in block.slots))


def _observations(
    notes: Notes, pictures: _Pictures, relations: dict[str, Relation]
) -> list[Observation]:
    found: list[Observation] = []
    if notes.hidden:
        found.append(Observation("e_hidden_text", _evidence(notes.hidden)))
    if notes.inserted or notes.deleted:
        text = f"w:ins ×{notes.inserted}, w:del ×{notes.deleted}"
        found.append(Observation("e_tracked_changes", text))
    pictures.skipped += [r.target for r in relations.values() if r.kind in _DRAWN]
    if pictures.skipped:
        found.append(Observation("e_picture_skipped", _evidence(pictures.skipped)))
    chunks = [r.target for r in relations.values() if r.kind in ("aFChunk", "subDocument")]
    if pictures.attached or chunks:
        found.append(Observation("e_attachment", _evidence([*pictures.attached, *chunks])))
    return found


def _evidence(texts: list[str]) -> str:
    shown = "; ".join(dict.fromkeys(" ".join(t.split())[:_LONGEST_EVIDENCE] for t in texts[:5]))
    return f"{shown} ×{len(texts)}"
