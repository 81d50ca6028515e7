"""Whether the source breaks off before the report ends: an incomplete source, not a wrong report."""

import re

from shared.report.document import Document, Observation, Paragraph
from shared.report.record import Section

_SHORTEST_SENTENCE = 12
_ENDED = re.compile(
    r"[。！？!?.；;：:）)】》”\"…]$|[\d一二三四五六七八九十]\s*日$|\d{4}[-./]\d{1,2}[-./]\d{1,2}$|(?:局|府|室|处|会|厅|委|院|队|站|所|办|心)$"
)


def broken_off(document: Document, sections: tuple[Section, ...]) -> Observation | None:
    """Return an observation when the document ends in the middle of a sentence, None otherwise.

    Only when later sections are missing: a careless last sentence in section six is no sign.
    """
    last = document.blocks[-1] if document.blocks else None
    if not isinstance(last, Paragraph) or not sections or sections[-1].number == 6:
        return None
    text = last.text.strip()
    if len(text) < _SHORTEST_SENTENCE or _ENDED.search(text):
        return None
    return Observation("e_page_lost", f"…{text[-30:]}", last.line, severity="error")
