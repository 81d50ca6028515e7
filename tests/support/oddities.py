"""How agencies and converters print a report oddly without making it wrong.

`HABITS` keep every cell readable: a reader must be exact. `WEAR` is damage as recognition and
conversion leave it: a reader must be exact, or say that it is not sure.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.support.damage import CONFUSED, GLYPHS, HALF, ONES, ZEROS
from tests.support.figures import T4
from tests.support.truth import Expected, Part, Truth

Change = Callable[[Truth, Random], Truth | None]
"""Returns None where the report gives it nothing to change."""
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def _whole_numbers(truth: Truth) -> dict[str, int]:
    return {a: v for a, v in truth.cells.items() if isinstance(v, int) and a not in truth.printed}


def full_width_digits(truth: Truth, rng: Random) -> Truth | None:
    """Print every count in full-width digits."""
    wide = {a: str(v).translate(_WIDE) for a, v in _whole_numbers(truth).items()}
    return replace(truth, printed={**truth.printed, **wide})


def thousands(truth: Truth, rng: Random) -> Truth | None:
    """Print large counts with separators."""
    large = {a: f"{v:,}" for a, v in _whole_numbers(truth).items() if v >= 1000}
    return replace(truth, printed={**truth.printed, **large}) if large else None


def empty_table_four(truth: Truth, rng: Random) -> Truth | None:
    """Leave table four empty where there was nothing to report."""
    return _nothing_in_table_four(truth, "blank", "")


def marks_in_table_four(truth: Truth, rng: Random) -> Truth | None:
    """Print a mark in every cell of table four where there was nothing to report."""
    return _nothing_in_table_four(truth, "mark", rng.choice(("/", "-", "—", "无", "／")))


def _nothing_in_table_four(truth: Truth, state: str, shown: str) -> Truth | None:
    cells = [a for a in truth.cells if a.startswith(T4)]
    if any(truth.number(a) for a in cells):
        return None
    rule = {"blank": "c_blank", "mark": "c_mark"}[state]
    changed = truth.with_cells(dict.fromkeys(cells, state), Expected(rule, cells[0]))
    return replace(changed, printed={**changed.printed, **dict.fromkeys(cells, shown)})


def look_alikes(truth: Truth, rng: Random) -> Truth | None:
    """Print some 0 as U, O, o or 〇 and some 1 as l or I."""
    confused = {
        a: rng.choice(ONES if v else ZEROS)
        for a, v in _whole_numbers(truth).items()
        if v in (0, 1) and rng.random() < 0.05
    }
    return replace(
        truth,
        printed={**truth.printed, **confused},
        loose=truth.loose | frozenset(confused),
    )


def half_width(truth: Truth, rng: Random) -> Truth | None:
    """Turn full-width punctuation of the text into ASCII."""
    return _reworded(truth, lambda text: text.translate(HALF))


def foreign_glyphs(truth: Truth, rng: Random) -> Truth | None:
    """Print some characters of the text in their Traditional or Japanese form."""
    return _reworded(
        truth, lambda text: "".join(GLYPHS.get(c, c) if rng.random() < 0.5 else c for c in text)
    )


def spaced_words(truth: Truth, rng: Random) -> Truth | None:
    """Put blanks inside the words of the text."""
    return _reworded(truth, lambda text: "".join(_spaced(c, rng) for c in text))


def confused_words(truth: Truth, rng: Random) -> Truth | None:
    """Confuse single characters of the paragraphs of section five, where no figure stands."""

    def noisy(text: str) -> str:
        return "".join(
            rng.choice(CONFUSED) if "\u4e00" <= c <= "\u9fff" and rng.random() < 0.03 else c
            for c in text
        )

    parts = tuple(
        replace(p, before=tuple(noisy(t) for t in p.before)) if p.number == 5 else p
        for p in truth.parts
    )
    return replace(truth, parts=parts)


def _spaced(char: str, rng: Random) -> str:
    return char + " " if "\u4e00" <= char <= "\u9fff" and rng.random() < 0.08 else char


def _reworded(truth: Truth, change: Callable[[str], str]) -> Truth:
    def part(old: Part) -> Part:
        before, after = (tuple(change(t) for t in texts) for texts in (old.before, old.after))
        return replace(old, title=change(old.title), before=before, after=after)

    return replace(
        truth,
        title=change(truth.title),
        preamble=tuple(change(t) for t in truth.preamble),
        parts=tuple(part(p) for p in truth.parts),
    )


HABITS: dict[str, Change] = {
    c.__name__: c for c in (full_width_digits, thousands, empty_table_four, marks_in_table_four)
}
WEAR: dict[str, Change] = {
    c.__name__: c for c in (look_alikes, half_width, foreign_glyphs, spaced_words, confused_words)
}
