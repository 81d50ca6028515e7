"""The page's own words in both languages, and which of them a reader wants."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
_RANGE: Final = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,30})?\s*(?:;\s*q=([01](?:\.[0-9]{1,3})?)\s*)?"
)
_MOST_RANGES: Final = 20


@cache
def words(language: Language) -> Mapping[str, str]:
    """Return every word of the page in a language, by key."""
    text = (resources.files("services.page.core") / "words.toml").read_text(encoding="utf-8")
    at = LANGUAGES.index(language)
    return {
        key if part == "page" else f"{part}.{key}": pair[at]
        for part, pairs in tomllib.loads(text).items()
        for key, pair in pairs.items()
    }


def language_of(asked: str | None, kept: str | None, accepted: str) -> Language:
    """Return the language asked for, else the one kept, else the best that a browser accepts, else Chinese."""
    for wanted in (asked, kept):
        for language in LANGUAGES:
            if wanted == language:
                return language
    best: tuple[float, Language] = (0.0, "zh")
    for one in accepted.split(",")[:_MOST_RANGES]:
        found = _RANGE.fullmatch(one)
        if found is None:
            continue
        quality = float(found[2] or 1)
        for language in LANGUAGES:
            if found[1].lower() == language and quality > best[0]:
                best = (quality, language)
    return best[1]
