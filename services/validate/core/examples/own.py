"""The examples of gouji's own rules."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from services.validate.core.examples.model import AnyExample, Example, FamilyExample, Unshown

_FAMILIES: Final = "across.toml"
"""The file whose examples have several reports each."""
_REFERS: Final = "@"


@cache
def own_examples() -> tuple[AnyExample, ...]:
    """Return every example, by file and in the order of the files."""
    return tuple(
        FamilyExample.model_validate(_spelt_out(case, content["texts"]))
        if name == _FAMILIES
        else Example.model_validate(case)
        for name, content in _contents()
        for case in content["cases"]
    )


@cache
def unshown() -> Mapping[str, Unshown]:
    """Return the rules that no example can show, by id, each with the reason."""
    made = (
        Unshown.model_validate(entry)
        for _, content in _contents()
        for entry in content.get("unshown", ())
    )
    return {one.rule: one for one in made}


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    folder = files("services.validate").joinpath("rulebook/examples")
    for entry in sorted((e for e in folder.iterdir() if e.is_file()), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            yield entry.name, tomllib.loads(entry.read_text(encoding="utf-8"))


def _spelt_out(entry: Any, texts: Mapping[str, str]) -> Any:
    """Return an entry with the texts that it refers to in their places."""
    if isinstance(entry, dict):
        return {key: _spelt_out(value, texts) for key, value in entry.items()}
    if isinstance(entry, list):
        return [_spelt_out(value, texts) for value in entry]
    if isinstance(entry, str) and entry.startswith(_REFERS):
        return texts[entry.removeprefix(_REFERS)].strip()
    return entry
