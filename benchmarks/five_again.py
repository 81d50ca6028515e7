"""The real reports typeset again: `python -m benchmarks.five_again [--reports FOLDER]`.

Each report is read from its text, typeset anew in every format, and read again: all cells,
the agency, the year, the date and the figures of the text must be the same. Ends with 1 when they
are not. A cell that the text does not show is printed empty, and must come back empty.
"""

import argparse
import sys
from pathlib import Path
from random import Random

from benchmarks.reading_path import Reading, through, way_of_reading
from shared import forms
from shared.errors import BadInput
from shared.report.record import Cell, Record, Section
from tests.support.corpus import hides_blanks, renderers, suffix_of
from tests.support.prose import TITLES
from tests.support.truth import Part, Truth, Value
from tests.support.typeset import TABLES

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "reports"
FORMATS = ("text", "docx", "html", "pdf", "scan")
SCANNED = "150"
"""Scans are made at 150 dots per inch: the variants whose name says so."""


def truth_of(record: Record) -> Truth:
    """Return what the text of a real report says, in the form that the renderers print."""
    cells = {c.address: _value(c) for c in record.cells}
    who = record.identity
    return Truth(
        seed=0,
        edition=record.template or "2019",
        kind="real",
        agency=who.agency or "",
        printed_name=who.agency_as_printed or "",
        region=who.region,
        level=who.level or "county",
        agency_kind=who.kind or "department",
        scope=who.scope,
        year=who.year or 0,
        title=who.title or "",
        published_on=who.published_on,
        signature=who.signature,
        preamble=tuple(record.preamble.split("\n")) if record.preamble else (),
        parts=tuple(_part(record, n) for n in range(1, 7)),
        templates=record.templates,
        cells=cells,
        printed={c.address: _printed(c) for c in record.cells if c.state in ("number", "mark")},
        units={c.address: c.unit for c in record.cells if c.unit},
        lost_tables=frozenset(set(forms.TABLE_IDS) - set(record.templates)),
    )


def _value(cell: Cell) -> Value:
    if cell.state == "number" and cell.value is not None:
        return cell.value
    return "mark" if cell.state == "mark" else "blank"


def _printed(cell: Cell) -> str:
    """Return a cell as an agency prints it: the number as read, with the unit it was printed with."""
    if cell.state == "mark":
        return (cell.raw or "/").strip()
    unit = cell.unit if cell.unit and cell.unit in (cell.raw or "") else ""
    return f"{cell.value}{unit}"


def _part(record: Record, number: int) -> Part:
    """Return a section with the paragraphs before and after its table; one that is lost is empty."""
    found = next((s for s in record.sections if s.number == number), None)
    if found is None or not found.text:
        return Part(number, found.title if found else TITLES[number][0])
    rows = [
        c.place.line
        for c in record.cells
        if c.address.startswith(TABLES.get(number, "-")) and c.place and c.place.line
    ]
    return _parted(found, min(rows, default=0))


def _parted(section: Section, table: int) -> Part:
    texts = section.text.split("\n")
    lines = section.lines or (None,) * len(texts)
    after = [bool(table and line and line > table) for line in lines]
    return Part(
        section.number,
        section.title,
        tuple(t for t, late in zip(texts, after, strict=True) if not late),
        tuple(t for t, late in zip(texts, after, strict=True) if late),
    )


def differences(text: Record, again: Record, *, blanks_show: bool = True) -> list[str]:
    """Return what the second reading says otherwise than the first, one line each.

    Where `blanks_show` is false an empty cell leaves no trace on the page, and may be absent.
    """
    found = {c.address: c for c in again.cells}
    wrong = []
    for cell in text.cells:
        other, value = found.get(cell.address), _value(cell)
        read = (
            "no cell" if other is None else other.value if other.state == "number" else other.state
        )
        if not blanks_show and value == "blank" and read in ("absent", "no cell"):
            continue
        if read != value or (other and value and other.unit != cell.unit):
            wrong.append(f"{cell.address}: {value!r} in the text, {read!r} again ({other})")
    old, new = text.identity, again.identity
    wrong += [
        f"{name}: {getattr(old, name)} in the text, {getattr(new, name)} again"
        for name in ("agency", "region", "year", "published_on", "scope")
        if getattr(old, name) != getattr(new, name)
    ]
    values = sorted((f.value, f.key or "") for f in text.figures)
    if values != (others := sorted((f.value, f.key or "") for f in again.figures)):
        wrong.append(
            f"figures: {_apart(values, others)} only in the text, {_apart(others, values)} only again"
        )
    return wrong


def _apart(
    some: list[tuple[float, str]], others: list[tuple[float, str]]
) -> list[tuple[float, str]]:
    rest = list(others)
    return [x for x in some if x not in rest or rest.remove(x)]  # type: ignore[func-returns-value]


def variants(name: str, asked: str | None) -> list[str]:
    """Return the variants of a format in which the reports are set again."""
    everything = renderers()[name].VARIANTS
    if asked:
        return [v for v in everything if v == asked]
    return [v for v in everything if name != "scan" or v.endswith(f"clean{SCANNED}")]


def again(path: Path, name: str, variant: str, reading: Reading) -> list[str]:
    """Typeset one report in one variant, read it, and return the differences."""
    record, _ = through(path.read_bytes(), path.name, reading)
    data = renderers()[name].render(truth_of(record), Random(len(path.name)), variant)
    # the name says nothing: what is read must come from the page
    try:
        second, _ = through(data, f"report{suffix_of(data)}", reading)
    except BadInput as error:
        return [f"refused: {error}"]
    return differences(record, second, blanks_show=not hides_blanks(name, variant))


def main() -> int:
    """Run and print; return 1 when a report does not come back the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, default=BESIDE)
    parser.add_argument("--format", choices=FORMATS, action="append")
    parser.add_argument("--variant")
    parser.add_argument("--in-process", action="store_true")
    args = parser.parse_args()
    paths = sorted(args.reports.glob("*.txt"))
    if not paths:
        print(f"no reports in {args.reports}")
        return 1
    with way_of_reading(in_process=args.in_process) as reading:
        bad = sum(
            report(name, variant, paths, reading)
            for name in args.format or FORMATS
            for variant in variants(name, args.variant)
        )
    return 1 if bad else 0


def report(name: str, variant: str, paths: list[Path], reading: Reading) -> int:
    """Print how the reports come back from one variant; return how many of them differ."""
    results = {p: again(p, name, variant, reading) for p in paths}
    same = sum(not wrong for wrong in results.values())
    print(f"{name:<6}{variant:<18}{same} of {len(paths)} the same")
    for path, wrong in results.items():
        for line in wrong[:6]:
            print(f"    {path.stem.split('_')[0]} {line}")
    return len(paths) - same


if __name__ == "__main__":
    sys.exit(main())
