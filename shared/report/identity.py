"""Ids derived from content, so that doing the same thing twice gives the same id."""

import hashlib

ENGINE_VERSION = "2"
"""Version of reading and judging together; a new one makes new revisions of the same documents.

It counts up with every release that reads some document differently. 1: text layouts alone. 2: every format,
narrative figures, arbitration over whole tables. `gouji reconcile --reread` brings older readings up to date.
"""


def document_id(data: bytes) -> str:
    """Return the sha256 of the bytes in hexadecimal: the identity of a document."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(*parts: object) -> str:
    """Return a stable 32-digit id of the parts, in order."""
    joined = "\x1f".join("" if p is None else str(p) for p in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


def report_id(agency: str | None, region: str, year: int | None, scope: str, document: str) -> str:
    """Return the id of agency x fiscal year x scope.

    Without agency or year the document stands for itself: two unknowns are never the same report.
    """
    if agency is None or year is None:
        return fingerprint("report", document)
    return fingerprint("report", agency, region if region not in agency else "", year, scope)


def revision_id(document: str, engine_version: str = ENGINE_VERSION) -> str:
    """Return the id of one document's reading by one engine version."""
    return fingerprint("revision", document, engine_version)


def issue_id(report: str, rule: str, *scope: object) -> str:
    """Return the stable fingerprint of an issue: same report, rule and scope, same id."""
    return fingerprint("issue", report, rule, *scope)
