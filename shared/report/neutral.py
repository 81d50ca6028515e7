"""The neutral line: one report, or one file that became none, as plain JSON values.

`gouji export` and `gouji check` print exactly this. It is a contract with people outside: keys are only ever
added, and every line carries `schema`. docs/export.md describes each key.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final, Literal, TypedDict, Unpack

from shared.report.issue import Evidence, Issue, Repair
from shared.report.money import yuan
from shared.report.record import LARGEST, Cell, Contact, NarrativeFigure, Number, Record

SCHEMA: Final = "gouji.report/1"

TerminalStatus = Literal["recorded", "duplicate", "expanded", "refused", "dead"]


class TerminalDetails(TypedDict, total=False):
    """What else there is to say about a file that became no report, all of it optional.

    `duplicate_of` names the file that brought the same bytes first; `members` are the files of an
    archive, each with a line of its own, `skipped` its entries that are no documents; `replay` is
    the command that tries a dead one again.
    """

    detail_zh: str | None
    detail_en: str | None
    duplicate_of: str | None
    members: list[dict[str, str]]
    skipped: list[str]
    attempts: int | None
    replay: str | None


class Decision(TypedDict):
    """The decision of a reviewer that stands on an issue: `at` is a moment in UTC, ISO 8601."""

    verdict: str
    by: str
    at: str
    note: str | None


def neutral_report(  # noqa: PLR0913 - what a line says, each by its name
    record: Record,
    issues: Iterable[Issue],
    *,
    report_id: str,
    revision: str,
    status: str = "recorded",
    decisions: Mapping[str, Decision] | None = None,
    shows_contact: bool = False,
) -> dict[str, Any]:
    """Return the line of one report that was read and judged, ready for any JSON writer.

    `decisions` are those that stand, by the id of their issue. The contact's data is masked wherever
    it stands unless `shows_contact`.
    """
    identity = record.identity
    veil = str if shows_contact else veil_of(identity.contact)
    line = _blank_line(record.file, record.document_id, status)
    line.update(
        report_id=report_id,
        revision=revision,
        agency=identity.agency,
        agency_as_printed=identity.agency_as_printed,
        region={
            "province": identity.region.province,
            "city": identity.region.city,
            "county": identity.region.county,
            "township": identity.region.township,
            "code": identity.region.code,
        },
        agency_level=identity.level,
        agency_kind=identity.kind,
        year=identity.year,
        title=identity.title,
        published_on=identity.published_on.isoformat() if identity.published_on else None,
        template=record.template,
        scope=identity.scope,
        cells={cell.address: _cell(cell) for cell in record.cells},
        narrative_figures=[_figure(figure, veil) for figure in record.figures],
        sections=[
            {"number": s.number, "title": s.title, "chars": len(s.text)} for s in record.sections
        ],
        issues=[_issue(issue, veil, (decisions or {}).get(issue.id)) for issue in issues],
        templates=dict(record.templates),
        published_source=identity.published_source,
        period=_period(record),
        contact=_contact(identity.contact, shown=shows_contact),
        leftovers=[
            {"text": veil(left.text), "line": left.line, "table": left.table, "reason": left.reason}
            for left in record.leftovers
        ],
    )
    return line


def neutral_terminal(
    file: str | None,
    document_id: str | None,
    status: TerminalStatus,
    reason: str | None = None,
    **details: Unpack[TerminalDetails],
) -> dict[str, Any]:
    """Return the line of a file that became no report: same keys, nothing in them, and the reason."""
    line = _blank_line(file, document_id, status)
    line.update({"reason": reason, "detail_zh": None, "detail_en": None, **details})
    return line


def _blank_line(file: str | None, document_id: str | None, status: str) -> dict[str, Any]:
    """Return every key of the contract in its order, so that no reader ever misses one."""
    return {
        "file": file,
        "document_id": document_id,
        "report_id": None,
        "revision": None,
        "status": status,
        "agency": None,
        "agency_as_printed": None,
        "region": {"province": None, "city": None, "county": None, "township": None, "code": None},
        "agency_level": None,
        "agency_kind": None,
        "year": None,
        "title": None,
        "published_on": None,
        "template": None,
        "scope": None,
        "cells": {},
        "narrative_figures": [],
        "sections": [],
        "issues": [],
        "reason": None,
        "schema": SCHEMA,
        "templates": {},
        "published_source": None,
        "period": None,
        "contact": None,
        "leftovers": [],
    }


def _plain(value: Number | str | None) -> Number | str | None:
    """Write whole floats as integers: 5.0 and 5 are one number, whichever store it passed."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST:
        return int(value)
    # writers of JSON take no longer integers; such a number is junk anyway
    return float(value) if isinstance(value, int) and abs(value) > LARGEST else value


