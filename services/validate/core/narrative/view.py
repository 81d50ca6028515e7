"""A record seen from its text: which figures speak of the table, and what the cells add up to."""

import re
from collections.abc import Iterable
from typing import Final, Literal

from services.validate.core.facts import is_doubtful
from services.validate.core.naming import Name, cell_name, printed, split, table_name
from services.validate.core.verdicts import Verdict
from shared.report.document import Place
from shared.report.issue import Evidence, Origin
from shared.report.record import Cell, Claim, NarrativeFigure, Number, Record
from shared.report.values import value

T2: Final = "active_disclosure"
T3: Final = "applications"
T4: Final = "review_litigation"
ORGANISATIONS: Final = ("business", "research", "nonprofit", "legal_service", "other")
APPLICANTS: Final = ("natural_person", *ORGANISATIONS)
OUTCOME_COLUMNS: Final = ("maintained", "corrected", "other", "pending")

_NAMED_CELLS: Final = 3
"""Cells that a message names one by one."""

Comparable = Literal["yes", "soft", "no"]
"""yes: speaks of the same unit as the tables · soft: may do so · no: speaks of another one."""

_NARROW: Final = re.compile(
    r"(?:[市区县省州旗盟]|政府)本级|本级(?:政府|机关|行政)|[市区县省州旗盟]政府办|机关本级"
)
_LEVEL: Final = re.compile(r"[市区县省州旗盟](?:政府)?本级")
"""Said in the report of a bureau or township: perhaps the bureau at that level, perhaps the government."""
_PART_OF_MEMBERS: Final = re.compile(
    r"其?中?(?:各|所有|其他)?(?:乡镇|镇街|镇|乡|街道|部门|[市县区](?:直|级)(?:部门|单位))(?:（[^）]*）)?[^，。]{0,6}(?:收到|受理|新收|办结|答复|发生|[未没])"
)
_ALL_MEMBERS: Final = re.compile(r"全[市县区省州]|各级|各单位|部门[、和及与]|[、和及与]部门")
"""Townships alone or bureaus alone are part of those that a roll-up speaks for."""
_NAMED: Final = re.compile(
    r"(?:^|[，,；;：:（(。年中])(?P<name>[一-龥]{2,14}?(?:局|委|办|厅|街道|镇|乡|中心|大队|院|公司|企业|部门))"
    r"(?:办事处|办公室)?(?:共|累计|全年|本年度|已)*(?:收到|受理|新收|接收|办理|办结|答复)"
)
_SENTENCE_END: Final = re.compile(r"[。！？!?\n]")
_SELF: Final = re.compile(r"^(?:我|本|全|各|20\d\d|今|该|年|度)")


@value
class Operand:
    """One side of a comparison: its value and the cells behind it; None when a cell is lacking."""

    value: Number | None
    addresses: tuple[str, ...]
    said: str


