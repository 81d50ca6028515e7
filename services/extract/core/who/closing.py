"""Read what stands around the text: signature, dates of publication, contact, period."""

import re
from dataclasses import dataclass
from itertools import islice

from services.extract.core.who.dates import PrintedDate, find_date, squeeze
from services.extract.core.who.title import clean
from services.extract.core.who.wording import HAN, is_body
from shared.report.document import Document, Paragraph, Table
from shared.report.record import Contact, Period

_SENTENCE = re.compile(r"[。；！？;,，:：]")
_CLOSING = re.compile(
    r"^[（(]?(?:联系人|联系电话|联系方式|联系地址|公开方式|公开属性|附件|主办|承办|备案|责任编辑)[:：]"
    r"|^-\s*\d+\s*-$|^(?:打印|关闭|分享到|扫一扫|上一篇|下一篇)"
)
_DATE_SIGN = re.compile("[日号曰月./年-]")
_DATE_TAIL = re.compile(
    r"^(?:\d{1,2}:\d{2}(?::\d{2})?|[（(]?印发|[（(](?:公章|盖章|印章)[）)]|[）)])*$"
)
_LABEL = re.compile(
    r"(成文日期|发文日期|印发日期|成文时间|发文时间|发布日期|发布时间|公开日期|公开时间|公布日期|生成日期|信息时间|更新时间|日期|时间)"
    r"[】\])]?[:：]?"
)
_RANK = ("成文", "发文", "印发", "发布", "公开", "公布", "信息", "日期", "时间", "生成", "更新")
_OWNER = re.compile(
    r"(发布机构|发文机关|发布单位|公开机构|责任单位|信息来源|制发机关|发布机关)[】\]]?[:：]"
)
_NEXT_LABEL = re.compile("索引|文号|发布|成文|时间|日期|主题|名称")
_LONGEST_CLOSING = 64
_NEAR = 5
"""Lines between a title and the date printed under it, page furniture (来源, 字号) included."""
_CLOSING_LINES = 14
_MOST_SPANS = 40


@dataclass(frozen=True, slots=True)
class Signature:
    """The closing lines: name and date, and the indexes of the paragraphs they stand in."""

    name: str | None = None
    name_line: int | None = None
    date: PrintedDate | None = None
    date_line: int | None = None
    paragraphs: tuple[int, ...] = ()


def is_dated(text: str) -> bool:
    """Tell whether a squeezed line is nothing but a date with perhaps a name before it."""
    return _own_date(text) is not None


def _own_date(text: str) -> PrintedDate | None:
    """Return the date when a line is nothing but a date with perhaps a name before it."""
    if len(text) > _LONGEST_CLOSING or not _DATE_SIGN.search(text):
        return None
    found = find_date(text)
    if found is None or not _DATE_TAIL.match(text[found.end :]):
        return None
    before = text[: found.start].rstrip("（(")
    return None if _SENTENCE.search(before) or re.search("[0-9]", before) else found


def _name_in(text: str) -> str | None:
    name = re.sub(r"[（(](?:公章|盖章|印章|章)[）)]$", "", text).strip("#*- ")
    if (
        not 3 <= len(name) <= 40
        or _SENTENCE.search(name)
        or not re.fullmatch(rf"[{HAN}（）()、·]+", name)
    ):
        return None
    return name if is_body(name) else None


def is_closing(text: str) -> bool:
    """Tell whether a paragraph is a line of contact data or page furniture, no running text."""
    return len(text) <= 120 and bool(_CLOSING.match(squeeze(text)))


def find_signature(paragraphs: list[Paragraph], after: int) -> Signature:
    """Return the signature among the last paragraphs, none of them before index `after`."""
    first = max(after, len(paragraphs) - _CLOSING_LINES)
    for i in range(len(paragraphs) - 1, first - 1, -1):
        text = squeeze(paragraphs[i].text[: 4 * _LONGEST_CLOSING])
        if found := _own_date(text):
            return _signed(paragraphs, i, first, text, found)
        name = _name_in(clean(text)) if i >= len(paragraphs) - 4 else None
        if name and not re.match(r"[（(]?[一二三四五六七八九十\d]+[、.）)]", text):
            return Signature(name, paragraphs[i].line, paragraphs=(i,))
    return Signature()


def _signed(
    paragraphs: list[Paragraph], i: int, first: int, text: str, found: PrintedDate
) -> Signature:
    before = text[: found.start].strip("（( ")
    if before:
        name = _name_in(before)
        return Signature(
            name, paragraphs[i].line if name else None, found, paragraphs[i].line, (i,)
        )
    above = squeeze(paragraphs[i - 1].text) if i - 1 >= first else ""
    name = _name_in(clean(above))
    if name is None:
        return Signature(None, None, found, paragraphs[i].line, (i,))
    return Signature(name, paragraphs[i - 1].line, found, paragraphs[i].line, (i - 1, i))


@dataclass(frozen=True, slots=True)
class Header:
    """What the page header states: the best labelled date, a date line under the title, owners."""

    labelled: PrintedDate | None
    labelled_line: int | None
    plain: PrintedDate | None
    plain_line: int | None
    owners: tuple[str, ...]


Lines = list[tuple[str, int | None]]


def _header_lines(document: Document, stop: int, paragraphs: list[Paragraph]) -> Lines:
    """Return the furniture, the paragraphs before `stop` and the first rows of a metadata table."""
    lines = [(squeeze(p.text[:300]), p.line) for p in (*document.furniture, *paragraphs[:stop])]
    first = next((b for b in document.blocks if isinstance(b, Table)), None)
    rows = first.rows[:12] if first else ()
    return lines + [(squeeze("：".join(c.text for c in r.cells if c.text)), r.line) for r in rows]


