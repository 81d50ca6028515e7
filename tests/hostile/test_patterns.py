"""S8: no regular expression of ours is slow, whatever stands in the text.

Every pattern that any module keeps is run on texts made of what it itself accepts, a megabyte in the end. A
pattern is linear when twice the text takes about twice the time; the bar is a tenth of a second a megabyte.
"""

import gc
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from re import _constants as constants
from re import _parser as parser

import services
import shared

SKIPPED = ("services.sink.migrations", "services.normalize.adapters.ocr", "services.notify.app", "services.cli")
ENTRY = ("__main__", "app")
FIRST, GROWTH = 4_000, 4
LARGEST = 1_000_000
BAR = 0.1
NOISE = 0.004
STOCK = (
    "1", " ", "\t", "中", "，", ",", "１", "1,", "0 ", "年", "1 年", "a", "\n", ".", "(", "（", "一", "<a ", "<", "-", "|", "*", "件1", "\r\n",
    "2021年1月", "、", "第一条", "&", "…",
)  # fmt: skip
"""What stands in texts by the megabyte when somebody wants it to."""


def modules() -> Iterator[str]:
    for package in (services, shared):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith(SKIPPED) and found.name.rpartition(".")[2] not in ENTRY:
                yield found.name


@cache
def patterns() -> dict[tuple[str, int], re.Pattern]:
    """Every compiled pattern alive once all modules are loaded and the lazy tables are made."""
    for name in modules():
        importlib.import_module(name)
    _fill_lazy_tables()
    found: dict[tuple[str, int], re.Pattern] = {}
    for one in _compiled():
        found.setdefault((str(one.pattern), one.flags), one)
    return found


def _compiled() -> Iterator[re.Pattern]:
    import sys

    ours = [m for n, m in sorted(sys.modules.items()) if n.startswith(("services.", "shared."))]
    seen: set[int] = set()
    pending: list[object] = [value for m in ours for value in vars(m).values()]
    while pending:
        one = pending.pop()
        if isinstance(one, re.Pattern):
            yield one
        elif id(one) in seen:
            continue
        elif isinstance(one, dict):
            seen.add(id(one))
            pending += [*one.values(), *one.keys()]
        elif isinstance(one, tuple | list | set | frozenset) and len(one) < 5000:
            seen.add(id(one))
            pending += one
        elif isinstance(one, type) and one.__module__.startswith(("services.", "shared.")):
            seen.add(id(one))
            pending += vars(one).values()
        elif hasattr(one, "cache_info"):
            # what a cached function returned is nowhere else
            seen.add(id(one))
            pending += [x for x in gc.get_referents(one) if isinstance(x, dict)]
        elif isinstance(one, partial):
            pending += [one.func, *one.args, *one.keywords.values()]
        elif getattr(type(one), "__module__", "").startswith(("services.", "shared.")):
            seen.add(id(one))
            names = getattr(type(one), "__slots__", None) or getattr(one, "__dict__", {})
            pending += [getattr(one, n, None) for n in names]


def _fill_lazy_tables() -> None:
    """Read and judge a report, so that what is compiled when first needed is compiled."""
    from services.pipeline import process

    examples = Path(__file__).parents[2] / "examples"
    for path in sorted(examples.glob("*.txt"))[:4]:
        process(path.read_bytes(), path.name)


def pieces(pattern: re.Pattern) -> Iterator[str]:
    """Yield short texts that the parts of a pattern accept, and what makes them fail in the end."""
    yield from STOCK
    known = list(dict.fromkeys(_accepted(parser.parse(pattern.pattern, pattern.flags & ~re.TEMPLATE if hasattr(re, "TEMPLATE") else pattern.flags))))
    yield from known[:14]
    whole = "".join(known)[:40]
    if whole:
        yield whole
    for one, other in zip(known[:10], known[1:], strict=False):
        yield one + other


def _accepted(parsed) -> Iterator[str]:
    for kind, value in parsed:
        if kind is constants.LITERAL:
            yield chr(value)
        elif kind is constants.IN:
            yield _of_class(value)
        elif kind is constants.ANY:
            yield "x"
        elif kind is constants.NOT_LITERAL:
            yield "x" if value != ord("x") else "y"
        elif kind in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
            least, _, inside = value
            parts = list(_accepted(inside))
            yield from parts
            yield "".join(parts) * max(1, min(least, 8))
        elif kind is constants.SUBPATTERN:
            parts = list(_accepted(value[-1]))
            yield from parts
            yield "".join(parts)
        elif kind is constants.BRANCH:
            for branch in value[1]:
                parts = list(_accepted(branch))
                yield from parts[:2]
                yield "".join(parts)
        elif kind is constants.ATOMIC_GROUP:
            yield from _accepted(value)
        elif kind in (constants.ASSERT, constants.ASSERT_NOT):
            yield from _accepted(value[1])


def _of_class(parts) -> str:
    negated = parts and parts[0][0] is constants.NEGATE
    if negated:
        return "甲"
    for kind, value in parts:
        if kind is constants.LITERAL:
            return chr(value)
        if kind is constants.RANGE:
            return chr(value[0])
        if kind is constants.CATEGORY:
            return {constants.CATEGORY_DIGIT: "7", constants.CATEGORY_SPACE: " ", constants.CATEGORY_WORD: "w"}.get(value, "-")
    return "x"


def uses(pattern: re.Pattern) -> tuple[Callable[[str], object], ...]:
    """How a pattern may be used on a whole text: searched for, and all matches taken."""
    return (lambda text: pattern.search(text), lambda text: sum(1 for _ in pattern.finditer(text)))


def seconds(call: Callable[[str], object], text, most: int = 2) -> float:
    best = float("inf")
    for _ in range(most):
        begun = time.process_time()
        call(text)
        best = min(best, time.process_time() - begun)
    return best


def suspicion(pattern: re.Pattern, piece: str) -> str | None:
    """Return why a pattern is too slow on repetitions of a piece, None when it is not."""
    is_bytes = isinstance(pattern.pattern, bytes)
    for end in ("", "\x00甲!"):
        for call in uses(pattern):
            text = piece * (FIRST // max(1, len(piece))) + end
            small = text.encode() if is_bytes else text
            took = seconds(call, small, 1)
            # linear would be far below this: a tenth of a second for a megabyte
            if took * LARGEST / FIRST <= 2 * BAR or took < NOISE / 20:
                continue
            larger = piece * (GROWTH * FIRST // max(1, len(piece))) + end
            grown = larger.encode() if is_bytes else larger
            before, after = seconds(call, small), seconds(call, grown)
            if after > NOISE and after > 2.2 * GROWTH * before:
                return f"{piece!r}…{end!r}: {before * 1000:.2f} ms for {FIRST}, {after * 1000:.2f} ms for {GROWTH * FIRST} characters"
    return None


def test_all_patterns_of_ours_are_found() -> None:
    assert len(patterns()) > 250


def test_the_test_itself_sees_a_slow_pattern() -> None:
    assert any(suspicion(re.compile(r"(?:\d+,?)+年"), piece) for piece in ("1", "1,"))
    assert any(suspicion(re.compile(r"\s+$"), piece) for piece in (" ",))


def test_no_pattern_takes_more_than_its_time() -> None:
    slow = []
    for (shown, _), pattern in sorted(patterns().items(), key=lambda item: item[0]):
        for piece in dict.fromkeys(pieces(pattern)):
            why = suspicion(pattern, piece)
            if why is not None:
                slow.append(f"{shown[:160]}\n    {why}")
                break
    assert not slow, "\n".join(slow)
