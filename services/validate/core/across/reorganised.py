"""Did bodies or divisions merge or swap duties in the year? Then sums over two years break honestly."""

import re
from typing import Final

from shared.report.record import Record

_BODY: Final = r"(?:[市区县旗乡镇局委办]|街道|机构|机关|单位)"
_NOT_A_SITE: Final = r"(?:(?!网站|网页|栏目|账号|平台|公众号|新媒体)[^，。；\n])"
_MERGED: Final = re.compile(
    rf"{_BODY}{_NOT_A_SITE}{{0,6}}合并(?:设立|组建|成立|为|后|而成)"
    r"|合并(?:设立|组建|成立)(?:新的|为)?|撤销[^，。；\n]{2,20}[，、]?(?:设立|并入|组建)"
    rf"|{_BODY}(?:整体|成建制)?并入"
    r"|(?:区划|机构|职能|职责)(?:调整|改革|划转)[^。；\n]{0,24}(?:合并|划入|划出|划转|移交|并入|承接)"
    r"|(?:职能|职责|编制|业务|申请)[^，。；\n]{0,8}(?:划入|划转|划归|并入)"
)
_TOLD_IN: Final = (1, 3, 6)
"""The sections that may say so, beside the preamble."""
_CLAUSE_END: Final = re.compile(r"[，。；\n]")
_AROUND: Final = 12


def told_reorganisation(record: Record) -> str | None:
    """Return the words by which a report says so, with some of those around them; None if it does not."""
    texts = [s.text for s in record.sections if s.number in _TOLD_IN]
    for text in (record.preamble, *texts):
        found = _MERGED.search(text)
        if found is not None:
            return _clause(text, found.start(), found.end())
    return None


def _clause(text: str, start: int, end: int) -> str:
    ends = [text.rfind(sign, 0, start) for sign in "，。；\n"]
    begin = max(*ends, start - _AROUND) + 1
    after = _CLAUSE_END.search(text, end)
    stop = after.start() if after is not None else len(text)
    return text[begin : min(stop, end + _AROUND)].strip()
