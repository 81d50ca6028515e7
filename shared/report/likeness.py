"""Texts that say the same in other words of place and number: what is left when names are masked.

Two reports are copies of each other when nothing but the body, the place, the year and the figures
differs. What the form, the law and the season put into every report (who compiled it, the six
sections, nothing received, current slogans) is left out first: it is common to all.
"""

import re
import zlib
from bisect import bisect_left
from functools import cache
from typing import Final

from shared.report.characters import simplified
from shared.report.record import Gist, Identity, Record
from shared.report.series import core_name, spellings
from shared.report.values import value

COPIED_SECTIONS: Final = (1, 5)
"""The sections that a body writes itself at length: the year's work, problems and improvement."""
_LONGEST: Final = 20_000
"""Characters of a section that are looked at; real ones have 300 to 5,000."""

_HAN: Final = (0x4E00, 0xA000)
_ENDS: Final = re.compile(r"[。！？!?；;\r\n]+")
_FIGURES: Final = re.compile("0(?:0|分之)*")
_TOWNSHIP_ENDS: Final = re.compile("(?:街道|镇|乡|苏木)$")
_OWN_WORDS: Final = "省市区县州盟旗镇乡街道局委办厅处所署会院馆村社机关单位部门我本该全"
"""Characters that change with the body when a text is taken over: 我局 → 我街道, 区委 → 县委."""
_NUMERALS: Final = "0123456789零〇一二三四五六七八九十百千万亿两%‰"
_MARKS: Final = (
    " \t\f\v\u00a0\u2002\u2003\u3000\ufeff\u200b\u200c\u200d\u2060*#_`~|•·●■◆☆★"
    "，、：:,.．。；;！？!?—–-－…“”‘’\"'《》〈〉「」『』【】[]〔〕（）()/／\\＋+=<>"
)
_STANDING: Final = (
    # what every report says of itself, of the law and of an empty year
    "本报告", "本年度报告", "年度报告由", "编制本", "统计期限", "联系电话", "联系地址", "办公地址", "邮政编码",
    "电子邮箱", "如对", "未收到", "没有收到", "无收到", "未接到", "未发生", "没有发生", "未出现", "未产生",
    "无行政复议", "未收取", "没有收取", "均为0", "需要报告的事项", "需报告的事项",
)  # fmt: skip
"""A sentence with one of these says nothing of its own."""
_SLOGANS: Final = (
    "中华人民共和国政府信息公开条例", "以下简称《条例》", "习近平新时代中国特色社会主义思想为指导",
    "习近平新时代中国特色社会主义思想", "深入学习贯彻", "深入贯彻落实", "认真贯彻落实", "全面贯彻落实",
    "党的十九大", "党的二十大", "历次全会精神", "历届全会精神", "全会精神", "以公开为常态、不公开为例外",
    "公开为原则，不公开为例外", "以人民为中心", "的正确领导下", "坚强领导下", "上级党委、政府", "扎实推进",
    "政府信息公开工作", "政务公开工作", "政府信息公开", "政务公开", "存在的主要问题及改进情况",
    "存在的主要问题", "存在的问题", "主要问题", "改进情况", "改进措施", "总体情况", "主动公开政府信息情况",
    "依申请公开", "主动公开", "政府信息管理", "平台建设", "监督保障", "等有关要求", "工作要点", "有关规定",
)  # fmt: skip
"""Words of the season and of the form that sentences are trimmed with."""


@value
class Passage:
    """One sentence as printed, and what is left of it when names and figures are masked."""

    masked: str
    printed: str


def essence(record: Record) -> dict[int, str]:
    """Return what the sections that can be copied say of their own, by number, without punctuation.

    A section that is not there, or says nothing of its own, is an empty text or has no entry.
    """
    return {
        number: "".join(p.masked for p in found) for number, found in passages_of(record).items()
    }


def passages_of(record: Record | Gist) -> dict[int, tuple[Passage, ...]]:
    """Return the sentences of the sections that can be copied, without those common to all reports."""
    found: dict[int, tuple[Passage, ...]] = {}
    names: tuple[str, ...] | None = None
    for number in COPIED_SECTIONS:
        text = "\n".join(s.text for s in record.sections if s.number == number)[:_LONGEST]
        if text:
            names = _names(record.identity) if names is None else names
            found[number] = _passages(text, names)
    return found


