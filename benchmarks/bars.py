"""What must hold: the bars for reading and judging, and which of them a measurement misses."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.scoring import Score, together

NONZERO = 0.999
"""Share of the non-zero cells of undamaged digital files that must be exact."""
WHOLE = 0.99
"""Share of the undamaged digital reports that must be exact in every cell."""
SEEN = 0.99
"""Share of the cells of scans and of damaged files that must be exact or flagged."""
UNSAID = 1 / 10_000
"""Largest share of wrong values among those given without a flag."""
SURE = 0.95
SURE_WRONG = 1 / 10_000
"""Largest share of wrong cells among those whose confidence is at least `SURE`."""
PRECISION = 0.99
RECALL = 0.98
"""Of findings; recall holds for every class of fault."""
ALARMED = 0.01
"""Largest share of faultless reports with any false error or warning."""
TOLD = 0.99
"""Share of the reports whose agency and year, and whose date, must be right; of the figures of the
text that must be found; of the paragraphs that must be there whole."""


Condition = Literal["whole", "worn", "cut"]


@dataclass
class Measured:
    """Scores of one run by format and condition of the files, and those of findings by fault.

    `by_fault` counts undamaged digital files again, each under the fault planted in it;
    `faultless` are those without any.
    """

    scores: dict[tuple[str, Condition], Score] = field(default_factory=dict)
    by_fault: dict[str, Score] = field(default_factory=dict)
    faultless: Score = field(default_factory=Score)

    def of(self, condition: Condition) -> dict[str, Score]:
        """Return the scores of files in one condition by format."""
        return {name: s for (name, c), s in sorted(self.scores.items()) if c == condition}

    @property
    def everything(self) -> Score:
        """All files together."""
        return together(self.scores.values())


RECOGNISED = frozenset({"scan"})
"""Formats whose characters are recognised: never held to exactness, but to honesty."""


def missed(measured: Measured) -> list[str]:
    """Return one sentence for every bar that is missed; an empty list when all hold."""
    return [
        *_exactness(measured),
        *_honesty(measured),
        *_findings(measured),
    ]


def _exactness(measured: Measured) -> Iterator[str]:
    for (name, condition), score in measured.scores.items():
        if score.failed:
            yield f"{name}, {condition}: {score.failed} files failed"
    for name, score in measured.of("whole").items():
        if name in RECOGNISED:
            yield from _below(f"{name}: cells exact or flagged", _seen(score), score.cells, SEEN)
        else:
            yield from _exact(name, score)
    for name, score in measured.of("worn").items():
        what = f"{name}, worn: cells exact or flagged"
        yield from _below(what, _seen(score), score.cells, SEEN)


def _exact(name: str, score: Score) -> Iterator[str]:
    yield from _below(f"{name}: non-zero cells", score.nonzero_exact, score.nonzero, NONZERO)
    yield from _below(f"{name}: exact reports", score.exact_reports, score.reports, WHOLE)
    yield from _below(f"{name}: agencies and years", score.identity, score.told, TOLD)
    yield from _below(f"{name}: dates", score.date, score.told, TOLD)
    yield from _below(f"{name}: figures of the text", score.figures_found, score.figures, TOLD)
    whole = score.paragraphs_whole
    yield from _below(f"{name}: paragraphs found whole", whole, score.paragraphs, TOLD)


def _honesty(measured: Measured) -> Iterator[str]:
    score = measured.everything
    unsaid = score.silent + score.invented
    yield from _above("silent or invented values", unsaid, score.given, UNSAID)
    sure, wrong = score.trust.get(SURE, [0, 0])
    yield from _above(f"wrong cells of confidence {SURE} or more", wrong, sure, SURE_WRONG)


def _findings(measured: Measured) -> Iterator[str]:
    digital = together(s for n, s in measured.of("whole").items() if n not in RECOGNISED)
    spoken = digital.found + digital.false_alarms
    yield from _below("precision of findings", digital.found, spoken, PRECISION)
    for fault, score in measured.by_fault.items():
        yield from _below(f"recall of {fault}", score.found, score.planted, RECALL)
    faultless = measured.faultless
    yield from _above(
        "faultless reports with an alarm", faultless.alarmed_reports, faultless.reports, ALARMED
    )


def _seen(score: Score) -> int:
    return score.exact + score.flagged


def _below(what: str, part: int, whole: int, bar: float) -> Iterator[str]:
    if whole and part / whole < bar:
        yield f"{what}: {part} of {whole} ({part / whole:.4%}), the bar is {bar:.2%}"


def _above(what: str, part: int, whole: int, bar: float) -> Iterator[str]:
    if whole and part / whole > bar:
        yield f"{what}: {part} of {whole} ({part / whole:.4%}), the bar is at most {bar:.4%}"
