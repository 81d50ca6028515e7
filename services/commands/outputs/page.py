"""What `gouji check` found as one page: self-contained, for reading, printing and handing on.

The page loads nothing and runs nothing. File by file: the verdict, each finding with its place, formula, both
sides and legal basis, the three tables as the form prints them, the sections.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.commands.outputs.wordings import (
    ORIGINS,
    SEVERITIES,
    STATES,
    Word,
    heading,
    severity_counts,
)
from services.commands.talking.labels import together
from services.validate.core.rulebook import Rulebook
from shared import forms
from shared.forms.official import Face, elsewhere, official
from shared.report.printable import printable

DRAWN: Final = 300
"""Files whose tables are all drawn; of further ones only those with errors or warnings."""
_IN_MEMORY: Final = 16 << 20
_CHUNK: Final = 1 << 16
_PLACES_SHOWN: Final = 8
_REFUSED: Final = ("refused", "dead")
_SECTIONS: Final = ("", "一", "二", "三", "四", "五", "六")
_STATUSES: Final = {
    "refused": Word("拒收", "refused"),
    "dead": Word("处理失败", "failed"),
    "expanded": Word("压缩包", "archive"),
}
_OUTCOMES: Final = {
    "error": Word("有错误", "errors"),
    "warning": Word("有疑点", "warnings"),
    "info": Word("通过，有提示", "passed, with notes"),
    "none": Word("通过", "passed"),
}
_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("services.commands.outputs", "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One file in the overview: where its section is, if it has one, and what came out."""

    number: int
    name: str
    who: str
    grade: str
    verdict: Word
    counts: Mapping[str, int]
    has_section: bool


class Page:
    """A page under way: files are added one by one, and only their rows in the overview are kept in memory."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Begin a page without files; rules are explained from this rulebook."""
        self._rulebook = rulebook
        self._rows: list[Row] = []
        self._sections = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by `write`
        self._section = _ENVIRONMENT.get_template("file.html")

    def add(self, line: Line) -> None:
        """Add one file, whatever became of it."""
        number = len(self._rows) + 1
        # the gravest first: whoever reads on paper starts with what must be mended
        order = list(SEVERITIES)
        issues = sorted(line["issues"], key=lambda issue: order.index(issue["severity"]))
        line = {**line, "issues": issues}
        counts = severity_counts(line)
        grade, verdict = _grade(line, counts)
        has_section = grade != "archive" and (
            number <= DRAWN or grade in ("error", "warning", "refused")
        )
        self._rows.append(
            Row(number, _shown(line["file"]), _who(line), grade, verdict, counts, has_section)
        )
        if has_section:
            text = self._section.render(_view(line, self._rows[-1], self._rulebook))
            self._sections.write(text.encode())

    def write(self, write: Callable[[bytes], Any]) -> None:
        """Write the whole page, once; nothing can be added any more."""
        counted = {
            grade: sum(row.grade == grade for row in self._rows)
            for grade in ("error", "warning", "info", "none", "refused")
        }
        context = {
            "rows": self._rows,
            "counted": counted,
            "outcomes": _OUTCOMES,
            "left_out": sum(not r.has_section and r.grade != "archive" for r in self._rows),
            "version": version("gouji"),
            "rulebook": self._rulebook.version,
        }
        with self._sections:
            before, after = _ENVIRONMENT.get_template("page.html").render(context).split(_MARK)
            write(before.encode())
            self._sections.seek(0)
            while chunk := self._sections.read(_CHUNK):
                write(chunk)
            write(after.encode())


_MARK: Final = "<!--files-->"
"""Where the sections of the files go; texts of files cannot hold it, for they are escaped."""


def _grade(line: Line, counts: Mapping[str, int]) -> tuple[str, Word]:
    if line["status"] == "expanded":
        return "archive", _STATUSES["expanded"]
    if line["status"] in _STATUSES:
        return "refused", _STATUSES[line["status"]]
    grade = next((severity for severity in SEVERITIES if counts[severity]), "none")
    return grade, _OUTCOMES[grade]


def _who(line: Line) -> str:
    return heading(line) if line["status"] == "recorded" else ""


def _shown(text: str | None) -> str:
    return printable(text or "?")


def _view(line: Line, row: Row, rulebook: Rulebook) -> dict[str, Any]:
    issues = [_issue(n, issue, line, rulebook) for n, issue in enumerate(line["issues"])]
    return {
        "row": row,
        "line": line,
        "sheets": official(line) if line["status"] == "recorded" else (),
        "issues": issues,
        "elsewhere": [issues[n] for n in elsewhere(line)],
        "sections": list(_sections(line)),
        "numerals": _SECTIONS,
        "states": STATES,
        "severities": SEVERITIES,
        "told": _told,
        "more": len(line.get("members") or ()),
    }


def _issue(n: int, issue: Mapping[str, Any], line: Line, rulebook: Rulebook) -> dict[str, Any]:
    rule = rulebook.get(issue["rule"])
    places = together(issue["addresses"], line["template"])
    return {
        **issue,
        "number": n + 1,
        "word": SEVERITIES[issue["severity"]],
        "places": places[:_PLACES_SHOWN],
        "places_more": max(0, len(places) - _PLACES_SHOWN),
        "quotes": issue.get("evidence") or (),
        "why": Word(rule.says_zh, rule.says_en) if rule is not None else None,
        "whose": ORIGINS[issue["origin"]],
    }


def _sections(line: Line) -> Iterator[dict[str, Any]]:
    """Yield the six compulsory sections: what the report has of each, None where it has none."""
    if line["status"] != "recorded":
        return
    edition = line["template"] or forms.EDITIONS[-1]
    found = {section["number"]: section for section in line["sections"]}
    for section in forms.load(edition).sections:
        yield {
            "number": section.number,
            "title": section.title,
            "found": found.get(section.number),
        }


def _told(face: Face) -> str:
    """Return what a pointer on a cell is told: its state where it is no number, raw text, place, doubt."""
    parts = []
    if face.state != "number":
        parts.append(f"{STATES[face.state]}（不是 0 · not 0）")
    if face.raw and face.raw.strip() != face.text:
        parts.append(f"原文 as found: {printable(face.raw)}")
    if face.line is not None:
        parts.append(f"第 {face.line} 行 line {face.line}")
    if face.page is not None:
        parts.append(f"第 {face.page} 页 page {face.page}")
    if face.derived is not None:
        parts.append(f"按勾稽关系推算 derived: {face.derived}")
    if face.unsure:
        parts.append(f"识读存疑 doubtful reading ({face.confidence:.2f})")
    if face.suggested is not None:
        parts.append(f"建议改为 suggested: {face.suggested}")
    return " · ".join(parts)
