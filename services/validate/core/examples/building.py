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
from dataclasses import fields, replace
from datetime import date
from typing import Any, Final, Literal, get_args

from services.validate.core.faults import Impossible
from shared import forms
from shared.forms import FormTable
from shared.forms.model import SectionTitle
from shared.report.document import Observation
from shared.report.record import (
    Cell,
    CellState,
    Claim,
    Contact,
    Edition,
    Identity,
    Leftover,
    NarrativeFigure,
    Period,
    Record,
    Region,
    Section,
    YearMention,
)

Base = Literal["clean", "zero"]
YEARS: Final[dict[Edition, int]] = {"2019": 2020, "2021": 2023}
"""The fiscal year of the clean report of each edition."""

# received 7, carried in 1; 3 granted, 2 partially, 1 not held, 1 duplicate = 7; 1 carried out
_CLEAN_APPLICATIONS: Final = {
    "received_new": (5, 1, 0, 0, 1, 0),
    "carried_over_in": (1, 0, 0, 0, 0, 0),
    "granted": (2, 1, 0, 0, 0, 0),
    "partially_granted": (1, 0, 0, 0, 1, 0),
    "unavailable.not_held": (1, 0, 0, 0, 0, 0),
    "not_processed.duplicate": (1, 0, 0, 0, 0, 0),
    "total": (5, 1, 0, 0, 1, 0),
    "carried_over_out": (1, 0, 0, 0, 0, 0),
}
_CLEAN_REMEDIES: Final = {
    "review": (1, 0, 0, 1),
    "litigation_direct": (0, 1, 0, 0),
    "litigation_after_review": (1, 0, 0, 0),
}
_CLEAN_DISCLOSURE: Final[dict[Edition, dict[str, Any]]] = {
    "2019": {
        "normative_documents@newly_made": 3,
        "normative_documents@newly_disclosed": 2,
        "normative_documents@total_disclosed": 12,
        "licensing@prior_items": 13,
        "licensing@change": 2,
        "licensing@decisions": 240,
        "penalty@prior_items": 30,
        "penalty@change": -2,
        "penalty@decisions": 8,
        "procurement@projects": 4,
        "procurement@amount": (32.5, "万元"),
    },
    "2021": {
        "normative_documents@issued": 3,
        "normative_documents@repealed": 1,
        "normative_documents@in_force": 12,
        "licensing@decisions": 240,
        "penalty@decisions": 8,
        "coercion@decisions": 1,
        "fees@amount_wanyuan": (12.5, "万元"),
    },
}
_TEXTS: Final = {
    1: "{year}年，本机关认真落实条例。主动公开方面，全年发布政府信息。依申请公开方面，依法办理申请。"
    "政府信息管理方面，严格发布审查。平台建设方面，维护政府网站专栏。监督保障方面，开展培训和考核。",
    2: "",
    3: "",
    4: "",
    5: "存在的问题：公开的及时性有待提高。改进情况：加强培训，完善制度。",
    6: "无其他需要报告的事项。本年度未收取信息处理费。",
}


def clean_record(edition: Edition = "2021", *, base: Base = "clean") -> Record:
    """Return a balanced, complete, timely report of a county department."""
    year = YEARS[edition]
    form = forms.load(edition)
    agency = "江东省云州市清河县财政局"
    return Record(
        document_id="0" * 64,
        file="report.txt",
        identity=Identity(
            agency=agency,
            agency_as_printed=agency,
            region=Region(province="江东省", city="云州市", county="清河县"),
            level="county",
            kind="department",
            year=year,
            years=(
                YearMention("title", year, f"{year}年"),
                YearMention("period", year, f"{year}年1月1日至12月31日"),
                YearMention("signature", year + 1, f"{year + 1}年1月15日"),
            ),
            title=f"{agency}{year}年政府信息公开工作年度报告",
            title_raw=f"{agency}{year}年政府信息公开工作年度报告",
            title_line=1,
            published_on=date(year + 1, 1, 15),
            published_source="signature",
            published_raw=f"{year + 1}年1月15日",
            published_line=90,
            signature=agency,
            signature_line=89,
            period=Period(
                f"{year}年1月1日至{year}年12月31日", date(year, 1, 1), date(year, 12, 31), 3
            ),
            contact=Contact(phone="0512-55550101"),
            place_resolved_by="title",
        ),
        template=edition,
        templates={t.id: edition for t in form.tables},
        cells=tuple(_clean_cells(edition, base)),
        sections=tuple(_section(s, year) for s in form.sections),
        figures=(),
        claims=(),
        leftovers=(),
        observations=(),
    )  # fmt: skip


def _section(title: SectionTitle, year: int) -> Section:
    number = title.number
    text = _TEXTS[number].replace("{year}", str(year))
    return Section(number, title.title, f"{number}、{title.title}", text, line=10 * number)


def _clean_cells(edition: Edition, base: Base) -> list[Cell]:
    known = _clean_numbers(edition) if base == "clean" else {}
    cells = []
    for table in forms.load(edition).tables:
        for address in table.addresses:
            value = known.get(address, 0)
            value, unit = value if isinstance(value, tuple) else (value, None)
            cells.append(Cell(address, "number", value, unit, str(value)))
    return cells


def _clean_numbers(edition: Edition) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for row, parts in _CLEAN_APPLICATIONS.items():
        known |= _row(forms.table(edition, "applications"), row, parts)
    for row, results in _CLEAN_REMEDIES.items():
        known |= _row(forms.table(edition, "review_litigation"), row, results)
    return known | {f"active_disclosure.{k}": v for k, v in _CLEAN_DISCLOSURE[edition].items()}


def _row(table: FormTable, row: str, parts: tuple[int, ...]) -> dict[str, int]:
    columns = [c.id for c in table.blocks[0].columns]
    values = (*parts, sum(parts))
    return {table.address(row, c): v for c, v in zip(columns, values, strict=True)}


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
