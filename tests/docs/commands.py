"""The commands that documents tell people to type."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SHELLS: Final = frozenset({"sh", "bash", "console", ""})
_INLINE: Final = re.compile(r"`((?:gouji|make|python -m) [^`]+)`")
_PLACEHOLDER: Final = re.compile(r"<[a-z][a-z -]*>|…")
_LIST_ITEM: Final = re.compile(r"\s*(?:[-*]|\d+\.) ")
_ENDS: Final = ("&&", "||", "|", ";")
_REDIRECTS: Final = (">", ">>", "<", ">&", "2>")


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its words, where it is told, and whether a sentence mentions it that need not be whole."""

    words: tuple[str, ...]
    place: str
    mentioned: bool = False


def documents() -> list[Path]:
    """Return every document that people read."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")]
    found += ROOT.glob("tests/**/README.md")
    return sorted(path for path in found if path.name != "CHANGELOG.md")


def commands(path: Path) -> Iterator[Command]:
    """Yield what is told in blocks of code and within sentences."""
    for number, line, mentioned in _lines(path.read_text(encoding="utf-8")):
        for words in _split(line):
            yield Command(words, f"{path.relative_to(ROOT)}:{number}", mentioned)


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield what is a command, lines that go on behind a backslash as one, and whether it is within a sentence."""
    block, before, begun = None, "", (0, "")
    in_list = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            block = None if block is not None else line.strip("` ")
            continue
        is_code = block in SHELLS if block is not None else False
        if block is None:
            in_list = bool(_LIST_ITEM.match(line)) or (in_list and line.startswith(" "))
            is_code = (
                line.startswith("    ") and not in_list and (not before.strip() or before == "code")
            )
            if not is_code:
                yield from ((number, found, True) for found in _INLINE.findall(line))
        before = "code" if is_code else line
        if not is_code or not line.strip():
            continue
        start, said = begun
        said += line.strip().removeprefix("$ ")
        if said.endswith("\\"):
            begun = (start or number, said[:-1])
            continue
        begun = (0, "")
        yield start or number, said, False


def _split(line: str) -> Iterator[tuple[str, ...]]:
    """Yield the simple commands of a line, without redirections, comments and assignments."""
    lexer = shlex.shlex(_PLACEHOLDER.sub("SOME", line), posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, "#"
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word in _ENDS:
            yield from _plain(words)
            words = []
        else:
            words.append(word)


def _plain(words: list[str]) -> Iterator[tuple[str, ...]]:
    for at, word in enumerate(words):
        if word in _REDIRECTS:
            words = words[:at]
            break
    while words and re.fullmatch(r"[A-Z0-9_]+=.*", words[0]):
        words = words[1:]
    if words:
        yield tuple(words)
