"""Neutral lines as SARIF 2.1.0: findings for code-scanning pages, editors and gates.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/. Written piece by piece: results first, then the rules that
they name, so that any number of reports fits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote

from services.commands.talking.labels import printed
from services.validate.core import handbook
from services.validate.core.rulebook import Rulebook
from shared.report.printable import json_line, printable

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT: Final = "goujiIssue/v1"
_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}
_UNREAD: Final = ("refused", "dead")

Means = Callable[[str, str], bool]
"""Whether a finding, by rule and severity, is wanted."""


def sarif(
    lines: Iterable[Mapping[str, Any]],
    rulebook: Rulebook,
    means: Means = lambda _rule, _severity: True,
) -> Iterator[bytes]:
    """Yield the pieces of one SARIF log with one run, for every line given.

    Files that could not be read are notifications of the invocation, and one that we failed on makes it unsuccessful.
    """
    yield _piece('{"$schema":', SCHEMA, ',"version":"2.1.0","runs":[{"results":[')
    rules: dict[str, int] = {}
    unread: list[bytes] = []
    failed, between = False, ""
    for line in lines:
        if line["status"] in _UNREAD:
            failed = failed or line["status"] == "dead"
            unread.append(_piece("", _notification(line), ""))
        for issue in line["issues"]:
            if means(issue["rule"], issue["severity"]):
                position = rules.setdefault(issue["rule"], len(rules))
                yield _piece(between, _result(line, issue, position), "")
                between = ","
    driver = {
        "name": "gouji",
        "fullName": "gouji 勾稽",
        "version": version("gouji"),
        "language": "zh-CN",
        "properties": {"rulebook": rulebook.version},
        "rules": [_rule(rule_id, rulebook) for rule_id in rules],
    }
    yield _piece('],"tool":{"driver":', driver, '},"columnKind":"unicodeCodePoints",')
    yield _piece('"invocations":[{"executionSuccessful":', not failed, "")
    yield b',"toolExecutionNotifications":[' + b",".join(unread) + b"]}]}]}\n"


def _piece(before: str, value: Any, after: str) -> bytes:
    return before.encode() + json_line(value) + after.encode()


def _result(line: Mapping[str, Any], issue: Mapping[str, Any], position: int) -> dict[str, Any]:
    found = {
        "ruleId": issue["rule"],
        "ruleIndex": position,
        "level": _LEVELS[issue["severity"]],
        "message": {"text": f"{issue['message_zh']}\n{issue['message_en']}"},
        "locations": [_location(line, issue)],
        "fingerprints": {FINGERPRINT: issue["id"]},
        "properties": {
            "agency": line["agency"],
            "year": line["year"],
            "documentId": line["document_id"],
            "reportId": line["report_id"],
            **{
                key: issue[key]
                for key in ("origin", "expected", "observed", "difference", "formula", "suggestion")
            },
        },
    }
    decision = issue.get("decision")
    if decision is not None and decision["verdict"] == "dismiss":
        found["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": decision["note"] or ""}
        ]
    return found


def _location(line: Mapping[str, Any], issue: Mapping[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": file_uri(line["file"])}}
    at = _line_of(line, issue)
    if at is not None:
        place["region"] = {"startLine": at}
    found: dict[str, Any] = {"physicalLocation": place}
    if issue["addresses"]:
        found["logicalLocations"] = [
            {
                "fullyQualifiedName": address,
                "name": printed(address, line["template"]),
                "kind": "cell" if "@" in address else "row" if "." in address else "table",
            }
            for address in issue["addresses"]
        ]
    return found


def _line_of(line: Mapping[str, Any], issue: Mapping[str, Any]) -> int | None:
    """Return the first line of the file that the finding speaks of, where the reader knows it."""
    cells = line["cells"]
    at = [cells[a].get("line") for a in issue["addresses"] if a in cells]
    at += [one["line"] for one in issue.get("evidence") or ()]
    return min((n for n in at if n), default=None)


def _notification(line: Mapping[str, Any]) -> dict[str, Any]:
    told = (line["reason"], line["detail_zh"], line["detail_en"])
    return {
        "level": "error",
        "descriptor": {"id": line["status"]},
        "message": {"text": " · ".join(printable(t) for t in told if t)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": file_uri(line["file"])}}}],
    }


def _rule(rule_id: str, rulebook: Rulebook) -> dict[str, Any]:
    """Return what is told of a rule; one of an older rulebook is known by its id alone."""
    rule = rulebook.get(rule_id)
    if rule is None:
        return {"id": rule_id}
    return {
        "id": rule_id,
        "shortDescription": {"text": rule.says_en},
        "fullDescription": {"text": f"{rule.says_zh}。 {rule.says_en}."},
        "help": {"text": handbook.explain(rule_id, rulebook)},
        "defaultConfiguration": {"level": _LEVELS[rule.level], "enabled": rule.enabled},
        "properties": {"legalBasis": rule.legal_basis, "origin": rule.origin},
    }


def file_uri(file: str | None) -> str:
    """Return a file's name as a URI reference, its folders kept."""
    # a name with a colon must not look like a scheme: quote() escapes it
    return quote((file or "unknown").replace("\\", "/"))
