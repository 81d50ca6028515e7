"""The body of a Word document (or a header, a note, a text box) as paragraphs and tables in order.

Wrappers that do not change what is printed (content controls, accepted insertions, hyperlinks, smart
tags, anything unknown) are walked through; deletions, field codes and alternatives are not text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lxml import etree

from services.normalize.core.composing import Grid, Text
from services.normalize.core.ooxml import R, W
from services.normalize.core.readers.docx import tables
from services.normalize.core.readers.docx.numbering import (
    Numbering,
    Styles,
    is_on,
    number_of,
    outline_level,
)

MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_V: Final = "{urn:schemas-microsoft-com:vml}"
_O: Final = "{urn:schemas-microsoft-com:office:office}"
_VAL: Final = f"{W}val"
_P, _R, _T, _TBL, _PPR, _RPR = (f"{W}{n}" for n in ("p", "r", "t", "tbl", "pPr", "rPr"))
_STYLE, _LIST, _OUTLINE = (f"{W}{n}" for n in ("pStyle", "numPr", "outlineLvl"))
_VANISH, _ALTERNATIVE = f"{W}vanish", f"{MC}AlternateContent"
_DEEPEST_FIELD: Final = 50
_LONGEST_JOINED: Final = 20_000
"""Characters up to which paragraphs are joined whose ends were deleted."""
_PRIVATE: Final = range(0xF000, 0xF100)
_OVERSTRUCK = re.compile(r"\s*eq\s*\\o[^(]*\([^,，;]*[,，;]\s*([^)]*)\)", re.IGNORECASE)
_PRINTED: Final = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_SIGNS: Final = {0xFC: "√", 0xFE: "☑", 0xA8: "□", 0xFD: "☒", 0x6C: "●", 0x6E: "■", 0x9F: "•"}
"""What the picture font Wingdings shows at these codes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture or embedded object standing here: its relationship id; `linked` when outside."""

    relation: str
    linked: bool = False
    embedded: bool = False


Piece = Text | Grid | Shown


@dataclass(slots=True)
class Notes:
    """What was met besides the text: first evidences by kind."""

    hidden: list[str] = field(default_factory=list)
    deleted: int = 0
    inserted: int = 0


class _Look(NamedTuple):
    """How a paragraph is set: its automatic number, heading level, hidden or of the contents."""

    number: str = ""
    level: int | None = None
    hidden: bool = False
    contents: bool = False


_PLAIN: Final = _Look()


class Story:
    """Reads one part of a document; the numbering goes on from part to part."""

    def __init__(
        self, styles: Styles, numbering: Numbering, notes: Notes, *, plain: bool = False
    ) -> None:
        """Share styles, the counters of lists and the notes with the other parts.

        `plain` promises that nothing is hidden or deleted, which saves looking at every run.
        """
        self._plain = plain
        self.styles = styles
        self.numbering = numbering
        self.notes = notes
        self._fields: list[list[str]] = []
        self._text: list[str] = []
        self._dropped: list[str] = []
        self._sink = self._text
        self._lifted: list[Piece] = []
        self._carried = ""
        self._actions: dict[str, Callable[[etree._Element], None] | None] = {
            **_SKIPPED,
            **{f"{W}{name}": self._sign for name in _PRINTED},
            **dict.fromkeys(_REMOVED, self._removed),
            **dict.fromkeys(_ADDED, self._added),
            **{f"{W}{name}": self._drawing for name in ("drawing", "pict", "object")},
            f"{W}sdt": self._control,
            f"{W}sym": self._symbol,
            f"{W}fldChar": self._field,
            f"{W}instrText": self._code,
            _ALTERNATIVE: self._choice,
            f"{_M}t": self._math,
        }

    def pieces(self, node: etree._Element) -> list[Piece]:
        """Return the paragraphs and tables inside an element, in reading order."""
        outer, self._carried = self._carried, ""
        out: list[Piece] = []
        self._into(node, out)
        if self._carried:
            out.append(Text(self._carried))
        self._carried = outer
        return out

    def _into(self, node: etree._Element, out: list[Piece]) -> None:
        for child in node:
            tag = child.tag
            if tag == _P:
                self._paragraph(child, out)
            elif tag == _TBL:
                self._flush(out)
                out += tables.pieces(self, child)
            elif tag in _INLINE:
                self._loose(child, out)
            elif tag == _ALTERNATIVE:
                self._into(chosen(child), out)
            elif tag in _REMOVED:
                self.notes.deleted += 1
            elif tag not in _NO_TEXT and not self._is_prompt(child):
                self.notes.inserted += tag in _ADDED
                self._into(child, out)

    def _flush(self, out: list[Piece]) -> None:
        if self._carried:
            out.append(Text(self._carried))
            self._carried = ""

    def _paragraph(self, node: etree._Element, out: list[Piece]) -> None:
        properties = node.find(_PPR)
        look, joins = _PLAIN, False
        aside = self._in_contents()
        if properties is not None or self.styles.marks_plain:
            joins = self._is_joined(properties)
            look = self._look(properties, counted=not joins)
        text, lifted = self._line(node, hidden=look.hidden)
        aside = aside or look.contents or self._in_contents()
        text = self._carried + ("" if look.hidden else look.number) + text
        self._carried = ""
        if joins and len(text) < _LONGEST_JOINED:
            self._carried = text
        elif text:
            out.append(Text(text, look.level, aside=aside))
        out += lifted

    def _in_contents(self) -> bool:
        return bool(self._fields) and any(
            code.lstrip().upper().startswith("TOC") for _, code in self._fields
        )

    def _loose(self, node: etree._Element, out: list[Piece]) -> None:
        """Keep text that stands outside any paragraph, as careless programs write it."""
        wrapper = etree.Element(_P)
        wrapper.append(node.__copy__())
        self._paragraph(wrapper, out)

    def _is_joined(self, properties: etree._Element | None) -> bool:
        """Tell whether the end of the paragraph was deleted: its text goes on in the next one."""
        mark = None if properties is None or self._plain else properties.find(_RPR)
        if mark is None:
            return False
        return mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None

    def _look(self, properties: etree._Element | None, *, counted: bool) -> _Look:
        own_style = level = list_id = list_level = None
        for item in () if properties is None else properties:
            tag = item.tag
            if tag == _STYLE:
                own_style = str(item.get(_VAL, ""))
            elif tag == _LIST:
                list_id = number_of(item.find(f"{W}numId"))
                list_level = number_of(item.find(f"{W}ilvl"))
            elif tag == _OUTLINE:
                level = outline_level(item)
        if own_style is None and list_id is None and not self.styles.marks_plain:
            return _PLAIN if level is None else _Look(level=level)
        style = self.styles.of(own_style)
        if list_id is None:
            list_id = style.list_id
            if list_level is None and list_id:
                list_level = self.numbering.level_of_style(list_id, own_style)
        if list_level is None:
            list_level = style.list_level or 0
        number = self.numbering.count(list_id, list_level) if list_id and counted else ""
        level = style.level if level is None else level
        return _Look(number, level, bool(style.hidden), style.is_contents)

    def _line(self, node: etree._Element, *, hidden: bool) -> tuple[str, list[Piece]]:
        """Return the text of a paragraph and what is anchored in it; may be called inside another."""
        outer = (self._text, self._dropped, self._sink, self._lifted)
        self._text, self._dropped, self._lifted = [], [], []
        self._sink = self._text
        if self._is_code():
            self._sink = self._dropped
        self._walk(node)
        if self._is_code():
            # a field that never shows a result: what it kept back was text after all
            self._text += self._dropped
            self._fields = [s for s in self._fields if s[0] != "code"]
        text, lifted = "".join(self._text), self._lifted
        self._text, self._dropped, self._sink, self._lifted = outer
        if hidden and text.strip():
            self.notes.hidden.append(text)
            text = ""
        return text, lifted

    def _walk(self, node: etree._Element) -> None:
        for child in node:
            tag = child.tag
            if tag == _T:
                if child.text:
                    self._sink.append(child.text)
            elif tag == _R:
                if self._plain:
                    self._walk(child)
                else:
                    self._run(child)
            else:
                act = self._actions.get(tag, self._walk)
                if act is not None:
                    act(child)

    def _run(self, node: etree._Element) -> None:
        properties = node.find(_RPR)
        if properties is None or not self._is_hidden(properties):
            self._walk(node)
            return
        visible, self._sink = self._sink, []
        self._walk(node)
        text = "".join(self._sink)
        self._sink = visible
        if text.strip():
            self.notes.hidden.append(text)

    def _is_hidden(self, properties: etree._Element) -> bool:
        own = properties.find(_VANISH)
        if own is not None:
            return is_on(own)
        if not self.styles.hiding:
            return False
        style = properties.find(f"{W}rStyle")
        return style is not None and bool(self.styles.of(str(style.get(_VAL, ""))).hidden)

    def _sign(self, node: etree._Element) -> None:
        self._sink.append(_PRINTED[etree.QName(node).localname])

    def _removed(self, _: etree._Element) -> None:
        self.notes.deleted += 1

    def _added(self, node: etree._Element) -> None:
        self.notes.inserted += 1
        self._walk(node)

    def _control(self, node: etree._Element) -> None:
        if not self._is_prompt(node):
            self._walk(node)

    def _is_prompt(self, node: etree._Element) -> bool:
        """Tell whether a content control still shows its prompt (click here to enter text)."""
        if node.tag != f"{W}sdt" or not is_on(node.find(f"{W}sdtPr/{W}showingPlcHdr")):
            return False
        self.notes.hidden.append("".join(t.text or "" for t in node.iter(_T)))
        return True

    def _math(self, node: etree._Element) -> None:
        self._sink.append(node.text or "")

    def _symbol(self, node: etree._Element) -> None:
        value = str(node.get(f"{W}char", ""))
        code = int(value, 16) if re.fullmatch("[0-9A-Fa-f]{1,5}", value) else 0xFFFD
        font = str(node.get(f"{W}font", "")).lower()
        if code in _PRIVATE or (code < 0x100 and "wingdings" in font):
            low = code & 0xFF
            if font == "wingdings":
                # what the table does not know stays a private sign: unread, not guessed
                self._sink.append(_SIGNS.get(low, chr(0xF000 + low)))
                return
            code = low if font == "symbol" and chr(low).isascii() and low >= 0x20 else code
        self._sink.append(chr(code))

    def _field(self, node: etree._Element) -> None:
        kind = node.get(f"{W}fldCharType")
        if kind == "begin" and len(self._fields) < _DEEPEST_FIELD:
            self._fields.append(["code", ""])
        elif kind == "separate" and self._fields:
            self._fields[-1][0] = "result"
        elif kind == "end" and self._fields:
            state, code = self._fields.pop()
            overstruck = _OVERSTRUCK.match(code) if state == "code" else None
            if overstruck:
                self._text.append(overstruck[1])
        if self._sink is self._text or self._sink is self._dropped:
            self._sink = self._dropped if self._is_code() else self._text

    def _is_code(self) -> bool:
        """Tell whether text here belongs to the code of a field, which is not printed."""
        return bool(self._fields) and any(state == "code" for state, _ in self._fields)

    def _code(self, node: etree._Element) -> None:
        if self._fields:
            self._fields[-1][1] += node.text or ""

    def _drawing(self, node: etree._Element) -> None:
        fields, self._fields = self._fields, []
        self._shapes(node)
        self._fields = fields

    def _shapes(self, node: etree._Element) -> None:
        for child in node:
            tag = child.tag
            if tag == f"{W}txbxContent":
                self._lifted += self.pieces(child)
            elif tag == _ALTERNATIVE:
                self._shapes(chosen(child))
            elif tag == f"{_A}blip":
                linked = child.get(f"{R}embed") is None
                self._show(child.get(f"{R}link") if linked else child.get(f"{R}embed"), linked)
            elif tag == f"{_V}imagedata":
                self._show(child.get(f"{R}id"), linked=False)
            elif tag == f"{_O}OLEObject":
                self._lifted.append(Shown(str(child.get(f"{R}id", "")), embedded=True))
            elif tag == f"{_V}textpath":
                self._lifted.append(Text(str(child.get("string", "")), aside=True))
            elif tag == f"{_A}p":
                text = "".join(t.text or "" for t in child.iter(f"{_A}t"))
                self._lifted += [Text(text)] if text else []
            else:
                self._shapes(child)

    def _show(self, relation: str | None, linked: bool) -> None:
        if relation:
            self._lifted.append(Shown(str(relation), linked=linked))

    def _choice(self, node: etree._Element) -> None:
        self._walk(chosen(node))


def chosen(node: etree._Element) -> etree._Element:
    """Return the first choice of an alternative, its fallback when there is no choice."""
    found = node.find(f"{MC}Choice")
    if found is None:
        found = node.find(f"{MC}Fallback")
    return node if found is None else found


_REMOVED: Final = frozenset({f"{W}del", f"{W}moveFrom"})
_ADDED: Final = frozenset({f"{W}ins", f"{W}moveTo"})
_NO_TEXT: Final = frozenset(
    f"{W}{n}"
    for n in (
        "pPr", "rPr", "sdtPr", "sdtEndPr", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "tblPrEx",
        "smartTagPr", "customXmlPr", "bookmarkStart", "bookmarkEnd", "proofErr", "delText",
        "delInstrText", "annotationRef", "permStart", "permEnd", "rt", "rubyPr", "ffData",
        "commentRangeStart", "commentRangeEnd", "commentReference", "altChunk", "softHyphen",
        "lastRenderedPageBreak", "footnoteReference", "endnoteReference", "footnoteRef",
        "endnoteRef", "separator", "continuationSeparator", "pgNum", "tblGridChange",
    )
)  # fmt: skip
_INLINE: Final = frozenset({_R, _T, f"{W}hyperlink", f"{W}fldSimple"})
_SKIPPED: Final = dict.fromkeys((*_NO_TEXT, f"{MC}Fallback"))
