"""Whose figure is it, and of which year: the words around a clause that limit what it says."""

import re
from typing import Final, Literal

Subject = Literal["own", "whole", "represented", "unclear"]

_REPRESENTED: Final = re.compile(
    r"代(?:表)?(?:[市区县省州旗盟]|本级)(?:人民)?政府|(?:向|对)[市区县省州旗盟](?:人民)?政府[^，,。；;]{0,16}(?:提出|申请)"
)
_AT_START: Final = r"(?:^|[，,；;：:（(。、]|年度?|以来|底|日|其中|共)"
_SUBJECT: Final = re.compile(
    _AT_START
    + r"(?:(?P<office>(?:[市区县省州旗盟]|我[市区县省州旗盟])(?:人民)?政府办(?:公室|公厅)?|[市区县]府办)"
    r"|(?P<level>(?:[市区县省州旗盟](?:政府)?)?本级|局机关)"
    r"|(?P<whole>全(?:市|区|县|省|州|盟|旗|系统)|我[市区县省州旗盟](?!级|政府|政务|中心|委|门户|信访|的|各)|"
    r"各(?:级|部门|单位|镇|街道|乡|地|区|县|市直|有关)|我?[市区县省州旗盟]各|辖区|市县两级|区县|县区|县市区)"
    r"|(?P<own>(?:以|由|涉及|针对)?我(?:局|办|委|厅|院|镇|乡|街|单位|中心|处|队|站|社区|部|馆|会|机关)"
    r"|(?:以|由|涉及|针对)?本(?:局|办|委|厅|镇|乡|街|单位|机关|部门)|全(?:镇|乡|街|局|委|厅|院)))"
)
_OTHER_YEAR: Final = re.compile(
    r"(?<![至到入转])(20\d\d)年度?(?!度?结转|度?未办结|度?遗留|[^，,。；;]{0,6}结转)"
)
_LAST_YEAR: Final = re.compile(
    r"同比|环比|同期|(?:上一?年度?|去年|前年|往年)(?!度?(?:结转|遗留|未办结|转入|跨年))"
    r"|(?:增长|增加|减少|下降|上升|提升|提高|降低|增幅|多|少|增|降)[了约近达为]*$"
)
_HISTORY: Final = re.compile(
    r"(?:条例》?|网站|平台|公众号|系统)[^，,。；;]{0,10}(?:以来|至今)|历年|自20\d\d年"
)
_PLAN: Final = re.compile(
    r"下一步|明年|计划|力争|预计|拟(?!定|制)|将[^，,。；;]{0,6}(?:开展|组织|举办|公开|发布)"
)
_PART_OF_YEAR: Final = re.compile(
    r"上半年|下半年|第?[一二三四1-4]季度|(?<!\d)(?:[1-9]|1[0-2])月(?!\d)|月底|截至目前|截止目前"
)
_WHOLE_YEAR: Final = re.compile(r"1月1日|12月31日|1[-至到—~～]+12月|12月底?")


_INTENDED: Final = re.compile(
    r"力争|争取|力求|预计|下一步|明年|(?<!规划)计划(?:于|在|公开|发布|组织|开展|举办|召开|制定|出台|新增)"
)
_SEVERAL_YEARS: Final = re.compile(
    r"(?:近|过去|最近|连续)[两二三四五六七八九十几\d]{1,2}年|[两三四五六七八九十]年(?:来|间|内)"
)
_APPLICANT: Final = re.compile(r"自然人|公民|法人|商业企业|科研机构|公益组织|法律服务机构")
_CLAUSE_END: Final = re.compile(r"[，,、；;：:。]")
_OPENING: Final = re.compile(r"[^，,。；;：:]{2,20}[，,：:]")
_OF_THE_YEAR: Final = re.compile(r"全年|本年|年度|累计|年末|年底")


def subject(sentence: str, clause_start: int) -> Subject:
    """Return whose figure it is; `sentence` runs up to the number, the clause from clause_start.

    A narrowing word said of an earlier clause may or may not carry on: unclear.
    """
    named = list(_SUBJECT.finditer(sentence))
    last = named[-1] if named else None
    represented = [m.end() for m in _REPRESENTED.finditer(sentence)]
    if represented and not (last is not None and last["own"] and last.start() >= represented[-1]):
        return "represented"
    if last is None or last["own"]:
        return "own"
    if last["whole"]:
        return "whole"
    if last["level"]:
        return "own" if last.start() >= clause_start - 1 else "unclear"
    return "unclear"


def is_comparison(sentence: str, clause: str, year: int | None, section: int | None) -> bool:
    """Tell whether a figure is another year's, a change against it, or a plan.

    `sentence` and `clause` both run up to the number.
    """
    if _LAST_YEAR.search(clause) or _HISTORY.search(sentence):
        return True
    if _INTENDED.search(clause) or _SEVERAL_YEARS.search(f"{sentence[:8]}，{clause}"):
        return True
    if section == 5 and _PLAN.search(sentence):
        return True
    if year is None:
        return False
    named = _OTHER_YEAR.findall(clause)
    if not named:
        opening = _OTHER_YEAR.match(sentence)
        named = [opening.group(1)] if opening is not None else []
    return bool(named) and int(named[-1]) != year


def is_part_of_year(clause: str, sentence: str = "") -> bool:
    """Tell whether a clause speaks of some months only (上半年, 第三季度, 截至6月底).

    `sentence` runs up to the number: months in its opening words (2020年上半年，…) hold for the whole
    of it, unless what follows speaks of the year.
    """
    if _PART_OF_YEAR.search(clause) is not None:
        return _WHOLE_YEAR.search(clause) is None
    opening = _OPENING.match(sentence)
    if opening is None or _PART_OF_YEAR.search(opening.group()) is None:
        return False
    rest = sentence[opening.end() :]
    return _WHOLE_YEAR.search(opening.group()) is None and _OF_THE_YEAR.search(rest) is None


def is_within_one_applicant(sentence: str) -> bool:
    """Tell whether a clause stands in brackets after one kind of applicant: 自然人89件（新收80件、…）.

    Such figures are part of that applicant's column, not of the whole row.
    """
    opened = max(sentence.rfind("（"), sentence.rfind("("))
    if opened < 0 or max(sentence.rfind("）"), sentence.rfind(")")) > opened:
        return False
    before = _CLAUSE_END.split(sentence[:opened])[-1]
    return len(set(_APPLICANT.findall(before))) == 1
