"""Text of strangers made safe to print: no control characters, one line, of bounded length."""

import re
from typing import Any, Final

import orjson

_STEERING: Final = (
    r"\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    r"\ud800-\udfff\ufeff"
)
"""What moves a cursor, ends a line, turns the direction of text, or is no character; not the tab."""
_CONTROLS: Final = re.compile(f"[{_STEERING}]")
_IN_JSON: Final = re.compile(
    r"[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_NO_CHARACTER: Final = re.compile(r"[\ud800-\udfff]")


def printable(text: str, longest: int | None = None) -> str:
    """Return the text with � for whatever would steer a terminal or fake a line.

    What is longer than `longest` characters is cut, and says so.
    """
    if longest is not None and len(text) > longest:
        text = f"{text[:longest]}… ({len(text)})"
    return text if text.isascii() and text.isprintable() else _CONTROLS.sub("\ufffd", text)


def json_line(value: Any, *, indented: bool = False) -> bytes:
    """Return JSON that says the same and is safe to show: what steers a terminal is written as an escape.

    Halves of characters, which no JSON can hold, become �.
    """
    option = orjson.OPT_INDENT_2 if indented else 0
    try:
        text = orjson.dumps(value, option=option).decode()
    except TypeError:
        text = orjson.dumps(_whole(value), option=option).decode()
    if not text.isascii():
        text = _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.replace("\x7f", "\\u007f").encode()


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _NO_CHARACTER.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_whole(k): _whole(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(one) for one in value]
    return value