class View:
    """Look-ups in one record for the rules about its text."""

    def __init__(self, record: Record) -> None:
        """Index the cells once."""
        self.record = record
        self.cells: dict[str, Cell] = {c.address: c for c in record.cells}

    def value(self, address: str) -> Number | None:
        """Return the number in a cell, None for any other state."""
        cell = self.cells.get(address)
        return cell.value if cell is not None and cell.state == "number" else None

    def row(self, row: str) -> Number | None:
        """Return a row's total in table three; a blank total over filled parts is added up."""
        total = self.cells.get(f"{T3}.{row}@total")
        if total is None or total.state != "blank":
            return self.value(f"{T3}.{row}@total")
        parts = [self.cells.get(f"{T3}.{row}@{a}") for a in APPLICANTS]
        known = [
            c.value for c in parts if c is not None and c.state == "number" and c.value is not None
        ]
        readable = all(c is not None and c.state in {"number", "blank"} for c in parts)
        return sum(known) if known and readable else None

    def total(self, addresses: Iterable[str], said: str) -> Operand:
        """Return the sum of cells; rows of table three are taken by their totals."""
        named = tuple(addresses)
        values = [self._single(a) for a in named]
        known = [v for v in values if v is not None]
        return Operand(sum(known) if len(known) == len(values) else None, named, said)

    def _single(self, address: str) -> Number | None:
        if address.startswith(f"{T3}.") and address.endswith("@total"):
            return self.row(address[len(T3) + 1 : -len("@total")])
        return self.value(address)

    def where(self, addresses: Iterable[str]) -> Name:
        """Return the table and the cells as a clerk finds them: 表四（复议诉讼）“行政复议·总计”; several are a sum."""
        named = tuple(addresses)
        table = split(named[0])[0] if named else ""
        edition = self.record.templates.get(table)
        if edition is None:
            return Name("表格", "the table")
        cells = [cell_name(edition, a) for a in named[:_NAMED_CELLS]]
        more = len(named) > _NAMED_CELLS
        zh = "".join(f"“{c.zh}”" for c in cells) + ("等" if more else "")
        en = ", ".join(c.en for c in cells) + (", ..." if more else "")
        name = table_name(table)
        return Name(
            f"{name.zh}{zh}{'合计' if len(named) > 1 else ''}",
            f"{name.en}, {en}{' together' if len(named) > 1 else ''}",
        )

    def there(self, addresses: Iterable[str]) -> bool:
        """Tell whether the editions found declare all these cells."""
        return all(a in self.cells for a in addresses)

    def comparable(self, subject: str, text: str) -> Comparable:
        """Tell whether a clause speaks of the same unit as the tables."""
        agency = self.record.identity.agency or ""
        if self._names_another(text, agency):
            return "no"
        if self.record.identity.scope == "roll_up":
            part = _PART_OF_MEMBERS.match(text) and not _ALL_MEMBERS.search(text)
            if subject == "represented" or _NARROW.search(text) or part:
                return "no"
            return "soft" if subject == "unclear" else "yes"
        if subject in {"whole", "represented"}:
            return "no"
        office = "政府办" in agency
        at_level = _LEVEL.search(text) is not None and not office
        unclear = subject == "unclear" and not (office and "政府办" in text)
        return "soft" if at_level or unclear else "yes"

    def _names_another(self, text: str, agency: str) -> bool:
        named = _NAMED.search(text)
        if named is None:
            return False
        name = named["name"].removeprefix("年").removeprefix("度")
        if _SELF.match(name) or len(name) < 2:
            return False
        if name.endswith("部门"):
            return not name.startswith("部门")
        return name[-3:] not in agency and name[-2:] not in agency

    def origin(self, addresses: Iterable[str]) -> Origin:
        """Tell whom a contradiction points at: a doubtful reading first."""
        for address in addresses:
            cell = self.cells.get(address)
            if cell is not None and is_doubtful(cell):
                return "extraction"
        return "unknown" if self.record.damaged else "source"

    def rest_of_sentence(self, figure: NarrativeFigure) -> str:
        """Return what the sentence goes on to say after a figure; empty where it cannot be found."""
        for section in self.record.sections:
            if figure.text and section.number == (figure.section or 0):
                _, found, after = section.text.partition(figure.text)
                if found:
                    return _SENTENCE_END.split(after, maxsplit=1)[0]
        return ""

    def evidence(
        self, said: Iterable[NarrativeFigure | Claim], addresses: Iterable[str]
    ) -> tuple[Evidence, ...]:
        """Return the sentences and the cells that contradict each other."""
        texts = {f.text: f.line for f in said}
        cells = [c for a in addresses if (c := self.cells.get(a)) is not None]
        return (
            *(Evidence(t, None, None if n is None else Place(line=n)) for t, n in texts.items()),
            *(Evidence(printed(c), c.address, c.place) for c in cells[:12]),
        )


def quiet(rule: str, scope: str, note: str | None = None) -> Verdict:
    """Return a verdict that holds."""
    return Verdict(rule, scope, "pass", note=note)


def untested(rule: str, scope: str, note: str) -> Verdict:
    """Return a verdict of a comparison that could not be made."""
    return Verdict(rule, scope, "not_assessable", note=note)


def tidy(value: Number) -> Number:
    """Return a difference without binary noise."""
    return round(value, 6) if isinstance(value, float) else value
