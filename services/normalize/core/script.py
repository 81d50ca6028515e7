"""Tell Traditional text and say it in simplified characters.

Phrase by phrase, because mirrors convert words too (规范性文件 → 規範性檔案).
"""

import re
from functools import cache
from importlib.resources import files

from shared.report.characters import is_common, simplified

_PAIRS = "開开項项規规總总辦办務务請请機机關关處处數数業业"
_TRADITIONAL = _PAIRS[::2]
_SIMPLIFIED = _PAIRS[1::2]
# wording only Taiwan uses: then words are converted, not only characters
_TAIWAN_WORDS = ("資訊", "規範性檔案", "入口網站", "專案數量", "最佳化", "附屬檔案", "網路", "巨觀")
_OWN_PHRASES = (("附屬檔案", "附件"), ("巨觀", "宏观"), ("檔案局", "档案局"), ("檔案館", "档案馆"),
                ("入口網站", "门户网站"))  # fmt: skip
_MIN_TRADITIONAL = 3
_BRACKETED = re.compile(
    r"([\u4e00-\u9fff])[(（]([\u4e00-\u9fff]|[A-Za-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6})[)）]"
)
_MIN_GLOSSES = 10
# a class of characters is searched fast only within the first plane of Unicode
_LAST_OF_PLANE = 0xFFFF
# characters in the names of towns that have no simplified form in use
_IN_NAMES = "濛塚鮀磑氾洩瀂礐篢鮜鴜鷺"


def is_traditional(text: str) -> bool:
    """Tell whether Traditional characters outnumber their simplified twins."""
    if "開" not in text and "請" not in text:
        return False
    traditional = sum(text.count(c) for c in _TRADITIONAL)
    if traditional < _MIN_TRADITIONAL:
        return False
    return traditional > sum(text.count(c) for c in _SIMPLIFIED)


def to_simplified(text: str) -> str:
    """Return Traditional text in simplified characters, mainland wording restored."""
    taiwan = any(word in text for word in _TAIWAN_WORDS)
    for found, meant in _OWN_PHRASES:
        text = text.replace(found, meant)
    for pattern, phrases, characters in _steps(taiwan=taiwan):
        parts = pattern.split(text)
        parts[::2] = [part.translate(characters) for part in parts[::2]]
        parts[1::2] = [phrases[part] for part in parts[1::2]]
        text = "".join(parts)
    return text


def without_glosses(text: str) -> tuple[str, int]:
    """Drop the pinyin or twin character that copies print after every character, if they do.

    Returns the text and how many were dropped. `文(wen)章(zhang)`, `關(关)於`.
    """
    dropped = 0

    def mend(found: re.Match[str]) -> str:
        nonlocal dropped
        sign, gloss = found[1], found[2]
        if gloss.isascii() or not "\u4e00" <= gloss[0] <= "\u9fff" or _twin(sign) == _twin(gloss):
            dropped += 1
            return sign
        return found[0]

    if text.count("(") + text.count("（") < _MIN_GLOSSES:
        return text, 0
    mended = _BRACKETED.sub(mend, text)
    return (mended, dropped) if dropped >= _MIN_GLOSSES else (text, 0)


def _twin(sign: str) -> str:
    return simplified().get(ord(sign), sign)


@cache
def _foreign() -> re.Pattern[str]:
    """Return what finds the Traditional and Japanese characters that no simplified text prints."""
    table = ((chr(code), meant) for code, meant in simplified().items() if code <= _LAST_OF_PLANE)
    signs = (
        sign
        for sign, meant in table
        if meant and meant != sign and sign not in _IN_NAMES and not is_common(sign)
    )
    return re.compile(f"[{''.join(signs)}]")


def foreign_glyphs(text: str) -> dict[str, str]:
    """Return those characters that recognition took for their simplified twins, with the twins."""
    return {sign: _twin(sign) for sign in sorted({*_foreign().findall(text)})}


_Step = tuple[re.Pattern[str], dict[str, str], dict[int, str]]


@cache
def _steps(*, taiwan: bool) -> list[_Step]:
    """Return what is replaced, in order: phrases, and characters where no phrase stands."""
    general = _step(_entries("TSPhrases"), _entries("TSCharacters"))
    if not taiwan:
        return [general]
    words = _entries("TWVariantsRevPhrases") | _entries("TWPhrasesRev")
    return [_step(words, _entries("TWVariantsRev")), general]


def _step(phrases: dict[str, str], characters: dict[str, str]) -> _Step:
    longest_first = sorted(phrases, key=len, reverse=True)
    pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})")
    meant = {k: v for k, v in characters.items() if k not in _IN_NAMES}
    return pattern, phrases, str.maketrans(meant)


def _entries(name: str) -> dict[str, str]:
    """Return a dictionary of OpenCC; of several meanings the first."""
    text = files("opencc").joinpath(f"dictionary/{name}.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines())
    return {found: meant.split()[0] for found, meant in pairs}
