"""What was lost on the way: what the archive and the bucket hold, against what the database knows.

A document that is archived, has no end in the database and is nowhere under way was lost by the bus. It
is read again from its archived bytes. A name that only the bucket knows is announced again. Bytes that
the archive lost come back from the bucket. What no store holds any more is said, never passed over.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from shared.contracts.dropped import DroppedObject
from shared.report.identity import fingerprint

Action = Literal["read", "announce", "fetch", "name", "withdraw", "lost", "damaged"]
"""Read the archived bytes again; tell ingest of the object again; bring the bytes back from the bucket; note
under which name they came; take back the notice of an object without bytes, so that the file can be fed
again; and what nobody can mend: bytes that are gone, or not what they were."""

UNMENDED: Final = ("lost", "damaged")

_SLOT: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do about one document; `key` is the object of the bucket that it takes."""

    action: Action
    document_id: str
    file: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One document of the archive: under which name and key it came first, and how its bytes are.

    `file` is None where only the bytes are left. A document that was `unread` was refused without a look:
    it never had bytes here.
    """

    file: str | None
    object_key: str = ""
    present: bool = True
    whole: bool = True
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that the three stores say, in the order in which it was asked.

    `ends` are the ids of the rows of files that ended, `known` the documents whose bytes the database says
    were read, with their names; `refused` those that were turned away because their bytes were missing.
    `flying` documents and `flying_objects` are under way.
    """

    held: Mapping[str, Held]
    objects: Sequence[DroppedObject] = ()
    ends: Collection[str] = frozenset()
    known: Mapping[str, str] = field(default_factory=dict)
    refused: Collection[str] = frozenset()
    flying: Collection[str] = frozenset()
    flying_objects: Collection[str] = frozenset()


def row_of(document_id: str, alias: str | None = None) -> str:
    """Return the key of the database's row of a document, or of a further name of it."""
    return fingerprint("file", document_id, alias)


def unread_id(dropped: DroppedObject) -> str:
    """Return the id of an object whose bytes were never seen: that of this very upload."""
    return fingerprint("object", dropped.name, dropped.nuid)


def occasion(now: datetime) -> str:
    """Return the name of this moment's five minutes: two that reconcile at once do it under one name."""
    start = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % _SLOT
    return f"r{start:%Y%m%dT%H%M}"


def plan(survey: Survey) -> list[Step]:
    """Return what must be done, in the order of documents and keys; nothing where all is well."""
    copies = _copies(survey.objects)
    steps: list[Step] = []
    for document_id, held in sorted(survey.held.items()):
        if document_id not in survey.flying:
            steps += _of_held(survey, copies, document_id, held)
    for document_id, file in sorted(survey.known.items()):
        if document_id not in survey.held and document_id not in survey.flying:
            steps.append(_bring_back(copies.get(document_id), document_id, file, "lost"))
    for dropped in sorted(survey.objects, key=lambda o: o.name):
        if _is_unheard(survey, dropped):
            steps.append(Step("announce", dropped.sha256 or "", dropped.file, dropped.name))
        elif _is_hollow(survey, dropped):
            steps.append(Step("withdraw", unread_id(dropped), dropped.file, dropped.name))
    return steps


def _copies(objects: Iterable[DroppedObject]) -> dict[str, DroppedObject]:
    """Return an object for each document that the bucket knows; one with bytes if there is one."""
    found: dict[str, DroppedObject] = {}
    for dropped in sorted(objects, key=lambda o: (bool(o.chunks), o.name)):
        if dropped.sha256 is not None and not dropped.deleted:
            found[dropped.sha256] = dropped
    return found


def _of_held(
    survey: Survey, copies: Mapping[str, DroppedObject], document_id: str, held: Held
) -> Iterator[Step]:
    ended = row_of(document_id) in survey.ends
    copy = copies.get(document_id)
    if not (held.present or ended) and copy is not None:
        # ingest knows what to do with it: bring the bytes, or refuse it by its size
        yield Step("announce", document_id, copy.file, copy.name)
        return
    file = held.file or survey.known.get(document_id) or (copy.file if copy else document_id)
    if held.file is None:
        yield Step("name", document_id, file, copy.name if copy else None)
    if not (held.whole or held.unread):
        yield _bring_back(copy, document_id, file, "damaged" if held.present else "lost")
    if not ended or (held.whole and document_id in survey.refused):
        yield Step("read", document_id, file)


def _bring_back(copy: DroppedObject | None, document_id: str, file: str, otherwise: Action) -> Step:
    if copy is None or not copy.chunks:
        return Step(otherwise, document_id, file)
    return Step("fetch", document_id, file, copy.name)


def _is_hollow(survey: Survey, dropped: DroppedObject) -> bool:
    """Tell whether an object was refused because its bytes were gone from the bucket.

    As long as its notice is there, a feeder believes the file fed. What carries no hash comes from no
    feeder of ours and is left to whoever put it.
    """
    unread = unread_id(dropped)
    known = not dropped.deleted and dropped.sha256 is not None and unread in survey.held
    return known and row_of(unread) in survey.ends


def _is_unheard(survey: Survey, dropped: DroppedObject) -> bool:
    """Tell whether an object never reached the archive, or a further name never the database.

    What carries no hash is left alone: nobody can say which document it is.
    """
    document_id = dropped.sha256
    if dropped.deleted or document_id is None or document_id in survey.flying:
        return False
    if dropped.name in survey.flying_objects:
        return False
    held = survey.held.get(document_id)
    if held is None:
        return document_id not in survey.known and unread_id(dropped) not in survey.held
    is_alias = dropped.name != held.object_key and dropped.file != held.file
    return is_alias and row_of(document_id, dropped.file) not in survey.ends
