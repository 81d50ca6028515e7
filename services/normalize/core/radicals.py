"""Characters that fonts confuse with Chinese ones: radicals of the code chart for what looks alike.

A PDF made from some fonts says U+2F00 (the radical) where it prints 一; nobody writes radicals on
purpose in a report.
"""

import re
from functools import cache
from unicodedata import normalize

_PAIRS = (
    "⺁厂⺈刀⺒巳⺓幺⺝月⺟母⺠民⺪疋⺬示⺮竹⺯糸⺶羊⺺聿⺼月⻁虎⻄西⻅见⻆角⻉贝⻊足⻋车⻌辶⻎辶⻏阝⻓长⻔门⻖阝"
    "⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻬齐⻮齿⻰龙⻳龟"
)


@cache
def _table() -> dict[int, str]:
    table = {ord(k): v for k, v in zip(_PAIRS[::2], _PAIRS[1::2], strict=True)}
    for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFB00)):
        plain = normalize("NFKC", chr(code))
        if len(plain) == 1:
            table[code] = plain
    table[0x2F3E] = "户"
    return table


@cache
def _any() -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(chr, _table()))}]")


def has_radicals(text: str) -> bool:
    """Tell whether a text holds any of them."""
    return _any().search(text) is not None


def without_radicals(text: str) -> str:
    """Return the text with radicals and compatibility characters put back as Chinese ones."""
    return text.translate(_table())
