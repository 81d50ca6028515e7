"""Find the title of a report and take it apart, however it is broken over lines."""

import re
from dataclasses import dataclass

from services.extract.core.who.agency import parse_agency
from services.extract.core.who.dates import YEAR, find_date, squeeze, year_of
from services.extract.core.who.wording import HAN, is_body
from shared.report.document import Paragraph

_TAIL = re.compile(
    r"(?P<topic>政府信息公开|政务信息公开|政府政务公开|政务公开|府信息公开|信息公开)"
    r"(?:工作)?(?:情况)?的?(?:[（(]?(?P<year>" + YEAR + r")年?度?[）)]?)?的?(?:工作)?(?:情况)?的?"
    r"(?P<report>年度工作情况报告|年度工作报告|年度报告|年报(?!表)|工作报告|报告|总结报告|年度总结)"
)
_NOTE = re.compile(
    r"(?:[（(【\[](?P<note>[^（）()【】\[\]]{0,16})[）)】\]]|\.(?:docx?|pdf|html?|txt|wps)|[-_—|－]{1,2}[^。；]{0,40})?$"
)
_HEAD_YEAR = re.compile(rf"[（(]?(?P<year>{YEAR})(?:年度|年)?[）)]?")
_ONLY_YEAR = re.compile(rf"[（(]?(?P<year>{YEAR})年?度?[）)]?$")
_ABOUT = re.compile(r"^关于|关于$|的$|^的|关于的?$")
_EDGE = "，,：:·-—_《》<>“”\"'|、.。 "
_VERB = re.compile(
    r"做好|编制|编写|报送|上报|印发|发布|公布了?|填报|举办|召开|征求|提交|部署|下发|转发|通知|检查|抽查|评估|解读|学习"
)
_SENTENCE = re.compile(r"[。；！？;!?]|,.*,|，.*，")
_BOOKMARK = re.compile(r"\[bookmark:[^\]]*\]")
_WORDS = {"government": "政府", "information": "信息", "open": "公开", "work": "工作",
          "annual": "年度", "report": "报告"}  # fmt: skip
_MISREAD = re.compile(
    "(?P<government>攻府|政俯|攻俯|政腐)|(?P<information>倍息|信恳|倍恳|佶息|信意)|(?P<open>公升|公井|公幵|八开|厶开)"
    "|(?P<work>工怍|工件|二作)|(?P<annual>年庋|年渡|午度|牛度|年废)|(?P<report>报吿|拫告|报舌|报苦)"
)
"""The fixed words of a title as recognition of scans spells them."""
_LONGEST_TITLE = 110
_LONGEST_RUN = 4
_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Title:
    """A title: cleaned and raw text, the paragraphs it covers, the parts it gives."""

    text: str
    raw: str
    line: int | None
    start: int
    end: int
    agency: str | None
    year: int | None
    year_text: str | None
    topic: str
    split: bool = False


