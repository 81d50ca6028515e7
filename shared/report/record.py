"""The record of one report: who, which year, every cell, the sections and the figures in the text."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from shared.report.document import Observation, Place
from shared.report.values import value

CellState = Literal["number", "blank", "mark", "unreadable", "absent"]
"""number: a figure · blank: the cell is there, empty · mark: `/`, `-`, 无 · unreadable: something is
there that is no figure · absent: the document does not show the cell. Never fold one into another."""

Edition = Literal["2019", "2021"]
Level = Literal["central", "province", "prefecture", "county", "township"]
AgencyKind = Literal[
    "government",
    "government_office",
    "department",
    "township_government",
    "subdistrict_office",
    "development_zone",
    "other",
]
Scope = Literal["own", "roll_up"]
LARGEST: Final = 2**63 - 1
"""The largest number that may travel: more fits neither the database nor other people's JSON."""
LARGEST_READ: Final = 10**12
"""Numbers from here on are read as no figure: no office counts or spends so much, and sums stay exact."""
Number = int | float


@value
class Cell:
    """One declared cell of the form as the document shows it.

    `value` is a number only when `state` is "number"; counts are int. Money keeps the printed
    value with its `unit` (元, 万元, 亿元 or None). `raw` is the text as found ("" for blank, None for absent).
    `confidence` 0..1: below 0.8 a person should look. `notes` are short codes of how it was read
    (`position`, `look_alike`, `column_lost`, `merged_rows`, `by_equation`; `covered` by a merged cell,
    `unread` ink, `unsure_blank`; `recognised` from a picture and then `confirmed_by_equation`,
    `contradicted` or `contradicted_though_sure`). `derived` is what the equations give
    for a cell that the document does not show, with its proof in `proof`; never put into `value`.
    `candidates` are other readings the evidence leaves open.
    """

    address: str
    state: CellState
    value: Number | None = None
    unit: str | None = None
    raw: str | None = None
    place: Place | None = None
    confidence: float = 1.0
    notes: tuple[str, ...] = ()
    derived: Number | None = None
    proof: tuple[str, ...] = ()
    candidates: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """Place in the administrative division, names in full, as far as the document allows."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    township: str | None = None
    code: str | None = None

    @property
    def full_name(self) -> str:
        """The known parts in order, without gaps; a municipality stands once, not also as city."""
        parts = (self.province, self.city, self.county, self.township)
        return "".join(dict.fromkeys(p for p in parts if p))


@dataclass(frozen=True, slots=True)
class Contact:
    """Contact data printed in the report. Personal data: masked in public output."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The statistical period as stated in the report."""

    text: str
    start: date | None = None
    end: date | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class YearMention:
    """A year the report gives for itself: where (title, period, signature, file_name) and as printed."""

    source: Literal["title", "period", "opening", "signature", "file_name"]
    year: int
    text: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who reports on which year.

    `agency` is the full name (place resolved from the body where the title is short),
    `agency_as_printed` the name in the title. `year` is the fiscal year (统计年度), not the year of
    publication. `published_source` says which date was taken (signature > header > text).
    `ambiguous_places` lists the candidate parents when the place name alone stays ambiguous.
    """

    agency: str | None = None
    agency_as_printed: str | None = None
    region: Region = field(default_factory=Region)
    level: Level | None = None
    kind: AgencyKind | None = None
    year: int | None = None
    years: tuple[YearMention, ...] = ()
    title: str | None = None
    title_raw: str | None = None
    title_line: int | None = None
    published_on: date | None = None
    published_source: Literal["signature", "header", "text"] | None = None
    published_raw: str | None = None
    published_line: int | None = None
    signature: str | None = None
    signature_line: int | None = None
    scope: Scope = "own"
    period: Period | None = None
    contact: Contact | None = None
    ambiguous_places: tuple[str, ...] = ()
    place_resolved_by: Literal["title", "body", "signature", "name", "none"] | None = None


@value
class Section:
    """One of the six sections: 1..6, heading as printed, running text without the tables.

    `lines` gives the source line of each paragraph of `text` (the parts between line feeds).
    """

    number: int
    title: str
    heading_raw: str
    text: str
    line: int | None = None
    matched_by: Literal["number_and_title", "title", "number", "table"] = "number_and_title"
    lines: tuple[int | None, ...] = ()


@value
class NarrativeFigure:
    """One number in the running text: what it counts, its unit, and the clause it stands in.

    `key` names the quantity when the clause says so, None otherwise; keys are those of
    `shared.report.quantities`. `bound`: "min" for 2000余, "max" for 不足/近, "approx" for 约.
    `subject` is the scope of the clause: own (本级, 我局), whole (全市, 各级各部门), represented (代表市政府), unclear.
    `comparison` marks last year's or yoy figures, which are never matched with this year's cells.
    `group` joins a total with its parts (共 n，其中 a, b, c): same number, `role` whole or part;
    `complete` is False when the list is open (等, 主要包括, a part without figure): on the total for its first
    list, on every part of the list. `heads` are further lists of which the figure is the total: a part that is
    itself divided, or a total divided twice. `sentence` numbers the sentences of the text.
    `confidence` is below 1 where the sentence was recognised from a picture.
    """

    label: str
    value: Number
    unit: str | None
    text: str
    section: int | None
    key: str | None = None
    line: int | None = None
    bound: Literal["exact", "min", "max", "approx"] = "exact"
    subject: Literal["own", "whole", "represented", "unclear"] = "own"
    comparison: bool = False
    group: int | None = None
    role: Literal["whole", "part"] | None = None
    complete: bool = True
    raw: str | None = None
    heads: tuple[int, ...] = ()
    sentence: int | None = None
    confidence: float = 1.0


@value
class Claim:
    """A sentence that states a fact without a digit: 未收到申请, 均获维持, 全部办结.

    `key` as in `shared.report.quantities` for zero claims, or one of all_upheld, all_closed for absolute ones.
    `confidence` as in `NarrativeFigure`.
    """

    kind: Literal["zero", "absolute"]
    key: str
    text: str
    section: int | None
    line: int | None = None
    subject: Literal["own", "whole", "represented", "unclear"] = "own"
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Leftover:
    """A row or cell of a recognised table that fits no declared place: reported, never dropped."""

    text: str
    line: int | None
    table: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything read from one document.

    `template` is the edition of the report (table two decides, then table three); `templates` the
    edition of each table found, by table id; a table that is not there has no entry. `cells` lists every cell the
    found editions declare, absent ones included, in form order. `damaged` is True when labels had
    to be read by position or characters were substituted: an empty cell is then no proof of a blank.
    """

    document_id: str
    file: str
    identity: Identity
    template: Edition | None
    templates: dict[str, Edition]
    cells: tuple[Cell, ...]
    sections: tuple[Section, ...]
    figures: tuple[NarrativeFigure, ...]
    claims: tuple[Claim, ...]
    leftovers: tuple[Leftover, ...]
    observations: tuple[Observation, ...]
    preamble: str = ""
    damaged: bool = False
    arbitrated: tuple[str, ...] = ()
    """Equation scopes (`t3_row_total:carried_over_out`) that chose a reading and so prove nothing."""


@value
class Figure:
    """Of a cell, what it shows; fields as in `Cell`."""

    address: str
    state: CellState
    value: Number | None = None


@dataclass(frozen=True, slots=True)
class Gist:
    """Of a record, what other reports are compared with; fields as in `Record`."""

    file: str
    identity: Identity
    cells: tuple[Figure, ...]
    sections: tuple[Section, ...]
