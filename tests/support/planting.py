"""What all faults are planted with: the register, and changes of the text that keep the truth true."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.support.fill import retold
from tests.support.truth import Expected, Part, Truth

Fault = Callable[[Truth, Random], Truth | None]
"""Returns None where the report gives it nothing to bite on."""
REGISTER: dict[str, Fault] = {}
"""Every class of fault that was imported, by name."""
TOUCHES: dict[str, frozenset[str]] = {}
"""The parts of a report that a fault changes or is judged by; faults with a part in common are not unrelated."""
ANEW = "anew"
"""Touched by faults that write the whole report anew: they come first, and alone of their kind."""


def touching(*parts: str) -> Callable[[Fault], Fault]:
    """Register a fault with the parts of the report that it concerns."""

    def register(fault: Fault) -> Fault:
        REGISTER[fault.__name__] = fault
        TOUCHES[fault.__name__] = frozenset(parts)
        return fault

    return register


def misstated(truth: Truth, spoken: dict[str, int], key: str, expected: Expected) -> Truth | None:
    """Let the text give other figures; None when no sentence of it states the quantity `key`."""
    changed = retold(truth, {**spoken})
    stated = any(f.key == key for f in changed.figures)
    return changed.expecting(*truth.expected, expected) if stated else None


def retell(truth: Truth, subject: str, text: str) -> Truth | None:
    """Put another sentence in the place of what is said on a subject; its figures go with it."""
    old, stated = truth.said.get(subject, ("", ()))
    if not old:
        return None
    left = list(truth.figures)
    for figure in stated:
        left.remove(figure)
    said = {**truth.said, subject: (text, ())}
    changed = replaced(truth, old, text)
    aside = truth.said.get("aside 依申请公开", ("", ()))[0]
    if changed and aside and subject in ("applications", "remedies"):
        # what is said besides is true, and one true sentence excuses another
        changed = replaced(changed, aside, "")
    return changed and replace(changed, figures=tuple(left), said=said)


def replaced(truth: Truth, old: str, new: str) -> Truth | None:
    """Change a text of the sections; None when it does not stand there."""

    def text(part: Part) -> Part:
        return replace(part, before=tuple(p.replace(old, new) for p in part.before))

    parts = tuple(text(p) for p in truth.parts)
    return None if parts == truth.parts else replace(truth, parts=parts)


def with_part(truth: Truth, number: int, **changes: object) -> Truth:
    """Return the report with fields of one section changed."""
    parts = tuple(
        replace(p, **changes) if p.number == number else p  # type: ignore[arg-type]
        for p in truth.parts
    )
    return replace(truth, parts=parts)


def added(truth: Truth, number: int, *paragraphs: str) -> Truth | None:
    """Add paragraphs to a section; None when the report has no such section."""
    part = next((p for p in truth.parts if p.number == number), None)
    return part and with_part(truth, number, before=(*part.before, *paragraphs))


def silent(truth: Truth, *subjects: str) -> Truth:
    """Return the report without the figures of what is said on some subjects."""
    gone = [f for s in subjects for f in truth.said.get(s, ("", ()))[1]]
    left = list(truth.figures)
    for figure in gone:
        if figure in left:
            left.remove(figure)
    return replace(truth, figures=tuple(left))
