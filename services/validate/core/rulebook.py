"""The rulebook: every rule as data, loaded from TOML and checked whole."""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.forms import EDITIONS, editions
from shared.report.issue import Origin, Severity
from shared.report.record import Edition

Kind = Literal["equation", "compare", "present", "cell_state", "coded", "narrative", "observation"]
"""equation: from the form · compare: two sums of cells · present: a field of the identity ·
cell_state: cells in a state · coded, narrative: one function · observation: noted while reading."""

Terms = tuple[tuple[str, int], ...]
"""Cells with their signs: one side of a comparison."""

RULE_FILES = (
    "structure", "identity", "disclosure", "tables", "cells", "narrative", "across", "extraction",
)  # fmt: skip


class RulebookError(ValueError):
    """The rulebook cannot be used; the message names the file and the entry."""


class Rule(BaseModel):
    """One rule. Ids are those of the field's catalogue; sentences are for clerks.

    `first_year` and `last_year` bound the fiscal years it holds for. `needs` marks rules that look
    at other reports and are not run on a single one. `forced_severity` is a deployment's own level
    and wins over whatever the rule would say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(default=1, ge=1)
    says_zh: str = Field(min_length=4)
    says_en: str = Field(min_length=4)
    legal_basis: str | None = None
    editions: tuple[Edition, ...] = EDITIONS
    first_year: int | None = None
    last_year: int | None = None
    severity: Severity
    origin: Origin = "source"
    kind: Kind
    parameters: dict[str, object] = {}
    needs: Literal["other_reports"] | None = None
    enabled: bool = True
    forced_severity: Severity | None = None

    def number(self, name: str) -> float:
        """Return a numeric parameter; raises `RulebookError` when it is none."""
        value = self.parameters.get(name)
        if not isinstance(value, int | float):
            raise RulebookError(f"rule {self.id}: parameter {name} must be a number")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """Return a parameter that lists words; raises `RulebookError` when it does not."""
        value = self.parameters.get(name, ())
        if not isinstance(value, list | tuple) or not all(isinstance(w, str) for w in value):
            raise RulebookError(f"rule {self.id}: parameter {name} must be a list of words")
        return tuple(value)

    @cached_property
    def comparisons(self) -> tuple[tuple[str, "Terms", "Terms"], ...]:
        """Row, left terms and right terms of every single comparison of a `compare` rule."""
        return tuple(
            (row, self._terms("left", row), self._terms("right", row))
            for row in self.words("rows") or ("",)
        )

    def _terms(self, side: str, row: str) -> "Terms":
        made = []
        for term in self.words(side):
            name = term.removeprefix("-")
            address = f"{self.parameters['table']}.{row}@{name}" if row else name
            made.append((address, -1 if term.startswith("-") else 1))
        return tuple(made)

    def applies_to(self, year: int | None) -> bool:
        """Tell whether the rule is switched on and holds for a fiscal year (unknown: it does)."""
        if not self.enabled or self.needs is not None:
            return False
        if year is None:
            return self.first_year is None
        return (self.first_year is None or self.first_year <= year) and (
            self.last_year is None or year <= self.last_year
        )


class Override(BaseModel):
    """What a deployment may change about a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool | None = None
    severity: Severity | None = None
    parameters: dict[str, object] = {}


class Refusal(BaseModel):
    """A comparison that looks like a rule and is none, with the reason; kept so that nobody adds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    says_zh: str
    says_en: str


class Rulebook:
    """All rules in catalogue order. Immutable; `version` is a hash of the content."""

    __slots__ = ("_applicable", "_kinds", "_order", "_rules", "refusals", "version")

    def __init__(self, rules: Iterable[Rule], refusals: Iterable[Refusal] = ()) -> None:
        """Take rules whose ids are unique; raises `RulebookError` otherwise."""
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            if rule.id in self._rules:
                raise RulebookError(f"rule {rule.id} is defined twice")
            self._rules[rule.id] = rule
        self.refusals = tuple(refusals)
        self._kinds: dict[str, list[Rule]] = {}
        for rule in self._rules.values():
            self._kinds.setdefault(rule.kind, []).append(rule)
        self._order = {rule_id: n for n, rule_id in enumerate(self._rules)}
        self._applicable: dict[int | None, frozenset[str]] = {}
        content = [rule.model_dump(mode="json") for rule in self._rules.values()]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        self.version = hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in catalogue order."""
        return tuple(self._rules.values())

    def rule(self, rule_id: str) -> Rule:
        """Return one rule; KeyError when there is none."""
        return self._rules[rule_id]

    def get(self, rule_id: str) -> Rule | None:
        """Return one rule, None when there is none."""
        return self._rules.get(rule_id)

    def position(self, rule_id: str) -> int:
        """Return where the rule stands in the catalogue; unknown ids come last."""
        return self._order.get(rule_id, len(self._order))

    def applicable(self, year: int | None) -> frozenset[str]:
        """Return the ids of the rules that are run on one report of this fiscal year."""
        found = self._applicable.get(year)
        if found is None:
            found = frozenset(r.id for r in self._rules.values() if r.applies_to(year))
            if len(self._applicable) < len(self._order):
                self._applicable[year] = found
        return found

    def of_kind(self, kind: Kind, active: frozenset[str]) -> tuple[Rule, ...]:
        """Return the active rules of one kind, in catalogue order."""
        return tuple(r for r in self._kinds.get(kind, ()) if r.id in active)

    def overridden(self, overrides: Mapping[str, Override]) -> "Rulebook":
        """Return the rulebook with a deployment's changes; raises `RulebookError` on unknown ids."""
        unknown = sorted(set(overrides) - set(self._rules))
        if unknown:
            raise RulebookError(f"overrides name unknown rules: {', '.join(unknown)}")
        return Rulebook((_changed(r, overrides.get(r.id)) for r in self.rules), self.refusals)


