"""The label of a row that the end of a page cut in two is put together."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.normalize.core.composing import Block, Grid, Slot, Text
from services.normalize.core.vocabulary import label_kind


def with_whole_labels(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks; a line after a table that ends the label of its last row goes there."""
    held: list[Block] = []
    for block in blocks:
        if isinstance(block, Text) and block.aside:
            held.append(block)
            continue
        table = held[0] if held else None
        if isinstance(table, Grid) and isinstance(block, Text):
            whole = _with_rest(table, block)
            if whole is not None:
                held[0] = whole
                continue
        yield from held
        held = [block]
    yield from held


def _with_rest(table: Grid, text: Text) -> Grid | None:
    """Return the table with the rest of its last label, None when the text is no such rest."""
    last = max(table.slots, key=lambda s: s.row)
    if last.page is None or text.page != last.page + 1:
        return None
    for slot in table.slots:
        if slot.row == last.row and _is_cut(slot, text):
            whole = replace(slot, text=f"{slot.text}\n{text.text}")
            return Grid(tuple(whole if s is slot else s for s in table.slots))
    return None


def _is_cut(slot: Slot, text: Text) -> bool:
    """Tell whether only both together are the label of a row of the form."""
    if label_kind(text.text) is not None or label_kind(slot.text) == "row":
        return False
    return bool(slot.text) and label_kind("".join(slot.text.split()) + text.text) == "row"
