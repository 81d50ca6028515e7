"""Numbers that a browser prints before the items of a list, although the text does not hold them."""

import re
from dataclasses import dataclass

_DIGITS = "零一二三四五六七八九"
_OWN_NUMBER = re.compile(
    r"\s*(?:第?[一二三四五六七八九十]{1,3}[、.．,，]|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,3}[、.．)）]|[①-⑳㈠-㈩])"
)
_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z\-]+)", re.IGNORECASE)
_CHINESE = ("cjk-ideographic", "simp-chinese", "trad-chinese", "cjk-decimal", "japanese")


@dataclass(slots=True)
class Marks:
    """The numbering of one list: the next number, and how it is written."""

    number: int = 1
    style: str = "decimal"

    @staticmethod
    def of(attributes: dict[str, str | None]) -> "Marks":
        """Return the numbering that the attributes of an `ol` ask for."""
        styled = _STYLE.search(attributes.get("style") or "")
        style = styled[1].lower() if styled else (attributes.get("type") or "decimal")
        return Marks(_whole(attributes.get("start"), 1), style)

    def next(self, attributes: dict[str, str | None]) -> str:
        """Return the mark of the next item; empty when the list shows none."""
        self.number = _whole(attributes.get("value"), self.number)
        number, self.number = self.number, self.number + 1
        if self.style.startswith(_CHINESE):
            return f"{_chinese(number)}、"
        return f"{number}." if self.style in ("decimal", "1", "inherit") else ""


def marked_list(mark: str, text: str) -> str:
    """Return the text of an item with its mark, unless it brings a number itself."""
    return text if _OWN_NUMBER.match(text) else mark + text


def _chinese(number: int) -> str:
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return head + (_DIGITS[ones] if ones or not tens else "")


def _whole(text: str | None, default: int) -> int:
    found = re.fullmatch(r"\s*(\d{1,6})\s*", text or "")
    return int(found[1]) if found else default
