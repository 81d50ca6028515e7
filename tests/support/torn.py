"""Web pages whose markup was torn: a cell, a row's edge or some tags are gone."""

import re
from collections.abc import Callable
from random import Random
from typing import Final

_TAG = re.compile(rb"<[^<>]{1,400}>")
_END = re.compile(rb"</[a-zA-Z][^<>]{0,20}>")
_CELL_TAG = re.compile(rb"</?t[dh](?=[\s>])[^<>]{0,400}>", re.IGNORECASE)
_ROW_TAG = re.compile(rb"</?tr(?=[\s>])[^<>]{0,400}>", re.IGNORECASE)
_CELL = re.compile(
    rb"<t[dh](?=[\s>])[^<>]{0,400}>(?:(?!</?t[drh](?=[\s>])).){0,2000}?(?:</t[dh]\s*>|(?=<t[drh](?=[\s>])))",
    re.IGNORECASE | re.DOTALL,
)
_EDGE = re.compile(
    rb"(?:</t[dh]\s*>\s*)?(?:</tr\s*>\s*)?<tr(?=[\s>])[^<>]{0,400}>\s*(?:<t[dh](?=[\s>])[^<>]{0,400}>)?",
    re.IGNORECASE,
)
_CELL_EDGE = re.compile(
    rb"</t[dh]\s*>\s*<t[dh](?=[\s>])[^<>]{0,400}>",
    re.IGNORECASE,
)


def _without(page: bytes, found: list[re.Match[bytes]], rng: Random, number: int) -> bytes:
    for match in sorted(rng.sample(found, min(number, len(found))), key=lambda m: -m.start()):
        page = page[: match.start()] + page[match.end() :]
    return page


def _tearing(
    pattern: re.Pattern[bytes], numbers: tuple[int, ...]
) -> Callable[[bytes, Random], bytes]:
    def tear(page: bytes, rng: Random) -> bytes:
        return _without(page, list(pattern.finditer(page)), rng, rng.choice(numbers))

    return tear


def _stretch(page: bytes, rng: Random) -> bytes:
    start = rng.randrange(len(page))
    return page[:start] + page[start + rng.randrange(200) :]


TEARS: Final[dict[str, Callable[[bytes, Random], bytes]]] = {
    "cell": _tearing(_CELL, (1, 1, 3)),
    "cell_tag": _tearing(_CELL_TAG, (1, 1, 4)),
    "cell_edge": _tearing(_CELL_EDGE, (1, 1, 3)),
    "row_tag": _tearing(_ROW_TAG, (1, 1, 4)),
    "row_edge": _tearing(_EDGE, (1, 1, 2)),
    "tags": _tearing(_TAG, (1, 4, 30)),
    "end_tags": _tearing(_END, (1, 4, 30)),
    "stretch": _stretch,
}
"""What is gone: whole cells, tags of cells or of rows, the edge between two rows or two cells
(tags on both sides), any tags, any end tags, a stretch of bytes."""
