"""Statements without a number: nothing received (未收到申请), everything upheld or closed."""

import re
from itertools import islice
from typing import Final, Literal

from services.extract.core.narrative.context import is_comparison, is_part_of_year, subject
from services.extract.core.narrative.text import Passage
from shared.report import quantities as q
from shared.report.record import Claim

_NOT: Final = re.compile(
    r"(?:[未没]有?(?:再|曾)?(?:发生|收到|收取|出现|产生|接到|接收|接受|受理|涉及|引发|制发|制定|出台|印发|发布|被|因|有|新收|办理|结转)"
    r"|没有|尚?无(?!法|正当|偿|条件|障碍|效|关|需|论|锡|线|纸|缝|误|故|不|差错|其[他它]需要|需要)|不存在|零)"
    r"(?P<verb>发生|收到|接到|接收|受理|产生|出现|收取|新收)?"
)
_ALL: Final = re.compile(
    r"(?:均|全部|都)(?:已|获得?|得到|被|予以|按时|按期|依法|及时|在[^，,。；;]{0,10}内|按照?[^，,。；;]{0,8}|进行了?|作出了?)*"
    r"(?:(?P<upheld>维持)|(?P<closed>办结|答复|办理完毕))"
    r"|(?P<rate>办结率|答复率)(?:达到?|均?为|均达|保持)*(?:100[%％]|百分之百)|(?P<lost>[0０](?:败诉|纠错))"
)
_BODY_END: Final = re.compile(r"[，,；;。！？!?（(）)]")
_BODY: Final = 70
MOST: Final = 500
"""More negations than any paragraph has; what comes after them is not text."""
ClaimKind = Literal["zero", "absolute"]

_APPLICATION: Final = re.compile(
    r"^[任何一公民、法人或者和及与其他它社会组织个单位群众企业提出递交的关于有要求对向我本局办委厅镇乡街道县区市级"
    r"政府信息开务书面依类相件宗份例起“”主体各来自新收到]{0,50}申请(?:公开)?(?:政府信息)?的?"
    r"(?:事项|事宜|件|信件|办件|要求|案件|表|函|书|数)?等?的?(?:情况|情形|现象)?$"
)
_TOPIC: Final = re.compile(r"公开|信息")
_NONE_OF_THEM: Final = re.compile(
    r"依申请公开(?:政府信息)?(?:的?情况|方面|工作|申请|事项|数量)?[：:，,。]?(?:20\d\d年度?|本年度|全年)?$"
)
"""What stands before a bare 无: `依申请公开：无。`"""
_REMEDY: Final = re.compile(r"复议|诉讼")
_NARROWED: Final = re.compile(
    r"不(?!服)|违法|违规|败诉|撤销|纠正|纠错|维持|超期|逾期|错误|失误|泄密|重大|机关|机构|意见|建议书|决定书|认定|胜诉|尚未|未审结"
)
_LOST: Final = re.compile(
    r"认定违法|确认违法|违法的?(?:情况|情形)|败诉|纠错|被?纠正|被?撤销(?!的?(?:情形|情况|现象)?$)"
)
_NORMATIVE: Final = re.compile(
    r"^(?:任何|新的?|新增|行政|本年度|发布|制发|制定|出台|印发|政府)*规范性文件(?:的?(?:制定|制发|出台|发布|印发))?(?:及更新|等)?的?(?:情况|情形)?$"
)
_CARRIED: Final = re.compile(
    r"^(?P<last>上一?年度?|去年)?(?:的|需要?)?结转(?P<next>[到至入]?(?:下|次|明))?"
)
_OTHER_MATTER: Final = re.compile(
    r"提案|建议|热线|投诉|信访|留言|咨询|工单|来信|来电|舆情|信箱|其余|除"
)
_ABOUT: Final = re.compile(r"申请|依申请")


def claims(passage: Passage, year: int | None, heading: str) -> list[Claim]:
    """Return the statements of one paragraph; `heading` is the short line above it."""
    found: list[Claim] = []
    for match in islice(_NOT.finditer(passage.text), MOST):
        found += _denials(passage, match, year, heading)
    for match in islice(_ALL.finditer(passage.text), MOST):
        stated = _absolute(passage, match)
        start = _clause_start(passage.text, match.start())
        if stated is not None and not _is_elsewhen(passage, match.start(), start, year):
            span = (match.start(), start, match.end())
            found.append(_claim(passage, "absolute", stated, span))
    return found


