"""Masks personal data in texts, in issues, and in plain JSON values."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from shared.report.issue import Evidence, Issue, Repair
from shared.report.personal.find import find
from shared.report.personal.names import mentions_a_person

_DIGITS: Final = re.compile(r"[0-9０-９](?:[^0-9０-９]?[0-9０-９]){10}")
_FIGURE: Final = re.compile(r"\s*[-+]?[0-9][0-9,]{0,15}(?:\.[0-9]+)?\s*\Z")


def masked(text: str) -> str:
    """Return the text with stars in place of personal data: as long as before, the same at every repetition.

    Of an identity or card number the first four digits stay, of a mobile number three, of a name the
    surname; spaces and hyphens between digits stay too.
    """
    if not (_DIGITS.search(text) or mentions_a_person(text)):
        # most texts are short and end here
        return text
    parts, reached = [], 0
    for one in find(text):
        parts.append(text[reached : one.start])
        parts.append(_starred(text[one.start : one.end], one.shown))
        reached = one.end
    return "".join((*parts, text[reached:]))


def _starred(found: str, shown: int) -> str:
    """Star every letter and digit but the first few."""
    signs = []
    for sign in found:
        if sign.isalnum():
            shown -= 1
            sign = sign if shown >= 0 else "*"  # noqa: PLW2901 - the same place, starred
        signs.append(sign)
    return "".join(signs)


def masked_issue(issue: Issue) -> Issue:
    """Return the issue as outsiders may see it; its id and its numbers stay what they are."""
    return replace(
        issue,
        message_zh=masked(issue.message_zh),
        message_en=masked(issue.message_en),
        expected=_side(issue.expected),
        observed=_side(issue.observed),
        formula=_text(issue.formula),
        suggestion=_text(issue.suggestion),
        evidence=tuple(map(_evidence, issue.evidence)),
        repairs=tuple(map(_repair, issue.repairs)),
    )


def _evidence(found: Evidence) -> Evidence:
    if found.address is not None and _FIGURE.match(found.text):
        # the figure of a cell, however long, is what the report counts
        return found
    return replace(found, text=masked(found.text))


def _repair(repair: Repair) -> Repair:
    return replace(
        repair,
        supported_by=_text(repair.supported_by),
        contradicted_by=_text(repair.contradicted_by),
    )


def _text(text: str | None) -> str | None:
    return None if text is None else masked(text)


def _side(side: float | str | None) -> float | str | None:
    return masked(side) if isinstance(side, str) else side


def masked_values(value: Any) -> Any:
    """Return plain JSON values with every text masked; keys, numbers and the figures of cells stay."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        if value.get("state") == "number" and "raw" in value:
            return {k: v if k == "raw" else masked_values(v) for k, v in value.items()}
        return {k: masked_values(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [masked_values(one) for one in value]
    return value
