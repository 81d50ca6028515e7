"""The official form as one report fills it: boxes in their places, faces of cells, issues that name them.

Pure data for whoever draws it (web pages, workbooks). The input is the neutral line
(`shared.report.neutral`), or any mapping with its keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from shared import forms
from shared.forms.layout import Box, Layout, layout
from shared.forms.model import TableId
from shared.report.issue import Severity
from shared.report.record import Edition, Number

__all__ = [
    "UNSURE_BELOW", "Box", "Face", "Layout", "Mark", "Sheet", "elsewhere", "gravest", "layout",
    "official", "sheet",
]  # fmt: skip

UNSURE_BELOW: Final = 0.8
"""A reading that is less sure than this a person should look at."""

_SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Face:
    """What one cell shows. `text` is what to print: the figure as printed, the mark, or nothing.

    `state` is one of number, blank, mark, unreadable, absent: only a number is one, 0 included.
    `issues` are positions in the line's list of issues, `level` the gravest among them that no reviewer
    dismissed. `suggested` is what the likeliest repair would put here, `derived` what the equations
    give where nothing is shown. `unsure`: a person should look at the reading.
    """

    address: str
    state: str
    text: str
    value: Number | None = None
    unit: str | None = None
    raw: str | None = None
    confidence: float = 1.0
    derived: Number | None = None
    notes: tuple[str, ...] = ()
    line: int | None = None
    page: int | None = None
    issues: tuple[int, ...] = ()
    level: Severity | None = None
    suggested: Number | None = None

    @property
    def unsure(self) -> bool:
        """Whether something is shown and its reading is doubtful."""
        return self.state in ("number", "unreadable") and self.confidence < UNSURE_BELOW


@dataclass(frozen=True, slots=True)
class Mark:
    """What concerns a whole row or table: the issues that name it, and the gravest one that stands."""

    issues: tuple[int, ...]
    level: Severity | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of one report: the layout, a face for each of its cells, and marks by address.

    `found` is False where the document shows no such table. `marks` has the addresses of rows and of the table
    itself that issues name. `strangers` are faces of cells that this
    layout has no box for (a table that mixes two editions).
    """

    layout: Layout
    faces: Mapping[str, Face]
    marks: Mapping[str, Mark]
    strangers: tuple[Face, ...]
    found: bool

    @property
    def level(self) -> Severity | None:
        """The gravest issue in the table, None where all is well."""
        levels = [f.level for f in (*self.faces.values(), *self.strangers)]
        return gravest((*levels, *(m.level for m in self.marks.values())))


def official(line: Mapping[str, Any]) -> tuple[Sheet, ...]:
    """Return the three tables of one neutral line as the form prints them.

    A table that the report does not show is drawn in the edition of its other tables, else of its year,
    else the latest one, with every cell absent.
    """
    return tuple(sheet(line, table_id) for table_id in forms.TABLE_IDS)


def sheet(line: Mapping[str, Any], table_id: TableId) -> Sheet:
    """Return one table of one neutral line as the form prints it."""
    printed = layout(_edition(line, table_id), table_id)
    named = _named(line.get("issues") or ())
    repairs = _suggestions(line.get("issues") or ())
    cells: Mapping[str, Any] = line.get("cells") or {}
    own = [a for a in cells if a.startswith(f"{table_id}.")]

    def face(address: str) -> Face:
        return _face(address, cells.get(address), named.get(address), repairs.get(address))

    known = frozenset(printed.addresses)
    rest = {
        address: mark
        for address, mark in named.items()
        if "@" not in address and (address == table_id or address.startswith(f"{table_id}."))
    }
    strangers = tuple(face(address) for address in own if address not in known)
    faces = {address: face(address) for address in printed.addresses}
    found = table_id in (line.get("templates") or {}) or bool(own)
    return Sheet(printed, faces, rest, strangers, found)


def elsewhere(line: Mapping[str, Any]) -> tuple[int, ...]:
    """Return positions of the issues that name nothing in the tables: sections, dates, the agency."""
    return tuple(
        n
        for n, issue in enumerate(line.get("issues") or ())
        if not any(a.partition(".")[0] in forms.TABLE_IDS for a in issue["addresses"])
    )


def gravest(levels: Iterable[Severity | None]) -> Severity | None:
    """Return the gravest of some severities, None when there is none."""
    return min((lv for lv in levels if lv is not None), key=_SEVERITIES.index, default=None)


def _edition(line: Mapping[str, Any], table_id: TableId) -> Edition:
    known = (line.get("templates") or {}).get(table_id) or line.get("template")
    if known in forms.EDITIONS:
        return known  # type: ignore[no-any-return] # one of the editions, as just seen
    form = forms.for_year(line["year"]) if line.get("year") else None
    return form.edition if form is not None else forms.EDITIONS[-1]


def _named(issues: Iterable[Mapping[str, Any]]) -> dict[str, Mark]:
    """Return what each address is named by."""
    found: dict[str, list[tuple[int, Severity | None]]] = {}
    for n, issue in enumerate(issues):
        dismissed = (issue.get("decision") or {}).get("verdict") == "dismiss"
        level = None if dismissed else issue["severity"]
        for address in issue["addresses"]:
            found.setdefault(address, []).append((n, level))
    return {
        address: Mark(tuple(n for n, _ in named), gravest(level for _, level in named))
        for address, named in found.items()
    }


def _suggestions(issues: Iterable[Mapping[str, Any]]) -> dict[str, Number]:
    """Return the new figure of each cell that the likeliest repair of an issue would change."""
    found: dict[str, Number] = {}
    for issue in issues:
        if (issue.get("decision") or {}).get("verdict") == "dismiss":
            continue
        for repair in list(issue.get("repairs") or ())[:1]:
            for change in repair["changes"]:
                found.setdefault(change["address"], change["new"])
    return found


def _face(
    address: str, cell: Mapping[str, Any] | None, mark: Mark | None, suggested: Number | None
) -> Face:
    told = cell or {"state": "absent", "value": None, "unit": None, "raw": None, "confidence": 1.0}
    return Face(
        address,
        told["state"],
        _shown(told),
        told["value"],
        told["unit"],
        told["raw"],
        told["confidence"],
        told.get("derived"),
        tuple(told.get("notes") or ()),
        told.get("line"),
        told.get("page"),
        mark.issues if mark else (),
        mark.level if mark else None,
        suggested,
    )


def _shown(cell: Mapping[str, Any]) -> str:
    if cell["state"] == "number":
        return str(cell["value"])
    return (cell["raw"] or "").strip() if cell["state"] in ("mark", "unreadable") else ""
