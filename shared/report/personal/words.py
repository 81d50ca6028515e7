"""The words that tell personal data from everything else, read from words.toml."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _words() -> dict[str, Any]:
    text = files(__package__).joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def one_of(*lists: str) -> str:
    """Return the words of these lists as alternatives of a pattern, the longer ones first."""
    return alternatives(word for name in lists for word in listed(name))


def listed(name: str) -> Iterable[str]:
    """Return the words of a list; the characters of one that is a text."""
    found = _words()[name]
    return "".join(found.split()) if isinstance(found, str) else found


def alternatives(words: Iterable[str]) -> str:
    """Return a pattern that matches any of these words, the longest first."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(map(re.escape, ordered)) + ")"
