"""Which part of a web page is the report: chrome around and inside it is set aside, nothing is lost.

The smallest frame that holds the tables of the form and the titles of its sections is the core.
Text beside the core belongs to it until navigation, a bar or a foot begins. Beyond that only what
identity needs (title, date, publisher) stays text; the rest becomes furniture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.normalize.core.composing import Block, Grid, Text
from services.normalize.core.furniture import is_furniture
from services.normalize.core.readers.html.tree import (
    Frame,
    Image,
    Line,
    Piece,
    Sheet,
    lines_of,
    weigh,
)
from services.normalize.core.readers.html.words import (
    ends_article,
    is_chrome_name,
    is_form_title,
    is_metadata,
    is_report_title,
)
from services.normalize.core.vocabulary import bare, label_kind
from shared.report.characters import fold

_LINK_SHARE = 0.6
_FEW_LABELS = 2
_FEW_FIGURES = 3
_LONGEST_LINK = 60
_SHORTEST_TEXT = 20


@dataclass(slots=True)
class Article:
    """The page in reading order.

    `is_form` tells whether tables or section titles of the form were found; `text_size` counts the
    characters of tables and of lines long enough to be running text, links left out.
    """

    blocks: list[Block | Image] = field(default_factory=list)
    is_form: bool = False
    text_size: int = 0

    def put(self, piece: Piece, *, aside: bool) -> None:
        """Add what stands in a piece; `aside` sets it apart from the text."""
        if isinstance(piece, Line):
            self.blocks.append(Text(piece.text, piece.level, aside=aside))
            self.text_size += (
                0 if aside or piece.size < _SHORTEST_TEXT else piece.size - piece.linked
            )
        elif isinstance(piece, Sheet):
            if aside:
                self.blocks += [Text(s.text, aside=True) for s in piece.grid.slots if s.text]
            else:
                self.blocks.append(piece.grid)
                self.text_size += piece.size - piece.linked
        elif isinstance(piece, Image):
            if not aside:
                self.blocks.append(piece)
        else:
            for child in piece.children:
                self.put(child, aside=aside)


def article_of(root: Frame) -> Article:
    """Return the page as blocks, what is not the report marked as aside."""
    weigh(root)
    anchors = _Anchors(root)
    if _is_all_linked(root, anchors):
        # a link that is never closed makes a link of everything behind it
        _unlink(root)
        anchors = _Anchors(root)
    article = Article(is_form=anchors.found)
    if anchors.found:
        _put_around(_path_to_core(root, anchors), article, anchors)
    else:
        _put_page(root, article)
    return article


def _is_all_linked(root: Frame, anchors: "_Anchors") -> bool:
    """Tell whether the report itself, or a page without one, is mostly links."""
    if not anchors.found:
        return is_linked(root) and any(is_form_title(line.text) for line in lines_of(root))
    inside = _levels(_path_to_core(root, anchors), anchors)[-1].inside
    return 2 * sum(piece.linked for piece in inside) > sum(piece.size for piece in inside)


def _unlink(frame: Frame) -> None:
    frame.linked = 0
    for child in frame.children:
        if isinstance(child, Frame):
            _unlink(child)
        else:
            child.linked = 0


class _Anchors:
    """How many tables and section titles of the form each frame holds."""

    def __init__(self, root: Frame) -> None:
        self.titles: set[str] = set()
        self.counts: dict[int, int] = {}
        self.found = bool(self._count(root))

    def of(self, piece: Piece) -> int:
        """Return the number of anchors in a piece."""
        if isinstance(piece, Frame):
            return self.counts.get(id(piece), 0)
        return self._is_anchor(piece)

    def needs(self, piece: Piece) -> bool:
        """Tell whether a link is the only place that gives the title of a section."""
        if not isinstance(piece, Line) or not is_form_title(piece.text):
            return False
        return bare(fold(piece.text)) not in self.titles

    def _count(self, frame: Frame) -> int:
        total = sum(
            self._count(c) if isinstance(c, Frame) else self._is_anchor(c) for c in frame.children
        )
        if total:
            self.counts[id(frame)] = total
        return total

    def _is_anchor(self, piece: Piece) -> bool:
        if isinstance(piece, Sheet):
            # a menu may name the rows of the form, but it has no figures
            return is_form_table(piece.grid) and (not is_linked(piece) or _has_figures(piece.grid))
        if is_linked(piece):
            return False
        if isinstance(piece, Line) and is_form_title(piece.text):
            self.titles.add(bare(fold(piece.text)))
            return True
        return False


def is_form_table(grid: Grid) -> bool:
    """Tell whether a table holds labels of the form."""
    labels: set[str] = set()
    for slot in grid.slots:
        text = slot.text
        if len(text) > 1 and not text.isdigit() and label_kind("".join(text.split())) is not None:
            labels.add(text)
            if len(labels) >= _FEW_LABELS:
                return True
    return False


def _has_figures(grid: Grid) -> bool:
    return sum(slot.text.isdigit() for slot in grid.slots) >= _FEW_FIGURES


def is_linked(piece: Piece) -> bool:
    """Tell whether most of a piece is links to other pages."""
    return piece.size > 0 and piece.linked >= _LINK_SHARE * piece.size


def _path_to_core(root: Frame, anchors: _Anchors) -> list[Frame]:
    """Return the frames from the page down to the smallest one that holds every anchor."""
    path = [root]
    while True:
        holding = [c for c in path[-1].children if anchors.of(c)]
        if len(holding) == 1 and isinstance(holding[0], Frame):
            path.append(holding[0])
        else:
            return path


@dataclass(slots=True)
class _Level:
    """One frame on the way to the core: its children before, inside and behind it."""

    before: list[Piece]
    inside: list[Piece]
    behind: list[Piece]


def _levels(path: Sequence[Frame], anchors: _Anchors) -> list[_Level]:
    levels: list[_Level] = []
    for frame in path:
        held = [i for i, child in enumerate(frame.children) if anchors.of(child)]
        first, last = held[0], held[-1] + 1
        levels.append(
            _Level(frame.children[:first], frame.children[first:last], frame.children[last:])
        )
    return levels


def _put_around(path: Sequence[Frame], article: Article, anchors: _Anchors) -> None:
    levels = _levels(path, anchors)
    before_open = behind_open = True
    kept_before: list[int] = []
    kept_behind: list[int] = []
    for level in reversed(levels):
        count, before_open = _reach(list(reversed(level.before)), is_open=before_open)
        kept_before.insert(0, len(level.before) - count)
        count, behind_open = _reach(level.behind, is_open=behind_open)
        kept_behind.insert(0, count)
    for level, start in zip(levels, kept_before, strict=True):
        _put_outside(level.before[:start], article)
        _put_text(level.before[start:], article, anchors)
    _put_text(_without_twins(levels[-1].inside, article), article, anchors)
    for level, stop in zip(reversed(levels), reversed(kept_behind), strict=True):
        _put_text(level.behind[:stop], article, anchors)
        _put_outside(level.behind[stop:], article)


def _reach(pieces: Sequence[Piece], *, is_open: bool) -> tuple[int, bool]:
    """Return how many neighbours, nearest first, still belong to the article."""
    if not is_open:
        return 0, False
    for count, piece in enumerate(pieces):
        if _ends(piece):
            return count, False
    return len(pieces), True


def _ends(piece: Piece) -> bool:
    """Tell whether the article does not go on beyond a piece."""
    if isinstance(piece, Frame):
        return (
            is_linked(piece)
            or is_chrome_name(piece.tag, piece.hint)
            or any(_ends(child) for child in piece.children if isinstance(child, (Frame, Line)))
        )
    return isinstance(piece, Line) and (
        ends_article(piece.text) or (is_linked(piece) and not is_report_title(piece.text))
    )


def _without_twins(pieces: Sequence[Piece], article: Article) -> list[Piece]:
    """Leave out a second copy of the whole report (pages for telephones come inside others)."""
    kept: list[Piece] = []
    seen: set[str] = set()
    for piece in pieces:
        if isinstance(piece, Frame):
            text = "".join(line.text for line in lines_of(piece))
            if len(text) > 1000 and text in seen:
                article.put(piece, aside=True)
                continue
            seen.add(text)
        kept.append(piece)
    return kept


def _put_text(pieces: Iterable[Piece], article: Article, anchors: _Anchors) -> None:
    """Put what belongs to the article; short links and lists of links inside it are set aside."""
    for piece in pieces:
        if isinstance(piece, Frame):
            if anchors.of(piece) == 0 and (piece.tag == "nav" or _is_link_list(piece)):
                article.put(piece, aside=True)
            else:
                _put_text(piece.children, article, anchors)
        else:
            aside = _is_short_link(piece) and not anchors.of(piece) and not anchors.needs(piece)
            article.put(piece, aside=aside)


def _is_link_list(frame: Frame) -> bool:
    return is_linked(frame) and all(
        _is_short_link(c) or is_linked(c) for c in frame.children if c.size
    )


def _is_short_link(piece: Piece) -> bool:
    if not is_linked(piece):
        return False
    if isinstance(piece, Line):
        return piece.size <= _LONGEST_LINK and piece.text[-1] not in "。；"
    return True


def _put_outside(pieces: Sequence[Piece], article: Article) -> None:
    """Set aside what stands outside, except title and metadata lines that are no links."""
    for index, piece in enumerate(pieces):
        if isinstance(piece, Frame) and not is_linked(piece):
            _put_outside(piece.children, article)
        elif isinstance(piece, Sheet):
            article.put(piece, aside=is_linked(piece) or not _is_metadata_table(piece))
        elif isinstance(piece, Line):
            known = _is_known(piece) or _opens_title(piece, pieces[index + 1 :])
            article.put(piece, aside=not known)
        else:
            article.put(piece, aside=True)


def _is_metadata_table(sheet: Sheet) -> bool:
    return any(is_metadata(f"{slot.text}：") for slot in sheet.grid.slots if slot.text)


def _is_known(line: Line) -> bool:
    if is_linked(line) or ends_article(line.text):
        return False
    return is_metadata(line.text) or is_report_title(line.text)


def _opens_title(line: Line, behind: Sequence[Piece]) -> bool:
    """Tell whether a line is the first half of a title that goes on in the next line."""
    if is_linked(line) or line.size > _LONGEST_LINK or is_furniture(line.text.strip()):
        return False
    after = next((found for piece in behind[:1] for found in lines_of(piece)), None)
    return after is not None and is_report_title(after.text) and not is_linked(after)


def _put_page(frame: Frame, article: Article) -> None:
    """Put a page without any part of the form: only what is marked as chrome is set aside."""
    for piece in frame.children:
        if isinstance(piece, Frame) and piece.tag not in ("nav", "footer", "select"):
            _put_page(piece, article)
        else:
            article.put(piece, aside=isinstance(piece, Frame))
