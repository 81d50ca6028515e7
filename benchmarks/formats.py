"""How right the line is in every format: `python -m benchmarks.formats`, also `make accuracy`.

Made-up reports in all formats and variants, clean, with planted faults, oddly printed, worn, cut
off and under wrong names, each read by its bytes and compared with its truth. Deterministic by
seed. Ends with 1 when a bar is missed, and says which.
"""

import argparse
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

from benchmarks import bars
from benchmarks.bars import Measured
from benchmarks.reading_path import Judged, Reading, through, way_of_reading
from benchmarks.scoring import (
    BINS,
    Score,
    add_cells,
    add_figures,
    add_identity,
    add_issues,
    add_text,
)
from shared.errors import BadInput
from tests.support.corpus import (
    CUT,
    FLAVOURS,
    SLOW,
    Specimen,
    Wish,
    renderers,
    stock,
    wishes,
)

QUICK = 3
"""Files a variant of a digital format when asked to be quick."""
USUAL = 25
SLOW_USUAL = {"exported": 45, "office": 45, "scan": 30}
"""Files of a whole slow format: shared among its variants."""
SLOW_QUICK = {"exported": 2, "office": 2, "scan": 1}


@dataclass(frozen=True, slots=True)
class Size:
    """How many files a run takes: of a variant, and of a whole slow format."""

    each: int
    slow: dict[str, int]


def plan(size: Size, *, only: str | None = None, variant: str | None = None) -> Iterator[Wish]:
    """Yield every specimen of a run."""
    for name, renderer in renderers().items():
        if only not in (None, name):
            continue
        chosen = [v for v in renderer.VARIANTS if variant in (None, v)]
        for i, each in enumerate(chosen):
            number = size.each
            if name in SLOW:
                # the first variants get what is left over after an even share
                number = size.slow[name] // len(chosen) + (i < size.slow[name] % len(chosen))
            yield from wishes(name, each, number)


def measure(measured: Measured, specimen: Specimen, reading: Reading) -> None:
    """Read one file and add what came of it to the scores."""
    own = Score(reports=1)
    start = perf_counter()
    try:
        judged = through(specimen.data, specimen.name, reading)
    except Exception as error:  # noqa: BLE001 - every failure is a measurement
        _failed(own, specimen, error)
    else:
        own.seconds = perf_counter() - start
        _compare(own, specimen, judged)
    _keep(measured, specimen, own)


def _failed(score: Score, specimen: Specimen, error: Exception) -> None:
    if specimen.flavour == CUT and isinstance(error, BadInput):
        score.refused += 1
        return
    score.failed += 1
    last = traceback.extract_tb(error.__traceback__)[-1]
    score.misses.append(
        f"{specimen.label}\n    {type(error).__name__}: {error} ({last.filename}:{last.lineno})"
    )


def _compare(score: Score, specimen: Specimen, judged: Judged) -> None:
    record, judgement = judged
    truth, partial = specimen.truth, specimen.flavour == CUT
    wrong = add_cells(score, record, truth, partial=partial)
    if not partial:
        wrong += add_identity(score, record, truth)
        wrong += add_figures(score, record, truth)
        if specimen.condition == "whole":
            wrong += add_text(score, record, truth)
        damaged = specimen.condition != "whole" or specimen.format in bars.RECOGNISED
        wrong += add_issues(score, judgement, truth, damaged=damaged)
    if wrong:
        score.misses.append("\n    ".join([specimen.label, *wrong[:8]]))


def _keep(measured: Measured, specimen: Specimen, own: Score) -> None:
    """Add one file to the scores of its format; a whole digital one also to those of its fault."""
    place = (specimen.format, specimen.condition)
    measured.scores[place] = measured.scores.get(place, Score()) + own
    if specimen.format in bars.RECOGNISED or specimen.condition != "whole":
        return
    if specimen.flavour.startswith("fault:"):
        fault = specimen.flavour.partition(":")[2]
        measured.by_fault[fault] = measured.by_fault.get(fault, Score()) + own
    else:
        measured.faultless += own


def run(planned: Iterable[Wish], reading: Reading, *, watch: bool = False) -> Measured:
    """Make, read and compare every specimen."""
    measured, planned = Measured(), list(planned)
    stock(planned)
    for number, wish in enumerate(planned, 1):
        specimen = wish.make()
        measure(measured, specimen, reading)
        if watch:
            print(f"\r{number} {specimen.format} {specimen.variant:<24}", end="", file=sys.stderr)
    if watch:
        print(file=sys.stderr)
    return measured


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:7.2f}" if whole else "      -"


