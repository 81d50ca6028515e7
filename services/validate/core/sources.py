"""A TOML text with the lines of its entries: tomllib tells values, people need to know where."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from services.validate.core.faults import RulebookError

_HEADER: Final = re.compile(r"^\s*(\[\[?)([^\[\]#]+)\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"^\s*([\w.\"'@*-]+(?:\s+[\w.\"'@*-]+)*)\s*=")
_AT_LINE: Final = re.compile(r"at line (\d+)")

Path = tuple[str | int, ...]
"""Where an entry stands: ("rules", 0, "parameters", "left") or ("overrides", "d_deadline")."""


class _Place(NamedTuple):
    path: Path
    line: int


@dataclass(frozen=True)
class Source:
    """One file of rules: its name, its text and what TOML makes of it."""

    name: str
    text: str
    content: dict[str, Any]

    def line(self, path: Path) -> int:
        """Return the first line that has the longest part of `path`; 1 when none has any."""
        best, line = 0, 1
        for place in self._places:
            shared = 0
            while place.path[shared : shared + 1] == path[shared : shared + 1] != ():
                shared += 1
            if shared > best:
                best, line = shared, place.line
        return line

    def fault(self, path: Path, zh: str, en: str, entry: str = "") -> RulebookError:
        """Return the error that says what is wrong with the entry at `path`."""
        return RulebookError(zh, en, file=self.name, line=self.line(path), entry=entry)

    @cached_property
    def _places(self) -> tuple[_Place, ...]:
        return tuple(_places(self.text))


def read(name: str, text: str, known: tuple[str, ...]) -> Source:
    """Return the source; raises `RulebookError` on bad syntax or a top entry that is not `known`."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        last = max(1, len(text.splitlines()))
        raise RulebookError(
            "不是正确的 TOML", f"not readable as TOML: {error}",
            file=name, line=int(found[1]) if found else last,
        ) from error  # fmt: skip
    source = Source(name, text, content)
    for key in content:
        if key not in known:
            raise source.fault((key,), f"不认识的条目 {key}", f"unknown entry {key}")
    return source


def _places(text: str) -> Iterator[_Place]:
    """Yield the path of every header and key that stands at the start of a line."""
    counts: dict[Path, int] = {}
    prefix: Path = ()
    quote = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if quote:
            # inside a text of several lines nothing is an entry
            quote = "" if quote in line else quote
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header is not None:
            prefix = _resolved(_parts(header[2]), counts, opens=header[1] == "[[")
            yield _Place(prefix, number)
        elif key is not None:
            yield _Place((*prefix, *_parts(key[1])), number)
        quote = next((q for q in ('"""', "'''") if line.count(q) % 2), "")


def _resolved(names: tuple[str, ...], counts: dict[Path, int], *, opens: bool) -> Path:
    """Return the path of a header: `[[rules]]` opens a new entry, `[rules.x]` is in the last one."""
    path: Path = ()
    for position, name in enumerate(names):
        path = (*path, name)
        if opens and position == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _parts(dotted: str) -> tuple[str, ...]:
    """Return the names of a dotted key; quoted names may hold dots."""
    found = re.findall(r"\"([^\"]*)\"|'([^']*)'|([^\s.\"']+)", dotted)
    return tuple(next(p for p in group if p) if any(group) else "" for group in found)
