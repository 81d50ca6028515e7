"""Rules about the six sections: present, in order, with content, covering what they must."""

import re
from collections.abc import Iterator
from functools import cache

from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.verdicts import Verdict
from shared import forms
from shared.report.characters import fold
from shared.report.document import Place
from shared.report.issue import Evidence, Origin, Severity
from shared.report.record import Section

SIX = (1, 2, 3, 4, 5, 6)
TABLE_OF = {2: "active_disclosure", 3: "applications", 4: "review_litigation"}
_HAN = "〇一二三四五六"
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]")
_NONE = re.compile(
    r"^[（(]?(?:一)?[）)]?[、.]?(?:目前|本年度|暂)?(?:无|没有|暂无|不存在)(?:问题|其他问题)?[。.！]?$"
)
_PREAMBLE = re.compile(r"(?:根据|按照|依照|依据)[^。]{0,120}条例[^。]{0,160}[。]?")
_SELF = ("我", "本机关", "全区", "全市", "全县", "全镇", "全省", "全街道")
_LONGEST_PREAMBLE = 260
_SENTENCE = re.compile(r"[。；;！!\n]")
_SHORTEST_SENTENCE = 6
_SHORTEST_CLAUSE = 8
_PLANNED = re.compile(
    r"将|下一步|下一年|下步|今后|明年|来年|新的一年|接下来|进一步|继续|计划|打算|拟|力争|争取|准备|着力|不断|持续|切实"
    r"|加强|加大|加快|强化|完善|健全|提高|提升|推进|推动|优化|规范|深化|拓展|丰富|确保|做好|抓好|改进"
)
"""Words of what is still to be done."""
_TITLE = re.compile(r".{2,}20\d\d年政府信息公开工作年度报告")


@cache
def official_title(number: int) -> str:
    """Return the prescribed heading of a section."""
    return next(s.title for s in forms.load("2021").sections if s.number == number)


@cache
def _bare(title: str) -> str:
    return _NOT_HAN.sub("", fold(title)).lstrip(_HAN)


def judge_sections(facts: Facts) -> Iterator[Verdict]:
    """Yield missing, disordered, doubled, renamed and empty sections."""
    sections = [s for s in facts.record.sections if s.number in SIX]
    yield from _missing(facts, {s.number for s in sections if s.matched_by != "table"})
    numbers = [s.number for s in sections]
    yield from _order(facts, numbers)
    yield from _duplicates(facts, numbers)
    renamed = [s for s in sections if _bare(s.title) != _bare(official_title(s.number))
               and s.matched_by != "table"]  # fmt: skip
    yield _renamed(renamed) if renamed else passed("s_section_renamed")
    # a heading printed again and again is told by its doubling, not by a finding for each
    empty = {s.number: s for s in reversed(sections) if _is_empty(s)}
    if not empty:
        yield passed("s_section_empty")
    for section in reversed(empty.values()):
        yield _empty(facts, section)


def _missing(facts: Facts, found: set[int]) -> Iterator[Verdict]:
    """Adjacent missing sections have one cause and are one finding."""
    runs: list[list[int]] = []
    for number in SIX:
        if number in found:
            continue
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    if not runs:
        yield passed("s_section_missing")
    for run in runs:
        yield _section_missing(facts, run)


def _section_missing(facts: Facts, run: list[int]) -> Verdict:
    names = "、".join(f"{_HAN[n]}、{official_title(n)}" for n in run)
    tables = [TABLE_OF[n] for n in run if n in TABLE_OF]
    # the table is there: only its heading is gone
    table_shown = len(tables) == len(run) and all(facts.edition(t) for t in tables)
    severity: Severity | None = None
    origin: Origin = "unknown" if facts.record.damaged else "source"
    why_zh, why_en = "《条例》第五十条要求报告该项内容", "Art. 50 demands this part"
    if _lost_with_page(facts, run):
        origin = "extraction"
        severity = "warning" if table_shown else None
        why_zh, why_en = "与缺失的页面一同缺失", "it went with the missing page"
    elif table_shown:
        # recognition may have missed the heading; nobody else would leave out that line alone
        severity, origin = "warning", "extraction" if facts.recognised else "unknown"
        why_zh, why_en = "表格在，标题缺失", "the table is there, its heading is not"
    elif run[-1] == SIX[-1] and len(run) > 1:
        # the agency may have left them out, or the file may end too early
        origin = "unknown"
        why_zh, why_en = "报告未写或文件不完整", "left out, or the file is incomplete"
    return Verdict(
        "s_section_missing", ",".join(str(n) for n in run), "fail",
        expected=names, evidence=(Evidence(names),),
        message_zh=f"缺少章节：{names}（{why_zh}）。",
        message_en=f"Missing section{'s' if len(run) > 1 else ''} {', '.join(str(n) for n in run)}: {why_en}.",
        severity=severity, origin=origin,
    )  # fmt: skip


