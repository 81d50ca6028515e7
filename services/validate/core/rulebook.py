"""The rulebook: every rule as data, loaded from TOML and checked whole."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from services.validate.core.examples.model import Example
from services.validate.core.faults import RulebookError, reason
from services.validate.core.kinds import Kind, Parameters
from services.validate.core.rule import Override, Refusal, Rule, changed
from services.validate.core.sources import Path, Source, read
from shared.forms import editions

__all__ = [
    "RULE_FILES", "Override", "Refusal", "Rule", "Rulebook", "RulebookError", "check_rule", "load",
    "parse", "rule_of",
]  # fmt: skip

RULE_FILES = (
    "structure", "identity", "disclosure", "tables", "cells", "narrative", "across", "extraction",
)  # fmt: skip


class Rulebook:
    """All rules in catalogue order. Immutable; `version` is a hash of the content.

    `examples` are those of a deployment's own rules; gouji's are loaded apart, when asked for.
    """

    __slots__ = ("_applicable", "_kinds", "_order", "_rules", "examples", "refusals", "version")

    def __init__(
        self,
        rules: Iterable[Rule],
        refusals: Iterable[Refusal] = (),
        examples: Iterable[Example] = (),
    ) -> None:
        """Take rules whose ids are unique; raises `RulebookError` otherwise."""
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            if rule.id in self._rules:
                raise RulebookError(f"规则 {rule.id} 重复", f"rule {rule.id} is defined twice")
            self._rules[rule.id] = rule
        self.refusals = tuple(refusals)
        self.examples = tuple(examples)
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
        """Return the rulebook with changes; raises `RulebookError` on unknown ids."""
        unknown = sorted(set(overrides) - set(self._rules))
        if unknown:
            names = ", ".join(unknown)
            raise RulebookError(f"没有规则 {names}", f"overrides name unknown rules: {names}")
        rules = (changed(r, overrides[r.id]) if r.id in overrides else r for r in self.rules)
        return Rulebook(rules, self.refusals, self.examples)

    def extended(self, rules: Iterable[Rule], examples: Iterable[Example]) -> "Rulebook":
        """Return the rulebook with more rules and their examples; raises `RulebookError`."""
        return Rulebook((*self.rules, *rules), self.refusals, (*self.examples, *examples))


@cache
def load() -> Rulebook:
    """Return gouji's own rulebook; raises `RulebookError` naming the faulty file and line."""
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
        source = read(name, text, ("rules", "not_rules"))
        for rule in rules_of(source, seen):
            seen[rule.id] = name
            rules.append(rule)
        refusals.extend(Refusal.model_validate(r) for r in source.content.get("not_rules", ()))
    _check_equations(rules)
    return Rulebook(rules, refusals)


def rules_of(source: Source, seen: Mapping[str, str]) -> Iterator[Rule]:
    """Yield the rules of one file, each checked; `seen` says where ids stand already."""
    entries = source.content.get("rules", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise source.fault(("rules",), "规则写作 [[rules]]", "rules are written [[rules]]")
    here: set[str] = set()
    for number, entry in enumerate(entries):
        rule = rule_of(source, ("rules", number), entry)
        if rule.id in seen or rule.id in here:
            first = seen.get(rule.id, source.name)
            raise source.fault(
                ("rules", number, "id"), f"编号重复，先见于 {first}", f"defined twice, first in {first}",
                f"rule {rule.id}",
            )  # fmt: skip
        here.add(rule.id)
        yield rule


def rule_of(source: Source, path: Path, entry: Mapping[str, Any]) -> Rule:
    """Return one rule of a file; raises `RulebookError` with its line."""
    label = f"rule {entry.get('id', 'without id')}"
    try:
        rule = Rule.model_validate(entry)
    except ValidationError as error:
        raise fault_of(source, path, error, label) from error
    check_rule(source, (*path, "parameters"), rule)
    return rule


def check_rule(source: Source, path: Path, rule: Rule) -> None:
    """Raise `RulebookError` where the rule's parameters, which stand at `path`, cannot work."""
    label = f"rule {rule.id}"
    try:
        told = rule.compiled
    except ValidationError as error:
        raise fault_of(source, path, error, label) from error
    found = told.editions() if isinstance(told, Parameters) else None
    if found is not None and found.isdisjoint(rule.editions):
        raise source.fault(
            path,
            "所列格式没有这些单元格",
            "the rule's editions of the form do not have these cells",
            label,
        )


def fault_of(source: Source, path: Path, error: ValidationError, label: str) -> RulebookError:
    """Return the first fault that a schema found, with its line."""
    first = error.errors()[0]
    zh, en = reason(first)
    return source.fault((*path, *first["loc"]), zh, en, label)


def _check_equations(rules: list[Rule]) -> None:
    named = {f.rule for form in editions() for table in form.tables for f in table.equations}
    stated = {r.id for r in rules if r.kind == "equation"}
    if stated - named:
        ids = ", ".join(sorted(stated - named))
        raise RulebookError(f"表格中没有等式 {ids}", f"no form has the equations {ids}")
    if rules and stated and named - stated:
        ids = ", ".join(sorted(named - stated))
        raise RulebookError(f"等式缺少规则 {ids}", f"equations without a rule: {ids}")
