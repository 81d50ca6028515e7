"""Tell a report from what only looks like one; a damaged real report is still a report."""

import re

from services.extract.core.who.dates import squeeze
from services.extract.core.who.title import clean, read_parts
from services.extract.core.who.wording import is_outsider
from shared.errors import BadInput
from shared.report.document import Document, Paragraph, Table
from shared.report.record import Identity, Section

_FIRST_FORM_YEAR = 2019
_TITLE_LINES = 8
_LONGEST_TITLE = 90
_ENOUGH_ROWS = 3
_MANY_ROWS = 8
_INDEX_TITLES = 4
_SHORTEST_NARRATIVE = 40


def _kind(pattern: str, zh: str, en: str) -> tuple[re.Pattern[str], BadInput]:
    return re.compile(pattern), BadInput(
        "not_a_report", f"这是{zh}，不是年度报告。", f"This is {en}."
    )


_OTHER_KINDS = (
    _kind(
        r"(?:报告|年报|公开).{0,40}(?:的通知|的函|的通报|的批复)(?:[（(].*)?$"
        r"|^关于(?:做好|开展|报送|编制|印发|公布|发布).{0,60}(?:通知|方案|函)$",
        "关于编制或发布年度报告的通知",
        "a notice about compiling or publishing reports",
    ),
    _kind(
        r"网站.{0,8}(?:工作)?年度(?:工作)?报表",
        "政府网站工作年度报表",
        "the annual form of a website",
    ),
    _kind(
        r"法治(?:政府|政府建设|建设).{0,16}(?:报告|总结)|依法行政.{0,12}(?:报告|总结)",
        "法治政府建设年度报告",
        "an annual report on law-based government",
    ),
    _kind(
        r"(?:上|下)半年|第?[一二三四]季度|半年度?(?:总结|报告|统计)|\d月份",
        "半年或季度统计",
        "half-year or quarterly statistics",
    ),
    _kind(
        r"信息处理费(?:管理|收取)|收费(?:管理)?(?:办法|标准)",
        "信息处理费管理办法",
        "a text of the fee measures",
    ),
    _kind(
        r"公开(?:工作)?(?:指南|目录|制度|办法|规定|条例|流程图|实施方案|工作要点|实施意见|保密审查)(?:[（(].*)?$",
        "信息公开指南、目录或制度",
        "a guide, catalogue or rule on disclosure",
    ),
    _kind(
        r"(?:年度报告|年报|公开).{0,20}(?:评估报告|评估结果|考核结果|第三方评估|检查情况)",
        "对信息公开工作的评估或考核",
        "an evaluation of disclosure work",
    ),
    _kind(
        r"学年.{0,30}信息公开|公共企事业单位信息公开|(?:高校|学校|大学|学院|医院)信息公开(?:工作)?年度",
        "学校或公共企事业单位的信息公开报告",
        "a disclosure report of a school or public utility, under other rules",
    ),
    _kind(
        r"(?:预算|决算)(?:公开|报告|说明|情况)|财政(?:预|决)算",
        "预决算公开材料",
        "a budget or final account",
    ),
)
_SCHOOL = BadInput(
    "not_a_report",
    "这是学校、医院或企业的信息公开报告，适用其他规定。",
    "This is a disclosure report of a school, hospital or company, under other rules.",
)
_INDEX = BadInput(
    "not_a_report", "这是列出多份年度报告的目录页。", "This is a page that lists reports."
)
_BLANK = BadInput(
    "blank_form", "这是没有填写的空白格式。", "This is the blank form, with nothing filled in."
)
_OLD = BadInput(
    "pre_2019_report",
    "这是2019年度以前的年度报告，没有采用全国统一格式，本版本不处理。",
    "This is a report on a year before 2019, without the national form; it is out of scope.",
)
_UNKNOWN = BadInput(
    "not_a_report",
    "没有找到年度报告的标题、六个部分的标题或全国统一表格中的至少两样。",
    "Fewer than two were found of: a report's title, its section headings, rows of the national form.",
)
_OLD_STATISTICS = re.compile(
    r"统计指标|主动公开规范性文件数|全文电子化率|历年累计|制发规范性文件总数|收到申请数"
)
_KEY_PHRASE = re.compile(
    r"(?:政府|政务)信息公开(?:工作)?(?:情况)?(?:的)?(?:20\d\d年?)?(?:年度(?:工作)?报告|年报|工作报告)"
)
_STILL_OTHER = re.compile("学年|半年|季度|法治政府")
_PLACEHOLDER_TITLE = re.compile(
    r"[Xx×ＸX_＿]{2,}|[（(](?:单位|机关|行政机关)名称[）)]|^(?:20)?[_＿Xx×]+年"
)
_INSTRUCTION = re.compile(r"[（(].{0,200}[）)]|填报|填写|说明[:：]|样式|格式")
_FIGURE = re.compile(r"[+\-]?\d[\d,，.]*(?:元|万元|件|个|项|U|O)?$|[/／—\-]+$|无$|不适用$|零$")


def _title_lines(document: Document) -> list[str]:
    lines: list[str] = []
    for block in document.blocks:
        if isinstance(block, Paragraph) and len(block.text) <= 2 * _LONGEST_TITLE:
            lines.append(clean(block.text))
        if len(lines) >= _TITLE_LINES:
            break
    return [t for t in lines if t and len(t) <= _LONGEST_TITLE]


