"""Read the counted figures and the statements of the running text."""

import re
from typing import Final

from services.extract.core.narrative.claims import claims
from services.extract.core.narrative.clauses import Clause, clauses
from services.extract.core.narrative.context import (
    Subject,
    is_comparison,
    is_part_of_year,
    subject,
)
from services.extract.core.narrative.keys import Setting, key_of
from services.extract.core.narrative.labels import label_of
from services.extract.core.narrative.lists import breakdowns
from services.extract.core.narrative.scan import scan
from services.extract.core.narrative.text import Passage, passages
from shared.report.record import Claim, NarrativeFigure, Section

CONTEXT: Final = 200
"""How many characters before a figure may say what it is about."""
MOST: Final = 2000
"""More figures than any report states; what comes after them is not text and is left unread."""
_HEADING_LENGTH: Final = 24
_RUN_IN: Final = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十\d]{1,2}[）)]|[一二三四五六七八九十\d]{1,2}[、.．])\s*(?P<heading>[^，,。；;：:]{2,16})[。：:]"
)


def read_figures(
    sections: tuple[Section, ...], year: int | None
) -> tuple[tuple[NarrativeFigure, ...], tuple[Claim, ...]]:
    """Return the figures and the statements of the text, both in reading order.

    A section numbered 0 is the preamble. `year` is the fiscal year: figures of another one are
    marked as comparisons.
    """
    figures: list[NarrativeFigure] = []
    stated: list[Claim] = []
    heading = ""
    lists = sentences = 0
    for passage in passages(sections):
        found = scan(passage.text, MOST - len(figures))
        if found:
            items = clauses(passage, found)
            reading = _Reading(passage, items, year, heading)
            figures += reading.figures(lists, sentences)
            lists += len(reading.lists)
            sentences += len(passage.sentences)
        stated += claims(passage, year, heading)
        heading = passage.text if len(passage.text) <= _HEADING_LENGTH else ""
    return tuple(figures), tuple(stated)


class _Reading:
    """The figures of one paragraph with what the paragraph says about them."""

    def __init__(
        self, passage: Passage, items: list[Clause], year: int | None, heading: str
    ) -> None:
        self.passage = passage
        self.items = items
        self.heading = heading
        self.sentences = [self._sentence(item) for item in items]
        self.comparisons = [
            is_comparison(s, i.before, year, passage.section)
            for s, i in zip(self.sentences, items, strict=True)
        ]
        self.lists = breakdowns(passage.text, items, self.comparisons)

    def figures(self, first_list: int, first_sentence: int) -> list[NarrativeFigure]:
        """Return the figures in order; numbers of lists and sentences go on from those given."""
        part_of = {i: n for n, b in enumerate(self.lists) for i in b.parts}
        heads: dict[int, list[int]] = {}
        for number, breakdown in enumerate(self.lists):
            heads.setdefault(breakdown.head, []).append(number)
        made: list[NarrativeFigure] = []
        for index, item in enumerate(self.items):
            group = part_of.get(index)
            own = heads.get(index, [])
            role, rest = ("part", own) if group is not None else ("whole", own[1:])
            if group is None:
                group = own[0] if own else None
            head = self._head(made, group) if role == "part" else None
            made.append(NarrativeFigure(
                label=self._label(made, item, part=role == "part"),
                value=item.found.value,
                unit=item.found.unit,
                text=self.passage.printed(item.left, item.right),
                section=self.passage.section,
                key=self._key(made, index, role == "part", head),
                line=self.passage.line(item.found.start),
                bound=item.found.bound,
                subject=self._subject(index),
                comparison=self.comparisons[index],
                group=None if group is None else first_list + group,
                role=None if group is None else ("part" if role == "part" else "whole"),
                complete=True if group is None else self.lists[group].complete,
                raw=item.found.raw,
                heads=tuple(first_list + n for n in rest),
                sentence=first_sentence + item.sentence,
            ))  # fmt: skip
        return made

    def _head(self, made: list[NarrativeFigure], group: int | None) -> str | None:
        return None if group is None else made[self.lists[group].head].key

    def _sentence(self, item: Clause) -> str:
        start = self.passage.sentences[item.sentence]
        return self.passage.text[max(start, item.found.start - CONTEXT) : item.found.start]

    def _subject(self, index: int) -> Subject:
        item, sentence = self.items[index], self.sentences[index]
        return subject(sentence, len(sentence) - (item.found.start - item.left))

    def _key(
        self, made: list[NarrativeFigure], index: int, part: bool, head: str | None
    ) -> str | None:
        item = self.items[index]
        if self.comparisons[index] or is_part_of_year(
            item.lead + item.before, self.sentences[index]
        ):
            return None
        before = made[-1] if made and self.items[index - 1].sentence == item.sentence else None
        context = self.passage.text[max(0, item.left - CONTEXT) : item.left]
        if item.left > CONTEXT:
            context = self._opening() + context
        return key_of(item.words, item.found.unit, Setting(
            sentence=self.heading + context,
            section=self.passage.section,
            part=part,
            head=head,
            previous=before.key if before is not None else None,
            following=self.passage.text[item.right : item.right + 20],
        ))  # fmt: skip

    def _opening(self) -> str:
        """Return the heading that a paragraph begins with (（二）依申请公开方面。…): it holds for all of it."""
        found = _RUN_IN.match(self.passage.text)
        return "" if found is None else f"{found['heading']}："

    def _label(self, made: list[NarrativeFigure], item: Clause, *, part: bool) -> str:
        previous = made[-1].label if made else None
        return label_of(item.before, item.after, item.lead, part=part, previous=previous)
