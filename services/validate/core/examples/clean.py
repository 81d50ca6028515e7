"""The clean report that every example starts from: balanced, complete, in time."""

from datetime import date
from typing import Any, Final, Literal

from shared import forms
from shared.forms import FormTable
from shared.forms.model import SectionTitle
from shared.report.record import (
    Cell,
    Contact,
    Edition,
    Identity,
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