def _is_elsewhen(passage: Passage, at: int, start: int, year: int | None) -> bool:
    """Tell whether a statement is a plan, or speaks of another year or of some months only."""
    sentence, clause = _sentence(passage, at), passage.text[start:at]
    return is_part_of_year(clause, sentence) or is_comparison(
        sentence, clause, year, passage.section
    )


def _denials(passage: Passage, match: re.Match[str], year: int | None, heading: str) -> list[Claim]:
    at, text = match.start(), passage.text
    body = _body(text, match.end())
    denied = _denied(body, match.group(), _context(passage, at, heading))
    if not denied:
        return []
    start = _clause_start(text, at)
    if _is_elsewhen(passage, at, start, year):
        return []
    span = (at, start, match.end() + len(body))
    return [_claim(passage, kind, key, span) for kind, key in denied]


def _body(text: str, start: int) -> str:
    """Return the words denied, over the comma where a cause comes first (`因…，被…认定违法`)."""
    window = text[start : start + 2 * _BODY]
    ends = [m.start() for m in _BODY_END.finditer(window)]
    first = ends[0] if ends else len(window)
    if window[:1] == "因" and window[first + 1 : first + 2] == "被" and window[first] in "，,":
        first = ends[1] if len(ends) > 1 else len(window)
    return window[: min(first, len(window))]


def _denied(body: str, negation: str, context: str) -> list[tuple[ClaimKind, str]]:
    """Return (kind, key) of what the words after a negation deny."""
    if _LOST.search(body):
        at_law = _REMEDY.search(body) is not None or "法院" in body or "诉" in body
        return [("absolute", q.ALL_UPHELD)] if at_law else []
    if _REMEDY.search(body):
        named = (("复议", q.REVIEW), ("诉讼", q.LITIGATION))
        return [("zero", k) for n, k in named if n in body and not _NARROWED.search(body)]
    if "结转" in negation + body:
        return _carried(negation, body)
    key = _not_one(body, context)
    return [("zero", key)] if key is not None else []


def _not_one(body: str, context: str) -> str | None:
    if "信息处理费" in body:
        return q.PROCESSING_FEE
    if _NORMATIVE.match(body):
        return q.NORMATIVE_DOCUMENTS
    if not body and _NONE_OF_THEM.search(context):
        return q.RECEIVED
    if _APPLICATION.match(body) and (_TOPIC.search(body) or _TOPIC.search(context)):
        return q.RECEIVED
    return None


def _carried(negation: str, body: str) -> list[tuple[ClaimKind, str]]:
    match = _CARRIED.match("结转" + body if negation.endswith("结转") else body)
    if match is None or (match["last"] is None) == (match["next"] is None):
        return []
    return [("zero", q.CARRIED_IN if match["last"] else q.CARRIED_OUT)]


def _absolute(passage: Passage, match: re.Match[str]) -> str | None:
    sentence = _sentence(passage, match.end())
    if match["lost"]:
        return q.ALL_UPHELD
    if match["upheld"]:
        return q.ALL_UPHELD if _REMEDY.search(sentence) else None
    if _OTHER_MATTER.search(sentence) or not (_ABOUT.search(sentence) or passage.section == 3):
        return None
    return q.ALL_CLOSED


def _claim(passage: Passage, kind: ClaimKind, key: str, span: tuple[int, int, int]) -> Claim:
    at, start, stop = span
    return Claim(
        kind=kind,
        key=key,
        text=passage.printed(start, stop),
        section=passage.section,
        line=passage.line(at),
        subject=subject(_sentence(passage, at), start - passage.sentences[passage.sentence(at)]),
    )


def _clause_start(text: str, offset: int) -> int:
    return max(text.rfind(mark, max(0, offset - _BODY), offset) for mark in "，,；;。！？：:") + 1


def _sentence(passage: Passage, offset: int) -> str:
    start = passage.sentences[passage.sentence(offset)]
    return passage.text[max(start, offset - 200) : offset]


def _context(passage: Passage, offset: int, heading: str) -> str:
    return heading + passage.text[max(0, offset - 60) : offset]
