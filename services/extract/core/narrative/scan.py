"""Find the counted figures in a paragraph: a number, its unit, its bound, and no lookalikes."""

import re
from bisect import bisect_right
from itertools import islice
from typing import Final, Literal

from services.extract.core.narrative.numerals import ARABIC_PATTERN, CHINESE, parse_numeral, scaled
from shared.report.money import yuan
from shared.report.record import LARGEST_READ, Number
from shared.report.values import value

Bound = Literal["exact", "min", "max", "approx"]

_UNITS: Final = (
    r"人次|件次|条次|家次|场次|批次|篇次|户次|个?百分点|亿元|万元|平方米|"
    r"条(?!例|款)|件(?!事(?!项|宜|务)|套)|份(?!额)|"
    r"个(?!部分|方面|环节|层面|维度|步骤|阶段|坚持|维护|意识|多?(?:工作日|月|小时|自然日|交易日|季度|星期|学期|年))|"
    r"名(?!称|单|录)|位(?!置|于)|人(?!员|民|力|才|口|大|均|社)|家(?!庭|长|属)|篇|期(?!间|限|末|初)|"
    r"场(?!所|地|景)|批(?!评|准|示|复)|次(?!日|月|要|序|性|办|告)|项|例(?!会|外|行|如)|起(?!草|来|诉)|宗|"
    r"部(?!门|署|分|委|队|长|级)|册|类(?!别|型|似)|处(?!理|置|罚|室|长)|户|套|所|支|张|台(?!账|阶)|块|辆|封|"
    r"幅|段(?!落)|种|轮|遍|笔|座|间|组(?!织|长|成|建)|元(?!旦|素)|[%％‰]"
)
_FIGURE: Final = re.compile(
    rf"(?P<number>{ARABIC_PATTERN}|百分之[{CHINESE}]{{1,9}}(?:点[{CHINESE}]{{1,4}})?|[{CHINESE}]{{1,18}})"
    r"(?P<early>余|多)?(?P<scale>[百千]?[万亿]{0,2})(?P<late>余|多|来)?"
    rf"(?P<unit>{_UNITS})?(?P<after>以上|以下|以内|之内|左右)?"
)
_QUIET: Final = re.compile(r"《[^《》]{0,120}》|“[^“”]{0,14}”|「[^「」]{0,14}」|〔[^〔〕]{0,8}〕")
_BEFORE: Final = re.compile(
    r"(?P<skip>第|[A-Za-z.．+/]|\d[-—–~～至到]|(?<![之目])前|跑|不少于|不低于|不超过|不得少于|不多于|少于|至少|最多|"
    r"每(?:个|半)?[年月周季天日件条次人份家][^，,。；;：:]{0,6})$"
)
_LOOSE: Final = re.compile(
    r"(?:(?P<max>近|不足|不到|将近|接近)|(?P<approx>约|大约|大概|约为|左右)|(?P<min>超过|超|逾|突破|上))$"
)
_STANDING: Final = "为是：:共计数量"
_CLAUSE_END: Final = "，,。；;、）)！!？?"

_WORDED_UNITS: Final = frozenset(
    ("件", "份", "次", "名", "人次", "篇", "期", "场", "场次", "家", "起", "宗", "例", "条", "部", "册", "封",
     "批次", "人", "户", "元", "万元", "%", "件次", "条次")
)  # fmt: skip
_COUNTING: Final = re.compile(
    r"(?:收到|受理|接到|接收|新收|办理|办结|答复|回复|处理|发布|公开|召开|举办|开展|组织|印发|制发|出台|发生|接待|"
    r"公布|解读|发放|配备|复议|诉讼|申请|参加|更新|报送|结转|新增|共|计|案件?|信息|文件|为)[^，,。；;]{0,10}$"
)
_COUNTED_NEXT: Final = re.compile(
    r"(?:收到|受理|接到|接收|新收|办理|办结|答复|召开|举办|开展|组织|配备|发生|公开|发布|共|申请|信息|文件|案件?|复议|诉讼|为|数|量)$"
)


@value
class Found:
    """One figure of a paragraph: offsets of the number with its unit, and what it says."""

    start: int
    end: int
    value: Number
    unit: str | None
    bound: Bound
    raw: str


def scan(text: str, most: int = 2000) -> list[Found]:
    """Return the counted figures of a paragraph in order, the first `most` of them."""
    if most <= 0 or _MAY_COUNT.search(text) is None:
        return []
    matched = (_figure(text, m) for m in _FIGURE.finditer(text))
    found = list(islice((f for f in matched if f is not None), most))
    if not found:
        return found
    quiet = [m.span() for m in _QUIET.finditer(text)]
    if not quiet:
        return found
    starts = [a for a, _ in quiet]
    return [f for f in found if not _inside(f.start, starts, quiet)]


