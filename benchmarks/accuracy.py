"""How right the line is: `python -m benchmarks.accuracy [--layout NAME] [--damage NAME] [--fault NAME]`.

Deterministic by seed. Prints a table by layout of clean reports, one by kind of damage, one by planted
fault, and the first differences with the line of the source. NAME may be `all`.
"""

import argparse
import traceback
from collections.abc import Iterable
from dataclasses import asdict
from random import Random

from benchmarks.scoring import Score, add_cells, add_figures, add_identity, add_issues
from services.extract.core.extraction import extract
from services.normalize.core.reading import read_document
from services.validate.core.judging import judge
from shared.report.identity import document_id
from shared.report.issue import Judgement
from shared.report.record import Record
from tests.support.damage import DAMAGES
from tests.support.faults import FAULTS
from tests.support.faults_dates import TODAY
from tests.support.fill import fill
from tests.support.render import LAYOUTS, Quirks, Rendered, render


def through(report: Rendered) -> tuple[Record, Judgement]:
    """Take one report through the cores."""
    document = read_document(report.data, report.name)
    record = extract(document, document_id=document_id(report.data), file=report.name)
    return record, judge(record, today=TODAY)


def measure(score: Score, report: Rendered, *, only_issues: bool = False) -> None:
    """Add one report to a score."""
    score.reports += 1
    where = f"seed {report.truth.seed} {report.layout} {report.encoding} {_peculiar(report.quirks)}"
    try:
        record, judgement = through(report)
    except Exception as error:  # noqa: BLE001 - every failure is a measurement
        score.failed += 1
        last = traceback.extract_tb(error.__traceback__)[-1]
        score.misses.append(
            f"{where}\n    {type(error).__name__}: {error} ({last.filename}:{last.lineno})"
        )
        return
    wrong = add_cells(score, record, report.truth)
    wrong += add_identity(score, record, report.truth)
    wrong += add_figures(score, record, report.truth)
    damaged = report.layout.startswith("damage:")
    issues = add_issues(score, judgement, report.truth, damaged=damaged)
    if only_issues:
        wrong = issues
    else:
        wrong += issues
    if wrong:
        score.misses.append("\n    ".join([where, *_with_snippets(wrong[:6], report.text)]))


def _peculiar(quirks: Quirks) -> str:
    plain = asdict(Quirks())
    return " ".join(f"{k}={v}" for k, v in asdict(quirks).items() if v != plain[k]) or "plain"


def _with_snippets(wrong: list[str], text: str) -> Iterable[str]:
    lines = text.split("\n")
    for item in wrong:
        yield item
        number = item.partition(" line ")[2].split(" ")[0]
        if number.isdigit() and int(number) <= len(lines):
            yield f"    > {lines[int(number) - 1][:120]!r}"


def clean(layout: str, count: int, *, plain: bool = False) -> Score:
    """Score clean reports of one layout."""
    score = Score()
    for seed in range(count):
        number = seed + 1000 * LAYOUTS.index(layout)
        rng = Random(number)
        given = Quirks() if plain else None
        measure(score, render(fill(number), layout, rng, with_quirks=given))
    return score


def faulty(name: str, count: int) -> Score:
    """Score reports with one planted fault, in changing layouts without quirks."""
    score = Score()
    for seed in range(50_000, 50_000 + 60 * count):
        rng = Random(seed)
        truth = FAULTS[name](fill(seed), rng)
        if truth is None:
            continue
        layout = ("tabs_grid", "cell_per_line", "pipes_both", "tabs_left")[seed % 4]
        measure(
            score,
            render(truth, layout, rng, with_quirks=Quirks(), encoding="utf-8"),
            only_issues=True,
        )
        if score.reports >= count:
            break
    return score


def damaged(name: str, count: int) -> Score:
    """Score reports with one kind of damage: exact or flagged, never wrong in silence."""
    score = Score()
    for seed in range(80_000, 80_000 + count):
        rng = Random(seed)
        measure(score, DAMAGES[name](fill(seed, kind=("small", "zero", "busy")[seed % 3]), rng))
    return score


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:7.2f}" if whole else "      -"


def print_layouts(scores: dict[str, Score]) -> None:
    """Print the table by layout."""
    print(
        f"{'layout':<22}{'n':>4}{'fail':>5}  cells% nonzero%  silent invent exact-rep%  ident%   date%  figur%  alarm%"
    )
    for name, s in scores.items():
        read = s.reports - s.failed
        print(
            f"{name:<22}{s.reports:>4}{s.failed:>5} {_percent(s.exact, s.cells)} {_percent(s.nonzero_exact, s.nonzero)}"
            f" {s.silent:>7} {s.invented:>6}   {_percent(s.exact_reports, s.reports)} {_percent(s.identity, read)}"
            f" {_percent(s.date, read)} {_percent(s.figures_found, s.figures)} {_percent(s.alarmed_reports, read)}"
        )


def print_damages(scores: dict[str, Score]) -> None:
    """Print the table by kind of damage."""
    print(
        f"\n{'damage':<24}{'n':>4}{'fail':>5}  cells% exact-or-flagged%  silent invent  ident%   date%  alarm%"
    )
    for name, s in scores.items():
        read = s.reports - s.failed
        print(
            f"{name:<24}{s.reports:>4}{s.failed:>5} {_percent(s.exact, s.cells)}"
            f"         {_percent(s.exact + s.flagged, s.cells)}"
            f" {s.silent:>7} {s.invented:>6} {_percent(s.identity, read)} {_percent(s.date, read)}"
            f" {_percent(s.alarmed_reports, read)}"
        )


def print_faults(scores: dict[str, Score]) -> None:
    """Print recall and precision by planted fault."""
    print(f"\n{'fault':<28}{'n':>4} recall%  false alarms")
    for name, s in scores.items():
        print(f"{name:<28}{s.reports:>4} {_percent(s.found, s.planted)}  {s.false_alarms:>5}")


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-layout", type=int, default=20)
    parser.add_argument("--per-fault", type=int, default=8)
    parser.add_argument("--per-damage", type=int, default=20)
    parser.add_argument("--layout", action="append", choices=[*LAYOUTS, "all"])
    parser.add_argument("--fault", action="append", choices=[*FAULTS, "all"])
    parser.add_argument("--damage", action="append", choices=[*DAMAGES, "all"])
    parser.add_argument("--plain", action="store_true", help="clean reports without quirks")
    parser.add_argument(
        "--show", type=int, default=2, help="differences shown a line of the tables"
    )
    return parser.parse_args()


def _asked(given: list[str] | None, names: Iterable[str], *, otherwise: bool) -> list[str]:
    if given is None:
        return list(names) if otherwise else []
    return list(names) if "all" in given else given


def main() -> None:
    """Run and print."""
    args = arguments()
    everything = not (args.layout or args.fault or args.damage)
    layouts = {
        n: clean(n, args.per_layout, plain=args.plain)
        for n in _asked(args.layout, LAYOUTS, otherwise=everything)
    }
    damages = {
        n: damaged(n, args.per_damage) for n in _asked(args.damage, DAMAGES, otherwise=everything)
    }
    chosen = _asked(args.fault, FAULTS, otherwise=everything)
    faults = {n: faulty(n, args.per_fault) for n in chosen}
    for scores, show in (
        (layouts, print_layouts),
        (damages, print_damages),
        (faults, print_faults),
    ):
        if scores:
            show(scores)
    for name, score in {**layouts, **damages, **faults}.items():
        for miss in score.misses[: args.show]:
            print(f"\n[{name}] {miss}")


if __name__ == "__main__":
    main()
