"""The whole line for one file, without bus, database or clock: what becomes of it, as a value."""

from dataclasses import dataclass, replace
from typing import Any

from services.extract.core.extraction import extract
from services.ingest.core import intake
from services.normalize.core.reading import read_document
from services.validate.core.across.gathering import Kin, Neighbourhood
from services.validate.core.across.judging import compare
from services.validate.core.across.wording import Wording
from services.validate.core.judging import judge
from services.validate.core.rulebook import Rulebook
from shared.errors import BadInput
from shared.report.document import Document
from shared.report.identity import document_id as identify
from shared.report.identity import report_id, revision_id
from shared.report.issue import Judgement
from shared.report.neutral import neutral_report, neutral_terminal
from shared.report.record import Record

MAX_BYTES = 64 << 20
"""Larger files are refused, as ingest does unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a judged record, the reason why it is refused, or its members.

    `members` are names and document ids of what an archive held, None for any other file. `kin` is
    what a report was judged beside, None when it was judged alone.
    """

    file: str
    document_id: str
    record: Record | None = None
    judgement: Judgement | None = None
    refusal: BadInput | None = None
    members: tuple[tuple[str, str], ...] | None = None
    skipped: tuple[str, ...] = ()
    kin: Kin | None = None

    @property
    def status(self) -> str:
        """The terminal state, as on the bus: recorded, refused or expanded."""
        if self.refusal is not None:
            return "refused"
        return "recorded" if self.members is None else "expanded"

    def neutral(self) -> dict[str, Any]:
        """Return the neutral line, the same that the export prints."""
        if self.refusal is not None:
            return neutral_terminal(
                self.file,
                self.document_id,
                "refused",
                self.refusal.reason,
                detail_zh=self.refusal.detail_zh,
                detail_en=self.refusal.detail_en,
            )
        if self.members is not None:
            listed = [{"file": file, "document_id": known} for file, known in self.members]
            return neutral_terminal(
                self.file,
                self.document_id,
                "expanded",
                members=listed,
                skipped=list(self.skipped),
            )
        assert self.record is not None
        assert self.judgement is not None
        line = neutral_report(
            self.record,
            self.judgement.issues,
            report_id=report_of(self.record),
            revision=revision_id(self.document_id),
        )
        return line if self.kin is None else line | {"beside": _named(self.kin)}


def report_of(record: Record) -> str:
    """Return the id of the report that a record is a reading of."""
    who = record.identity
    return report_id(
        who.agency, who.region.full_name, who.year, who.scope, record.document_id
    )  # fmt: skip


def _named(kin: Kin) -> list[dict[str, Any]]:
    """Return what a report was judged beside, each once, and what it is to the report."""
    before = kin.family.before
    found = [] if before is None else [_neighbour("year_before", before.report_id, before.record)]
    found += [_neighbour("member", one.report_id, one.record) for one in kin.members]
    alike = [one for group in kin.family.alike.values() for one in group]
    found += [_neighbour("shared_text", one.report_id, one) for one in alike]
    firsts = {one["report_id"]: one for one in reversed(found)}
    return [firsts.pop(one["report_id"]) for one in found if one["report_id"] in firsts]


def _neighbour(relation: str, report_id: str, one: Record | Wording) -> dict[str, Any]:
    return {
        "file": one.file,
        "relation": relation,
        "report_id": report_id,
        "agency": one.identity.agency,
        "year": one.identity.year,
    }


def process(
    data: bytes, name: str, *, max_bytes: int = MAX_BYTES, rulebook: Rulebook | None = None
) -> Outcome:
    """Read and judge one file that needs no help, in this very process and without its protection.

    What can never be a report comes back refused, with the reason.
    """
    document_id = identify(data)
    try:
        admit(len(data), max_bytes)
        document = read_document(data, name)
    except BadInput as error:
        return Outcome(name, document_id, refusal=error)
    return conclude(document, name, document_id, rulebook)


def admit(size: int, max_bytes: int = MAX_BYTES) -> None:
    """Raise the refusal of a file that is empty or too large, by its size alone."""
    if not size:
        raise intake.refuse_empty()
    refusal = intake.refuse_by_size(size, max_bytes)
    if refusal is not None:
        raise refusal


def conclude(
    document: Document, name: str, document_id: str, rulebook: Rulebook | None = None
) -> Outcome:
    """Extract and judge what was read, by gouji's own rulebook unless another is given."""
    try:
        record = extract(document, document_id=document_id, file=name)
    except BadInput as error:
        return Outcome(name, document_id, refusal=error)
    return Outcome(name, document_id, record, judge(record, rulebook))


def set_beside(
    outcome: Outcome, neighbourhood: Neighbourhood, rulebook: Rulebook | None = None
) -> Outcome:
    """Judge a report beside its neighbours too: what is found so follows its own findings."""
    if outcome.record is None or outcome.judgement is None:
        return outcome
    kin = neighbourhood.around(report_of(outcome.record), outcome.record)
    alone, beside = outcome.judgement, compare(kin.family, rulebook).judgement
    whole = replace(
        alone, issues=(*alone.issues, *beside.issues), checks=(*alone.checks, *beside.checks)
    )
    return replace(outcome, judgement=whole, kin=kin)