def _inside(offset: int, starts: list[int], spans: list[tuple[int, int]]) -> bool:
    position = bisect_right(starts, offset) - 1
    return position >= 0 and offset < spans[position][1]


_MAY_COUNT: Final = re.compile(
    r"\d|[零〇两三四五六七八九十百千万亿廿卅][余多]?(?:件|份|次|名|人|篇|期|场|家|起|宗|例|条|部|册|封|批|户|元|个)"
    r"|一(?:件|份|次|名|篇|期|场|起|宗|例|条|封|人)|为零|百分之"
)


def _figure(text: str, match: re.Match[str]) -> Found | None:
    start = match.start()
    number, unit = match["number"], match["unit"]
    if number.startswith("百分之"):
        unit = "%" if unit is None else None
    elif unit is None:
        return _bare_zero(text, match)
    if unit is None:
        return None
    before = text[max(0, start - 16) : start]
    if _BEFORE.search(before) or not _is_count(text, match, before):
        return None
    return _measured(match, unit, before)


def _is_count(text: str, match: re.Match[str], before: str) -> bool:
    """Tell a count from a rule (2个以上, 10件以下) and from words with numerals in them (一系列)."""
    number, after = match["number"], match["after"]
    if after in {"以下", "以内", "之内"}:
        return False
    if after == "以上" and not match["scale"]:
        least = parse_numeral(number)
        if least is None or least <= 10:
            return False
    if number[0] not in CHINESE or number.startswith("百分之"):
        return True
    return _is_worded_count(text, match, before)


_NOT_BEFORE: Final = frozenset("几数若统唯同逐万之")


def _is_worded_count(text: str, match: re.Match[str], before: str) -> bool:
    number, unit = match["number"], match["unit"]
    if "每" in before or (before[-1:] in _NOT_BEFORE and not before.endswith("次数")):
        return False
    tail = text[match.end() : match.end() + 1]
    number += (match["early"] or "") + match["scale"]
    if len(number) >= 2 and number[0] not in "万亿千百":
        return unit in _WORDED_UNITS or (
            unit in {"个", "项", "处", "批"} and _COUNTING.search(before) is not None
        )
    if unit not in _WORDED_UNITS or number in {"万", "亿", "千", "百", "万亿"}:
        return False
    if number in {"零", "〇"}:
        return tail in _CLAUSE_END or not tail
    if number == "一":
        ends = tail in _CLAUSE_END or not tail
        return _COUNTED_NEXT.search(before) is not None or (
            ends and _COUNTING.search(before) is not None
        )
    return _COUNTING.search(before) is not None


def _measured(match: re.Match[str], unit: str, before: str) -> Found | None:
    number, scale = match["number"].removeprefix("百分之"), match["scale"]
    if unit == "元" and scale in {"万", "亿"}:
        unit, scale = scale + unit, ""
    value = parse_numeral(number)
    if value is None:
        return None
    # a list number grown together with the count after it: "1.25个领域" is item 1, 25个
    if isinstance(value, float) and not scale and unit not in _FRACTIONAL:
        whole, _, rest = match["number"].replace("．", ".").partition(".")
        if match.start() == 0 and len(whole) <= 2 and rest.isdigit() and rest[0] != "0":
            value = int(rest)
    loose = _LOOSE.search(before)
    bound: Bound = "exact"
    if match["early"] or match["late"] or match["after"] == "以上":
        bound = "min"
    elif match["after"] == "左右":
        bound = "approx"
    elif loose is not None:
        bound = _bound(loose)
    value = scaled(value, scale)
    if max(value, yuan(value, unit) or 0) >= LARGEST_READ:
        return None
    return Found(
        match.start(), match.end(), value, _SPELLED.get(unit, unit),
        bound, match.group(),
    )  # fmt: skip


_SPELLED: Final = {"％": "%", "个百分点": "百分点"}
_FRACTIONAL: Final = frozenset(
    {"元", "万元", "亿元", "%", "％", "‰", "百分点", "个百分点", "平方米"}
)


def _bound(match: re.Match[str]) -> Bound:
    if match["max"]:
        return "max"
    return "approx" if match["approx"] else "min"


def _bare_zero(text: str, match: re.Match[str]) -> Found | None:
    """Read `申请数为0。` and `均为零`: a number without unit that closes its clause."""
    start, end = match.start(), match.start() + len(match["number"])
    if end != match.end() or not start or text[start - 1] not in _STANDING:
        return None
    if end != len(text) and text[end] not in _CLAUSE_END:
        return None
    value = parse_numeral(match["number"])
    if value is None:
        return None
    worded = match["number"][0] in CHINESE
    # a lone number is a count only where it says zero or counts 数/量 (电话：83126452 does not)
    if value != 0 and (
        worded or re.search(r"[数量]为?[：:]?$", text[max(0, start - 3) : start]) is None
    ):
        return None
    return Found(start, end, value, None, "exact", match["number"])