def _are_near(line: int | None, other: int | None) -> bool:
    return line is not None and other is not None and abs(line - other) <= _NEAR


def _plain_date(
    lines: Lines, aside: int, title_line: int | None
) -> tuple[PrintedDate, int | None] | None:
    """Return the first date that no label introduces; the first `aside` lines are furniture.

    A page's furniture dates other things as well (a list of news beside the article): there only
    a line counts that is nothing but a date and stands near the title.
    """
    for i, (text, line) in enumerate(lines):
        found = _own_date(text)
        if found is None:
            continue
        before = text[: found.start].strip("（( ")
        if before and (i < aside or not is_body(before)):
            continue
        if i >= aside or _are_near(line, title_line):
            return found, line
    return None


def read_header(
    document: Document, paragraphs: list[Paragraph], stop: int, title_line: int | None = None
) -> Header:
    """Read the lines set aside and those before paragraph `stop` for dates and owners.

    `title_line` is the line of the report's title.
    """
    lines = _header_lines(document, stop, paragraphs)
    labelled = min(
        (
            (rank, i, found)
            for i, (text, _line) in enumerate(lines)
            for rank, found in _labelled(text)
        ),
        key=lambda entry: entry[:2],
        default=None,
    )
    plain = _plain_date(lines, len(document.furniture), title_line)
    return Header(
        labelled[2] if labelled else None,
        lines[labelled[1]][1] if labelled else None,
        plain[0] if plain else None,
        plain[1] if plain else None,
        tuple(owner for text, _line in lines for owner in _owners(text)),
    )


def _labelled(text: str) -> list[tuple[int, PrintedDate]]:
    """Return the dates that a label introduces, with the rank of the label."""
    dates = []
    for label in _LABEL.finditer(text):
        found = find_date(text[label.end() : label.end() + 24])
        if found is not None and found.start <= 1:
            rank = next(i for i, word in enumerate(_RANK) if word in label[1])
            dates.append((rank, found))
    return dates


def _owners(text: str) -> list[str]:
    """Return the authorities that a header names as publisher."""
    owners = []
    for owner in _OWNER.finditer(text):
        value = _NEXT_LABEL.split(text[owner.end() : owner.end() + 60], maxsplit=1)[0]
        if name := re.match(rf"[{HAN}]{{3,40}}", value):
            owners.append(name[0])
    return owners


_PHONE = re.compile(
    r"(?:电话|热线|Tel|传真)(?:号码)?(?:[:：]|为|是)?[（(]?(0?\d{2,3}[）)\-－—–]?\d{7,8}(?:[-转]\d{1,6})?|\d{7,8}|1\d{10})(?!\d)"
)
_PERSON = re.compile(
    rf"联系人(?:员)?(?:[:：]|为)?([{HAN}]{{2,4}})(?=[,，;；。、）)(（]|联系|电话|$)"
)
_ADDRESS = re.compile(r"(?:联系|办公|通信|通讯)?地址(?:[:：]|为|是)([^，,；;。）)]{4,60})")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,40}@[A-Za-z0-9-]{1,40}(?:\.[A-Za-z0-9-]{1,20}){1,4}")
_CONTACT_WORD = re.compile(r"联系|电话|地址|邮箱|@")


def find_contact(paragraphs: list[Paragraph]) -> Contact | None:
    """Return the contact data printed in the running text, None when there is none."""
    parts: dict[str, str] = {}
    patterns = (("name", _PERSON), ("phone", _PHONE), ("address", _ADDRESS), ("email", _EMAIL))
    for paragraph in paragraphs:
        if not _CONTACT_WORD.search(paragraph.text):
            continue
        text = squeeze(paragraph.text)
        for key, pattern in patterns:
            if key not in parts and (found := pattern.search(text)):
                parts[key] = found[1] if pattern.groups else found[0]
    return Contact(**parts) if parts else None


_DAY = r"20\d{2}年\d{1,2}月\d{1,2}日"
_PERIOD = re.compile(
    rf"(?:自|从)?(?P<start>{_DAY})(?:起|开始)?[，,]?(?:至|到|[-—–－~～])+(?:(?P<end>{_DAY})|(?P<same>\d{{1,2}}月\d{{1,2}}日))(?:止|期间)?"
)
_LOST_PERIOD = re.compile(r"20\d{2}年?\d{2,4}日起?(?:至|到|[-—~])20\d{2}年?\d{2,4}日(?:止)?")
_ABOUT_PERIOD = re.compile(r"统计|期限|时限|所列数据|本报告|本年报")


def find_period(paragraphs: list[Paragraph]) -> tuple[Period | None, bool]:
    """Return the stated statistical period, and whether characters of it were lost."""
    for paragraph in paragraphs:
        if "日" not in paragraph.text or "20" not in paragraph.text:
            continue
        text = squeeze(paragraph.text)
        for found in islice(_PERIOD.finditer(text), _MOST_SPANS):
            start = find_date(found["start"])
            end = find_date(found["end"] or found["start"][:5] + found["same"])
            near = text[max(0, found.start() - 30) : found.start()]
            whole_year = "年1月1日" in found["start"] and "12月31日" in found[0]
            if start and end and (whole_year or _ABOUT_PERIOD.search(near)):
                return Period(found[0], start.value, end.value, paragraph.line), False
        if lost := _LOST_PERIOD.search(text):
            return Period(lost[0], line=paragraph.line), True
    return None, False
