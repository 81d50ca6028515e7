"""Bring text to one form for comparing: width, variant characters, spaces, punctuation.

Only for matching labels and words: what the report printed is always kept beside it.
"""

from functools import cache, lru_cache
from importlib.resources import files

_SAME_MARK = {
    "，": ",", "、": ",", "；": ";", "：": ":", "。": ".", "．": ".", "·": ".", "•": ".",
    "（": "(", "）": ")", "【": "[", "】": "]", "〔": "[", "〕": "]", "［": "[", "］": "]",
    "＝": "=", "／": "/", "％": "%", "＋": "+", "－": "-", "—": "-", "–": "-", "−": "-", "―": "-",
    "～": "~", "〇": "〇",
}  # fmt: skip
_DROPPED = "“”‘’\"'「」『』*#`_\ufeff\u200b\u200c\u200d\u2060\u00ad"
_SPACES = (
    " \t\r\n\f\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_VARIANTS = {
    "増": "增",
    "减": "减",
    "し": "",
    "効": "效",
    "収": "收",
    "処": "处",
    "戸": "户",
    "併": "并",
}


@cache
def simplified() -> dict[int, str]:
    """Return the character table from Traditional and Japanese forms to simplified ones."""
    table = {ord(k): v.split()[0] for k, v in _pairs("TSCharacters") if len(k) == 1}
    for traditional, japanese in _pairs("JPVariants"):
        # 芸, 余 and others are simplified characters too, with a meaning of their own
        if not is_common(japanese):
            table.setdefault(ord(japanese), table.get(ord(traditional), traditional))
    # characters that are themselves good simplified Chinese in names and numbers stay
    for keep in "乾於后里余征干著藉":
        table.pop(ord(keep), None)
    table.update({ord(k): v for k, v in _VARIANTS.items()})
    return table


def is_common(sign: str) -> bool:
    """Tell whether a character belongs to everyday simplified Chinese (GB 2312)."""
    return sign.encode("gb2312", "ignore") != b""


def _pairs(name: str) -> list[tuple[str, str]]:
    text = files("opencc").joinpath(f"dictionary/{name}.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines())
    return [(found, meant) for found, meant in pairs]


@cache
def _folding() -> dict[int, str]:
    table = dict(simplified())
    table.update({0xFF01 + i: chr(0x21 + i) for i in range(94)})
    table.update({ord(k): v for k, v in _SAME_MARK.items()})
    table.update({ord(c): "" for c in _DROPPED + _SPACES})
    return table


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return `text` for comparing: simplified, half-width, without spaces, quotes and markup."""
    return text.translate(_folding())


def is_space(text: str) -> bool:
    """Tell whether nothing but blank characters of any width is in `text`."""
    return not text.strip(_SPACES + "\ufeff\u200b")
