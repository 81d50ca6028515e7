"""One report: its tables as the form prints them, what was found, the source, what people decided."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from services.page.adapters import one
from services.page.adapters.one import Whole
from services.page.core import looks, questions
from services.page.core.differences import differences
from services.page.core.doors import Sheet, Unknown
from services.page.core.passages import lit_section
from services.page.core.source import Leaf, Source, leaf_of, shown, source_of
from services.page.views.shell import Asked, asked
from shared.errors import BadInput, Unavailable
from shared.forms.official import official
from shared.report.document import Place
from shared.report.issue import Issue
from shared.report.neutral import neutral_report, veil_of
from shared.report.personal import masked, masked_issue, masked_values
from shared.report.record import Cell, Record

_NO_REPORT: Final = (
    "没有这份年报，或没有这个修订。",
    "There is no such report, or no such revision.",
)
_MOST_LIT: Final = 60


async def report(request: Request) -> Response:
    """Return one report; 404 when there is none of that id."""
    who = asked(request)
    question = questions.one(who.questions)
    found = await who.wait(_found, who, request.path_params["report"], question.revision)
    if found is None:
        return who.told(404, *_NO_REPORT)
    cell = _cell(found.record, question.cell)
    if question.cell is not None and cell is None:
        return who.told(404, "这份年报没有这个格。", "This report has no such cell.")
    veil = _veil(who, found.record)
    source, trouble = await _source(who, found)
    values = await who.wait(_values, who, found, cell, veil)
    places = _places(cell, found.issues)
    lines = () if source is None else tuple(shown(source, places, veil))
    leaf = leaf_of(source, found.shown["file"], places, question.page)
    return who.page(
        "report.html",
        **values,
        told=request.query_params.get("told"),
        source=source,
        lines=lines,
        trouble=trouble,
        leaf=leaf,
        drawn=await _drawn(who, found, leaf),
    )


async def difference(request: Request) -> Response:
    """Return what differs between two revisions of a report."""
    who = asked(request)
    question = questions.one(who.questions)
    found = await who.wait(_found, who, request.path_params["report"], question.revision)
    known = {v["id"]: v for v in found.revisions} if found else {}
    against = question.against
    if found is None or against is None or against not in known:
        return who.told(404, *_NO_REPORT)
    old = await who.wait(one.record_of, who.house.shelf, against)
    if old is None:
        return who.told(404, *_NO_REPORT)
    # texts are compared sentence by sentence: nobody else waits for it
    unlike = await who.wait(differences, old, found.record)
    return who.page(
        "difference.html",
        found=found,
        old=known[against],
        unlike=unlike,
        labels=who.house.doors.labels(
            [d.about for d in unlike if d.is_cell], found.record.template
        ),
        veil=_veil(who, found.record),
    )


def _found(who: Asked, report_id: str, revision: str | None) -> Whole | None:
    if not questions.is_id(report_id):
        return None
    return one.whole(who.house.shelf, report_id, revision)


def _values(
    who: Asked, found: Whole, cell: Cell | None, veil: Callable[[str], str]
) -> dict[str, Any]:
    """Return what the page of a report shows, but for the source."""
    line = neutral_report(
        found.record,
        found.issues,
        report_id=found.row["report_id"],
        revision=found.shown["id"],
        decisions=found.standing,
        shows_contact=who.sees_all,
    )
    if not who.sees_all:
        line = masked_values(line)
    issues = found.issues if who.sees_all else tuple(map(masked_issue, found.issues))
    corrected = frozenset(row["address"] for row in found.corrections)
    chosen = cell.address if cell else None
    sheets, labels_of = official(line), who.house.doors.labels
    addresses = {a for i in issues for a in i.addresses} | {r["address"] for r in found.corrections}
    addresses |= {c.address for i in issues for r in i.repairs for c in r.changes}
    # the texts are lit by the evidence as printed, and masked afterwards
    return {
        "found": found,
        "base": f"/reports/{found.row['report_id']}",
        "old": "" if found.is_current else f"&revision={found.shown['id']}",
        "line": line,
        "issues": issues,
        "cell": None if cell is None else line["cells"][cell.address],
        "chosen": chosen,
        "of_cell": [i for i in issues if chosen in i.addresses] if chosen else [],
        "sheets": [(s, looks.drawn(s, line["issues"], corrected, chosen)) for s in sheets],
        "sections": [(s, lit_section(s, found.issues, veil)) for s in found.record.sections],
        "labels": labels_of(sorted(addresses | ({chosen} if chosen else set())),
                            found.record.template),
        "known": {i.id: i.rule for i in found.issues},
        "labels_of": lambda address: labels_of([address], found.record.template)[address],
        "says": looks.says,
        "number": looks.shown_number,
        "veil": veil,
    }  # fmt: skip


def _veil(who: Asked, record: Record) -> Callable[[str], str]:
    """Return what hides personal data from this reader, the contact's wherever it is repeated."""
    if who.sees_all:
        return str
    contact = veil_of(record.identity.contact)
    return lambda text: masked(contact(text))


def _cell(record: Record, address: str | None) -> Cell | None:
    return next((c for c in record.cells if c.address == address), None) if address else None


def _places(cell: Cell | None, issues: Iterable[Issue]) -> list[Place]:
    """Return what is lit in the source: the cell looked at, else what the evidence of findings names."""
    if cell is not None:
        return [cell.place] if cell.place is not None else []
    evidence = (e for i in issues if i.severity != "info" for e in i.evidence)
    return [e.place for e in evidence if e.place is not None][:_MOST_LIT]


async def _drawn(who: Asked, found: Whole, leaf: Leaf | None) -> Sheet | None:
    """Return the page of a PDF that is shown; None where there is none to show, or not to this reader."""
    if leaf is None or not who.sees_all:
        return None
    try:
        return await who.house.doors.sheet(
            found.shown["document_id"], found.shown["file"], leaf.number
        )
    except (BadInput, Unavailable, Unknown):
        return None


async def _source(who: Asked, found: Whole) -> tuple[Source | None, tuple[str, str] | None]:
    """Return the source as it is read now, or in both languages why it cannot be."""
    document_id, file = found.shown["document_id"], found.shown["file"]
    try:
        document = await who.house.doors.source(document_id, file)
    except BadInput as error:
        return None, (error.detail_zh, error.detail_en)
    except Unavailable as error:
        return None, (str(error), str(error))
    return source_of(document), None
