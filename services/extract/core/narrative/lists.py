"""Join totals with their parts: `共 49 条，其中：机构职能 3 条、工作动态 34 条`, also nested."""

import re
from dataclasses import dataclass, field
from typing import Final

from services.extract.core.narrative.clauses import Clause

_CONTAINS: Final = re.compile(r"[（(]另?含[^（()）]*$")
_MARKER: Final = re.compile(r"其中|包括|包含|分别")
_OPENING: Final = re.compile(r"^[：:]|^[^，,。；;：:]{0,12}[：:][^：:。]{0,16}$")
_LOOSE: Final = re.compile(r"主要|例如|比如|重点|部分(?!公开|予以)|涉及")
_SENTENCE_END: Final = re.compile(r"[。！？!?]")
_AND_SO_ON: Final = re.compile(r"^[^，,。；;、]{0,10}等")
_SEPARATOR: Final = re.compile(r"[，,；;]")
_STATEMENT: Final = re.compile(
    r"(?:[，,；;。]|^)(?:共|累计|合计|总计|全年|办结|答复|结转|收到|受理|新收|已|均|发布|公开|召开|组织|开展|举办|制发|"
    r"印发|回复|办理|处理|上年|上一年|另|此外|同时|较|同比|参加|接受|开通|制作|更新|被|因|发生|未(?!审结)|到期|年末|尚(?!未审结))"
)
_STATED_LAST: Final = re.compile(
    r"(?:办结|答复|办理|结转|回复|受理|收到)(?:数量?|量|了|共|合计|为)*$"
)
_INFLOW: Final = re.compile(r"新收|结转|上年|收到|受理")
_NEVER_PARTS: Final = frozenset({"%", "‰", "百分点"})
FARTHEST: Final = 40
"""A total stands at most this many figures before its list."""


@dataclass(slots=True)
class Breakdown:
    """A total (index of its figure) and its parts; `complete` when the list seems to name all."""

    head: int
    parts: list[int] = field(default_factory=list)
    complete: bool = True
    bracketed: bool = False


def breakdowns(text: str, items: list[Clause], comparisons: list[bool]) -> list[Breakdown]:
    """Return the lists of one paragraph; indexes are those of `items`."""
    reader = _Reader(text, items, comparisons)
    for index in range(1, len(items)):
        reader.take(index)
    found = [b for b in reader.done + reader.open if b.parts]
    for breakdown in found:
        reader.settle(breakdown)
    return found


