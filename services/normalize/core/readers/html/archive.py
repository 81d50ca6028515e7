"""Web pages saved whole (MHTML): the page among the parts of the message, and its pictures."""

import email
import re
from dataclasses import dataclass, field
from email.message import Message

from services.normalize.core.decoding import field_words
from shared.errors import BadInput

_MOST_PARTS = 2_000
_HEADER = re.compile(rb"^[A-Za-z][A-Za-z0-9\-]{1,40}:[ \t]*\S", re.MULTILINE)
_MULTIPART = re.compile(rb"^content-type:\s*(?:multipart/|text/html)", re.IGNORECASE | re.MULTILINE)
_OPENING = 4_096


@dataclass(frozen=True, slots=True)
class Archived:
    """The bytes of the page, and those of its pictures by their address."""

    page: bytes
    files: dict[str, bytes] = field(default_factory=dict)


def is_archive(data: bytes) -> bool:
    """Tell whether bytes are a message that holds a page: header lines, not markup."""
    opening = data[:_OPENING].lstrip(b"\xef\xbb\xbf \t\r\n")
    return _HEADER.match(opening) is not None and _MULTIPART.search(opening) is not None


def unpack(data: bytes, name: str) -> Archived:
    """Return the page of an archive; raises `BadInput` when it holds none."""
    try:
        message = email.message_from_bytes(data.lstrip(b"\xef\xbb\xbf \t\r\n"))
        parts = [part for part in message.walk() if not part.is_multipart()]
    except (RecursionError, ValueError, LookupError) as error:
        raise _broken(name) from error
    if len(parts) > _MOST_PARTS:
        raise BadInput(
            "hostile",
            f"网页归档“{name}”有 {len(parts)} 个部分，超出上限 {_MOST_PARTS}。",
            f"The web archive {name!r} has {len(parts)} parts, more than {_MOST_PARTS}.",
        )
    pages = [
        content
        for part in parts
        if part.get_content_type() in _PAGES and (content := _content(part))
    ]
    if not pages:
        raise _broken(name)
    files = {
        address: content
        for part in parts
        if part.get_content_maintype() == "image" and (content := _content(part))
        for address in _addresses(part)
    }
    return Archived(max(pages, key=_words), files)


_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError):
        return b""
    return content if isinstance(content, bytes) else b""


def _addresses(part: Message) -> list[str]:
    found = [str(part.get("Content-Location") or "").strip()]
    if identifier := str(part.get("Content-ID") or "").strip().strip("<>"):
        found.append(f"cid:{identifier}")
    return [address for address in found if address]


def _words(page: bytes) -> tuple[int, int]:
    """Rank the pages of an archive: frames and advertisements come with the report."""
    best = max(field_words(page.decode(encoding, "replace")) for encoding in ("utf-8", "gb18030"))
    return page.lower().count(b"<td"), best


def _broken(name: str) -> BadInput:
    return BadInput(
        "broken",
        f"网页归档“{name}”中没有可读的网页，请重新保存，或直接上传网页（.html）。",
        f"The web archive {name!r} holds no readable page; save it again, or drop the page (.html).",
    )
