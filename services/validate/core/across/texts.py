"""Text taken over from last year or from another body."""

from typing import Final

from rapidfuzz import fuzz

from services.validate.core.across.family import Family
from services.validate.core.across.wording import Wording
from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.rulebook import Rule
from services.validate.core.verdicts import Verdict
from shared.report.document import Place
from shared.report.issue import Evidence
from shared.report.likeness import Passage
from shared.report.record import Record
from shared.report.values import value

_ZH: Final = {1: "第一部分", 5: "第五部分"}
_EN: Final = {1: "section one", 5: "section five"}
_SHOWN: Final = 120
"""Characters of an identical passage that are shown."""
_CELLS_AT_LEAST: Final = 100
"""Numbers that two tables must have in common to be compared as wholes."""


@value
class Copy:
    """A section that says what another report says: how alike, 0 to 1, and whose text it is.

    `shared` is a sentence that both have, as this and as the other report prints it.
    """

    section: int
    likeness: float
    other: Wording
    same_numbers: bool
    shared: tuple[Passage, Passage] | None


def find_copies(family: Family, own: Wording, rule: Rule) -> tuple[Copy, ...]:
    """Return for each section the reports, in the order given, whose text is nearly the same.

    `own` is the wording of the report itself.
    """
    shortest = rule.number("shortest")
    found = []
    for section in sorted(family.alike):
        if len(own.text(section)) < shortest:
            continue
        for other in family.alike[section]:
            if other.report_id == family.report_id:
                continue
            copy = _copy(own, other, section, rule)
            if copy is not None:
                found.append(copy)
    return tuple(found)


def first_copies(copies: tuple[Copy, ...]) -> tuple[Copy, ...]:
    """Return the first copy of each section: one is enough to say that a text was taken over."""
    firsts: dict[int, Copy] = {}
    for copy in copies:
        firsts.setdefault(copy.section, copy)
    return tuple(firsts.values())


def _copy(own: Wording, other: Wording, section: int, rule: Rule) -> Copy | None:
    least = rule.number("alike")
    texts = own.text(section), other.text(section)
    alike = fuzz.ratio(*texts, score_cutoff=100 * least) / 100
    if alike <= least:
        return None
    same = _same_numbers(own, other, rule.number("same_numbers"))
    shared = _shared(own.passages.get(section, ()), other.passages.get(section, ()))
    return Copy(section, alike, other, same, shared)


def _shared(
    ours: tuple[Passage, ...], theirs: tuple[Passage, ...]
) -> tuple[Passage, Passage] | None:
    """Return the longest sentence in common; where lines are broken otherwise, the nearest two."""
    by_mask = {p.masked: p for p in theirs}
    same = [p for p in ours if p.masked in by_mask]
    longest = max(same or ours, key=lambda p: len(p.masked), default=None)
    if longest is None or not theirs:
        return None
    nearest = by_mask.get(longest.masked)
    return longest, nearest or max(theirs, key=lambda p: fuzz.ratio(p.masked, longest.masked))


def judge_texts(facts: Facts, own: Wording, rule: Rule, copies: tuple[Copy, ...]) -> Verdict:
    """Return the verdict on the text as a whole: all sections taken over are one finding."""
    if copies:
        return _copied(facts, rule.id, copies)
    shortest = rule.number("shortest")
    if all(len(own.text(section)) < shortest for section in own.passages):
        return open_question(rule.id, note="the text says too little of its own")
    return passed(rule.id)


def _same_numbers(ours: Wording, theirs: Wording, least: float) -> bool:
    """Tell whether another body of the same year has the very same tables, with figures in them."""
    if ours.identity.year != theirs.identity.year or ours.identity.agency == theirs.identity.agency:
        return False
    count, figures, _ = ours.numbers
    return ours.numbers == theirs.numbers and count >= _CELLS_AT_LEAST and figures >= least


def _copied(facts: Facts, rule: str, copies: tuple[Copy, ...]) -> Verdict:
    record = facts.record
    zh = [
        f"{_ZH.get(c.section, c.section)}与{_whose(record, c)}相似度 {c.likeness:.0%}"
        for c in copies
    ]
    en = [
        f"{_EN.get(c.section, c.section)} is {c.likeness:.0%} like {_whose_en(record, c)}"
        for c in copies
    ]
    twin = next((c for c in copies if c.same_numbers), None)
    if twin is not None:
        zh.append(f"各表数字也与{_whose(record, twin)}全部相同")
        en.append(f"all numbers of the tables are those of {_whose_en(record, twin)} too")
    first = copies[0]
    return Verdict(
        rule, "", "fail",
        observed=round(first.likeness, 3),
        formula="；".join(f"{_ZH.get(c.section, c.section)} {c.likeness:.1%}" for c in copies),
        evidence=tuple(e for c in copies for e in _evidence(record, c)),
        message_zh=f"文字雷同（不计名称、地名、年份和数字）：{'；'.join(zh)}。",
        message_en=f"The text is taken over (names, places, years and figures apart): {'; '.join(en)}.",
        origin="source",
    )  # fmt: skip


def _whose(record: Record, copy: Copy) -> str:
    who = copy.other.identity
    name = "本机关" if _own_earlier(record, copy) else who.agency or copy.other.file
    return f"{name}{who.year}年报告" if who.year is not None else f"{name}报告"


def _whose_en(record: Record, copy: Copy) -> str:
    who = copy.other.identity
    year = "" if who.year is None else f" on {who.year}"
    if _own_earlier(record, copy):
        return f"the body's own report{year}"
    return f"the report of {who.agency or copy.other.file}{year}"


def _own_earlier(record: Record, copy: Copy) -> bool:
    """Tell whether it is the body's own text of another year."""
    mine, other = record.identity, copy.other.identity
    return mine.agency == other.agency and mine.year != other.year


def _evidence(record: Record, copy: Copy) -> tuple[Evidence, ...]:
    if copy.shared is None:
        return ()
    ours, theirs = copy.shared
    line = _line(record, copy.section, ours)
    return (
        Evidence(_short(ours), None, None if line is None else Place(line=line)),
        Evidence(f"{_whose(record, copy)}：{_short(theirs)}"),
    )


def _short(passage: Passage) -> str:
    text = passage.printed
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _line(record: Record, section: int, passage: Passage) -> int | None:
    """Return the source line of a sentence, None where lines are not known."""
    for part in record.sections:
        if part.number != section:
            continue
        for line, text in zip(part.lines, part.text.split("\n"), strict=False):
            if passage.printed in text:
                return line
    return None