def clean(text: str) -> str:
    """Return a title line without markup and blanks."""
    if "[bookmark:" in text:
        text = _BOOKMARK.sub("", text)
    text = squeeze(text).lstrip("#>*-").rstrip("*#").replace("**", "")
    return _MISREAD.sub(lambda found: _WORDS[str(found.lastgroup)], text)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a string says as a title, and from where to where in it the title reaches."""

    agency: str | None
    year: int | None
    year_text: str | None
    topic: str
    start: int
    end: int


def read_parts(text: str) -> Parts | None:
    """Take a squeezed string apart as a title; None when it is none."""
    tails = list(_TAIL.finditer(text))
    tail = tails[-1] if tails else None
    note = _NOTE.match(text, tail.end()) if tail else None
    if tail is None or note is None:
        return None
    crumbs, _, head = text[: tail.start()].rpartition(">")
    if _VERB.search(head) or _SENTENCE.search(head):
        return None
    found = _HEAD_YEAR.search(head)
    if found:
        head = head[: found.start()] + head[found.end() :]
    year_text = found["year"] if found else tail["year"]
    if year_text is None and note["note"] and (noted := re.search(YEAR, note["note"])):
        year_text = noted[0]
    agency = _agency_of(head, tail["topic"])
    return Parts(
        agency, year_of(year_text) if year_text else None, year_text, tail["topic"],
        len(crumbs) + 1 if crumbs else 0, note.end() if note["note"] else tail.end(),
    )  # fmt: skip


def _agency_of(head: str, topic: str) -> str | None:
    name = head.strip(_EDGE)
    while (shorter := _ABOUT.sub("", name).strip(_EDGE)) != name:
        name = shorter
    if name.endswith("人民") and topic.startswith("政府"):
        name += "政府"
    name = re.sub(r"(?:年度|本级)$", "", name)
    return name if re.search(rf"[{HAN}]{{2}}", name) else None


def _is_title_line(text: str) -> bool:
    return bool(text) and len(text) <= _LONGEST_TITLE and not _SENTENCE.search(text)


def _run(texts: list[str], start: int) -> tuple[int, Parts] | None:
    """Return the shortest run of lines from `start` that together read as a title."""
    joined = ""
    for end in range(start, min(start + _LONGEST_RUN, len(texts))):
        if not _is_title_line(texts[end]):
            return None
        joined += texts[end]
        if "公开" in joined and len(joined) <= _LONGEST_TITLE and (parts := read_parts(joined)):
            return end + 1, parts
    return None


def find_title(paragraphs: list[Paragraph], stop: int) -> Title | None:
    """Return the best title before paragraph `stop` (the first section heading)."""
    first = paragraphs[: min(_LOOKED_AT, max(stop, 1))]
    texts = [clean(p.text) if len(p.text) <= 2 * _LONGEST_TITLE else "" for p in first]
    best: tuple[int, Title] | None = None
    for start, text in enumerate(texts):
        if not text or (best and best[1].start <= start < best[1].end):
            continue
        found = _run(texts, start)
        if found is None or any(_run(texts, later) for later in range(start + 1, found[0])):
            continue
        title = _extended(paragraphs, texts, start, *found)
        rank = 2 * (title.agency is not None) + (title.year is not None) + ("政府" in title.topic)
        if best is None or rank > best[0]:
            best = (rank, title)
    return best[1] if best else _glued(paragraphs, texts)


def _extended(
    paragraphs: list[Paragraph], texts: list[str], start: int, end: int, parts: Parts
) -> Title:
    """Take in lines above that hold the agency or the year the title lacks."""
    split = end - start > 1 or "\n" in (paragraphs[start].raw or "").strip("\n")
    while start > 0 and (parts.agency is None or parts.year is None):
        more = read_parts("".join(texts[start - 1 : end])) if _is_above(texts[start - 1]) else None
        if more is None or (more.agency, more.year) == (parts.agency, parts.year):
            break
        if more.agency != parts.agency and not (parts.agency is None and _is_owner(more.agency)):
            break
        split = split or more.topic != parts.topic or not _is_owner_line(texts[start - 1])
        start, parts = start - 1, more
    text = "".join(texts[start:end])[parts.start : parts.end]
    raws = [(p.raw or p.text).strip() for p in paragraphs[start:end]]
    year, year_text = parts.year, parts.year_text
    if year is None and end < len(texts) and (below := _ONLY_YEAR.match(texts[end])):
        year, year_text = year_of(below["year"]), below["year"]
    return Title(text, "\n".join(raws), paragraphs[start].line, start, end, parts.agency,
                 year, year_text, parts.topic, split)  # fmt: skip


def _is_above(text: str) -> bool:
    return 0 < len(text) <= 40 and not _SENTENCE.search(text) and not find_date(text)


def _is_owner(name: str | None) -> bool:
    if name is None:
        return False
    parsed = parse_agency(name)
    return is_body(name) or bool(parsed.codes and not parsed.core) or bool(parsed.township)


def _is_owner_line(text: str) -> bool:
    """Tell whether a line is the name of an authority or a year and nothing else."""
    name = _HEAD_YEAR.sub("", text).strip(_EDGE)
    return not name or _is_owner(name)


def _glued(paragraphs: list[Paragraph], texts: list[str]) -> Title | None:
    """Read a title that is glued to the paragraph after it."""
    for i in range(min(5, len(texts))):
        text = clean(paragraphs[i].text[: 2 * _LONGEST_TITLE])
        tail = _TAIL.search(text)
        if tail is None or tail.start() > _LONGEST_TITLE or tail["report"] == "报告":
            continue
        parts = read_parts(text[: tail.end()])
        if (
            parts
            and parts.agency
            and parts.year
            and text[tail.end() : tail.end() + 1] not in "的，,、》"
        ):
            raw = text[: tail.end()]
            return Title(raw, raw, paragraphs[i].line, i, i, parts.agency, parts.year,
                         parts.year_text, parts.topic)  # fmt: skip
    return None
