"""Walk the element tree of a web page as a browser shows it: printed lines, tables, frames."""

import re
from collections.abc import Callable
from typing import Final

from selectolax.lexbor import LexborNode

from services.normalize.core.readers.html.cut import MARK
from services.normalize.core.readers.html.marks import Marks, marked_list
from services.normalize.core.readers.html.tables import (
    Cell,
    TableParts,
    pieces_of,
)
from services.normalize.core.readers.html.tree import (
    FRAME_LIMIT,
    Frame,
    Image,
    Line,
    Link,
    Page,
    Piece,
    lines_of,
)
from services.normalize.core.readers.html.values import (
    SMALLEST_IMAGE,
    collapsed,
    file_of,
    is_file,
    pixels,
    span,
)
from services.normalize.core.readers.html.words import is_form_title, starts_metadata

_UNSEEN = frozenset(
    {"script", "style", "template", "noscript", "head", "svg", "math", "audio", "video", "canvas",
     "map", "link", "meta", "title", "noframes", "datalist", "progress", "meter", "param", "xml"}
)  # fmt: skip
_FRAMES = frozenset(
    {"div", "section", "article", "main", "aside", "nav", "header", "footer", "form", "ul", "dl",
     "center", "blockquote", "fieldset", "details", "body", "figure", "select", "dir", "menu"}
)  # fmt: skip
_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "address", "hr", "legend", "summary",
     "figcaption", "caption", "hgroup", "dialog", "optgroup", "option", "marquee", "html"}
)  # fmt: skip
_PREFORMATTED = frozenset({"pre", "xmp", "listing", "plaintext", "textarea"})
_STRUCK = frozenset({"del", "s", "strike"})
_NO_DISPLAY = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_UNSHOWN = re.compile(rf"{_NO_DISPLAY.pattern}|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_MAY_HIDE = re.compile("display|visibility|mso-hide", re.IGNORECASE).search
_TABLE_STYLE = re.compile(
    r"display\s*:\s*(?:inline-)?(table(?:-row-group|-row|-cell)?)\s*(?:;|$|!)", re.IGNORECASE
)
_ROLES = {"table": "table", "table-row-group": "tbody", "table-row": "tr", "table-cell": "td"}
_TABLE_PARTS = frozenset({"table", "tbody", "thead", "tfoot", "tr", "td", "th"})
_NO_BORDER = re.compile(r"border\s*:\s*none", re.IGNORECASE)
_PAGE_LINK = re.compile(r"\s*(?:#|javascript:|$)", re.IGNORECASE)
_SPACER = re.compile(
    r"(?:spacer|blank|clear|transparent|pixel|dot)[\w\-]{0,40}\.(?:gif|png)", re.IGNORECASE
)

Leave = Callable[[], None]
Attributes = dict[str, str | None]


def skip() -> None:
    """Mark an element whose content is not shown: compared, never called."""


def walk(body: LexborNode, name: str, *, heed_hidden: bool = True) -> Page:
    """Return the page as it is shown; `heed_hidden=False` shows what is hidden as well."""
    return _Walk(name, heed_hidden=heed_hidden).over(body)


class _Walk:
    """The state of one walk: the frame and the line that text goes into."""

    def __init__(self, name: str, *, heed_hidden: bool) -> None:
        self.name = name
        self.heed_hidden = heed_hidden
        self.frame = Frame("body")
        self.page = Page(self.frame)
        self.parts: list[str] = []
        self.linked = 0
        self.level: int | None = None
        self.links = 0
        self.pre = 0
        self.tables: list[TableParts] = []
        self.lists: list[Marks] = []
        self.mark = ""

    def over(self, body: LexborNode) -> Page:
        """Walk in reading order without recursion: markup may nest deeper than Python allows."""
        stack: list[tuple[LexborNode | None, Leave | None]] = [(body.first_child, None)]
        while stack:
            node, leave = stack[-1]
            if node is None:
                stack.pop()
                if leave is not None:
                    leave()
                continue
            stack[-1] = (node.next, leave)
            tag = node.tag or "-"
            if tag == "-text":
                self.text(node.text_content or "")
            elif tag[0] not in "-_!#":
                entered = self.enter(tag, node)
                if entered is not skip:
                    stack.append((node.first_child, entered))
        self.flush()
        return self.page

    # text

    def text(self, text: str) -> None:
        """Add text to the line; in preformatted text a line feed ends the line."""
        if self.pre and "\n" in text:
            *whole, text = text.split("\n")
            for line in whole:
                self.parts.append(line)
                self.flush()
        if self.parts and ("：" in text or ":" in text) and starts_metadata(text):
            self.parts.append(" ")  # page heads part their items by styles alone
        self.parts.append(text)
        if self.links:
            self.linked += len(text.strip())

    def flush(self) -> None:
        """End the printed line."""
        if not self.parts:
            return
        text = "".join(self.parts)
        self.parts = []
        linked, self.linked = self.linked, 0
        if not self.pre:
            text = collapsed(text)
        if text.strip() or self.pre:  # a blank line of a text file parts its rows
            if self.mark:
                text, self.mark = marked_list(self.mark, text), ""
            self.frame.children.append(Line(text, min(linked, len(text)), self.level))

    # elements

    def enter(self, tag: str, node: LexborNode) -> Leave | None:
        """Begin an element; return what is to be done at its end, or `skip` for what is not shown."""
        if tag in _UNSEEN and (self.heed_hidden or tag != "noscript"):
            return skip
        attributes: Attributes = node.attributes
        style = attributes.get("style") or ""
        if "hidden" in attributes or (style and _MAY_HIDE(style)):
            unshown = _NO_DISPLAY if tag in ("td", "th") else _UNSHOWN
            if self.heed_hidden and ("hidden" in attributes or unshown.search(style)):
                return self.apart(self.page.hidden)
            if (shown_as := _TABLE_STYLE.search(style)) and tag not in _TABLE_PARTS:
                tag = _ROLES[shown_as[1].lower()]
        if tag in _STRUCK and self.heed_hidden:
            return self.apart(self.page.struck)
        if tag in _FRAMES:
            return self.begin_frame(tag, attributes)
        if tag in _BLOCKS:
            return self.begin_block(tag)
        begin = _BEGIN.get(tag)
        return begin(self, tag, attributes) if begin is not None else None

    def begin_frame(self, tag: str, attributes: Attributes) -> Leave:
        """Begin a part of the page; beyond a depth its content goes into the frame around."""
        self.flush()
        around = self.frame
        if around.depth >= FRAME_LIMIT:
            return self.flush
        hint = " ".join(filter(None, (attributes.get("class"), attributes.get("id"))))
        self.frame = Frame(tag, hint, depth=around.depth + 1)

        def leave() -> None:
            self.flush()
            inner, self.frame = self.frame, around
            if inner.children:
                around.children.append(inner)

        return leave

    def begin_block(self, tag: str) -> Leave:
        """Begin a paragraph or heading."""
        self.flush()
        level, children = self.level, self.frame.children
        before = len(children)
        if tag[0] == "h" and tag[1:].isdecimal():
            self.level = int(tag[1:])

        def leave() -> None:
            self.flush()
            self.level = level
            if len(children) == before + 2:
                _join_title(children)

        return leave

    def apart(self, kept: list[Line]) -> Leave:
        """Keep apart what is hidden or crossed out; a hidden row or cell takes no place."""
        before = self.parts, self.linked, self.frame, self.tables
        self.parts, self.linked, self.tables = [], 0, []
        self.frame = Frame("hidden", depth=FRAME_LIMIT)

        def leave() -> None:
            self.flush()
            kept.extend(lines_of(self.frame))
            self.parts, self.linked, self.frame, self.tables = before

        return leave

    def line_break(self, _: str, __: Attributes) -> Leave:
        """End the printed line."""
        self.parts.append("")
        self.flush()
        return skip

    def anchor(self, _: str, attributes: Attributes) -> Leave | None:
        """Count linked characters, and note links to files."""
        target = attributes.get("href")
        if target is None or _PAGE_LINK.match(target):
            return None
        begun = len(self.parts)
        frame, children = self.frame, len(self.frame.children)
        self.links += 1

        def leave() -> None:
            self.links -= 1
            if is_file(target):
                text = "".join(self.parts[begun:]).strip()
                if not text:
                    text = " ".join(
                        line.text for child in frame.children[children:] for line in lines_of(child)
                    )
                self.page.links.append(Link(text or file_of(target), target))

        return leave

    def list_(self, _: str, attributes: Attributes) -> Leave:
        """Begin a numbered list: browsers print numbers that are not in the text."""
        self.lists.append(Marks.of(attributes))
        leave_frame = self.begin_frame("ol", attributes)

        def leave() -> None:
            leave_frame()
            self.lists.pop()
            self.mark = ""

        return leave

    def item(self, _: str, attributes: Attributes) -> Leave:
        """Begin an item of a list, numbered or not."""
        self.flush()
        in_numbered = self.frame.tag == "ol" and self.lists
        self.mark = self.lists[-1].next(attributes) if in_numbered else ""
        return self.begin_block("li")

    def raised(self, _: str, __: Attributes) -> None:
        """Keep a raised or lowered figure apart from the number before it."""
        if self.parts and self.parts[-1][-1:].isdigit():
            self.parts.append(" ")

    def gloss(self, _: str, __: Attributes) -> Leave:
        """Keep a pronunciation above the text apart from it."""
        return self.apart(self.page.hidden)

    def preformatted(self, _: str, __: Attributes) -> Leave:
        """Begin text whose line feeds and blanks are shown."""
        self.flush()
        self.pre += 1

        def leave() -> None:
            self.flush()
            self.pre -= 1

        return leave

    def image(self, _: str, attributes: Attributes) -> Leave:
        """Keep a picture at its place in the frame."""
        source = attributes.get("src") or attributes.get("data-src") or ""
        small = any(pixels(attributes.get(side)) < SMALLEST_IMAGE for side in ("width", "height"))
        if source:
            spacer = small or _SPACER.search(source) is not None
            self.frame.children.append(Image(source, attributes.get("alt") or "", spacer))
        return skip

    def viewer(self, _: str, attributes: Attributes) -> Leave:
        """Note a frame that shows another file."""
        source = attributes.get("src") or attributes.get("data") or ""
        if source and not _PAGE_LINK.match(source):
            self.page.viewers.append(source)
        return skip

    def field(self, _: str, attributes: Attributes) -> Leave:
        """Take what an input field in a table cell shows."""
        kind = (attributes.get("type") or "text").lower()
        if self.tables and kind in ("text", "number", "tel") and attributes.get("value"):
            self.parts.append(attributes["value"] or "")
        return skip

    # tables

    def table(self, _: str, __: Attributes) -> Leave:
        """Begin a table; what stands beside its rows comes before it, as in browsers."""
        self.flush()
        around, pre, level = self.frame, self.pre, self.level
        parts = TableParts(Frame("table", depth=around.depth))
        self.tables.append(parts)
        self.frame, self.pre = parts.frame, 0

        def leave() -> None:
            self.flush()
            self.tables.pop()
            self.frame, self.pre, self.level = around, pre, level
            pieces = pieces_of(parts, self.name)
            if around.depth >= FRAME_LIMIT:
                for piece in pieces:
                    around.children += piece.children if isinstance(piece, Frame) else [piece]
            elif len(pieces) == 1:
                around.children += pieces
            elif pieces:
                around.children.append(Frame("table", children=pieces, depth=around.depth + 1))

        return leave

    def table_at_hand(self) -> TableParts | None:
        """Return the table that rows and cells go into; None inside a cell and outside of tables."""
        parts = self.tables[-1] if self.tables else None
        return parts if parts is not None and self.frame is parts.frame else None

    def row_group(self, tag: str, _: Attributes) -> Leave | None:
        """Begin `thead`, `tbody` or `tfoot`."""
        parts = self.table_at_hand()
        if parts is None:
            return self.flush
        parts.begin_group(foot=tag == "tfoot")
        return parts.end_group

    def row(self, _: str, attributes: Attributes) -> Leave | None:
        """Begin a row; Office writes one of height 0 for the widths of the columns."""
        self.flush()
        parts = self.table_at_hand()
        if parts is not None:
            parts.begin_row(sizing=attributes.get("height") == "0")
        return self.flush

    def cell(self, _: str, attributes: Attributes) -> Leave | None:
        """Begin a cell of the row at hand; its content is a frame of its own."""
        self.flush()
        parts = self.table_at_hand()
        row = parts.row if parts is not None else None
        if row is None:
            return self.flush
        hint = " ".join(filter(None, (attributes.get("class"), attributes.get("id"))))
        around, level, mark = self.frame, self.level, self.mark
        style = attributes.get("style") or ""
        cell = Cell(
            Frame("td", hint, depth=around.depth + 1),
            span(attributes.get("rowspan"), least=0),
            span(attributes.get("colspan"), least=1),
            sizing="none" in style and _NO_BORDER.search(style) is not None,
            filler="mso-ignore:colspan" in style,
            cut=MARK in attributes,
        )
        row.cells.append(cell)
        self.frame, self.level, self.mark = cell.frame, None, ""

        def leave() -> None:
            self.flush()
            self.frame, self.level, self.mark = around, level, mark

        return leave


def _join_title(children: list[Piece]) -> None:
    """Put a section title together that a line break parts in two."""
    first, second = children[-2:]
    if isinstance(first, Line) and isinstance(second, Line):
        whole = first.text + second.text
        if is_form_title(whole) and not is_form_title(first.text):
            children[-2:] = [Line(whole, first.linked + second.linked, first.level)]


_BEGIN: Final[dict[str, Callable[[_Walk, str, Attributes], Leave | None]]] = {
    "br": _Walk.line_break, "a": _Walk.anchor, "ol": _Walk.list_, "li": _Walk.item,
    **dict.fromkeys(_PREFORMATTED, _Walk.preformatted),
    **dict.fromkeys(("img", "image"), _Walk.image),
    **dict.fromkeys(("iframe", "embed", "object", "frame"), _Walk.viewer),
    "input": _Walk.field, "sup": _Walk.raised, "sub": _Walk.raised, "rt": _Walk.gloss, "rp": _Walk.gloss,
    "table": _Walk.table, "tr": _Walk.row, "td": _Walk.cell, "th": _Walk.cell,
    **dict.fromkeys(("thead", "tbody", "tfoot"), _Walk.row_group),
}  # fmt: skip
