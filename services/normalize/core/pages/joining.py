"""Sentences that the end of a recognised page cut in two are put together."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.normalize.core.composing import Block, Text
from services.normalize.core.vocabulary import is_section_heading

_ENDS = "。！？；：…”）"
_SENTENCE = 18
"""Characters from which on a paragraph without a stop at its end may be cut."""


def joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks of recognised pages; page numbers may stand inside a cut sentence."""
    held: list[Block] = []
    for block in blocks:
        before = held[0] if held else None
        if isinstance(block, Text) and block.aside:
            held.append(block)
            continue
        if _goes_on(before, block):
            assert isinstance(before, Text)
            assert isinstance(block, Text)
            low = min(before.confidence, block.confidence)
            held[0] = replace(before, text=before.text + block.text, confidence=low)
            continue
        yield from held
        held = [block]
    yield from held


def _goes_on(before: Block | None, block: Block) -> bool:
    if not isinstance(before, Text) or not isinstance(block, Text) or before.aside:
        return False
    if before.page == block.page or len(before.text) < _SENTENCE or before.text[-1] in _ENDS:
        return False
    opens = (
        block.text[:1] in "一二三四五六七八九十（("
        and block.text[1:3].strip("、一二三四五六七八九十）)") == ""
    )
    return not (opens or is_section_heading(before.text) or is_section_heading(block.text))
