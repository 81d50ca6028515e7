"""Rules that ask whether the report states something at all, or something that it must not."""

from collections.abc import Iterable, Iterator

from services.validate.core.comparing import UNKNOWN_BODY, concerned
from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.kinds import Present
from services.validate.core.rule import Rule
from services.validate.core.verdicts import Verdict
from shared.report.document import Place
from shared.report.issue import Evidence, Origin

_AROUND = 20
"""Characters shown on both sides of a word that was found."""


def judge_presence(facts: Facts, rules: Iterable[Rule]) -> Iterator[Verdict]:
    """Yield the verdicts of `present` rules."""
    for rule in rules:
        told = rule.compiled
        assert isinstance(told, Present)
        meant = concerned(facts, told)
        if meant is None:
            yield open_question(rule.id, note=UNKNOWN_BODY)
        elif meant and told.field is not None:
            there = getattr(facts.record.identity, told.field) is not None
            yield passed(rule.id) if there else _missing(facts, rule, told)
        elif meant:
            yield _in_text(facts, rule, told)


def _in_text(facts: Facts, rule: Rule, told: Present) -> Verdict:
    paragraphs = list(_paragraphs(facts, told.section))
    if not paragraphs and told.section is not None:
        # a section that is not there is a finding of its own
        return open_question(rule.id, note="the section is missing")
    if told.words:
        found = _found(paragraphs, told.words)
        if told.absent:
            return passed(rule.id) if found is None else _named(facts, rule, *found)
        there = found is not None
    else:
        there = any(_bare(text) for text, _ in paragraphs)
    if there:
        return passed(rule.id)
    if facts.page_lost and not told.may_go_with_page:
        return open_question(rule.id, note="a page is lost")
    return _missing(facts, rule, told)


def _paragraphs(facts: Facts, section: int | None) -> Iterator[tuple[str, int | None]]:
    """Yield the paragraphs searched, each with its line."""
    if section is None:
        yield facts.record.preamble, None
    for part in facts.record.sections:
        if section is not None and part.number != section:
            continue
        texts = part.text.split("\n")
        whole = len(part.lines) == len(texts)
        for number, text in enumerate(texts):
            yield text, part.lines[number] if whole else part.line


def _found(
    paragraphs: Iterable[tuple[str, int | None]], words: tuple[str, ...]
) -> tuple[str, str, int | None] | None:
    """Return the first of the words, the text around it and its line."""
    wanted = [(w, _bare(w)) for w in words]
    for text, line in paragraphs:
        bare = _bare(text)
        for word, folded in wanted:
            at = bare.find(folded)
            if at >= 0:
                return word, bare[max(0, at - _AROUND) : at + len(folded) + _AROUND], line
    return None


def _bare(text: str) -> str:
    """Return the text without spaces and capitals: layout must not decide."""
    return "".join(text.split()).casefold()


def _named(facts: Facts, rule: Rule, word: str, around: str, line: int | None) -> Verdict:
    return Verdict(
        rule.id, "", "fail", observed=word,
        evidence=(Evidence(around, None, Place(line=line) if line else None),),
        message_zh=f"{rule.says_zh}；文中有“{word}”：“{around}”。",
        message_en=f"{rule.says_en}; the text has “{word}”: “{around}”.",
        origin="unknown" if _unsure(facts) else None,
    )  # fmt: skip


def _missing(facts: Facts, rule: Rule, told: Present) -> Verdict:
    origin: Origin | None = None
    if told.may_go_with_page and facts.page_lost:
        origin = "unknown"
    if told.field is None and _unsure(facts):
        origin = "unknown"
    return Verdict(
        rule.id, "", "fail",
        message_zh=f"{rule.says_zh}。", message_en=f"{rule.says_en}.", origin=origin,
    )  # fmt: skip


def _unsure(facts: Facts) -> bool:
    """Tell whether the words themselves may have been misread."""
    return facts.record.damaged or facts.recognised