def print_formats(measured: Measured) -> None:
    """Print the table by format and condition of the files."""
    print(
        f"{'format':<14}{'files':>6}{'fail':>5}{'refus':>6}  cells% nonzero%  silent invent exact-rep%"
        "  seen%  ident%   date%  figur%   text%   para%  recall% false  files/s"
    )
    rows = {f"{name} {c}": s for (name, c), s in sorted(measured.scores.items())}
    rows["together"] = measured.everything
    for name, s in rows.items():
        read = s.reports - s.failed - s.refused
        speed = f"{read / s.seconds:8.1f}" if s.seconds else "       -"
        print(
            f"{name:<14}{s.reports:>6}{s.failed:>5}{s.refused:>6} {percent(s.exact, s.cells)}"
            f" {percent(s.nonzero_exact, s.nonzero)} {s.silent:>7} {s.invented:>6}"
            f"   {percent(s.exact_reports, read + s.failed)}"
            f"{percent(s.exact + s.flagged, s.cells)}"
            f" {percent(s.identity, s.told)} {percent(s.date, s.told)}"
            f" {percent(s.figures_found, s.figures)}"
            f" {percent(s.paragraphs_whole, s.paragraphs)}"
            f" {percent(s.paragraphs_kept, s.paragraphs)}  {percent(s.found, s.planted)}"
            f" {s.false_alarms:>5} {speed}"
        )


def print_trust(score: Score) -> None:
    """Print how often cells of each bin of confidence are wrong."""
    print(f"\n{'confidence':<14}{'cells':>9}{'wrong':>7}  rate")
    ceilings = dict(zip(BINS, (None, *BINS), strict=False))
    for edge, above in ceilings.items():
        cells, wrong = score.trust.get(edge, [0, 0])
        name = f"[{edge}, {above})" if above else f"[{edge}, 1]"
        rate = f"{wrong / cells:.6f}" if cells else "-"
        print(f"{name:<14}{cells:>9}{wrong:>7}  {rate}")


def print_faults(measured: Measured) -> None:
    """Print recall by planted fault, in undamaged digital files."""
    print(f"\n{'fault':<28}{'files':>6} recall%  false alarms")
    for name, s in sorted(measured.by_fault.items()):
        print(f"{name:<28}{s.reports:>6} {percent(s.found, s.planted)}  {s.false_alarms:>5}")
    f = measured.faultless
    print(f"{'(none)':<28}{f.reports:>6}       -  {f.false_alarms:>5}")


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--format", choices=list(renderers()))
    parser.add_argument("--variant")
    parser.add_argument("--flavour", choices=FLAVOURS)
    parser.add_argument("--count", type=int, help="files a variant")
    parser.add_argument("--seed", type=int, help="of the first file of every variant")
    parser.add_argument(
        "--show", type=int, default=3, help="differing files shown a line of the table"
    )
    parser.add_argument("--quick", action="store_true", help="a small slice of everything")
    parser.add_argument(
        "--in-process", action="store_true", help="read here, not in confined worker processes"
    )
    return parser.parse_args()


def planned(args: argparse.Namespace) -> Iterator[Wish]:
    """Return what the command line asks for."""
    if args.count or args.seed is not None:
        for name, renderer in renderers().items():
            for variant in renderer.VARIANTS:
                if args.format in (None, name) and args.variant in (None, variant):
                    yield from wishes(
                        name, variant, args.count or 1, seed=args.seed, flavour=args.flavour
                    )
        return
    size = Size(QUICK, SLOW_QUICK) if args.quick else Size(USUAL, SLOW_USUAL)
    yield from plan(size, only=args.format, variant=args.variant)


def main() -> int:
    """Run, print, and return 1 when a bar is missed."""
    args = arguments()
    with way_of_reading(in_process=args.in_process) as reading:
        measured = run(planned(args), reading, watch=sys.stderr.isatty())
    print_formats(measured)
    print_trust(measured.everything)
    print_faults(measured)
    for score in measured.scores.values():
        for miss in score.misses[: args.show]:
            print(f"\n{miss}")
    below = bars.missed(measured)
    for sentence in below:
        print(f"\nMISSED: {sentence}", end="")
    print("\nall bars hold" if not below else "")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
