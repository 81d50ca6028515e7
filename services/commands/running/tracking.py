"""Knows the fate of every file from the events of the line."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, get_args

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
_AT_MOST_KEPT: Final = 10_000
"""Of so many documents it is remembered how they ended: enough for what is heard in another order."""
_AT_MOST_WAITING: Final = 500
"""Documents whose issues wait for their end; those of a late comparison would wait for ever."""
_ENDS: Final = {
    ReportRecorded.subject: "recorded",
    ReportRefused.subject: "refused",
    ReportExpanded.subject: "expanded",
}

K = TypeVar("K")
V = TypeVar("V")


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
    """Hears events and tells each end once; of long ago it knows nothing, however long it listens."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._states: dict[str, tuple[str, str]] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        self._issues: dict[str, Fate] = {}

    def state_of(self, document_id: str, name: str) -> str | None:
        """Return the terminal state of a name that was heard lately, None of any other."""
        state, first = self._states.get(document_id, (None, name))
        return state if name == first else self._aliases.get((document_id, name))

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
        """Keep an issue until its report's end is told; pass it on if that was before, or long ago."""
        if not isinstance(issue, Mapping):
            return None
        found = Fate("finding", file, document_id, issues=(issue,))
        if self._states.get(document_id, ("", ""))[0] == "recorded":
            return found
        before = self._issues.get(document_id)
        if before is not None:
            found = replace(found, issues=(*before.issues, issue))
        return _keep(self._issues, document_id, found, _AT_MOST_WAITING)

    def _duplicate(self, document_id: str, file: str, alias: str) -> Fate | None:
        if (document_id, alias) in self._aliases:
            return None
        _keep(self._aliases, (document_id, alias), "duplicate", _AT_MOST_KEPT)
        return Fate("duplicate", alias, document_id, known_as=file)

    def _final(
        self, state: str, document_id: str, file: str, body: Mapping[str, Any]
    ) -> Fate | None:
        waiting = self._issues.pop(document_id, None)
        before, first = self._states.get(document_id, (None, file))
        if before == state:
            return None
        _keep(self._states, document_id, (state, first), _AT_MOST_KEPT)
        return Fate(
            state,
            file,
            document_id,
            agency=body.get("agency"),
            year=body.get("year"),
            counts=body.get("counts"),
            issues=waiting.issues if waiting else (),
            reason=body.get("reason"),
            detail_zh=body.get("detail_zh"),
            detail_en=body.get("detail_en"),
            members=members_of(body.get("members")),
        )


def _keep(kept: dict[K, V], key: K, value: V, at_most: int) -> V | None:
    """Remember a value under a key; return what had to make room for it, the first of too many."""
    kept[key] = value
    return kept.pop(next(iter(kept))) if len(kept) > at_most else None


def members_of(listed: object) -> tuple[tuple[str, str], ...]:
    """Return names and document ids from the members that an event or a database row lists."""
    entries = listed if isinstance(listed, list) else []
    return tuple(
        (str(entry["file"]), str(entry["document_id"]))
        for entry in entries
        if isinstance(entry, Mapping) and entry.keys() >= {"file", "document_id"}
    )
