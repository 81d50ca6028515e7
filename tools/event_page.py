"""Writes docs/events.md and the JSON Schema snapshots from the contracts; `--check` only compares.

Run `python -m tools.event_page` after a contract has changed.
"""

import dataclasses
import inspect
import json
import sys
import types
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from shared.contracts.changes import IssueGone, IssuesChanged
from shared.contracts.events import (
    REPORT_EVENTS,
    DeadLetter,
    Event,
    ReportDeferred,
    ValidationFailed,
)
from shared.contracts.reviews import REVIEW_EVENTS
from shared.runtime.streams import topology

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "events.md"
SCHEMAS = ROOT / "tests" / "contracts"
EVENTS: tuple[type[Event] | type[DeadLetter], ...] = (
    *REPORT_EVENTS, IssuesChanged, ValidationFailed, IssueGone, *REVIEW_EVENTS, DeadLetter,
)  # fmt: skip

_SUBJECTS: dict[type[BaseModel], str] = {
    ValidationFailed: f"{ValidationFailed.subject}.<severity>.<rule>",
    IssueGone: f"{IssueGone.subject}.<severity>.<rule>",
    ReportDeferred: f"{ReportDeferred.subject}.<lane>",
    DeadLetter: f"{DeadLetter.subject}.<service>",
}
_PUBLISHERS = {
    "ReportReceived": "ingest",
    "ReportDuplicate": "ingest",
    "ReportExpanded": "normalize, for an archive",
    "ReportDeferred": "normalize, to itself",
    "ReportNormalized": "normalize",
    "ReportExtracted": "extract",
    "ReportValidated": "validate",
    "ValidationFailed": "validate, before ReportValidated; sink, when a report judged anew has another",
    "ReportRefused": "ingest, normalize, extract",
    "ReportRecorded": "sink",
    "ReportCompared": "validate, after ReportRecorded",
    "RecheckRequested": "`gouji recheck`; sink, for a correction or a list of agencies",
    "IssuesChanged": "sink, when a report was judged before",
    "IssueGone": "sink, before IssuesChanged",
    "IssueDecided": "`gouji decide`",
    "CellCorrected": "`gouji correct`",
    "AgenciesListed": "`gouji agencies`",
    "DeadLetter": "any service",
}


def page() -> str:
    """Return the text of docs/events.md."""
    head = (Path(__file__).parent / "events_head.md").read_text(encoding="utf-8")
    subjects = [
        f"| `{_subject(event)}` | [{event.__name__}](#{event.__name__.lower()}) "
        f"| {_PUBLISHERS[event.__name__]} | {topology.stream_of(_subject(event))} |"
        for event in EVENTS
    ]
    streams = [
        f"| {stream.name} | {', '.join(f'`{subject}`' for subject in stream.subjects)} "
        f"| {stream.max_age.days} days | {stream.description} |"
        for stream in topology.STREAMS
    ]
    lines = [head.format(subjects="\n".join(subjects), streams="\n".join(streams))]
    lines += ["## Event bodies"]
    nested: dict[str, type] = {}
    for event in EVENTS:
        lines += ["", f"### {event.__name__}", "", f"`{event.type}` on `{_subject(event)}`", ""]
        lines += _described(event, nested)
    lines += ["", "## Values inside the bodies"]
    shown: set[str] = set()
    while nested.keys() - shown:
        name = min(nested.keys() - shown)
        shown.add(name)
        lines += ["", f"### {name}", ""]
        lines += _described(nested[name], nested)
    return "\n".join(lines) + "\n"


def schema(event: type[BaseModel]) -> str:
    """Return the JSON Schema of an event as it is kept in the repository."""
    return (
        json.dumps(event.model_json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    )


def schema_path(event: type[Event] | type[DeadLetter]) -> Path:
    """Return where the schema of an event version is kept."""
    return SCHEMAS / f"{event.type}.json"


def _subject(event: type[Event] | type[DeadLetter]) -> str:
    return _SUBJECTS.get(event, event.subject)


def _described(kind: Any, nested: dict[str, type]) -> list[str]:
    lines = [inspect.getdoc(kind) or "", "", "| field | type | default |", "|---|---|---|"]
    hints = typing.get_type_hints(kind)
    for name, default in _fields(kind).items():
        lines.append(f"| `{name}` | {_type_name(hints[name], nested)} | {default} |")
    return lines


def _fields(kind: Any) -> dict[str, str]:
    if issubclass(kind, BaseModel):
        return {
            name: ""
            if field.is_required()
            else _default(field.get_default(call_default_factory=True))
            for name, field in kind.model_fields.items()
        }
    shown = {}
    for field in dataclasses.fields(kind):
        if field.default is not dataclasses.MISSING:
            shown[field.name] = _default(field.default)
        elif field.default_factory is not dataclasses.MISSING:
            shown[field.name] = _default(field.default_factory())
        else:
            shown[field.name] = ""
    return shown


def _default(value: object) -> str:
    if dataclasses.is_dataclass(value):
        return "empty"
    return f"`{json.dumps(value, ensure_ascii=False, default=list)}`"


_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def _type_name(hint: Any, nested: dict[str, type]) -> str:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return " \\| ".join(f"`{v}`" for v in inner)
    if origin in {typing.Union, types.UnionType}:
        return " \\| ".join(_type_name(i, nested) for i in inner)
    if origin is tuple:
        counted = "" if Ellipsis in inner else f"{len(inner)} "
        return f"list of {counted}{_type_name(inner[0], nested)}"
    if origin is dict:
        return f"map of {_type_name(inner[1], nested)}"
    name: str = _PLAIN.get(hint, hint.__name__)
    if dataclasses.is_dataclass(hint) or hasattr(hint, "model_fields"):
        nested[name] = hint
        return f"[{name}](#{name.lower()})"
    return name


def main(arguments: list[str]) -> int:
    """Write everything, or with `--check` say whether it is current."""
    wanted = {PAGE: page()} | {schema_path(event): schema(event) for event in EVENTS}
    if "--check" in arguments:
        stale = [p for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not current: run python -m tools.event_page")
        return 1 if stale else 0
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