def _other_kind(document: Document) -> BadInput | None:
    """Return the refusal when one of the first lines is the title of another kind of document."""
    lines = _title_lines(document)
    # a title may be broken in two; the first two lines are read together as well
    for text in (*lines[:4], "".join(lines[:2])):
        named = _KEY_PHRASE.search(text) is not None and text.endswith(("报告", "年报"))
        if "。" in text or (named and not _STILL_OTHER.search(text)):
            continue
        for pattern, refusal in _OTHER_KINDS:
            if pattern.search(text):
                return refusal
    return None


def _count_figures(document: Document) -> int:
    return sum(
        1
        for block in document.blocks if isinstance(block, Table)
        for row in block.rows for cell in row.cells
        if cell.text and len(cell.text) < 16 and _FIGURE.match(cell.text)
    )  # fmt: skip


def _narrative_length(document: Document, sections: tuple[Section, ...]) -> int:
    """Return how much running text there is, headings and instructions in brackets left out."""
    texts = [s.text for s in sections] or [
        b.text for b in document.blocks if isinstance(b, Paragraph) and len(b.text) > 16
    ]
    return sum(len(_INSTRUCTION.sub("", squeeze(t))) for t in texts)


def _is_index_page(document: Document) -> bool:
    """Tell whether the page lists the titles of several reports."""
    titles = {
        (parts.agency, parts.year)
        for block in document.blocks
        for text in _lines_of(block)
        if "公开" in text and len(text) <= _LONGEST_TITLE and (parts := read_parts(clean(text)))
    }
    return len(titles - {(None, None)}) >= _INDEX_TITLES


def _lines_of(block: Paragraph | Table) -> list[str]:
    if isinstance(block, Paragraph):
        return block.text.split("\n")
    return [c.text for row in block.rows for c in row.cells if c.text]


def _is_blank_form(document: Document, identity: Identity, sections: tuple[Section, ...]) -> bool:
    named = identity.agency is not None and not _PLACEHOLDER_TITLE.search(identity.title or "")
    if named or _count_figures(document) > 0:
        return False
    return _narrative_length(document, sections) < _SHORTEST_NARRATIVE


def _is_before_the_form(document: Document, identity: Identity, rows: int) -> bool:
    if identity.year is not None and identity.year < _FIRST_FORM_YEAR:
        return rows < _ENOUGH_ROWS
    if identity.year is not None or rows >= _ENOUGH_ROWS:
        return False
    text = "".join(b.text for b in document.blocks if isinstance(b, Paragraph))
    cells = "".join(
        c.text for b in document.blocks if isinstance(b, Table) for r in b.rows for c in r.cells
    )
    return len(set(_OLD_STATISTICS.findall(text + cells))) >= 2


def _has_key_phrase(document: Document, identity: Identity) -> bool:
    if identity.title:
        return True
    return any(_KEY_PHRASE.search(t) for t in _title_lines(document))


def recognise(
    document: Document, identity: Identity, sections: tuple[Section, ...], table_rows_found: int
) -> None:
    """Return when the document is a report of FY2019 or later; raise BadInput otherwise.

    Two of three signs make a report: the key phrase in a title, two section headings, three rows
    of the national form.
    """
    refusal = _refusal(document, identity, sections, table_rows_found)
    if refusal is not None:
        raise BadInput(refusal.reason, refusal.detail_zh, refusal.detail_en)


def _refusal(
    document: Document, identity: Identity, sections: tuple[Section, ...], rows: int
) -> BadInput | None:
    titled = {s.number for s in sections if s.matched_by != "number"}
    signs = (_has_key_phrase(document, identity), len(titled) >= 2, rows >= _ENOUGH_ROWS)
    form_shown = rows >= _ENOUGH_ROWS or len(titled) >= 4
    if form_shown and _is_blank_form(document, identity, sections):
        return _BLANK
    other = _other_kind(document)
    if other is not None and not _is_filled_report(document, identity, titled, rows):
        return other
    if _is_before_the_form(document, identity, rows):
        return _OLD
    if _is_school(identity) and rows < _MANY_ROWS:
        return _SCHOOL
    return None if sum(signs) >= 2 else _refusal_of_doubtful(document, identity)


def _refusal_of_doubtful(document: Document, identity: Identity) -> BadInput | None:
    if _is_index_page(document):
        return _INDEX
    return None if _is_short_report(document, identity) else _UNKNOWN


def _is_filled_report(
    document: Document, identity: Identity, titled: set[int], table_rows: int
) -> bool:
    """Tell whether the document is a filled report in spite of a line that looks like another kind."""
    if identity.title is not None and len(titled) >= 4:
        return True
    return len(titled) >= 4 and table_rows >= _MANY_ROWS and _count_figures(document) >= 40


def _is_school(identity: Identity) -> bool:
    return identity.agency is not None and is_outsider(identity.agency)


def _is_short_report(document: Document, identity: Identity) -> bool:
    """Accept a titled report of an authority that tells its year in prose, without the outline."""
    if identity.title is None or identity.agency is None or identity.year is None:
        return False
    prose = [b.text for b in document.blocks if isinstance(b, Paragraph) and len(b.text) > 40]
    return sum(map(len, prose)) >= 200 and any("公开" in p for p in prose)