def _lost_with_page(facts: Facts, run: list[int]) -> bool:
    """Tell whether cells of the section's own or of a neighbouring table went too."""
    if not facts.page_lost:
        return False
    if run[-1] == SIX[-1] and any(
        o.rule == "e_page_lost" and not o.addresses for o in facts.record.observations
    ):
        return True
    near = {TABLE_OF.get(n) for n in range(run[0] - 1, run[-1] + 2)} - {None}
    lost = {c.address.partition(".")[0] for c in facts.states.get("absent", ())}
    return bool(near & lost) or any(t is not None and facts.edition(t) is None for t in near)


def _order(facts: Facts, numbers: list[int]) -> Iterator[Verdict]:
    rule = "s_section_order"
    first_seen = list(dict.fromkeys(numbers))
    if first_seen == sorted(first_seen):
        yield passed(rule)
        return
    order = "、".join(_HAN[n] for n in first_seen)
    yield Verdict(
        rule, "", "fail", expected="".join(_HAN[n] for n in sorted(first_seen)), observed=order,
        message_zh=f"章节顺序为 {order}，应为一至六。",
        message_en=f"The sections stand in the order {first_seen}, not one to six.",
        origin="unknown" if facts.record.damaged else "source",
    )  # fmt: skip


def _duplicates(facts: Facts, numbers: list[int]) -> Iterator[Verdict]:
    rule = "s_section_duplicate"
    twice = [n for n in SIX if numbers.count(n) > 1]
    if not twice:
        yield passed(rule)
        return
    names = "、".join(official_title(n) for n in twice)
    yield Verdict(
        rule, ",".join(str(n) for n in twice), "fail", observed=names,
        message_zh=f"章节重复出现：{names}。",
        message_en=f"Sections appear more than once: {', '.join(str(n) for n in twice)}.",
        origin="unknown" if facts.record.damaged else "source",
    )  # fmt: skip


def _renamed(sections: list[Section]) -> Verdict:
    pairs = [(s.title, official_title(s.number)) for s in sections]
    return Verdict(
        "s_section_renamed", "", "fail",
        evidence=tuple(Evidence(s.heading_raw, None, Place(line=s.line)) for s in sections),
        message_zh="章节标题与规定格式不同：" + "；".join(f"“{a}”应为“{b}”" for a, b in pairs) + "。",
        message_en="Headings differ from the prescribed form: " + "; ".join(f"{a} for {b}" for a, b in pairs) + ".",
    )  # fmt: skip


def _is_empty(section: Section) -> bool:
    if section.text.strip():
        return section.number == 1 and _only_preamble(section.text)
    return section.number not in TABLE_OF


def _only_preamble(text: str) -> bool:
    if len(text) > _LONGEST_PREAMBLE:
        return False
    rest = _PREAMBLE.sub("", text.strip(), count=1)
    rest = re.sub(
        r"(?:现|特)[^。]{0,80}(?:如下|公布|公开)[^。]{0,40}[。：:]?|本报告[^。]{0,200}。", "", rest
    )
    return rest != text.strip() and len(rest.strip()) < 20


def _empty(facts: Facts, section: Section) -> Verdict:
    title = official_title(section.number)
    only = bool(section.text.strip())
    what_zh = "只有法律依据的套话" if only else "只有标题，没有内容"
    what_en = "holds only the legal preamble" if only else "has a heading and no content"
    return Verdict(
        "s_section_empty", str(section.number), "fail",
        evidence=(Evidence(section.heading_raw, None, Place(line=section.line)),),
        message_zh=f"“{title}”{what_zh}。",
        message_en=f"Section {section.number} {what_en}.",
        origin="extraction" if facts.page_lost or facts.record.damaged else "source",
    )  # fmt: skip


