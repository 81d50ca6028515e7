"""Knows the fate of every file from the events of the line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from shared.contracts.events import (
    DeadLetter,
    ReportDuplicate,
    ReportExpanded,
    ReportRecorded,
    ReportRefused,
    Stage,
    ValidationFailed,
    dead_subject,
)

FATEFUL: Final = (
    ReportRecorded.subject,
    ReportRefused.subject,
    ReportDuplicate.subject,
    ReportExpanded.subject,
)
"""Subjects of the REPORTS stream that tell what became of a file."""
SERIOUS: Final = tuple(f"{ValidationFailed.subject}.{s}.*" for s in ("error", "warning"))
"""Subjects of the ISSUES stream that a person at the terminal wants to see."""
DEAD_LETTERS: Final = f"{DeadLetter.subject}.>"
"""Subject of the DEAD stream under which every service's dead letters stand."""
_DEAD_ENDS: Final = {dead_subject(stage) for stage in get_args(Stage)} - {dead_subject("notify")}
"""What a webhook did not take is lost to it alone: the file is none the worse."""
_AT_MOST_KEPT = 10_000
_ENDS: Final = {
    ReportRecorded.subject: "recorded",
    ReportRefused.subject: "refused",
    ReportExpanded.subject: "expanded",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one file: its terminal state and what a person wants to know about it.

    The state `finding` is no end: it carries an issue that was heard only after the end was told.
    `members` are the files of an archive as (name, document id); each has a fate of its own.
    `known_before`: the end was known already, and what was told of it then is not at hand.
    """

    state: str
    file: str
    document_id: str
    agency: str | None = None
    year: int | None = None
    counts: Mapping[str, int] | None = None
    issues: tuple[Mapping[str, Any], ...] = ()
    reason: str | None = None
    detail_zh: str | None = None
    detail_en: str | None = None
    known_as: str | None = None
    members: tuple[tuple[str, str], ...] = ()
    known_before: bool = False


class Tracker:
    """Hears events and remembers which documents and further names are done."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._states: dict[str, str] = {}
        self._aliases: set[tuple[str, str]] = set()
        self._first_names: dict[str, str] = {}
        self._issues: dict[str, list[Mapping[str, Any]]] = {}
        self._inside: dict[str, tuple[tuple[str, str], ...]] = {}

    @property
    def done(self) -> int:
        """How many names are known to have reached their end."""
        return len(self._states) + len(self._aliases)

    @property
    def members(self) -> frozenset[tuple[str, str]]:
        """Names and document ids of everything that archives held, done or not."""
        return frozenset(member for held in self._inside.values() for member in held)

    def inside(self, document_id: str) -> tuple[tuple[str, str], ...]:
        """Return names and document ids of what an archive held; nothing for any other file."""
        return self._inside.get(document_id, ())

    def remember(
        self, document_id: str, name: str, state: str, members: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Take over what an earlier run has recorded."""
        if members:
            self._inside[document_id] = members
        if state == "duplicate":
            self._aliases.add((document_id, name))
            return
        self._states[document_id] = state
        self._first_names[document_id] = name

    def is_done(self, document_id: str, name: str) -> bool:
        """Tell whether this name of this document has reached a terminal state."""
        first = self._first_names.get(document_id)
        return document_id in self._states and (
            name == first or (document_id, name) in self._aliases
        )

    def state_of(self, document_id: str, name: str) -> str | None:
        """Return the terminal state of a name, None while it is under way."""
        if (document_id, name) in self._aliases and name != self._first_names.get(document_id):
            return "duplicate"
        return self._states.get(document_id)

    def hear(self, subject: str, body: Mapping[str, Any]) -> Fate | None:
        """Take in one event; return the fate that it seals and that was not known before."""
        document_id, file = body.get("document_id"), body.get("file")
        if not isinstance(document_id, str) or not isinstance(file, str):
            return None
        if subject.startswith(ValidationFailed.subject):
            return self._finding(document_id, file, body.get("issue"))
        if subject == ReportDuplicate.subject:
            return self._duplicate(document_id, file, str(body.get("alias", "")))
        state = _ENDS.get(subject)
        if state is None and subject not in _DEAD_ENDS:
            return None
        return self._final(state or "dead", document_id, file, body)

    def _finding(self, document_id: str, file: str, issue: object) -> Fate | None:
        """Keep an issue until its report's end is told; pass it on at once if that was before."""
        if not isinstance(issue, Mapping):
            return None
        if self._states.get(document_id) == "recorded":
            return Fate("finding", file, document_id, issues=(issue,))
        while len(self._issues) >= _AT_MOST_KEPT:
            self._issues.pop(next(iter(self._issues)))
        self._issues.setdefault(document_id, []).append(issue)
        return None

    def _duplicate(self, document_id: str, file: str, alias: str) -> Fate | None:
        self._first_names.setdefault(document_id, file)
        if (document_id, alias) in self._aliases:
            return None
        self._aliases.add((document_id, alias))
        return Fate("duplicate", alias, document_id, known_as=file)

    def _final(
        self, state: str, document_id: str, file: str, body: Mapping[str, Any]
    ) -> Fate | None:
        issues = tuple(self._issues.pop(document_id, ()))
        if self._states.get(document_id) == state:
            return None
        self._states[document_id] = state
        self._first_names.setdefault(document_id, file)
        members = members_of(body.get("members"))
        if members:
            self._inside[document_id] = members
        return Fate(
            state,
            file,
            document_id,
            agency=body.get("agency"),
            year=body.get("year"),
            counts=body.get("counts"),
            issues=issues,
            reason=body.get("reason"),
            detail_zh=body.get("detail_zh"),
            detail_en=body.get("detail_en"),
            members=members,
        )


def members_of(listed: object) -> tuple[tuple[str, str], ...]:
    """Return names and document ids from the members that an event or a database row lists."""
    entries = listed if isinstance(listed, list) else []
    return tuple(
        (str(entry["file"]), str(entry["document_id"]))
        for entry in entries
        if isinstance(entry, Mapping) and entry.keys() >= {"file", "document_id"}
    )