def _passages(text: str, names: tuple[str, ...]) -> tuple[Passage, ...]:
    printed = [line for line in _ENDS.split(text) if line.strip()]
    if not printed:
        return ()
    folded = "\n".join(printed).translate(_folding())
    for name in names:
        if name in folded:
            folded = folded.replace(name, "")
    folded = _FIGURES.sub("0", folded)
    standing, slogans, own = _boilerplate()
    lines = [("" if standing.search(line) else line) for line in folded.split("\n")]
    masked = own.sub("", slogans.sub("", "\n".join(lines))).split("\n")
    return tuple(
        Passage(m, p.strip()) for m, p in zip(masked, printed, strict=True) if m and m != "0"
    )


def _names(who: Identity) -> tuple[str, ...]:
    """Return what the body and its places are called, long names first, folded as the text is."""
    region = who.region
    parts = (region.province, region.city, region.county, region.township)
    names = [n for n in (who.agency, who.agency_as_printed, who.signature) if n]
    names += [core_name(n, region) for n in names]
    names.append(region.full_name)
    names += [spelling for part in parts for spelling in spellings(part)]
    if region.township:
        township = region.township
        names += [f"{township}办事处", f"{township}人民政府", _TOWNSHIP_ENDS.sub("", township)]
    folding = _folding()
    folded = {n.translate(folding).replace("\n", "") for n in names}
    return tuple(sorted((n for n in folded if len(n) > 1), key=lambda n: (-len(n), n)))


@cache
def _folding() -> dict[int, int | str | None]:
    """Characters to what they count as: simplified, figures as 0, marks and spaces left out."""
    # a character without an entry costs an exception each time it is met
    table: dict[int, int | str | None] = {code: code for code in range(*_HAN)}
    table |= simplified()
    table |= {ord(sign): None for sign in _MARKS}
    table |= dict.fromkeys(map(ord, _NUMERALS), "0")
    table |= dict.fromkeys(range(ord("０"), ord("９") + 1), "0")
    table |= {ord("％"): "0", ord("\n"): "\n"}
    return table


@cache
def _boilerplate() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Sentences and phrases common to all reports, and the characters that change with the body."""
    folding = _folding()

    def any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
        folded = {_FIGURES.sub("0", p.translate(folding)) for p in phrases}
        return re.compile("|".join(map(re.escape, sorted(folded, key=lambda p: (-len(p), p)))))

    return any_of(_STANDING), any_of(_SLOGANS), re.compile(f"[{_OWN_WORDS}]+")


SHORTEST: Final = 120
"""Characters of its own that a text must have to be looked for among others."""
_SHINGLE: Final = 3
_ROWS: Final = 3
_BANDS: Final = 24
_BINS: Final = _ROWS * _BANDS
_BIN_WIDTH: Final = (1 << 32) // _BINS + 1
_BYTES: Final = 2
_MARKED: Final = 1_600
"""Characters that the marks are made of: a copy of a long text begins alike too."""


def marks_of(record: Record) -> dict[int, tuple[str, ...]]:
    """Return the marks of the sections that can be copied, by section number.

    Two texts that are nearly the same share several marks; unlike texts hardly ever share one. The
    marks of a text are always the same; one too short to be a copy of anything has none.
    """
    found = {}
    for number, text in essence(record).items():
        if len(text) >= SHORTEST:
            found[number] = _marks(number, text)
    return found


def _marks(section: int, text: str) -> tuple[str, ...]:
    """Return one mark for each band of a one-permutation MinHash over runs of three characters."""
    coded = text[:_MARKED].encode("utf-16-le", "surrogatepass")
    width = _SHINGLE * _BYTES
    crc32 = zlib.crc32
    hashed = sorted({crc32(coded[i : i + width]) for i in range(0, len(coded) - width + 1, _BYTES)})
    # the smallest of each bin; an empty bin takes over that of the next one
    places = (bisect_left(hashed, n * _BIN_WIDTH) for n in range(_BINS))
    smallest = [hashed[i] if i < len(hashed) else hashed[0] for i in places]
    bands = (repr((n, *smallest[n : n + _ROWS])) for n in range(0, _BINS, _ROWS))
    return tuple(f"{section}{crc32(band.encode()):08x}" for band in bands)