def judge_contents(facts: Facts) -> Iterator[Verdict]:
    """Yield what sections one and five do not say."""
    yield from _problems(facts)
    text = facts.section_text(1)
    if text is None or not text.strip():
        yield open_question("s_topic_missing")
        yield open_question("l_generic_text")
        return
    topics = facts.rule("s_topic_missing").parameters
    missing = [
        t
        for t, words in topics.items()
        if isinstance(words, list) and not any(w in text for w in words)
    ]
    if missing:
        names = "、".join(missing)
        yield Verdict(
            "s_topic_missing", "", "fail", expected="、".join(topics), observed=names,
            message_zh=f"总体情况没有写到：{names}。",
            message_en=f"Section one says nothing about: {names}.",
        )  # fmt: skip
    else:
        yield passed("s_topic_missing")
    yield _generic(facts, text)
    limit = facts.rule("s_length").number("most_characters")
    if len(text) > limit:
        yield Verdict(
            "s_length", "", "fail", expected=int(limit), observed=len(text), difference=len(text) - int(limit),
            message_zh=f"总体情况有 {len(text)} 字，超过 {int(limit)} 字。",
            message_en=f"Section one has {len(text)} characters, more than {int(limit)}.",
        )  # fmt: skip
    else:
        yield passed("s_length")


def _problems(facts: Facts) -> Iterator[Verdict]:
    rule = "s_problems_not_stated"
    text = facts.section_text(5)
    if text is None or not text.strip():
        yield open_question(rule)
        return
    none = _NONE.match(text.strip()) is not None
    if not none and any(w in text for w in facts.rule(rule).words("signs")):
        yield passed(rule)
        return
    if not none and not _plans_only(text):
        yield open_question(rule, note="the section says more than plans, in words of its own")
        return
    yield Verdict(
        rule, "", "fail", evidence=(Evidence(text.strip()[:60]),),
        message_zh="第五部分只写“无”，没有说明存在的问题。" if none else "第五部分只有工作打算，没有说明存在的问题。",
        message_en="Section five says only “none”." if none else "Section five holds plans only and states no problem.",
        severity="warning" if none else "info",
    )  # fmt: skip


def _plans_only(text: str) -> bool:
    """Tell whether every sentence announces something; what is told as it is may be a problem."""
    sentences = [s for s in _SENTENCE.split(text) if len(_NOT_HAN.sub("", s)) >= _SHORTEST_SENTENCE]
    return all(_is_planned(s) for s in sentences)


def _is_planned(sentence: str) -> bool:
    planned = _PLANNED.search(sentence)
    if planned is None:
        return False
    told, comma, _ = sentence[: planned.start()].rpartition("，")
    return not comma or len(_NOT_HAN.sub("", told)) < _SHORTEST_CLAUSE


def _generic(facts: Facts, text: str) -> Verdict:
    rule = "l_generic_text"
    who = facts.record.identity
    region = who.region
    places = (region.township, region.county, region.city, region.province)
    names = [n for n in (who.agency_as_printed, *places) if n]
    names += [n[:-1] for n in places if n and len(n) > 2]
    short = len(text) < facts.rule(rule).number("least_characters")
    if short or re.search(r"\d", text) or any(n in text for n in (*names, *_SELF)):
        return passed(rule)
    return Verdict(
        rule, "", "fail", evidence=(Evidence(text[:60]),),
        message_zh="总体情况没有机关、地名、年份和任何数字，疑为通用模板文字。",
        message_en="Section one names no body, place, year or figure; it may be template text.",
    )  # fmt: skip


def judge_title(facts: Facts) -> Iterator[Verdict]:
    """Yield titles that depart from ⟨agency⟩⟨year⟩年政府信息公开工作年度报告."""
    rule = "s_title_form"
    who = facts.record.identity
    title = who.title
    if title is None:
        yield open_question(rule)
    elif "关于" not in title and _TITLE.fullmatch(fold(title)):
        yield passed(rule)
    else:
        yield Verdict(
            rule, "", "fail", expected="〔机关〕〔年〕年政府信息公开工作年度报告", observed=title,
            evidence=(Evidence(who.title_raw or title, None, Place(line=who.title_line)),),
            message_zh=f"标题“{title}”与通行格式“〔机关〕〔年〕年政府信息公开工作年度报告”不同。",
            message_en=f"The title {title} departs from the customary form.",
        )  # fmt: skip
