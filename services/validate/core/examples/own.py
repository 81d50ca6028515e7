"""The examples of gouji's own rules."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from services.validate.core.examples.model import Example

SEVERAL_REPORTS: Final = "across.toml"
"""The file whose examples have another shape: several reports each, for rules with `needs`."""


@cache
def own_examples() -> tuple[Example, ...]:
    """Return every example of one report, by file and in the order of the files."""
    folder = files("services.validate").joinpath("rulebook/examples")
    entries = sorted((e for e in folder.iterdir() if e.is_file()), key=lambda e: e.name)
    return tuple(
        Example.model_validate(case)
        for entry in entries
        if entry.name.endswith(".toml") and entry.name != SEVERAL_REPORTS
        for case in tomllib.loads(entry.read_text(encoding="utf-8"))["cases"]
    )


def has_single_examples(needs: str | None) -> bool:
    """Tell whether a rule is shown by examples of one report; the one place that exempts others.

    Rules that look at other reports have their examples in `SEVERAL_REPORTS`.
    """
    return needs is None