class _Reader:
    def __init__(self, text: str, items: list[Clause], comparisons: list[bool]) -> None:
        self.text = text
        self.items = items
        self.comparisons = comparisons
        self.open: list[Breakdown] = []
        self.done: list[Breakdown] = []
        self.listed: set[int] = set()
        self.within = 0
        """Brackets open that only say what a part contains: 公众号400条（含视频32条）."""

    def take(self, index: int) -> None:
        """Place one figure: close what ends before it, open what begins, append it."""
        previous, item = self.items[index - 1].found, self.items[index].found
        gap = self.text[previous.end : item.start] if item.start >= previous.end else ""
        outer = self.open[0].head if self.open else None
        self._close(gap)
        if self.open and _CONTAINS.search(gap):
            self.within += 1
        if self.within or not self._counts(index):
            return
        marker = _MARKER.search(gap)
        if marker is not None or self._begins(index, gap):
            before = gap[: marker.start()] if marker is not None else ""
            resumed = outer is not None and ("；" in before or ";" in before)
            self._begin(index, outer if resumed else None, gap)
        if self.open:
            self._append(index)

    def _is_whole(self, current: Breakdown) -> bool:
        """Tell whether the parts named so far make up their total."""
        added = sum(self.items[i].found.value for i in current.parts)
        return len(current.parts) > 1 and added == self.items[current.head].found.value

    def _counts(self, index: int) -> bool:
        return self.items[index].found.unit not in _NEVER_PARTS and not self.comparisons[index]

    def _close(self, gap: str) -> None:
        if _SENTENCE_END.search(gap):
            self.done += self.open
            self.open = []
        closed = _unmatched(gap, "）)", "（(")
        of_parts = min(closed, self.within)
        self.within -= of_parts
        for _ in range(closed - of_parts):
            while self.open:
                last = self.open.pop()
                self.done.append(last)
                if last.bracketed:
                    break
        if gap.lstrip("）)").startswith(("；", ";")) and self.open and self._is_whole(self.open[0]):
            # what follows the semicolon is another matter
            self.done += self.open
            self.open = []
        if ("；" in gap or ";" in gap) and len(self.open) > 1:
            self.done += self.open[1:]
            del self.open[1:]

    def _begins(self, index: int, gap: str) -> bool:
        """Tell whether a list begins without a word for it: a colon, or a bracket of several."""
        if _OPENING.search(gap) and not _STATEMENT.search(gap):
            return True
        if gap[:1] not in {"（", "("} or index + 1 >= len(self.items):
            return False
        here, after = self.items[index].found, self.items[index + 1].found
        between = gap + self.text[here.end : after.start]
        return here.unit == after.unit and "）" not in between and ")" not in between

    def _begin(self, index: int, head: int | None, gap: str) -> None:
        if head is None:
            head = self._head(index)
        if head is None:
            return
        if self.open and head == self.open[-1].head:
            self.done.append(self.open.pop())
        elif self.open and head not in self.open[-1].parts:
            self.done += self.open
            self.open = []
        near = head == index - 1 or all(
            not self._counts(i) or i in self.listed for i in range(head + 1, index)
        )
        opened = Breakdown(head, bracketed=_unmatched(gap[::-1], "（(", "）)") > 0)
        opened.complete = near and not _LOOSE.search(gap)
        self.open.append(opened)

    def _head(self, index: int) -> int | None:
        """Return the nearest figure before with the same unit, at most two sentences back."""
        item = self.items[index]
        for back in range(index - 1, max(-1, index - FARTHEST), -1):
            candidate = self.items[back]
            if item.sentence - candidate.sentence > 2:
                return None
            if candidate.found.unit == item.found.unit and not self.comparisons[back]:
                return back
        return None

    def _append(self, index: int) -> None:
        current = self.open[-1]
        item = self.items[index]
        if item.found.unit != self.items[current.head].found.unit:
            current.complete = False
            return
        if current.parts and self._states_anew(current, index):
            self.done += self.open
            self.open = []
            return
        last = current.parts[-1] if current.parts else None
        if last is not None and self._names_without_figure(last, index):
            current.complete = False
        current.parts.append(index)
        self.listed.add(index)

    def _states_anew(self, current: Breakdown, index: int) -> bool:
        """Tell whether the clause starts a statement of its own (`…，办结12件`), not a part."""
        start = self.items[index].left
        lead = self.text[max(0, start - 1) : self.items[index].found.start]
        said = _STATEMENT.match(lead)
        first = self.items[current.parts[0]]
        opening = first.before.removeprefix("其中").lstrip("：:，,")
        if _INFLOW.match(opening) and _INFLOW.match(lead.lstrip("，,；;。、")):
            return False
        if _STATED_LAST.search(self.items[index].before) and not _STATED_LAST.search(first.before):
            return True
        return said is not None and not opening.startswith(said.group().lstrip("，,；;。"))

    def _names_without_figure(self, last: int, index: int) -> bool:
        start = self.items[last].found.end
        between = self.text[start : self.items[index].found.start]
        pieces = _SEPARATOR.split(between)[1:-1]
        return any(p and not any(c.isdigit() for c in p) for p in pieces)

    def settle(self, breakdown: Breakdown) -> None:
        """Decide at last whether the list can be added up."""
        figures = [self.items[i].found for i in (breakdown.head, *breakdown.parts)]
        open_end = any(
            _AND_SO_ON.match(self.text[self.items[i].found.end : self.items[i].found.end + 14])
            for i in breakdown.parts
        )
        loose = any(f.bound != "exact" for f in figures)
        if open_end or loose or len(breakdown.parts) < 2:
            breakdown.complete = False


def _unmatched(gap: str, closing: str, opening: str) -> int:
    """Count the closing signs that have no opening one before them."""
    depth = unmatched = 0
    for sign in gap:
        if sign in opening:
            depth += 1
        elif sign in closing:
            if depth:
                depth -= 1
            else:
                unmatched += 1
    return unmatched