def _changed(rule: Rule, override: Override | None) -> Rule:
    if override is None:
        return rule
    return rule.model_copy(
        update={
            "enabled": rule.enabled if override.enabled is None else override.enabled,
            "forced_severity": override.severity or rule.forced_severity,
            "parameters": {**rule.parameters, **override.parameters},
        }
    )


@cache
def load() -> Rulebook:
    """Return gouji's own rulebook; raises `RulebookError` naming the faulty file and entry."""
    folder = files("services.validate").joinpath("rulebook")
    sources = {}
    for name in RULE_FILES:
        entry = folder.joinpath(f"{name}.toml")
        if entry.is_file():
            sources[entry.name] = entry.read_text(encoding="utf-8")
    return parse(sources)


def parse(sources: Mapping[str, str]) -> Rulebook:
    """Return the rulebook of these TOML texts by file name; raises `RulebookError`."""
    rules: list[Rule] = []
    refusals: list[Refusal] = []
    seen: dict[str, str] = {}
    for name, text in sources.items():
        content = _content(name, text)
        for number, entry in enumerate(content.get("rules", ()), start=1):
            rule = _rule(name, number, entry)
            if rule.id in seen:
                raise RulebookError(
                    f"{name}: rule {rule.id}: defined twice, first in {seen[rule.id]}"
                )
            seen[rule.id] = name
            rules.append(rule)
        refusals.extend(Refusal.model_validate(r) for r in content.get("not_rules", ()))
    _check_equations(rules)
    return Rulebook(rules, refusals)


def _content(name: str, text: str) -> dict[str, list[dict[str, object]]]:
    try:
        content: dict[str, list[dict[str, object]]] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(f"{name}: not readable as TOML: {error}") from error
    unknown = sorted(set(content) - {"rules", "not_rules"})
    if unknown:
        raise RulebookError(f"{name}: unknown entries {', '.join(unknown)}")
    return content


def _rule(name: str, number: int, entry: dict[str, object]) -> Rule:
    label = entry.get("id", f"number {number}")
    try:
        rule = Rule.model_validate(entry)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()
        )
        raise RulebookError(f"{name}: rule {label}: {faults}") from error
    unknown = [a for a in _named_cells(rule) if a not in _known_cells()]
    if unknown:
        raise RulebookError(f"{name}: rule {label}: unknown cells {', '.join(unknown)}")
    return rule


def _named_cells(rule: Rule) -> list[str]:
    """Every cell that a `compare` rule names, whatever the edition."""
    if rule.kind != "compare":
        return []
    terms = [t.removeprefix("-") for side in ("left", "right") for t in rule.words(side)]
    table = rule.parameters.get("table")
    rows = rule.words("rows")
    return [f"{table}.{row}@{term}" for row in rows for term in terms] if rows else terms


@cache
def _known_cells() -> frozenset[str]:
    return frozenset(a for form in editions() for table in form.tables for a in table.addresses)


def _check_equations(rules: list[Rule]) -> None:
    named = {f.rule for form in editions() for table in form.tables for f in table.equations}
    stated = {r.id for r in rules if r.kind == "equation"}
    if stated - named:
        raise RulebookError(f"no form has the equations {', '.join(sorted(stated - named))}")
    if rules and stated and named - stated:
        raise RulebookError(f"equations without a rule: {', '.join(sorted(named - stated))}")
