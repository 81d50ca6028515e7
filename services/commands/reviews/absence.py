"""A report that is not there, as a validation failure like any other."""

import hashlib
from datetime import datetime
from typing import Final

from services.commands.reviews.expecting import Missing
from services.validate.core.rulebook import Rule
from shared.contracts.events import ValidationFailed
from shared.language import Language, worded
from shared.report.identity import fingerprint, issue_id, report_id
from shared.report.issue import Issue, Severity

RULE: Final = "h_expected_missing"
_REASONS: Final = {
    "listed": ("列于应报名单", "is on a list of bodies that must report"),
    "filed_before": ("上年发布过", "reported the year before"),
}


def reason(one: Missing, language: Language = "both") -> str:
    """Return why the body is expected to report."""
    return worded(language, *_REASONS[one.body.expected])


def failure(one: Missing, year: int, since: datetime, rule: Rule) -> ValidationFailed:
    """Return the event that tells of a missing report, late since a moment, by the rule in force.

    Its report id is the one that the report will have if it comes under the name and place known
    now. There is no document: its id is made of the body and the year, and the file is the name.
    """
    body = one.body
    document = hashlib.sha256(f"missing {body.series} {year}".encode()).hexdigest()
    report = report_id(body.agency, body.region.full_name, year, body.scope, document)
    return ValidationFailed(
        document_id=document,
        file=body.agency,
        received_at=since,
        report_id=report,
        revision_id=fingerprint("missing", body.series, year),
        agency=body.agency,
        region=body.region,
        agency_level=body.level,
        agency_kind=body.kind,
        year=year,
        title=None,
        issue=_issue(one, year, report, rule),
    )


def _issue(one: Missing, year: int, report: str, rule: Rule) -> Issue:
    softened: Severity = "info" if one.soft else rule.severity
    why_zh, why_en = _REASONS[one.body.expected]
    names = "、".join(one.successors)
    successors = f"同地区新出现的相近机关 new bodies alike: {names}" if names else None
    return Issue(
        id=issue_id(report, RULE),
        rule=RULE,
        severity=rule.forced_severity or softened,
        origin="unknown",
        addresses=(),
        expected=f"<= {one.due.isoformat()}",
        message_zh=f"{one.body.agency}{why_zh}，期限 {one.due} 已过，未见 {year} 年度报告。"
        "可能已合并、撤销或更名，也可能已发布而未收集到。",
        message_en=f"{one.body.agency} {why_en}; the deadline {one.due} has passed and no report on "
        f"{year} is here. It may be merged, abolished or renamed, or its report not collected yet.",
        legal_basis=rule.legal_basis,
        suggestion=successors,
    )
