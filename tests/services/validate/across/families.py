"""Build families for examples of the rules that look at more than one report (see cases.toml)."""

import tomllib
from pathlib import Path
from typing import Any

from services.validate.core.across.family import Family, Members, Neighbour
from services.validate.core.examples.building import build
from shared.report.record import Record

_FILE = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = _FILE["cases"]
TEXTS: dict[str, str] = {name: text.strip() for name, text in _FILE["texts"].items()}
REPORT, BEFORE = "report", "before"


def family(case: dict[str, Any]) -> Family:
    """Return the report of a case with what it is judged beside."""
    record = report(case.get("report", {}))
    alike: dict[int, list[Neighbour]] = {}
    before = None
    if "before" in case:
        told = dict(case["before"])
        shares = told.pop("shares", ())
        told["identity"] = {"year": (record.identity.year or 0) - 1, **told.get("identity", {})}
        before = Neighbour(BEFORE, report(told))
        for section in shares:
            alike.setdefault(section, []).append(before)
    for entry in case.get("alike", ()):
        told = dict(entry)
        name, shares = told.pop("id"), told.pop("shares", (1, 5))
        for section in shares:
            alike.setdefault(section, []).append(Neighbour(name, report(told)))
    return Family(
        REPORT, record, before, {n: tuple(found) for n, found in alike.items()},
        _members(case["members"]) if "members" in case else None,
    )  # fmt: skip


def report(told: dict[str, Any]) -> Record:
    """Return one report; texts that begin with @ are those of the file."""
    sections = {
        number: TEXTS[text[1:]] if isinstance(text, str) and text.startswith("@") else text
        for number, text in told.get("sections", {}).items()
    }
    return build(told | {"sections": sections})


def _members(told: dict[str, Any]) -> Members:
    largest = {
        address: (number, body) for address, (number, body) in told.get("largest", {}).items()
    }
    return Members(**{**told, "largest": largest, "lacking": tuple(told.get("lacking", ()))})
