"""The language of messages for people: Chinese, English, or both, by GOUJI_LANGUAGE or the locale.

Both texts stand side by side where they are written, so that they cannot come apart: two languages need no catalogues.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal, get_args

from shared.errors import GoujiError

Language = Literal["zh", "en", "both"]

SETTING: Final = "GOUJI_LANGUAGE"
_LANGUAGES: Final = get_args(Language)
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The variables of the locale, as POSIX orders them: the first that says something counts."""
_NEUTRAL: Final = ("", "C", "POSIX")
"""Locales that name no language; containers and services have them."""


class BadLanguage(GoujiError):
    """GOUJI_LANGUAGE names no language that gouji speaks."""

    def __init__(self, given: str) -> None:
        """Say what was given and what is allowed, in both languages: none is chosen."""
        super().__init__(f"{SETTING}={given!r}: 须为 must be {' | '.join(_LANGUAGES)}")


def chosen(environment: Mapping[str, str]) -> Language:
    """Return the language that the variables of an environment choose.

    Raises `BadLanguage` when GOUJI_LANGUAGE is set to anything else than zh, en or both.
    """
    wanted = environment.get(SETTING, "")
    match wanted:
        case "":
            return _of_the_locale(environment)
        case "zh" | "en" | "both":
            return wanted
        case _:
            raise BadLanguage(wanted)


def _of_the_locale(environment: Mapping[str, str]) -> Language:
    told = next((value for name in _LOCALE if (value := environment.get(name))), "")
    # zh_CN.UTF-8, zh@pinyin, C.UTF-8
    name = told.partition("@")[0].partition(".")[0]
    if name in _NEUTRAL:
        return "both"
    return "zh" if name.partition("_")[0].lower() == "zh" else "en"


@cache
def language() -> Language:
    """Return the language of this process, decided once.

    A setting that cannot be used is both here, for texts are made while modules are loaded; the
    program then refuses to start, because it asks `chosen`.
    """
    try:
        return chosen(os.environ)
    except BadLanguage:
        return "both"


def spoken(zh: str, en: str, between: str = " · ") -> str:
    """Return a message in the language of this process, both with `between` them where none is chosen."""
    return worded(language(), zh, en, between)


def texts(zh: str, en: str) -> tuple[str, ...]:
    """Return a message in the language of this process, or both: for lines and cells of their own."""
    return _texts(language(), zh, en)


def worded(wanted: Language, zh: str, en: str, between: str = " · ") -> str:
    """Return a text in the language that is wanted."""
    return between.join(_texts(wanted, zh, en))


def _texts(wanted: Language, zh: str, en: str) -> tuple[str, ...]:
    return {"zh": (zh,), "en": (en,)}.get(wanted, (zh, en))
