"""A short name for what a figure counts, taken from the words around it."""

import re
from typing import Final

_TIME: Final = re.compile(
    r"^(?:(?:截[至止]到?|自|从|已于|于)?(?:20\d\d年(?:度)?|全年|今年|本年度?|年内|年度|\d{1,2}月(?:\d{1,2}日)?底?)(?:以来|前|止|末|起)?[，,]?)+"
)
_OPENERS: Final = re.compile(
    r"^(?:其中|同时|另外|此外|目前|以及|并|[一二三四五六七八九十]是|（[一二三四五六七八九十\d]{1,2}）|\([一二三四五六七八九十\d]{1,2}\)"
    r"|\d{1,2}[.．、]|我[局办委厅镇乡街区市县省]|本[局办委厅镇乡街级]|全[市区县镇乡街省]|年度?|分别|[：:，,、]|在|共|累计|合计|已|均|则)+"
)
_CLOSERS: Final = re.compile(
    r"(?:共计|总计|合计|累计|一共|总数|总量|数量|件数|条数|全部|达到|共有|大约|均为|分别|接近|超过|[共约近达为是有计了数的：:超逾均各到至]|以上)++$"
)
_VERB: Final = re.compile(
    r"(?:主动公开|收到|接收|受理|接报办理|办理|办结|答复|回复|发布|公开|开通|制发|印发|出台|开展|举办|召开|组织|参加|接待|"
    r"接受|处理|提供|配备|制定|更新|报送|新增|解读|完成|设立|设置|培训|推送|编发|刊发|报道|梳理|上报|公布|制作|征集)"
)
_ATTRIBUTE: Final = re.compile(r"[在给对向][^的]{0,60}的")
_TITLES: Final = re.compile(r"《[^《》]{0,120}》")
_REST: Final = re.compile(r"^(?:以上|左右|余|多|的)+")
_CUT: Final = re.compile(r"[，,。；;：:、]|负责|给|并|进行|用于")
_BARE_VERB: Final = re.compile(r"^(?:已|均|按时|全部)*(?:办结|答复|回复|受理|办理)$")
LONGEST: Final = 24


def label_of(before: str, after: str, lead: str, *, part: bool, previous: str | None) -> str:
    """Return the label; a bare verb (`办结`) takes the object named before it."""
    head = _clean(before) or _clean(lead)
    tail = "" if part and head else _tail(after)
    if part:
        name = head if len(head) <= 2 else head.removesuffix("信息")
        return "其中：" + _short(name.removesuffix("类型") or tail)
    if tail:
        verbs = list(_VERB.finditer(head))
        head = head[verbs[-1].start() :] if verbs and len(head) > 4 else head
    elif _BARE_VERB.match(head) and previous is not None and "申请" in previous:
        start = max(previous.find("政府信息公开申请"), previous.find("依申请公开"))
        tail = previous[start:] if start >= 0 else "申请"
    return _short(head + tail)


def _clean(words: str) -> str:
    words = _TITLES.sub("", words) if "《" in words else words
    for _ in range(3):
        size = len(words)
        words = _OPENERS.sub("", _TIME.sub("", words))
        if len(words) == size:
            break
    return _CLOSERS.sub("", words)


def _tail(words: str) -> str:
    words = _ATTRIBUTE.sub("", _TITLES.sub("", _REST.sub("", words)), count=1)
    cut = _CUT.search(words)
    return words[: cut.start()] if cut is not None else words


def _short(words: str) -> str:
    """Keep the end of a long name: that is where the noun stands."""
    words = words.strip("“”\"',，、").removesuffix("（").removesuffix("(")
    if len(words) <= LONGEST:
        return words
    last = words.rfind("的", 0, len(words) - 3)
    words = words[last + 1 :] if last >= 0 else words
    if len(words) > LONGEST:
        words = words[words.rfind("、", 0, len(words) - 3) + 1 :]
    return words[-LONGEST:]
