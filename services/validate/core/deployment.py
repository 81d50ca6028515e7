"""A deployment's own rules and changes, from the TOML texts of its folder; refused whole if faulty."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from services.validate.core.examples.model import Example
from services.validate.core.examples.running import answer, differences
from services.validate.core.faults import Impossible
from services.validate.core.kinds import OWN_KINDS
from services.validate.core.rule import Override, Rule, changed
from services.validate.core.rulebook import Rulebook, check_rule, fault_of, rules_of
from services.validate.core.sources import Path, Source, read

_ENTRIES = ("overrides", "rules", "cases")
_OURS = "gouji"
_NOT_THEIRS = ("needs", "forced_severity")
"""Fields of a rule that a deployment's file does not set."""


def adapted(base: Rulebook, texts: Mapping[str, str]) -> Rulebook:
    """Return `base` with the changes and rules of these texts by file name, in that order.

    Raises `RulebookError` naming file, line and reason: for anything unknown or impossible, for a
    rule of their own without an example of either kind, and for an example that does not hold.
    """
    sources = [read(name, text, _ENTRIES) for name, text in texts.items()]
    overrides: dict[str, Override] = {}
    for source in sources:
        overrides |= _overrides(source, base, overrides)
    own: dict[str, tuple[Source, int, Rule]] = {}
    seen = dict.fromkeys((*(r.id for r in base.rules), *(r.id for r in base.refusals)), _OURS)
    for source in sources:
        for number, rule in enumerate(rules_of(source, seen)):
            _check_own(source, number, rule)
            own[rule.id] = (source, number, rule)
        seen |= {rule_id: where.name for rule_id, (where, _, _) in own.items()}
    book = base.overridden(overrides).extended((rule for _, _, rule in own.values()), ())
    cases = [case for source in sources for case in _examples(source, book)]
    _check_examples(own, [example for _, _, example in cases])
    for source, number, example in cases:
        _check_holds(source, number, example, book)
    return book.extended((), (example for _, _, example in cases))


def _overrides(
    source: Source, base: Rulebook, before: Mapping[str, Override]
) -> dict[str, Override]:
    entries = source.content.get("overrides", {})
    if not isinstance(entries, dict):
        raise source.fault(
            ("overrides",), "写作 [overrides.规则]", "overrides are written [overrides.RULE]"
        )
    made = {}
    for rule_id, entry in entries.items():
        path, label = ("overrides", rule_id), f"override {rule_id}"
        rule = base.get(rule_id)
        if rule is None:
            raise source.fault(path, f"没有规则 {rule_id}", f"there is no rule {rule_id}", label)
        if rule_id in before:
            raise source.fault(
                path, "此规则已在另一文件中调整", "changed in another file already", label
            )
        try:
            override = Override.model_validate(entry)
        except ValidationError as error:
            raise fault_of(source, path, error, label) from error
        _check_parameters(source, path, rule, override)
        made[rule_id] = override
    return made


def _check_parameters(source: Source, path: Path, rule: Rule, override: Override) -> None:
    """Raise where a changed parameter is none of the rule's, or cannot work."""
    if not override.parameters:
        return
    if rule.kind in ("coded", "narrative"):
        # the rule's own function knows what it is told: the same names, the same sort of value
        for name, value in override.parameters.items():
            try:
                _check_alike(name, rule.parameters, value)
            except Impossible as error:
                place = (*path, "parameters", name)
                raise source.fault(place, error.zh, error.en, f"override {rule.id}") from error
    check_rule(source, (*path, "parameters"), changed(rule, override))


def _check_alike(name: str, known: Mapping[str, Any], value: Any) -> None:
    if name not in known:
        raise Impossible(f"没有参数 {name}", f"unknown parameter {name}")
    usual = known[name]
    if isinstance(usual, list | tuple):
        if not isinstance(value, list) or not all(isinstance(w, str) and w.strip() for w in value):
            raise Impossible(f"{name} 须为词语列表", f"{name} must be a list of words")
        if not value:
            raise Impossible(f"{name} 不能为空", f"{name} must not be empty")
    elif isinstance(usual, bool) or not isinstance(usual, int | float):
        if type(value) is not type(usual):
            wanted = type(usual).__name__
            raise Impossible(f"{name} 的类型须为 {wanted}", f"{name} must be a {wanted}")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise Impossible(f"{name} 须为数字", f"{name} must be a number")
    elif not math.isfinite(value) or value < 0 or (value == 0 and usual > 0):
        raise Impossible(f"{name} 须大于 0", f"{name} must be greater than 0")


def _check_own(source: Source, number: int, rule: Rule) -> None:
    path, label = ("rules", number), f"rule {rule.id}"
    if rule.kind not in OWN_KINDS:
        kinds = ", ".join(OWN_KINDS)
        raise source.fault(
            (*path, "kind"),
            f"自订规则的 kind 只能是 {kinds}",
            f"kind must be one of {kinds}",
            label,
        )
    for name in _NOT_THEIRS:
        if name in rule.model_fields_set:
            raise source.fault((*path, name), f"不认识的键 {name}", f"unknown key {name}", label)


def _examples(source: Source, book: Rulebook) -> Iterable[tuple[Source, int, Example]]:
    entries = source.content.get("cases", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise source.fault(("cases",), "例子写作 [[cases]]", "examples are written [[cases]]")
    for number, entry in enumerate(entries):
        label = f"example {entry.get('name', number + 1)}"
        try:
            example = Example.model_validate(entry)
        except ValidationError as error:
            raise fault_of(source, ("cases", number), error, label) from error
        if book.get(example.rule) is None:
            raise source.fault(
                ("cases", number, "rule"), f"没有规则 {example.rule}",
                f"there is no rule {example.rule}", label,
            )  # fmt: skip
        yield source, number, example


def _check_examples(own: Mapping[str, tuple[Source, int, Rule]], examples: list[Example]) -> None:
    shown = {(e.rule, e.finds) for e in examples}
    for rule_id, (source, number, _) in own.items():
        if (rule_id, True) not in shown or (rule_id, False) not in shown:
            finding = (rule_id, True) not in shown
            zh, en = ("发现问题", "finds") if finding else ("不发现问题", "stays quiet")
            raise source.fault(
                ("rules", number), f"缺少例子（{zh}的）", f"missing example: one where the rule {en}",
                f"rule {rule_id}",
            )  # fmt: skip


def _check_holds(source: Source, number: int, example: Example, book: Rulebook) -> None:
    path, label = ("cases", number), f"example {example.name}"
    run = (
        example if book.rule(example.rule).enabled else example.model_copy(update={"enable": True})
    )
    try:
        wrong = list(differences(example, answer(run, book)))
    except Impossible as error:
        raise source.fault(path, error.zh, error.en, label) from error
    if wrong:
        zh, en = wrong[0]
        raise source.fault(
            path, f"例子不成立：{zh}（规则 {example.rule}）",
            f"the example does not hold: {en} (rule {example.rule})", label,
        )  # fmt: skip
