"""Bytes of a web page made fit for the parser: what is no text goes, what would hang it is refused.

The parser takes time in the square of nesting, of attributes of one tag, and of choices in one list.
"""

import re

from shared.errors import BadInput

LARGEST_PAGE = 16 * 1024 * 1024
"""Bytes without scripts, styles and embedded pictures; a long report has some 300 kB."""

_MOST_TAGS = 400_000
_DEEPEST = 1_500
_MOST_NESTED = 100
_MOST_CELLS = 100_000
_MOST_ATTRIBUTES = 10_000
"""In one tag; more tags may share what their squares add up to."""
_MOST_CHOICES = 5_000
_MOST_OPEN_STYLES = 200
_MANY_TAGS, _VERY_MANY_TAGS, _MANY_TABLES = 1_000, 6_000, 100
"""Below these the parser is quick whatever the markup."""
_LONG_TAG = 1_000

_RAW = tuple(
    (
        re.compile(rb"<" + tag + rb"(?=[\s/>])", re.IGNORECASE),
        re.compile(rb"</" + tag + rb"(?=[\s/>])[^>]*>", re.IGNORECASE),
    )
    for tag in (b"script", b"style")
)
_EMBEDDED = re.compile(
    rb"data:(image/[a-z+.\-]{1,20})(?:;charset=[\w\-]{1,20})?;base64,([A-Za-z0-9+/=%\s]{64,})",
    re.IGNORECASE,
)
_NESTING = re.compile(
    r"<(/?)(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li"
    r"|dd|dt|option|optgroup|tbody|thead|tfoot|colgroup|caption|rt|rp|html|head|body)\b)([a-zA-Z]+)"
)
_TABLE = re.compile("<table", re.IGNORECASE)
_CHOICE = re.compile(r"<opt(?:ion|group)\b", re.IGNORECASE)
_SPACES = re.compile(r"[\s/]+")
_QUOTED = re.compile("\"[^\"]*\"|'[^']*'")
_STYLE_TAG = re.compile(
    r"<(/?)(?:b|big|code|em|font|i|nobr|small|strong|tt|u)(?=[\s/>])[^>]*>", re.IGNORECASE
)


def strip_raw(data: bytes, pictures: list[bytes]) -> bytes:
    """Return the page without scripts and styles, embedded pictures as references into `pictures`.

    Only for encodings that keep ASCII as it is: the marks are ASCII, and no Chinese encoding uses
    `<` as the second byte of a character.
    """

    def put_aside(found: re.Match[bytes]) -> bytes:
        pictures.append(found[2])
        return b"embedded:%d" % (len(pictures) - 1)

    for begin, end in _RAW:
        data = _cut(data, begin, end)
    return _EMBEDDED.sub(put_aside, data) if b"base64," in data else data


def _cut(data: bytes, begin: re.Pattern[bytes], end: re.Pattern[bytes]) -> bytes:
    """Cut out every element in one pass; one that never ends is left to the parser."""
    kept: list[bytes] = []
    at = 0
    while found := begin.search(data, at):
        closing = end.search(data, found.end())
        if closing is None:
            break
        kept.append(data[at : found.start()])
        at = closing.end()
    return b"".join((*kept, data[at:])) if kept else data


def guard(text: str, name: str) -> str:
    """Return the markup the parser may be given; raises `BadInput` "hostile" or "too_large"."""
    tags = text.count("<")
    if len(text) > LARGEST_PAGE:
        raise BadInput(
            "too_large",
            f"网页“{name}”有 {len(text)} 个字符，超出上限 {LARGEST_PAGE}。",
            f"The web page {name!r} has {len(text)} characters, more than {LARGEST_PAGE}.",
        )
    if tags > _MOST_TAGS:
        raise _hostile(name, f"{tags} 个标记", f"{tags} tags")
    if tags > _MANY_TAGS:
        text = _without_open_styles(text)
    if tags > _VERY_MANY_TAGS or len(_TABLE.findall(text)) > _MANY_TABLES:
        _check_shape(text, name)
    if len(text) > _LONG_TAG:
        _check_attributes(text, name)
    return text


def _check_shape(text: str, name: str) -> None:
    depth = deepest = cells = nested = 0
    around: list[int] = []
    for found in _NESTING.finditer(text):
        ends, tag = found[1], found[2].lower()
        if tag in ("td", "th", "tr"):
            # a cell or row ends whatever was left open in the one before
            cells += tag != "tr" and not ends
            depth = around[-1] + 1 if around else depth
        elif tag == "table" and not ends:
            around.append(depth)
            depth += 1
            nested = max(nested, len(around))
        elif tag == "table":
            depth = around.pop() if around else depth
        else:
            depth = max(0, depth - 1) if ends else depth + 1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST or nested > _MOST_NESTED:
        deepest = max(deepest, nested)
        raise _hostile(name, f"{deepest} 层嵌套", f"{deepest} levels of nesting")
    if cells > _MOST_CELLS:
        raise _hostile(name, f"{cells} 个表格单元", f"{cells} table cells")
    if (choices := len(_CHOICE.findall(text))) > _MOST_CHOICES:
        raise _hostile(name, f"{choices} 个选项", f"{choices} choices in lists")


def _without_open_styles(text: str) -> str:
    """Drop tags that only style text where they are not closed.

    The standard opens each of them again in every paragraph that follows, which multiplies them.
    """
    open_now = sum(-1 if ends else 1 for ends in _STYLE_TAG.findall(text))
    return _STYLE_TAG.sub("", text) if open_now > _MOST_OPEN_STYLES else text


def _check_attributes(text: str, name: str) -> None:
    spent = 0
    for part in text.split("<"):
        if len(part) > _LONG_TAG:
            tag = _QUOTED.sub("", part).partition(">")[0]
            spent += len(_SPACES.split(tag)) ** 2 if len(tag) > _LONG_TAG else 0
    if spent > _MOST_ATTRIBUTES**2:
        raise _hostile(name, "上万个属性", "ten thousand attributes")


def _hostile(name: str, zh: str, en: str) -> BadInput:
    return BadInput(
        "hostile",
        f"网页“{name}”有{zh}，不可能是年度报告，未予解析。",
        f"The web page {name!r} has {en}; no report has, so it was not parsed.",
    )
