"""Markup and field residue inside lines: taken out of the text, reported, the raw line kept."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape

from shared.report.document import Observation

_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb]"
)
_ENTITY = re.compile(r"&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_BOOKMARK = re.compile(r"\[(?:bookmark|image|embedded|OLE):?[^\[\]\n]{0,120}\]", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[^\n]{0,2000}?-->|<!--")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:u|b|i|em|strong|sub|sup|span|font|a|p|div|center|s|del|ins|mark|small|big|img|hr|code|"
    r"section|o:p|h[1-6])(?:\s[^<>\n]{0,300})?/?>",
    re.IGNORECASE,
)
_BOLD = re.compile(r"(?<!\*)\*\*(?!\*)([^*\n]+)\*\*(?!\*)")
_WHOLE_BOLD = re.compile(r"\s*(?:#{1,6}\s*)?\*\*[^*\n]+\*\*\s*")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\s]{0,500}\)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>~])")
_FIELD = re.compile(
    r"\{?\s?(?:HYPERLINK|PAGEREF|NUMPAGES|INCLUDEPICTURE|TOC|PAGE)\b"
    r"(?:\s{1,3}(?:\\[*\w]{1,3}|[\"“][^\"“”\n]{0,300}[\"”]|MERGEFORMAT|_\w{1,30}))+\s?\}?|\\\* ?MERGEFORMAT"
)
_WORD_FIELD = re.compile(
    r"\x13[^\x13\x14\x15\n]{0,400}\x14|\x13[^\x13\x14\x15\n]{0,400}\x15|[\x13-\x15]"
)
# a word filter leaves stars where words were; one pair is bold, three and more are a hole
_FILTERED = re.compile(r"(?<=[\u4e00-\u9fff])\*{2,}(?=[\u4e00-\u9fff])")

WORD_CELL = "\x07"
"""Ends a cell in the text dump of a Word file; becomes a tab."""

CELL_BREAK = "\v"
"""A line feed inside one line (`<br>`, Word's 0B): parts paragraphs, vanishes inside a cell."""


@dataclass(slots=True)
class Tally:
    """What was met so far, by rule: first evidence, line and how often."""

    seen: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def add(self, rule: str, evidence: str, line: int) -> None:
        """Count one more finding of `rule`."""
        self.seen.setdefault(rule, []).append((evidence, line))

    def observations(self) -> list[Observation]:
        """One observation per rule with its first evidences and the count."""
        return [
            Observation(
                rule,
                f"{'; '.join(dict.fromkeys(e for e, _ in found[:5]))} ×{len(found)}",
                found[0][1],
            )
            for rule, found in self.seen.items()
        ]


Cleaner = Callable[[str, int, Tally], str]


def _note_all(
    pattern: re.Pattern[str], rule: str, put: str | Callable[[re.Match[str]], str]
) -> Cleaner:
    def clean(line: str, number: int, tally: Tally) -> str:
        def one(found: re.Match[str]) -> str:
            tally.add(rule, found[0][:60], number)
            return put if isinstance(put, str) else put(found)

        return pattern.sub(one, line)

    return clean


def _entity(found: re.Match[str]) -> str:
    return "".join(c if c.isprintable() or c == "\u00a0" else " " for c in unescape(found[0]))


def _bold(line: str, number: int, tally: Tally) -> str:
    if not _WHOLE_BOLD.fullmatch(line):
        for found in _BOLD.finditer(line):
            tally.add("e_inline_markup", found[0][:60], number)
    bare = _BOLD.sub(r"\1", line)
    for found in _FILTERED.finditer(bare):
        tally.add("e_mirror_damage", bare[max(0, found.start() - 4) : found.end() + 4], number)
    return bare


def _controls(line: str, number: int, tally: Tally) -> str:
    def one(found: re.Match[str]) -> str:
        sign = found[0]
        if sign == CELL_BREAK:
            return sign
        tally.add("e_artifact", f"U+{ord(sign):04X}", number)
        return "\t" if sign == WORD_CELL else ""

    return _CONTROL.sub(one, _WORD_FIELD.sub("", line))


_CLEANERS: tuple[tuple[str, Cleaner], ...] = (
    ("[", _note_all(_BOOKMARK, "e_artifact", "")),
    ("&", _note_all(_ENTITY, "e_artifact", _entity)),
    ("](", _note_all(_LINK, "e_inline_markup", lambda found: found[1])),
    ("<!--", _note_all(_COMMENT, "e_inline_markup", "")),
    ("<", _note_all(_BREAK, "e_inline_markup", CELL_BREAK)),
    ("<", _note_all(_TAG, "e_inline_markup", "")),
    ("LINK", _note_all(_FIELD, "e_artifact", "")),
    ("PAGE", _note_all(_FIELD, "e_artifact", "")),
    ("MERGEFORMAT", _note_all(_FIELD, "e_artifact", "")),
    ("\\", _note_all(_ESCAPE, "e_inline_markup", lambda found: found[1])),
    ("**", _bold),
)


def clean_lines(
    lines: list[str], text: str, numbers: range | list[int]
) -> tuple[dict[int, str], Tally]:
    """Clean `lines` in place; return the raw text of those that changed, and what was met.

    `text` is the whole text, asked first so that clean documents cost one look.
    """
    tally = Tally()
    cleaners = [(needle, clean) for needle, clean in _CLEANERS if needle in text]
    has_controls = _CONTROL.search(text) is not None
    raws: dict[int, str] = {}
    if not cleaners and not has_controls:
        return raws, tally
    for index, line in enumerate(lines):
        cleaned = _controls(line, numbers[index], tally) if has_controls else line
        for needle, clean in cleaners:
            if needle in cleaned:
                cleaned = clean(cleaned, numbers[index], tally)
        if cleaned != line:
            lines[index] = cleaned
            raws[index] = line
    return raws, tally
