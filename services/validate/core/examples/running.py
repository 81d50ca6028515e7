"""Examples judged for real, and whether the rule says what the example says it does."""

from collections.abc import Iterator

from services.validate.core.across.judging import compare
from services.validate.core.examples.building import build, sound
from services.validate.core.examples.families import family
from services.validate.core.examples.model import AnyExample, Example, FamilyExample
from services.validate.core.judging import judge
from services.validate.core.rulebook import Override, Rulebook
from shared.report.issue import Check, Issue, Judgement
from shared.report.values import value


@value
class Answer:
    """What one rule answered to one example; `copied_from` is the report whose text was taken over."""

    issues: tuple[Issue, ...]
    checks: tuple[Check, ...]
    copied_from: str | None = None


def answer(example: AnyExample, book: Rulebook) -> Answer:
    """Return what the example's rule says; raises `Impossible` when it cannot be built."""
    if example.enable:
        book = book.overridden({example.rule: Override(enabled=True)})
    judgement, copied = _judged(example, book)
    return Answer(
        tuple(i for i in judgement.issues if i.rule == example.rule),
        tuple(c for c in judgement.checks if c.rule == example.rule),
        copied,
    )


def _judged(example: AnyExample, book: Rulebook) -> tuple[Judgement, str | None]:
    if isinstance(example, Example):
        record = sound(build(example.model_dump(exclude_unset=True)))
        return judge(record, book, today=example.today), None
    compared = compare(family(example), book)
    return compared.judgement, compared.copied_from


def differences(example: AnyExample, given: Answer) -> Iterator[tuple[str, str]]:
    """Yield in both languages where the answer is not what the example says."""
    issues = given.issues
    if bool(issues) != example.finds:
        yield (
            ("应发现问题而没有发现", "finds nothing, though it should")
            if example.finds
            else ("不应发现问题而发现了", "finds something, though it should not")
        )
        return
    found = {a for i in issues for a in i.addresses}
    missing = [a for a in example.at if a not in found]
    if missing:
        names = ", ".join(missing)
        yield f"发现的问题没有指明 {names}", f"the finding does not name {names}"
    severities, origins = {i.severity for i in issues}, {i.origin for i in issues}
    if example.severity and example.severity not in severities:
        yield f"级别不是 {example.severity}", f"the severity is not {example.severity}"
    if example.origin and example.origin not in origins:
        yield f"归因不是 {example.origin}", f"the origin is not {example.origin}"
    statuses = {c.status for c in given.checks}
    if example.status and example.status not in statuses:
        yield f"结论中没有 {example.status}", f"no check of the rule is {example.status}"
    original = example.copied_from if isinstance(example, FamilyExample) else None
    if original and original != given.copied_from:
        yield f"原文不是 {original}", f"the original is not {original}"
