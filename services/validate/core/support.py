"""Whether a sentence of the report states the number that a repair would put into the table."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace

from services.validate.core.narrative.readings import readings
from services.validate.core.narrative.view import T2, Operand, View
from shared.report import quantities as q
from shared.report.issue import CellChange
from shared.report.record import NarrativeFigure, Number, Record

_NO_SUMS = frozenset({q.NORMATIVE_DOCUMENTS, q.LICENSING, q.PENALTY, q.COERCION, q.FEES})
"""Quantities of table two, which has no equations."""


class Witness:
    """The figures of the text about this year's cells, asked what they say of a change."""

    def __init__(self, record: Record) -> None:
        """Take the record; its text is looked at when the first question comes."""
        self._record = record
        self._view: View | None = None
        self._figures: list[tuple[NarrativeFigure, list[Operand]]] = []

    def on(self, changes: Iterable[CellChange]) -> tuple[str | None, str | None]:
        """Return the clause that states the number after the changes, and one that states the old."""
        if not self._record.figures:
            return None, None
        view = self._looked_at()
        changed = {c.address: c.new for c in changes}
        concerned = [(f, before) for f, before in self._figures if _concerns(before, changed)]
        if not concerned:
            return None, None
        after = _changed(view, changed)
        supported: str | None = None
        contradicted: str | None = None
        for figure, before in concerned:
            now = readings(after, figure)
            if _fits(now, figure, changed) and not _fits(before, figure, changed):
                supported = supported or figure.text
            elif _fits(before, figure, changed) and not any(o.value == figure.value for o in now):
                contradicted = contradicted or figure.text
        return supported, contradicted

    def _looked_at(self) -> View:
        if self._view is None:
            view = self._view = View(self._record)
            self._figures = [
                (f, before)
                for f in self._record.figures
                if _is_exact(f) and (before := _about_sums(view, f)) and _is_own(view, f)
            ]
        return self._view


def _is_exact(figure: NarrativeFigure) -> bool:
    """Tell whether a figure is an exact one of this year."""
    return figure.key is not None and not figure.comparison and figure.bound == "exact"


def _is_own(view: View, figure: NarrativeFigure) -> bool:
    """Tell whether a figure may be about the same unit as the tables."""
    return view.comparable(figure.subject, figure.text) != "no"


def _about_sums(view: View, figure: NarrativeFigure) -> list[Operand]:
    """Return what a figure may mean in the tables that have equations."""
    if figure.key in _NO_SUMS or (figure.key or "").startswith(f"{T2}."):
        return []
    return readings(view, figure)


def _concerns(operands: Sequence[Operand], changed: dict[str, Number]) -> bool:
    return any(a in changed for o in operands for a in o.addresses)


def _fits(operands: Sequence[Operand], figure: NarrativeFigure, changed: dict[str, Number]) -> bool:
    """Tell whether the figure is what some changed cells make."""
    return any(o.value == figure.value and any(a in changed for a in o.addresses) for o in operands)


def _changed(view: View, changed: dict[str, Number]) -> View:
    """Return a view of the same record in which some cells hold other numbers."""
    after = copy(view)
    after.cells = view.cells | {
        a: replace(cell, value=new) for a, new in changed.items() if (cell := view.cells.get(a))
    }
    return after
