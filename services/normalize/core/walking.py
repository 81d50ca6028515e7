"""One pass over the lines of a text, asking at each which layout reads the table there."""

import re

from services.normalize.core.furniture import is_furniture
from services.normalize.core.layouts import cells, marked, piped, separated, tabs, zones
from services.normalize.core.layouts.run import Loose, Run
from services.normalize.core.paragraphs import Line, line_of
from services.normalize.core.residue import WORD_CELL
from services.normalize.core.source import Source
from services.normalize.core.vocabulary import (
    is_running_text,
    is_section_heading,
    is_value,
    label_kind,
)
from shared.report.document import Table

_ANY_PIPE = re.compile(f"[{piped.PIPES}]")
_LONGEST_PAGE_NUMBER = 3
_MOST_CAPTIONS = 4


class Walk:
    """One pass over the lines, handing runs to the layouts and collecting what comes back."""

    def __init__(self, source: Source, kinds: str) -> None:
        self.source = source
        self.kinds = kinds
        self.blocks: list[Table | Line] = []
        self.furniture: list[int] = []
        self.barren = 0
        self.after_gap = False

    def run(self) -> None:
        """Walk to the end."""
        kinds, end = self.kinds, len(self.kinds)
        index = 0
        while index < end:
            kind = kinds[index]
            if kind == "b":
                self.after_gap = True
                index += 1
                continue
            found = self.table_at(index, kind) if index >= self.barren else None
            if found is None:
                self.plain(index)
                index += 1
            else:
                self.take(found)
                index = found.end

    def table_at(self, index: int, kind: str) -> Run | None:
        """Ask the layout that the kind of line suggests."""
        source, kinds = self.source, self.kinds
        if kind == "x":
            kind = _led_to(source, kinds, index)
        if kind == "h":
            return marked.read(source, kinds, index)
        if kind == "s":
            found, limit = separated.read(source, kinds, index)
        elif kind in "cet":
            found, limit = self.tabbed(index)
        elif kind == "p":
            limit = _pipe_run(source, kinds, index)
            found = piped.read(source, index, limit)
        elif zones.opens(source.texts[index].strip()):
            answer = zones.read(source, kinds, index, len(kinds))
            if isinstance(answer, Run):
                return answer
            found, limit = None, answer
        else:
            return None
        if found is None:
            self.barren = max(limit, index + 1)
        return found

    def tabbed(self, index: int) -> tuple[Run | None, int]:
        """Tell rows with tabs inside from cells that a tab opens."""
        source, kinds = self.source, self.kinds
        limit = _tab_run(source, kinds, index, over_gaps=False)
        part = kinds[index:limit]
        if part.count("t") > part.count("c") + part.count("e"):
            return tabs.read(source, kinds, index, limit), limit
        limit = _tab_run(source, kinds, index, over_gaps=True)
        return cells.read(source, kinds, index, limit), limit

    def take(self, run: Run) -> None:
        """Keep what a layout read."""
        self.furniture += run.furniture
        for piece in run.pieces:
            if isinstance(piece, Loose):
                self.text(piece.at, piece.text, piece.raw)
            else:
                self.blocks.append(piece)
            self.after_gap = False

    def plain(self, index: int) -> None:
        """Keep a line that is no row."""
        found = self.source.texts[index]
        text = found.strip()
        if "\t" in text:
            text = " ".join(part.strip() for part in text.split("\t") if part.strip())
        if not text:
            return
        if _is_aside(text, apart=_stands_apart(self.kinds, index)):
            self.furniture.append(index)
            return
        self.text(
            index, text, self.source.raws.get(index) or (None if text == found.strip() else found)
        )

    def text(self, index: int, text: str, raw: str | None) -> None:
        """Keep a line as running text."""
        self.blocks.append(line_of(self.source, index, text, raw, after_gap=self.after_gap))
        self.after_gap = False


def _stands_apart(kinds: str, index: int) -> bool:
    around = kinds[max(0, index - 1) : index] + kinds[index + 1 : index + 2]
    return not around.strip("b")


def _is_aside(text: str, *, apart: bool) -> bool:
    """Tell whether a line is furniture; a bare number is one when it stands apart (a page)."""
    if text.isdigit():
        return apart and len(text) <= _LONGEST_PAGE_NUMBER
    return is_furniture(text) and (apart or not is_value(text))


def _led_to(source: Source, kinds: str, index: int) -> str:
    """Return the kind of the rows that captions directly above them lead to, else `x`."""
    for ahead in range(index, min(index + _MOST_CAPTIONS, len(kinds) - 1)):
        below = kinds[ahead + 1]
        text = source.texts[ahead].strip()
        if below == "p" and source.texts[ahead + 1].strip() == "|" and _can_continue(text):
            return "p"
        if label_kind(text) is None:
            return "x"
        if below in "tp":
            return below
        if below != "x":
            return "x"
    return "x"


def _tab_run(source: Source, kinds: str, start: int, *, over_gaps: bool) -> int:
    """Return the end of the lines that hang together by tabs."""
    index, end = start + 1, len(kinds)
    last = index
    while index < end:
        kind = kinds[index]
        if kind in "cet":
            last = index + 1
        elif kind == "b":
            if not over_gaps:
                break
        elif (
            kind != "x" or kinds[index - 1] == "b" or not _can_continue(source.texts[index].strip())
        ):
            break
        elif over_gaps:
            last = index + 1
        index += 1
    return last


def _can_continue(text: str) -> bool:
    """Tell whether a line without tab can be the rest of the cell above."""
    return not is_section_heading(text) and not is_running_text(text)


def _pipe_run(source: Source, kinds: str, start: int) -> int:
    """Return the end of the lines that hang together by pipes.

    A blank line may stand between a cell and its pipe, but text and headings end the table.
    """
    index, end = start + 1, len(kinds)
    last, gap = index, 0
    while index < end and gap <= 2:
        kind = kinds[index]
        if kind == "p":
            last, gap = index + 1, 0
        elif kind == "b":
            gap += 1
        elif kind == "x" and gap < 2 and _can_continue(source.texts[index].strip()):
            gap += 1
            if kinds[index - 1] != "b" and kinds[index - 1] != "x":
                last = index + 1
        else:
            break
        index += 1
    return last


def kinds_of(source: Source, text: str) -> str:
    """Return one letter for each line.

    b blank, c cell after a tab, e empty cell, t row with tabs, p pipes, h HTML table,
    s separated values, x anything else.
    """
    has_tab = "\t" in text or WORD_CELL in text
    has_pipe = _ANY_PIPE.search(text) is not None
    if not has_tab and not has_pipe:
        kinds = ["x" if line and not line.isspace() else "b" for line in source.texts]
    else:
        kinds = [_kind(line, has_pipe=has_pipe) for line in source.texts]
    if "<" in text:
        marked.mark(source, kinds)
    separated.mark(source, kinds, text)
    return "".join(kinds)


def _kind(line: str, *, has_pipe: bool) -> str:
    if not line:
        return "b"
    if "\t" in line:
        tabs_here = line.count("\t")
        if line.isspace():
            return "e" if tabs_here == 1 else "t"
        return "c" if tabs_here == 1 and line[0] == "\t" else "t"
    if has_pipe and _ANY_PIPE.search(line):
        return "p"
    return "b" if line.isspace() else "x"
