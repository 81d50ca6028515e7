"""Rules that match a stated quantity with cells, whatever the quantity."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.validate.core.addressing import MONEY
from services.validate.core.comparing import UNKNOWN_BODY
from services.validate.core.kinds import Matches
from services.validate.core.naming import number
from services.validate.core.narrative.readings import close, in_yuan
from services.validate.core.narrative.view import Operand, View, quiet, tidy, untested
from services.validate.core.rule import Rule
from services.validate.core.verdicts import Verdict
from shared.report.record import NarrativeFigure

_WANYUAN: Final = "万元"


def judge_matches(view: View, rules: Iterable[Rule]) -> Iterator[Verdict]:
    """Yield the verdicts of `matches` rules; a text that states nothing of it has none."""
    for rule in rules:
        told = rule.compiled
        assert isinstance(told, Matches)
        stated = [
            f for f in view.record.figures
            if f.key == told.quantity and not f.comparison and f.bound == "exact"
        ]  # fmt: skip
        if not stated or not _has_the_cells(view, rule, told):
            continue
        meant = told.concerns(view.record.identity)
        if meant is None:
            yield untested(rule.id, told.quantity, UNKNOWN_BODY)
        elif meant:
            yield _verdict(view, rule, told, stated)


def _has_the_cells(view: View, rule: Rule, told: Matches) -> bool:
    edition = view.record.templates.get(told.cells[0].partition(".")[0])
    return edition in rule.editions and edition in told.editions()


def _verdict(view: View, rule: Rule, told: Matches, stated: list[NarrativeFigure]) -> Verdict:
    """Judge one quantity: one matching sentence is enough, several may count differently."""
    failing: tuple[NarrativeFigure, Operand] | None = None
    note = "a cell is lacking"
    for figure in stated:
        cells = _sum(view, told, figure)
        if cells is None or cells.value is None:
            continue
        if cells.value == figure.value:
            return quiet(rule.id, told.quantity)
        if view.comparable(figure.subject, figure.text) == "no":
            note = "the text speaks of another unit"
        elif failing is None:
            failing = (figure, cells)
    if failing is None:
        return untested(rule.id, told.quantity, note)
    return _failed(view, rule, told, *failing)


def _sum(view: View, told: Matches, figure: NarrativeFigure) -> Operand | None:
    """Return what the cells add up to in the unit of the sentence, None for another unit."""
    if not MONEY.intersection(told.cells):
        return view.total(told.cells, "")
    stated = in_yuan(figure.value, figure.unit)
    yuan = 0.0
    for address in told.cells:
        cell = view.cells.get(address)
        if cell is None or cell.value is None or cell.state != "number":
            return None
        unit = cell.unit or (_WANYUAN if address.endswith("_wanyuan") else None)
        value = in_yuan(cell.value, unit)
        if value is None:
            return None
        yuan += value
    if stated is None or not figure.unit:
        return None
    factor = in_yuan(1, figure.unit)
    assert factor is not None
    return Operand(figure.value if close(stated, yuan) else yuan / factor, told.cells, "")


def _failed(
    view: View, rule: Rule, told: Matches, figure: NarrativeFigure, cells: Operand
) -> Verdict:
    assert cells.value is not None
    soft = view.comparable(figure.subject, figure.text) == "soft"
    unit = figure.unit if figure.unit and MONEY.intersection(told.cells) else ""
    said, held = f"{number(figure.value)}{unit}", f"{number(cells.value)}{unit}"
    zh = f"{rule.says_zh}；正文为 {said}（“{figure.text}”），表格为 {held}。"
    en = f"{rule.says_en}; the text gives {said}, the table {held}."
    if soft:
        zh += "文字的统计范围不明，请核对。"
        en += " The scope of the sentence is unclear."
    return Verdict(
        rule.id, told.quantity, "fail", cells.addresses,
        expected=tidy(cells.value), observed=figure.value,
        difference=tidy(figure.value - cells.value),
        formula=f"文字 {said} ≠ {held}",
        evidence=view.evidence((figure,), cells.addresses),
        message_zh=zh, message_en=en,
        severity="info" if soft else None,
        origin=view.origin(cells.addresses),
    )  # fmt: skip
