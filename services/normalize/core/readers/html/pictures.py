"""Pictures that stand where a table of the form should be: found, given out to be recognised."""

import hashlib
from binascii import Error as BadBase64
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_to_bytes

from services.normalize.core.composing import Block, Grid, Text
from services.normalize.core.outcomes import Aids, Picture
from services.normalize.core.readers.html.article import is_form_table
from services.normalize.core.readers.html.tree import Image
from services.normalize.core.readers.html.words import is_form_title

_MAGIC = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
_SMALLEST = 2_000
"""Bytes; a readable picture of a table has more."""
_MOST_PICTURES = 60
_TABLE_SECTIONS = ("主动公开", "申请", "复议")


@dataclass(slots=True)
class Store:
    """Where the bytes of pictures are: inside the page (base64) or beside it in a web archive."""

    embedded: list[bytes] = field(default_factory=list)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def find(self, source: str) -> bytes | None:
        """Return the bytes of a picture, None when they are not in the file."""
        if source.startswith("embedded:"):
            number = source.removeprefix("embedded:")
            if number.isdecimal() and int(number) < len(self.embedded):
                return _from_base64(self.embedded[int(number)])
        return self.files.get(source)


def _from_base64(text: bytes) -> bytes | None:
    try:
        return a2b_base64(unquote_to_bytes(text) if b"%" in text else text)
    except BadBase64:
        return None


@dataclass(slots=True)
class Pictured:
    """The blocks with recognised pictures in place; what is wanted and what could not be read."""

    blocks: list[Block] = field(default_factory=list)
    wanted: list[Picture] = field(default_factory=list)
    skipped: list[Image] = field(default_factory=list)
    recognised: list[int] = field(default_factory=list)


def put_pictures(found: Sequence[Block | Image], store: Store, aids: Aids) -> Pictured:
    """Replace pictures that may show a table by what was recognised in them."""
    result = Pictured()
    missing = _missing(found)
    number = 0
    for index, block in enumerate(found):
        if not isinstance(block, Image):
            result.blocks.append(block)
            continue
        if index not in missing or block.is_spacer:
            continue
        data = store.find(block.source)
        if data is None or len(data) < _SMALLEST or not data.startswith(_MAGIC):
            result.skipped.append(block)
            continue
        number += 1
        key = hashlib.sha256(data).hexdigest()
        known = aids.recognised.get(key)
        if known is not None:
            result.blocks += [_on_page(b, number) for b in known.blocks]
            result.recognised.append(number)
        elif number <= _MOST_PICTURES:
            result.wanted.append(Picture(key, number, data))
        else:
            result.skipped.append(block)
    return result


def _missing(found: Sequence[Block | Image]) -> set[int]:
    """Return the places where a table may be shown as a picture.

    That is everywhere on a page without any table of the form, else in sections that should have
    a table and have none.
    """
    if not any(isinstance(b, Grid) and is_form_table(b) for b in found):
        return set(range(len(found)))
    missing: set[int] = set()
    section: list[int] | None = None
    for index, block in enumerate(found):
        if isinstance(block, Text) and not block.aside and is_form_title(block.text):
            missing.update(section or ())
            section = [] if any(word in block.text for word in _TABLE_SECTIONS) else None
        elif isinstance(block, Grid) and is_form_table(block):
            section = None
        elif section is not None:
            section.append(index)
    return missing.union(section or ())


def _on_page(block: Block, number: int) -> Block:
    if isinstance(block, Text):
        return replace(block, page=number)
    return Grid(tuple(replace(slot, page=number) for slot in block.slots))
