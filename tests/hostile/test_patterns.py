"""S8: no regular expression of ours is slow, whatever stands in the text.

Every pattern that any module keeps is run on texts made of what it itself accepts, a megabyte in the end. A
pattern is linear when twice the text takes about twice the time; the bar is a tenth of a second a megabyte.
"""

import gc
import importlib
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from re import _constants as constants
from re import _parser as parser
from types import ModuleType
from typing import NamedTuple

import services
import shared

SKIPPED = (
    "services.sink.migrations",
    "services.normalize.adapters.ocr",
    "services.notify.app",
    "services.cli",
)
ENTRY = ("__main__", "app")
FIRST, GROWTH = 1_500, 6
TINY, EXPLODED = 22, 0.05
TIMES = 4
LARGEST = 1_000_000
BAR = 0.1
NOISE = 0.004
METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")
EVERY = frozenset(METHODS)
BOUNDED = {
    "services.normalize.core.furniture._FURNITURE": "lines of up to 160 characters alone, and as a whole",
    "services.normalize.core.readers.html.words._METADATA": "lines of up to 200 characters",
    "services.normalize.core.readers.html.words._ITEM": "the first 200 characters of a line",
    "services.normalize.core.readers.html.head._PARTS": "the first 300 characters of a title",
    "services.extract.core.narrative.labels._CLOSERS": "the clause before a figure, 200 characters at the most",
}
"""Patterns that never see a long text, and why."""
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


class Found(NamedTuple):
    """A pattern of ours: the names it is known by, and the methods it is called by."""

    pattern: re.Pattern
    names: tuple[str, ...]
    methods: frozenset[str]


@cache
def patterns() -> tuple[Found, ...]:
    """Every compiled pattern alive once all modules are loaded and the lazy tables are made."""
    for name in modules():
        importlib.import_module(name)
    _fill_lazy_tables()
    known = _known_by_name()
    found: dict[tuple[str, int], Found] = {}
    for one in _compiled():
        names, methods = known.get(id(one), ((), frozenset()))
        found.setdefault((str(one.pattern), one.flags), Found(one, names, methods or EVERY))
    return tuple(found[key] for key in sorted(found))


def _known_by_name() -> dict[int, tuple[tuple[str, ...], frozenset[str]]]:
    known: dict[int, tuple[tuple[str, ...], frozenset[str]]] = {}
    for module, held in _ours():
        source = Path(held.__file__ or "").read_text("utf-8")
        for name, value in vars(held).items():
            pattern = value if isinstance(value, re.Pattern) else getattr(value, "__self__", None)
            if not isinstance(pattern, re.Pattern):
                continue
            called = re.findall(rf"\b{re.escape(name)}\s*\.\s*({'|'.join(METHODS)})\b", source)
            if pattern is not value:
                called.append(value.__name__)
            names, methods = known.get(id(pattern), ((), frozenset()))
            known[id(pattern)] = ((*names, f"{module}.{name}"), methods | set(called))
    return known


def _ours() -> Iterator[tuple[str, ModuleType]]:
    for name, module in sorted(sys.modules.items()):
        if name.startswith(("services.", "shared.")) and getattr(module, "__file__", None):
            yield name, module


def _compiled() -> Iterator[re.Pattern]:
    seen: set[int] = set()
    pending: list[object] = [value for _, m in _ours() for value in vars(m).values()]
    while pending:
        one = pending.pop()
        if isinstance(one, re.Pattern):
            yield one
        elif isinstance(getattr(one, "__self__", None), re.Pattern):
            yield one.__self__
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
    parsed = parser.parse(pattern.pattern, pattern.flags)
    known = [piece for piece in dict.fromkeys(_accepted(parsed)) if piece]
    yield from known[:14]
    whole = "".join(known)[:40]
    if whole:
        yield whole
    for one, other in pairwise(known[:11]):
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
            return {
                constants.CATEGORY_DIGIT: "7",
                constants.CATEGORY_SPACE: " ",
                constants.CATEGORY_WORD: "w",
            }.get(value, "-")
    return "x"


def calls(found: Found) -> tuple[Callable[[str], object], ...]:
    """Return the ways in which a pattern is used on a text."""
    pattern, methods = found.pattern, found.methods
    if methods == EVERY:
        methods = frozenset({"finditer"})
    ways: list[Callable[[str], object]] = [
        getattr(pattern, m) for m in ("match", "fullmatch", "search") if m in methods
    ]
    if methods - {"match", "fullmatch", "search"}:
        ways.append(lambda text: sum(1 for _ in pattern.finditer(text)))
    return tuple(ways)


def seconds(call: Callable[[str], object], text: str | bytes, most: int = 2) -> float:
    best = float("inf")
    for _ in range(most):
        begun = time.process_time()
        call(text)
        best = min(best, time.process_time() - begun)
    return best


def suspicion(found: Found, piece: str) -> str | None:
    """Return why a pattern is too slow on repetitions of a piece, None when it is not."""
    for call in calls(found):
        if seconds(call, repeated(found, piece, TINY), 1) > EXPLODED:
            return f"{piece!r}: explodes within {TINY} characters"
        small = repeated(found, piece, FIRST)
        # linear would be far below this: a tenth of a second for a megabyte
        if seconds(call, small, 1) * LARGEST / FIRST <= 2 * BAR:
            continue
        before = seconds(call, small, TIMES)
        if before > EXPLODED:
            return f"{piece!r}: {before * 1000:.0f} ms for {FIRST} characters"
        after = seconds(call, repeated(found, piece, GROWTH * FIRST), TIMES)
        if after > NOISE and after > 3 * GROWTH * before:
            return (
                f"{piece!r}: {before * 1000:.2f} ms for {FIRST} characters, "
                f"{after * 1000:.2f} ms for {GROWTH * FIRST}"
            )
    return None


def repeated(found: Found, piece: str, size: int) -> str | bytes:
    """Return so much of a piece, with an end that no pattern wants."""
    text = piece * (size // len(piece)) + "\x00甲!"
    return text.encode() if isinstance(found.pattern.pattern, bytes) else text


def test_all_patterns_of_ours_are_found() -> None:
    assert len(patterns()) > 350
    assert {name for found in patterns() for name in found.names} >= BOUNDED.keys()


def test_the_test_itself_sees_a_slow_pattern() -> None:
    for slow, piece in (
        (r"(?:\d+,?)+年", "1"),
        (r"\d+年", "1"),
        (r"\s+$", " "),
        (r"[^。]*件", "中"),
    ):
        assert suspicion(Found(re.compile(slow), (), frozenset({"search"})), piece), slow


def test_no_pattern_takes_more_than_its_time() -> None:
    slow = []
    for found in patterns():
        if BOUNDED.keys() & set(found.names):
            continue
        for piece in dict.fromkeys(pieces(found.pattern)):
            why = suspicion(found, piece)
            if why is not None:
                slow.append(f"{found.names} {str(found.pattern.pattern)[:160]}\n    {why}")
                break
    assert not slow, "\n".join(slow)
