"""How a cell looks: five states that look like five things, how sure we are, and what was found about it.

Blank, a mark, unreadable, absent and 0 are never drawn alike; a colour is never the only sign.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from shared.forms.official import Box, Face, Sheet
from shared.report.issue import Severity
from shared.report.record import Number

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""From the worst to the mildest."""
_SIGNS: Final = {"unreadable": "？", "absent": "∅"}
_FLAGS: Final = {"error": "✕", "warning": "!", "info": "i"}
_LONGEST: Final = 24


@dataclass(frozen=True, slots=True)
class Look:
    """One box as it is drawn: names for the style sheet, what it says, and a small sign of severity.

    `derived` is what the equations give for a cell that is not shown; `beside` are the issues whose
    formulas stand at the end of the row.
    """

    box: Box
    classes: str
    text: str
    flag: str = ""
    state: str = ""
    derived: str | None = None
    suggested: str | None = None
    unsure: bool = False
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One printed row of a table, and the positions of the issues that are told beside it."""

    looks: tuple[Look, ...]
    issues: tuple[int, ...] = ()
    is_head: bool = False


def drawn(
    sheet: Sheet,
    issues: Sequence[Mapping[str, Any]],
    corrected: frozenset[str] = frozenset(),
    chosen: str | None = None,
) -> tuple[Line, ...]:
    """Return the rows of a table as they are drawn; each issue is told beside the first row it concerns.

    `issues` are those of the neutral line that the sheet was made of, `chosen` the cell looked at.
    """
    told: set[int] = set()
    lines = []
    for n, row in enumerate(sheet.layout.rows):
        looks = tuple(_look(box, sheet, issues, corrected, chosen) for box in row)
        fresh = tuple(
            dict.fromkeys(i for box in row for i in _concerning(box, sheet) if i not in told)
        )
        told.update(fresh)
        lines.append(Line(looks, fresh, is_head=n < sheet.layout.head_rows))
    return tuple(lines)


def shown_number(value: Number | None) -> str:
    """Return a number as it is drawn: whole ones without a fraction, none with an exponent."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) else f"{value:.9f}".rstrip("0")


def says(state: str, value: Number | None, unit: str | None) -> str:
    """Return in short what a cell holds: a number with its unit, or its state in brackets."""
    return f"[{state}]" if state != "number" else f"{shown_number(value)}{unit or ''}"


def _look(
    box: Box,
    sheet: Sheet,
    issues: Sequence[Mapping[str, Any]],
    corrected: frozenset[str],
    chosen: str | None,
) -> Look:
    if box.kind != "value" or box.address is None:
        mark = sheet.marks.get(box.address or "")
        level = mark.level if mark else None
        names = [f"box-{box.kind}", *([f"sev-{level}"] if level else [])]
        return Look(box, " ".join(names), box.text, _FLAGS.get(level or "", ""))
    face = sheet.faces[box.address]
    state = "zero" if face.state == "number" and face.value == 0 else face.state
    return Look(
        box,
        _classes(face, state, issues, box.address in corrected, box.address == chosen),
        _SIGNS.get(face.state) or face.text[:_LONGEST],
        _FLAGS.get(face.level or "", ""),
        state,
        None if face.derived is None else shown_number(face.derived),
        None if face.suggested is None else shown_number(face.suggested),
        face.unsure,
        box.address in corrected,
    )


def _classes(
    face: Face, state: str, issues: Sequence[Mapping[str, Any]], corrected: bool, chosen: bool
) -> str:
    names = ["box-value", f"is-{state}"]
    if face.level is not None:
        names.append(f"sev-{face.level}")
    names += sorted({f"from-{issues[n]['origin']}" for n in face.issues})
    marks = {"is-unsure": face.unsure, "is-derived": face.derived is not None,
             "is-corrected": corrected, "is-chosen": chosen}  # fmt: skip
    return " ".join([*names, *(name for name, holds in marks.items() if holds)])


def _concerning(box: Box, sheet: Sheet) -> Iterable[int]:
    if box.address is None:
        return ()
    face = sheet.faces.get(box.address)
    mark = sheet.marks.get(box.address)
    return (*(face.issues if face else ()), *(mark.issues if mark else ()))
