"""Give every figure of a paragraph the clause it stands in: what is before it and after it."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Final

from services.extract.core.narrative.scan import Found
from services.extract.core.narrative.text import Passage

_MARKS: Final = re.compile(r"[，,；;：:。！？!?()（）]")
_JOINTS: Final = "和及与并且或"
_UNFINISHED: Final = re.compile(r"[在给对向为就由][^的了，,]*$")
_ONLY_FILLING: Final = re.compile(
    r"^(?:其中|共计?|总计|合计|累计|全年|总数|数量|[为是有达约近超]|一共|分别|已|均|了|的)*$"
)
_SHARED: Final = re.compile(r"(?:均|都|各|皆)(?:为|是|有|计)?$")
_AND: Final = re.compile(r"[、和及与]|以及|或者")
REACH: Final = 80
"""How many characters of a clause are looked at on either side of its number."""


@dataclass(slots=True)
class Clause:
    """A figure with the words around it. `lead` is the clause before when its own has no words."""

    found: Found
    left: int
    right: int
    sentence: int
    before: str
    after: str
    lead: str = ""

    @property
    def words(self) -> str:
        """The clause with `#` in place of the number, led by the clause it leans on."""
        return f"{self.lead}{self.before}#{self.found.unit or ''}{self.after}"


def clauses(passage: Passage, found: list[Found]) -> list[Clause]:
    """Return the clause of every figure, in order; figures that share a subject come twice."""
    text = passage.text
    marks = _boundaries(text, found)
    result: list[Clause] = []
    for index, figure in enumerate(found):
        left = _left(text, marks, found, index)
        right = _right(text, marks, found, index)
        clause = Clause(figure, left, right, passage.sentence(figure.start),
                        text[max(left, figure.start - REACH) : figure.start],
                        text[figure.end : min(right, figure.end + REACH)])  # fmt: skip
        _lean(clause, text, marks, found, passage)
        result.extend(_shared_out(clause) or [clause])
    return result


def _boundaries(text: str, found: list[Found]) -> list[int]:
    """Offsets of the marks that end a clause; brackets do so only when they hold a figure."""
    starts = [f.start for f in found]
    marks: list[int] = []
    opened: list[int] = []
    for match in _MARKS.finditer(text):
        at, sign = match.start(), match.group()
        inside = bisect_right(starts, at) - 1
        if inside >= 0 and at < found[inside].end:
            continue
        if sign in "(（":
            opened.append(len(marks))
        elif sign in ")）" and opened:
            first = opened.pop()
            if bisect_left(starts, marks[first]) == bisect_left(starts, at):
                del marks[first:]
                continue
        marks.append(at)
    return marks


def _left(text: str, marks: list[int], found: list[Found], index: int) -> int:
    position = bisect_left(marks, found[index].start)
    left = marks[position - 1] + 1 if position else 0
    if index and found[index - 1].end > left:
        left = _joint(text, found[index - 1].end, found[index].start)[1]
    return left


def _right(text: str, marks: list[int], found: list[Found], index: int) -> int:
    position = bisect_left(marks, found[index].end)
    right = marks[position] if position < len(marks) else len(text)
    if index + 1 < len(found) and found[index + 1].start < right:
        right = _joint(text, found[index].end, found[index + 1].start)[0]
    return right


def _joint(text: str, start: int, end: int) -> tuple[int, int]:
    """Where one list item ends and the next begins, between two figures without a comma."""
    comma = text.find("、", start, end)
    if comma >= 0:
        return comma, comma + 1
    if start < end and text[start] in _JOINTS:
        return start, start + 1
    return start, start


def _lean(
    clause: Clause, text: str, marks: list[int], found: list[Found], passage: Passage
) -> None:
    """Complete a clause cut inside a phrase, or that has no words of its own (`…申请，共3件`)."""
    position = bisect_left(marks, clause.right)
    if clause.after and _UNFINISHED.search(clause.after) and clause.right < len(text):
        end = marks[position + 1] if position + 1 < len(marks) else len(text)
        later = text[clause.right + 1 : end]
        if (
            text[clause.right] in "，,"
            and "的" in later[:20]
            and len(later) <= 24
            and not any(clause.right < f.start < end for f in found)
        ):
            clause.right = end
            clause.after = text[clause.found.end : min(end, clause.found.end + REACH)]
    if not clause.after and _ONLY_FILLING.match(clause.before):
        index = bisect_left(marks, clause.left - 1)
        start = marks[index - 1] + 1 if index > 0 else 0
        start = max(start, passage.sentences[clause.sentence])
        if start < clause.left and not any(start <= f.start < clause.left for f in found):
            end = max(start, clause.left - 1)
            clause.lead = text[max(start, end - REACH) : end]


def _shared_out(clause: Clause) -> list[Clause] | None:
    """Return one clause per subject of `行政复议案和行政诉讼案均为0件`."""
    shared = _SHARED.search(clause.before)
    if shared is None:
        return None
    subject = clause.before[: shared.start()]
    subject = subject[subject.rfind("的") + 1 :]
    names = [n for n in _AND.split(subject) if n]
    if len(names) < 2 or any(len(n) > 14 for n in names):
        return None
    left = clause.found.start - len(subject) - (shared.end() - shared.start())
    return [
        Clause(clause.found, left, clause.right, clause.sentence, name, clause.after, clause.lead)
        for name in names
    ]
