"""Precision and recall of every rule: `python -m benchmarks.rules [--reports N] [--seed S]`.

Made-up reports of both editions in undamaged formats, clean, with one planted fault and with two
unrelated ones, are read and judged; the findings are compared with what was planted. A finding is
explained where it was planted or follows from it (benchmarks say so by cell, not by rule alone);
any other error or warning is false. Ends with 1 when a bar is missed, and says which.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter

from benchmarks.bars import ALARMED, PRECISION, RECALL
from benchmarks.reading_path import read_in_process
from benchmarks.specimens import Specimen, specimens
from services.extract.core.extraction import extract
from services.normalize.core.outcomes import Members
from services.validate.core.judging import judge
from services.validate.core.rulebook import Rule, load
from shared.report.identity import document_id
from shared.report.issue import Issue
from tests.support.consequences import is_explained
from tests.support.faults_dates import TODAY

_SAME = {
    # 未收到 and 收到 0 件 are the same claim under two rules, and so is a table of zeros
    "n_zero_claim": {"n_received", "t3_all_zero_vs_text"},
    "n_received": {"n_zero_claim"},
}


@dataclass
class Tally:
    """What came of one rule: planted, found, explained though not planted, false."""

    planted: int = 0
    found: int = 0
    echoes: int = 0
    false: int = 0


@dataclass
class Measured:
    """Counts of one run by rule and by class of fault, and what there is to look at."""

    reports: int = 0
    clean: int = 0
    alarmed: int = 0
    files: int = 0
    rules: dict[str, Tally] = field(default_factory=dict)
    faults: dict[str, Tally] = field(default_factory=dict)
    infos: Counter[str] = field(default_factory=Counter)
    false_infos: Counter[str] = field(default_factory=Counter)
    echoed: Counter[tuple[str, str]] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    reading: float = 0.0

    def of(self, rule: str) -> Tally:
        """Return the tally of a rule."""
        return self.rules.setdefault(rule, Tally())


def judged(specimen: Specimen) -> tuple[Issue, ...]:
    """Take one report through the cores as `gouji check` does."""
    document = read_in_process(specimen.data, specimen.name)
    assert not isinstance(document, Members)
    record = extract(document, document_id=document_id(specimen.data), file=specimen.name)
    return judge(record, today=TODAY).issues


def measure(measured: Measured, specimen: Specimen) -> None:
    """Judge one report and count what was found."""
    start = perf_counter()
    issues = judged(specimen)
    measured.reading += perf_counter() - start
    measured.reports += 1
    measured.files += " " in specimen.medium
    wrong = [*_planted(measured, specimen, issues), *_others(measured, specimen, issues)]
    if not specimen.faults:
        measured.clean += 1
        measured.alarmed += any(line.startswith("false") for line in wrong)
        measured.infos.update({i.rule for i in issues if i.severity == "info"})
    if wrong:
        measured.misses.append("\n    ".join([specimen.label, *wrong]))


def _planted(measured: Measured, specimen: Specimen, issues: tuple[Issue, ...]) -> Iterator[str]:
    """Count what was planted and what of it was found; yield what was not."""
    class_found = dict.fromkeys(specimen.faults, True)
    for number, expected in enumerate(specimen.truth.expected):
        rules = {expected.rule, *_SAME.get(expected.rule, ())}
        found = any(
            i.rule in rules
            and (
                expected.address is None
                or expected.address in i.addresses
                or i.rule != expected.rule
            )
            for i in issues
        )
        tally = measured.of(expected.rule)
        tally.planted += 1
        tally.found += found
        if not found:
            for name in _class_of(specimen, number):
                class_found[name] = False
            yield f"missed {expected.rule} {expected.address or ''}"
    for name, found in class_found.items():
        tally = measured.faults.setdefault(name, Tally())
        tally.planted += 1
        tally.found += found


def _class_of(specimen: Specimen, number: int) -> tuple[str, ...]:
    """Return the fault that planted an expected finding; both where that cannot be told."""
    if len(specimen.truth.expected) == len(specimen.faults):
        return (specimen.faults[number],)
    return specimen.faults


def _others(measured: Measured, specimen: Specimen, issues: tuple[Issue, ...]) -> Iterator[str]:
    """Count the findings that were not planted; yield those that nothing explains."""
    planted = Counter(e.rule for e in specimen.truth.expected)
    for issue in issues:
        owed = planted[issue.rule] > 0
        explained = is_explained(issue, specimen.truth, planted=owed)
        planted[issue.rule] -= 1
        if issue.severity == "info":
            if not explained and issue.rule in contradicting():
                measured.false_infos[issue.rule] += 1
            continue
        tally = measured.of(issue.rule)
        if owed:
            continue
        if explained:
            tally.echoes += 1
            measured.echoed["+".join(specimen.faults), issue.rule] += len(specimen.faults) == 1
        else:
            tally.false += 1
            yield f"false {issue.severity} {issue.rule} ({issue.origin}): {issue.message_en[:160]}"


def contradicting() -> frozenset[str]:
    """Return the rules whose every finding says that two things in the report do not fit."""
    return frozenset(
        r.id for r in load().rules if r.id.startswith(("n_", "t2_", "t3_", "t4_", "f_"))
    )


def observed_rules() -> tuple[Rule, ...]:
    """Return the rules about one report that are on, without the notes of reading."""
    return tuple(
        r for r in load().rules if r.needs is None and r.enabled and not r.id.startswith("e_")
    )


def percent(part: int, whole: int) -> str:
    """Return a share as printed in the tables."""
    return f"{100 * part / whole:7.2f}" if whole else "      -"


def lines(measured: Measured) -> Iterator[str]:
    """Yield the tables of a run."""
    yield (
        f"{'rule':<30}{'severity':<9}{'planted':>8}{'found':>7} recall%{'echoes':>8}{'false':>7}"
        "  precision%"
    )
    known = [
        *observed_rules(),
        *(r for r in load().rules if r.id.startswith("e_") and r.id in measured.rules),
    ]
    for rule in known:
        t = measured.rules.get(rule.id, Tally())
        right = t.found + t.echoes
        yield (
            f"{rule.id:<30}{rule.severity:<9}{t.planted:>8}{t.found:>7} {percent(t.found, t.planted)}"
            f"{t.echoes:>8}{t.false:>7}     {percent(right, right + t.false)}"
        )
    total = together(measured.rules.values())
    yield (
        f"{'together':<39}{total.planted:>8}{total.found:>7} {percent(total.found, total.planted)}"
        f"{total.echoes:>8}{total.false:>7}     "
        f"{percent(total.found + total.echoes, total.found + total.echoes + total.false)}"
    )
    yield f"\n{'class of fault':<30}{'planted':>8}{'found':>7} recall%  errors and warnings beside it"
    for name, t in measured.faults.items():
        beside = ", ".join(
            f"{rule} {n}"
            for (fault, rule), n in sorted(measured.echoed.items())
            if fault == name and n
        )
        yield f"{name:<30}{t.planted:>8}{t.found:>7} {percent(t.found, t.planted)}  {beside}"
    yield (
        f"\nclean reports: {measured.clean}, with a false error or warning: {measured.alarmed}"
        f" ({percent(measured.alarmed, measured.clean).strip()} %)"
    )
    infos = ", ".join(f"{r} {n}" for r, n in measured.infos.most_common())
    yield f"notes on clean reports (reports with each): {infos or 'none'}"
    noted = ", ".join(f"{r} {n}" for r, n in measured.false_infos.most_common())
    yield f"notes of contradictions that nothing explains, in all reports: {noted or 'none'}"
    yield f"{measured.reports} reports, {measured.files} of them files; read and judged in {measured.reading:.0f} s"


def together(tallies: Iterable[Tally]) -> Tally:
    """Return many tallies as one."""
    total = Tally()
    for t in tallies:
        total.planted += t.planted
        total.found += t.found
        total.echoes += t.echoes
        total.false += t.false
    return total


def missed(measured: Measured) -> Iterator[str]:
    """Yield one sentence for every bar that is missed."""
    total = together(measured.rules.values())
    right = total.found + total.echoes
    if right and right / (right + total.false) < PRECISION:
        yield f"precision of findings: {total.false} false beside {right}, the bar is {PRECISION:.0%}"
    for kind, tallies in (("rule", measured.rules), ("fault", measured.faults)):
        for name, t in tallies.items():
            if t.planted and t.found / t.planted < RECALL:
                yield f"recall of {kind} {name}: {t.found} of {t.planted}, the bar is {RECALL:.0%}"
    if measured.clean and measured.alarmed / measured.clean > ALARMED:
        yield f"clean reports with an alarm: {measured.alarmed} of {measured.clean}, the bar is {ALARMED:.0%}"


def run(reports: int, seed: int, *, watch: bool = False) -> Measured:
    """Measure a number of reports from a seed on."""
    measured = Measured()
    for specimen in specimens(reports, seed):
        measure(measured, specimen)
        if watch:
            print(f"\r{measured.reports}", end="", file=sys.stderr)
    return measured


def main() -> int:
    """Run, print, and return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=12, help="reports shown that went wrong")
    args = parser.parse_args()
    measured = run(args.reports, args.seed, watch=sys.stderr.isatty())
    for line in lines(measured):
        print(line)
    for miss in measured.misses[: args.show]:
        print(f"\n{miss}")
    below = list(missed(measured))
    for sentence in below:
        print(f"\nMISSED: {sentence}", end="")
    print("" if below else "\nall bars hold")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
