"""Records for examples of rules: a clean balanced report of either edition, then changes.

An example, in rulebook/examples/*.toml or in a deployment's file of rules, reads:

    [[cases]]
    rule = "t3_balance"              # the rule it is an example of
    name = "seven received, six accounted for"
    finds = true                     # false: the rule must not fail here
    edition = "2021"                 # 2021 unless told; the year follows (2019 -> FY2020, 2021 -> FY2023)
    base = "clean"                   # clean (some figures) or zero (all zero)
    damaged = false
    arbitrated = ["t3_row_total:granted"]
    today = 2024-06-01
    at = ["applications.total@total"]   # addresses that the issue must name (optional)
    severity = "error"                  # of the issue (optional), likewise origin = "source"
    status = "not_assessable"           # a check of the rule with this status must exist (optional)
    enable = true                       # switch the rule on first (rules that are off by default)

    [cases.cells]                    # number, or blank, absent, unreadable, "mark:/", or a table of Cell fields
    "applications.total@total" = 6
    [cases.identity]                 # fields of Identity; region, period and contact as tables
    published_on = 2024-02-03
    [cases.sections]                 # text by number; false takes the section away
    6 = "无。"                          # or a table: text, title, repeat (the text so many times)
    [[cases.figures]]                # fields of NarrativeFigure; claims, observations, leftovers likewise
    label = "收到申请"
    value = 3
    [cases.record]                   # any other field of Record, such as preamble, template, templates

Names of sections: their official titles. Nothing else is set by default that could raise an error or a warning.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from math import isfinite
from typing import Any, Final, get_args

from pydantic import TypeAdapter, ValidationError

from services.validate.core.examples.clean import clean_record
from services.validate.core.faults import Impossible, reason
from shared.report.document import Observation
from shared.report.record import (
    Cell,
    CellState,
    Claim,
    Contact,
    Identity,
    Leftover,
    NarrativeFigure,
    Period,
    Record,
    Region,
    Section,
    YearMention,
)

_RECORD: Final = TypeAdapter(Record)


def build(case: Mapping[str, Any]) -> Record:
    """Return the record that an example describes.

    Raises `Impossible` for a cell, a section or a field that there is not.
    """
    record = clean_record(case.get("edition", "2021"), base=case.get("base", "clean"))
    try:
        return _made(record, case)
    except (TypeError, AttributeError, KeyError) as error:
        raise Impossible(
            f"例子无法构成：{error}", f"the example cannot be built: {error}"
        ) from error


def sound(record: Record) -> Record:
    """Return the record when every value in it is of the sort that it must be, else raise `Impossible`."""
    values = (*(c.value for c in record.cells), *(f.value for f in record.figures))
    for value in values:
        if isinstance(value, float) and not isfinite(value):
            raise Impossible("例子中有无穷大或非数", "a value of the example is not finite")
    try:
        return _RECORD.validate_python(asdict(record))
    except ValidationError as error:
        first = error.errors()[0]
        zh, en = reason(first)
        where = ".".join(map(str, first["loc"]))
        raise Impossible(f"例子中 {where}：{zh}", f"the example, {where}: {en}") from error


def _made(record: Record, case: Mapping[str, Any]) -> Record:
    _check_names(record, case)
    record = replace(
        record,
        cells=tuple(_changed(c, case.get("cells", {})) for c in record.cells),
        identity=_identity(record.identity, case.get("identity", {})),
        sections=tuple(_sections(record.sections, case.get("sections", {}))),
        damaged=case.get("damaged", False),
        arbitrated=tuple(case.get("arbitrated", ())),
        figures=_values(NarrativeFigure, case, "figures", unit=None, text="", section=1),
        claims=_values(Claim, case, "claims", text="", section=1),
        observations=_values(Observation, case, "observations", text="seen"),
        leftovers=_values(
            Leftover, case, "leftovers", line=1, table="applications", reason="extra_row"
        ),
    )
    return replace(record, **_other(record, case.get("record", {})))


def _check_names(record: Record, case: Mapping[str, Any]) -> None:
    known = {c.address for c in record.cells}
    known |= {a.partition("@")[0] for a in known}
    for address in case.get("cells", {}):
        if address not in known:
            raise Impossible(f"没有这样的单元格：{address}", f"unknown cells {address}")
    for number in case.get("sections", {}):
        if str(number) not in {str(s.number) for s in record.sections}:
            raise Impossible(f"没有第 {number} 部分", f"unknown section {number}")


def _changed(cell: Cell, changes: Mapping[str, Any]) -> Cell:
    row = cell.address.partition("@")[0]
    if cell.address not in changes and row not in changes:
        return cell
    change = changes[cell.address] if cell.address in changes else changes[row]
    if isinstance(change, dict):
        made: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in change.items()
        }
        if made.get("state", "number") != "number":
            made["value"], made["raw"] = None, made.get("raw")
        if made.get("unit") == "":
            made["unit"] = None
        return replace(cell, **{"raw": str(made.get("value", cell.value)), **made})
    if isinstance(change, int | float):
        return replace(cell, value=change, raw=str(change))
    state, _, raw = change.partition(":")
    if state == "number" or state not in get_args(CellState):
        raise Impossible(f"没有这样的状态：{state}", f"unknown state {state}")
    return replace(cell, state=state, value=None, unit=None, raw=None if state == "absent" else raw)


def _identity(identity: Identity, changes: Mapping[str, Any]) -> Identity:
    made: dict[str, Any] = dict(changes)
    parts: tuple[tuple[str, type[Any]], ...] = (
        ("region", Region), ("period", Period), ("contact", Contact),
    )  # fmt: skip
    for name, kind in parts:
        if name in made:
            made[name] = kind(**made[name]) if made[name] else None
    if "years" in made:
        made["years"] = tuple(
            YearMention(y["source"], y["year"], y.get("text", "")) for y in made["years"]
        )
    if "ambiguous_places" in made:
        made["ambiguous_places"] = tuple(made["ambiguous_places"])
    for name, value in made.items():
        if value is False:
            made[name] = None
    return replace(identity, **made)


def _sections(sections: tuple[Section, ...], changes: Mapping[str, Any]) -> list[Section]:
    kept = []
    for section in sections:
        change = changes.get(str(section.number), section.text)
        if change is False:
            continue
        made = dict(change) if isinstance(change, dict) else {"text": change}
        made["text"] = made.get("text", section.text) * made.pop("repeat", 1)
        kept.append(replace(section, **made))
    return kept


def _values(kind: type[Any], case: Mapping[str, Any], name: str, **usual: Any) -> tuple[Any, ...]:
    known = {f.name for f in fields(kind)}
    defaults = {k: v for k, v in usual.items() if k in known}
    made = []
    for entry in case.get(name, ()):
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
        made.append(kind(**{**defaults, **given}))
    return tuple(made)


def _other(record: Record, changes: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(changes)
    if "templates" in made:
        made["templates"] = {k: v for k, v in made["templates"].items() if v}
        # a table that was not found declares no cells
        made["cells"] = tuple(
            c for c in record.cells if c.address.split(".")[0] in made["templates"]
        )
    if "sections_order" in made:
        by_number = {s.number: s for s in record.sections}
        made["sections"] = tuple(by_number[n] for n in made.pop("sections_order"))
    return made
