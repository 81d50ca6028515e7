"""The outline of a document: paragraphs, section headings, title and signature, read once."""

from dataclasses import dataclass

from services.extract.core.headings import Heading, find_headings
from services.extract.core.who.closing import Signature, find_signature
from services.extract.core.who.title import Title, find_title
from shared.report.document import Document, Paragraph

_WITHOUT_HEADINGS = 12


@dataclass(frozen=True, slots=True)
class Outline:
    """What identity, sections and recognition share. `stop` is the first heading's paragraph."""

    document: Document
    paragraphs: list[Paragraph]
    headings: tuple[Heading, ...]
    stop: int
    title: Title | None
    signature: Signature


def outline_of(document: Document) -> Outline:
    """Find the headings, the title before them and the signature after them."""
    paragraphs = [b for b in document.blocks if isinstance(b, Paragraph)]
    headings = find_headings(document)
    stop = headings[0].paragraph if headings else min(len(paragraphs), _WITHOUT_HEADINGS)
    title = find_title(paragraphs, stop)
    last = headings[-1].paragraph + headings[-1].in_paragraph if headings else 0
    after = max(last, title.end if title else 0)
    return Outline(document, paragraphs, headings, stop, title, find_signature(paragraphs, after))
