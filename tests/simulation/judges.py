"""What must hold when a run has come to rest: of files, of the database, of the events, of what people were told."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from services.sink.core import changes
from services.sink.core.values import Row
from shared.contracts.changes import IssueGone, IssuesChanged
from shared.contracts.events import (
    DeadLetter,
    Event,
    RecheckRequested,
    ReportCompared,
    ReportDeferred,
    ReportRecorded,
    ReportValidated,
    ValidationFailed,
)
from shared.contracts.ports import Arrival
from shared.report.identity import fingerprint
from shared.runtime.streams import envelope, topology
from tests.simulation import pool, services
from tests.simulation.calm import CalmLine
from tests.simulation.jetstream import Stored
from tests.simulation.memory import body_of
from tests.simulation.people import People
from tests.simulation.process import SETTINGS
from tests.simulation.world import Broken, World

_HISTORY = (
    ReportCompared,
    ReportRecorded,
    IssuesChanged,
    IssueGone,
    RecheckRequested,
    ReportDeferred,
)
"""Events that tell how something came about: they depend on what happened when."""


def demand(condition: object, text: str) -> None:
    if not condition:
        raise Broken(text)


class Judges:
    """The measure of one run that has come to rest; `tables` are those of the database."""

    def __init__(self, world: World, people: People) -> None:
        self.world, self.people = world, people
        self.tables = world.tables
        self.arrivals: dict[str, Arrival] = dict(world.archive_itself.arrivals)
        self.files = {row["id"]: row for row in self.tables.table("files")}
        poison = [one for one in pool.specimens().values() if one.poison is not None]
        self.lost = {
            row["document_id"] for row in self.files.values() if self._is_a_stranger_s_failure(row)
        }
        self.broken = {one.document_id for one in poison if one.name not in world.mended}

    def all(self) -> None:
        calm = self._calm()
        self.everything_is_terminal()
        self.nothing_is_foreign()
        self.the_database_is_that_of_a_calm_run(calm)
        self.events_are_those_of_a_calm_run(calm)
        self.changes_are_told()
        self.issues_are_told()
        self.webhooks_have_everything()
        self.attempts_are_bounded()
        self.nobody_is_silent_without_a_reason()

    # ------------------------------------------------------------------ files

    def _expected(self) -> dict[tuple[str, str], bool]:
        """Return every (document, name) that must be known, and whether it may be missing: it was deleted early."""
        found = dict.fromkeys(self.people.ledger.accepted, False)
        found |= dict.fromkeys(self.people.ledger.deleted, True)
        for (document, _), may_be_missing in [*found.items()]:
            first = self.arrivals.get(document)
            outcome = pool.by_document()[document].outcome
            for member in getattr(outcome, "members", ()) if first is not None else ():
                # an archive that was deleted before ingest was done with it may have been kept all the same
                key = pool.document_id(member.data), f"{first.file}/{member.name}"  # type: ignore[union-attr]
                found[key] = found.get(key, True) and may_be_missing
        return found

    def everything_is_terminal(self) -> None:
        for (document, file), may_be_missing in sorted(self._expected().items()):
            first = self.arrivals.get(document)
            if first is None:
                demand(may_be_missing, f"{file} was accepted and never arrived")
                continue
            specimen = pool.by_document()[document]
            row = self.files.get(
                fingerprint("file", document, None if file == first.file else file)
            )
            if file != first.file:
                demand(
                    row or may_be_missing,
                    f"the further name {file} of {first.file} is not on record",
                )
                demand(
                    not row or row["state"] == "duplicate",
                    f"{file} is {row and row['state']}, not duplicate",
                )
                continue
            demand(row or may_be_missing, f"{file} has no terminal state")
            if row is None:
                continue
            fate = (
                ("dead" if document in self.broken else "refused")
                if specimen.poison
                else specimen.fate
            )
            demand(row["state"] == fate, f"{file} is {row['state']}, not {fate}")

    def nothing_is_foreign(self) -> None:
        documents = {document for document, _ in self._expected()}
        names = {file for _, file in self._expected()}
        documents |= self.lost
        for row in self.files.values():
            demand(
                row["document_id"] in documents,
                f"a foreign file: {row['name']} {row['state']} {row['reason']}",
            )
            demand(row["name"] in names, f"a foreign name: {row['name']}")
        for row in self.tables.table("documents"):
            demand(row["id"] in documents, f"a foreign document: {row['file']}")

    def _is_a_stranger_s_failure(self, row: Row) -> bool:
        """Tell whether a client took the bytes away while its notice, of an object or its end, got no answer."""
        by_strangers = {drop.file for drop in self.world.plan.drops if drop.by == "stranger"} | {
            file for _, file in self.people.ledger.deleted
        }
        return (
            row["reason"] == "missing_bytes"
            and row["stage"] == "ingest"
            and row["name"] in by_strangers
        )

    # ------------------------------------------------------------------ against a calm run

    def _calm(self) -> CalmLine:
        calm = CalmLine(self.world.archive_itself, pool.rulebooks()[1], self.broken)
        aliases = [
            (self.arrivals[row["document_id"]], row["name"])
            for row in self.files.values()
            if row["state"] == "duplicate"
        ]
        # what was deleted between the archive and its announcement never came, as its owner wished
        known = {row["document_id"] for row in self.files.values()}
        wanted = known | {
            document
            for (document, _), may_be_missing in self._expected().items()
            if not may_be_missing
        }
        calm.take([self.arrivals[d] for d in sorted(self.arrivals) if d in wanted], aliases)
        rechecks = [
            RecheckRequested.model_validate_json(m.data) for m in self._stored(topology.REPORTS)
            if m.subject == RecheckRequested.subject
        ]  # fmt: skip
        calm.do([_kept(m) for m in self._stored(topology.REVIEWS)], rechecks)
        return calm

    def the_database_is_that_of_a_calm_run(self, calm: CalmLine) -> None:
        ours, theirs = self.tables, calm.database
        for name in ("documents", "files", "decisions", "corrections"):
            found = {
                known: row
                for known, row in ours.rows[name].items()
                if row.get("state") != "dead" and row.get("document_id", known) not in self.lost
            }
            _same(name, found, theirs.rows[name])
        _same(
            "reports",
            *(
                {known: _undated(row, one) for known, row in one.rows["reports"].items()}
                for one in (ours, theirs)
            ),
        )
        # what no longer stands is history: it tells what was known when
        standing = {row["id"]: _undated(row, ours) for row in ours.latest_readings().values()}
        _same(
            "revisions",
            standing,
            {row["id"]: _undated(row, theirs) for row in theirs.latest_readings().values()},
        )
        for revision in standing:
            _same("parts", ours.parts[revision], theirs.parts[revision])
        told = (
            "report_id",
            "revision_id",
            "rulebook_version",
            "errors",
            "warnings",
            "infos",
            "copied_from",
        )
        _same("comparisons", *({known: _some(row, told) for known, row in one.rows["comparisons"].items()}
                               for one in (ours, theirs)))  # fmt: skip
        _same("compared", ours.compared, theirs.compared)

    def events_are_those_of_a_calm_run(self, calm: CalmLine) -> None:
        expected = {
            envelope.encode(known): event
            for known, event in calm.told.items()
            if not isinstance(event, _HISTORY) and not _is_later(event)
        }
        found: dict[str, Stored] = {}
        for message in (*self._stored(topology.REPORTS), *self._stored(topology.ISSUES)):
            known = message.headers.get("ce-id")
            demand(known, f"{message.subject} has no id")
            assert known is not None
            if ":r" in message.headers.get("Nats-Msg-Id", known).removeprefix(known):
                continue
            demand(known not in found, f"{known} was stored twice")
            found[known] = message
        several = self.world.plan.two_rulebooks
        for known, event in expected.items():
            if several and isinstance(event, ReportValidated):
                # by whichever rulebook: the one of its validator
                start = envelope.encode(known.rpartition(":")[0])
                demand(any(k.startswith(start) for k in found), f"never judged: {known}")
                continue
            demand(known in found, f"never published: {known} {type(event).__name__}")
            if not several:
                message = found[known]
                demand(
                    message.data == body_of(event) or envelope.DATA_REFERENCE in message.headers,
                    f"published otherwise: {known}",
                )
        if not several:
            for known, message in found.items():
                demand(
                    known in expected
                    or _is_history(message)
                    or known.partition(":")[0] in self.lost,
                    f"foreign event: {message.subject} {known}",
                )

    # ------------------------------------------------------------------ what people were told

    def changes_are_told(self) -> None:
        for judgement, event in self.tables.told_by.items():
            for told in changes.events(self.tables.changes[judgement], event):
                stream = topology.stream_of(envelope.subject(told))
                known = envelope.encode(envelope.message_id(told))
                demand(
                    known in self.world.stored_ids[stream],
                    f"a change is in the database and was never told: {known}",
                )

    def issues_are_told(self) -> None:
        told: set[str] = set()
        for message in self._stored(topology.ISSUES):
            if (
                message.headers.get(envelope.TYPE) == ValidationFailed.type
                and envelope.DATA_REFERENCE not in message.headers
            ):
                told.add(orjson.loads(message.data)["issue"]["id"])
        for report, row in self.tables.current().items():
            issues = [*self.tables.issues_of(row["id"]), *self.tables.compared_issues_of(report)]
            for issue in issues if self.world.plan.inline_bytes > 1 << 17 else ():
                demand(issue.id in told, f"nobody was told of {issue.rule} in {row['file']}")

    def webhooks_have_everything(self) -> None:
        for consumer in services.NOTIFY:
            for message in self._stored(consumer.stream):
                if not any(
                    services_match(pattern, message.subject) for pattern in consumer.filters
                ):
                    continue
                known = message.headers["ce-id"].replace(".", "_")
                demand(known in self.world.webhook.got, f"the webhook never got {known}")

    def nobody_is_silent_without_a_reason(self) -> None:
        killer = any(
            pool.specimens()[drop.specimen].poison == "killer" for drop in self.world.plan.drops
        )
        demand(
            self.world.plan.faults or killer or not self.world.silent,
            f"nothing broke, and yet somebody worked without a sign of life: {dict(self.world.silent)}",
        )

    def attempts_are_bounded(self) -> None:
        for key, times in self.world.failures.items():
            # a server that forgets how often it delivered gives all attempts anew
            most = SETTINGS.max_attempts * (1 + self.world.forgotten[key]) + self.world.silent[key]
            # what could not be counted for want of an answer was handed back in order
            most += self._notes_of(key)
            demand(times <= most, f"{key} failed {times} times, {most} at most")

    def _notes_of(self, key: tuple[str, int]) -> int:
        place = f"{key[0]}.{self.world.server.durables[key[0]].stream.name}.{key[1]}"
        return sum(
            m.subject == f"{topology.HANDBACK_SUBJECT}.{place}"
            for m in self._stored(topology.HANDBACKS)
        )

    def _stored(self, stream: str) -> Iterable[Stored]:
        return self.world.server.streams[stream].ever


def innocent_deaths(world: World) -> list[DeadLetter]:
    """Return the dead letters of messages that are no poison; raise if not even their attempts had run out.

    A message may die of its processes being killed again and again. An outage that our own code met and handed back
    must never count.
    """
    found = []
    for message in world.server.streams[topology.DEAD].ever:
        letter = DeadLetter.model_validate_json(message.data)
        specimen = pool.by_document().get(letter.document_id or "")
        if letter.error_class == "Undeliverable" or (
            specimen and specimen.poison and letter.service == "normalize"
        ):
            continue
        key = letter.consumer or "", letter.origin_sequence
        ended = world.silent[key] - world.released[key] + world.failures[key]
        demand(
            letter.error_class == "Abandoned",
            f"{letter.file} died in {letter.consumer} of {letter.reason}",
        )
        demand(
            ended >= SETTINGS.max_attempts,
            f"{letter.file} died in {letter.consumer} although only {ended} attempts were cut off: outages used up the rest",
        )
        found.append(letter)
    return found


def _kept(message: Stored) -> Event:
    from shared.contracts.reviews import REVIEW_EVENTS

    model = {kind.type: kind for kind in REVIEW_EVENTS}[message.headers[envelope.TYPE]]
    return model.model_validate_json(message.data)


def _is_later(event: Event) -> bool:
    """Tell whether an event belongs to a re-judgement."""
    return (
        getattr(event, "judged_at", None) is not None
        or getattr(event, "judgement", None) is not None
    )


def _is_history(message: Stored) -> bool:
    kind = message.headers.get(envelope.TYPE)
    return kind in {model.type for model in _HISTORY} or _is_later_body(message)


def _is_later_body(message: Stored) -> bool:
    if envelope.DATA_REFERENCE in message.headers:
        return True
    body = orjson.loads(message.data)
    return body.get("judged_at") is not None or body.get("judgement") is not None


def services_match(pattern: str, subject: str) -> bool:
    from tests.simulation.jetstream import matches

    return matches(pattern, subject)


def _undated(row: Row, tables: Any) -> Row:
    """Leave out when a corrected reading was judged: the correction or a recheck may have asked for it last."""
    document = row.get("document_id") or row["precedence"].split("|")[1]
    is_corrected = any(c["document_id"] == document for c in tables.rows["corrections"].values())
    return row | {"judged_at": "", "precedence": ""} if is_corrected else row


def _some(row: Row, names: Iterable[str]) -> Row:
    return {name: row[name] for name in names}


def _same(name: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    if found == expected:
        return
    keys = found.keys() | expected.keys()
    others = sorted(key for key in keys if found.get(key) != expected.get(key))
    shown = [
        f"{key}: {_short(found.get(key))}, calm {_short(expected.get(key))}" for key in others[:2]
    ]
    raise Broken(f"{name} differ from a calm run in {len(others)}: {shown}")


def _short(value: Any) -> str:
    return repr(value)[:400]