def _cell(cell: Cell) -> dict[str, Any]:
    line: dict[str, Any] = {
        "value": _plain(cell.value),
        "state": cell.state,
        "unit": cell.unit,
        "raw": cell.raw,
        "confidence": cell.confidence,
    }
    amount = yuan(cell.value, cell.unit)
    if amount is not None:
        line["yuan"] = amount
    if cell.derived is not None:
        line["derived"] = _plain(cell.derived)
        line["proof"] = list(cell.proof)
    if cell.candidates:
        line["candidates"] = [_plain(c) for c in cell.candidates]
    if cell.notes:
        line["notes"] = list(cell.notes)
    place = cell.place
    if place is not None and place.line is not None:
        line["line"] = place.line
    if place is not None and place.page is not None:
        line["page"] = place.page
    return line


def _figure(figure: NarrativeFigure, veil: Callable[[str], str]) -> dict[str, Any]:
    return {
        "key": figure.key,
        "label": figure.label,
        "value": _plain(figure.value),
        "unit": figure.unit,
        "text": veil(figure.text),
        "section": figure.section,
        "bound": figure.bound,
        "subject": figure.subject,
        "comparison": figure.comparison,
        "line": figure.line,
    }


def _issue(issue: Issue, veil: Callable[[str], str], decision: Decision | None) -> dict[str, Any]:
    zh, en = veil(issue.message_zh), veil(issue.message_en)
    line: dict[str, Any] = {
        "rule": issue.rule,
        "severity": issue.severity,
        "origin": issue.origin,
        "addresses": list(issue.addresses),
        "expected": _shown(issue.expected, veil),
        "observed": _shown(issue.observed, veil),
        "message": f"{zh} | {en}",
        "message_zh": zh,
        "message_en": en,
        "id": issue.id,
        "difference": _plain(issue.difference),
        "formula": issue.formula,
        "legal_basis": issue.legal_basis,
        "suggestion": None if issue.suggestion is None else veil(issue.suggestion),
    }
    # what stood in a cell is with the cell; sentences stand nowhere else
    told = [one for one in issue.evidence if one.address is None]
    if told:
        line["evidence"] = [_evidence(one, veil) for one in told]
    if issue.repairs:
        line["repairs"] = [_repair(repair, veil) for repair in issue.repairs]
    if decision is not None:
        note = decision["note"]
        line["decision"] = {**decision, "note": None if note is None else veil(note)}
    return line


def _evidence(found: Evidence, veil: Callable[[str], str]) -> dict[str, Any]:
    place = found.place
    return {
        "text": veil(found.text),
        "line": None if place is None else place.line,
        "page": None if place is None else place.page,
    }


def _repair(repair: Repair, veil: Callable[[str], str]) -> dict[str, Any]:
    return {
        "kind": repair.kind,
        "changes": [
            {"address": c.address, "old": _plain(c.old), "new": _plain(c.new)}
            for c in repair.changes
        ],
        "mends": list(repair.mends),
        "mends_count": len(repair.mends),
        "supported_by": _shown(repair.supported_by, veil),
        "contradicted_by": _shown(repair.contradicted_by, veil),
    }


def _shown(side: Number | str | None, veil: Callable[[str], str]) -> Number | str | None:
    return veil(side) if isinstance(side, str) else _plain(side)


def _period(record: Record) -> dict[str, Any] | None:
    period = record.identity.period
    if period is None:
        return None
    return {
        "text": period.text,
        "start": period.start.isoformat() if period.start else None,
        "end": period.end.isoformat() if period.end else None,
    }


def masked_name(name: str) -> str:
    """Keep the family name: 何翠婷 becomes 何**."""
    return name[:1] + "*" * (len(name) - 1)


def masked_phone(phone: str) -> str:
    """Hide the last four digits: 81234567 becomes 8123****."""
    hidden = [at for at, c in enumerate(phone) if c.isdecimal()][-4:]
    return "".join("*" if at in hidden else c for at, c in enumerate(phone))


def masked_email(email: str) -> str:
    """Keep the first letter and the domain: office@example.cn becomes o*****@example.cn."""
    local, at, domain = email.partition("@")
    return local[:1] + "*" * (len(local) - 1) + at + domain


def _contact(contact: Contact | None, *, shown: bool) -> dict[str, str | None] | None:
    if contact is None:
        return None
    if shown:
        return asdict(contact)
    return {
        "name": masked_name(contact.name) if contact.name else None,
        "phone": masked_phone(contact.phone) if contact.phone else None,
        "address": contact.address,
        "email": masked_email(contact.email) if contact.email else None,
    }


def veil_of(contact: Contact | None) -> Callable[[str], str]:
    """Return a function that masks the contact's own data wherever a text repeats it, as long as before."""
    if contact is None:
        return str
    swaps = [
        (found, mask(found))
        for found, mask in (
            (contact.name, masked_name),
            (contact.phone, masked_phone),
            (contact.email, masked_email),
        )
        # one character is no name, and three digits are any number
        if found and len(found) >= (2 if mask is masked_name else 5)
    ]

    def veil(text: str) -> str:
        for found, mask in swaps:
            text = text.replace(found, mask)
        return text

    return veil
