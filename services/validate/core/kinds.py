"""The kinds of rules: what each may be told, checked whole when the rulebook is loaded."""

from functools import cached_property
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.validate.core.addressing import MONEY, editions_with, expand
from services.validate.core.faults import Impossible
from shared.report import quantities
from shared.report.record import AgencyKind, CellState, Edition, Identity, Level, Scope

Kind = Literal[
    "equation", "compare", "plausible", "present", "matches", "cell_state", "coded", "narrative",
    "observation",
]  # fmt: skip
"""equation: from the form · compare: two sums of cells · plausible: cells within bounds ·
present: something stated, or not · matches: a figure of the text and cells · cell_state: cells in a
state · coded, narrative: one function · observation: noted while reading."""

OWN_KINDS: Final[tuple[Kind, ...]] = ("compare", "plausible", "present", "matches", "cell_state")
"""The kinds that a deployment's own rules may be of: those that need no code."""

Relation = Literal["<=", ">=", "=", "<", ">"]
Terms = tuple[tuple[str, int], ...]
"""Cells with their signs: one side of a comparison."""
Word = Annotated[str, Field(min_length=1, max_length=80)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
IdentityField = Literal[
    "agency", "level", "kind", "year", "title", "published_on", "signature", "period", "contact",
]  # fmt: skip

_CLAIMED: Final = ("ALL_UPHELD", "ALL_CLOSED")
_NEVER_COMPARED: Final = ("DISCLOSED_ITEMS",)
QUANTITIES: Final = frozenset(
    value
    for name, value in vars(quantities).items()
    if name.isupper() and name not in (*_CLAIMED, *_NEVER_COMPARED)
)
"""What a sentence can state and cells can answer."""


class Parameters(BaseModel):
    """What a rule is told. `levels`, `kinds`, `scopes` keep it to some agencies; empty means all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    levels: tuple[Level, ...] = ()
    kinds: tuple[AgencyKind, ...] = ()
    scopes: tuple[Scope, ...] = ()

    def concerns(self, who: Identity) -> bool | None:
        """Tell whether the rule is meant for this agency; None where too little is known of it."""
        unknown = False
        for wanted, found in (
            (self.levels, who.level), (self.kinds, who.kind), (self.scopes, who.scope),
        ):  # fmt: skip
            if not wanted or found in wanted:
                continue
            if found is not None:
                return False
            unknown = True
        return None if unknown else True

    def editions(self) -> frozenset[Edition] | None:
        """Return the editions of the form it can be tested in, None when that does not matter."""
        return None


class Nothing(BaseModel):
    """No parameters: the form or the reader says it all."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Anything(BaseModel):
    """The parameters of a rule with a function of its own, which knows their names."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Comparison(NamedTuple):
    """One comparison of a rule: its row ("" without rows) and both sides.

    `addresses` are all its cells, `table` that of the first, `editions` those that have the cells.
    `plain` says that no cell holds money, so that values are compared as they are.
    """

    row: str
    left: Terms
    right: Terms
    addresses: tuple[str, ...]
    table: str
    editions: frozenset[Edition]
    plain: bool


class Compare(Parameters):
    """`left` relation `right`: sums of cells, a `-` before those to take away.

    Terms are cell addresses, or column names when `table` and `rows` are given: then the comparison
    is made for each row. An empty side is 0. `tolerance` widens `<=`, `>=` and `=`. The rule stays
    out of the way where all operands and the cells of `unless_known` are known: another says more.
    """

    left: tuple[Word, ...] = ()
    relation: Relation
    right: tuple[Word, ...] = ()
    table: Word | None = None
    rows: tuple[Word, ...] = ()
    tolerance: Annotated[Finite, Field(ge=0)] = 0
    unless_known: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if bool(self.rows) != (self.table is not None):
            raise Impossible("table 与 rows 须一起给出", "table and rows go together")
        if self.tolerance and self.relation in ("<", ">"):
            raise Impossible("< 和 > 不能有 tolerance", "< and > take no tolerance")
        terms = [t.removeprefix("-") for t in (*self.left, *self.right)]
        if not terms:
            raise Impossible("left 与 right 不能都为空", "left and right are both empty")
        if len(set(terms)) < len(terms):
            raise Impossible("同一单元格出现两次", "a cell is named twice")
        if self.unless_known:
            editions_with(self.unless_known)
        assert self.comparisons
        return self

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Every single comparison."""
        return tuple(self._comparison(row) for row in self.rows or ("",))

    def _comparison(self, row: str) -> Comparison:
        left, right = self._terms(self.left, row), self._terms(self.right, row)
        addresses = tuple(a for a, _ in (*left, *right))
        table = addresses[0].partition(".")[0]
        plain = MONEY.isdisjoint(addresses)
        return Comparison(row, left, right, addresses, table, editions_with(addresses), plain)

    def _terms(self, side: tuple[str, ...], row: str) -> Terms:
        made = []
        for term in side:
            name = term.removeprefix("-")
            address = f"{self.table}.{row}@{name}" if row else name
            made.append((address, -1 if term.startswith("-") else 1))
        return tuple(made)

    def editions(self) -> frozenset[Edition]:
        """Return the editions that have the cells of one comparison at least."""
        return frozenset[Edition]().union(*(c.editions for c in self.comparisons))


class _Cells(Parameters):
    """A rule about single cells: addresses, with `*` for any characters."""

    cells: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        assert self.addresses is not None
        return self

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The cells meant, in form order."""
        return expand(self.cells)

    def editions(self) -> frozenset[Edition] | None:
        """Return the editions that have any of the cells."""
        if not self.cells:
            return None
        return frozenset[Edition]().union(*(editions_with((a,)) for a in self.addresses))


class Plausible(_Cells):
    """Each of the cells lies between `min` and `max`, both included; money counts in 万元."""

    cells: tuple[Word, ...] = Field(min_length=1)
    min: Finite | None = None
    max: Finite | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.min is None and self.max is None:
            raise Impossible("min 与 max 至少给出一个", "min or max is needed")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise Impossible("min 大于 max", "min is greater than max")
        return self


class InState(_Cells):
    """None of the cells (all, unless told) is in this state."""

    state: CellState

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.state == "number":
            raise Impossible("state 不能是 number", "state must not be number")
        return self


class Present(Parameters):
    """Something is stated: a `field` of the identity, text in a `section`, or one of `words`.

    Words are looked for in the section, without one in the whole text; spaces do not matter. With
    `absent` none of them may occur. `may_go_with_page`: what a lost page may have held is no fault.
    """

    field: IdentityField | None = None
    section: Annotated[int, Field(ge=1, le=6)] | None = None
    words: tuple[Word, ...] = ()
    absent: bool = False
    may_go_with_page: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        in_text = self.section is not None or bool(self.words)
        if in_text == (self.field is not None):
            raise Impossible(
                "须给出 field，或 section 和 words 之一",
                "either field, or section or words is needed",
            )
        if self.absent and not self.words:
            raise Impossible("absent 须有 words", "absent needs words")
        if any(not "".join(w.split()) for w in self.words):
            raise Impossible("words 中有空白的词", "a word is nothing but spaces")
        return self


class Matches(Parameters):
    """An exact figure of the text (`quantity`: a key, or a cell) equals the sum of `cells`."""

    quantity: Word
    cells: tuple[Word, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.quantity not in QUANTITIES and "@" not in self.quantity:
            raise Impossible(f"没有这样的数量 {self.quantity}", f"unknown quantity {self.quantity}")
        if "@" in self.quantity:
            editions_with((self.quantity,))
        if len(set(self.cells)) < len(self.cells):
            raise Impossible("同一单元格出现两次", "a cell is named twice")
        if len({c in MONEY for c in self.cells}) > 1:
            raise Impossible("件数与金额不能相加", "counts and money do not add up")
        editions_with(self.cells)
        return self

    def editions(self) -> frozenset[Edition]:
        """Return the editions that have all the cells."""
        return editions_with(self.cells)


PARAMETERS: Final[dict[Kind, type[BaseModel]]] = {
    "equation": Nothing,
    "compare": Compare,
    "plausible": Plausible,
    "present": Present,
    "matches": Matches,
    "cell_state": InState,
    "coded": Anything,
    "narrative": Anything,
    "observation": Nothing,
}
"""What each kind may be told."""


def compiled(kind: Kind, given: dict[str, Any]) -> BaseModel:
    """Return the parameters of a rule, checked; raises pydantic's ValidationError."""
    return PARAMETERS[kind].model_validate(given)
