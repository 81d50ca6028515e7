"""How fast files are read, beside others: `python -m benchmarks.readers [--files N] [--pages N]`.

Files a second of processor time on one core, from bytes to the neutral document, and the same
files in the same run through markitdown, pdfplumber and LibreOffice where these are installed.
None of the others tells cells of a form apart: they give text or unnamed grids. For scans: seconds
and resident memory by page.
"""

import argparse
import io
import multiprocessing
import resource
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.reading_path import read_in_process
from services.normalize.core.outcomes import Members
from services.normalize.core.reading import read
from shared.errors import BadInput
from shared.runtime.process import calm_collector
from tests.support.corpus import SLOW, Specimen, renderers, wishes

Convert = Callable[[Specimen], object]
NOT_INSTALLED = "not installed"
NOT_ITS_KIND = "-"
OTHERS = ("markitdown", "pdfplumber", "LibreOffice")
OFFICE_KINDS = ("docx", "html", "xlsx")
"""Formats that are given to LibreOffice."""
BY_MARKITDOWN = ("docx", "html", "pdf", "xlsx")


@dataclass(frozen=True, slots=True)
class Rates:
    """Files of one format read a second of processor time on one core, and what others give in its place."""

    format: str
    files: int
    kilobytes: float
    ours: str
    others: dict[str, str]


@dataclass(frozen=True, slots=True)
class Scans:
    """What recognition costs: seconds by the clock and of processor a page, and resident megabytes."""

    reports: int
    pages: int
    threads: int
    seconds: float
    processor_seconds: float
    megabytes: float


def files(name: str, number: int) -> list[Specimen]:
    """Return clean files of all variants of a format by turns."""
    variants = renderers()[name].VARIANTS
    each = -(-number // len(variants))
    lots = [list(wishes(name, v, each, flavour="clean")) for v in variants]
    return [lots[i % len(lots)][i // len(lots)].make() for i in range(number)]


def ours(specimen: Specimen) -> object:
    """Read a file to the neutral document; of an archive, all members."""
    found = read(specimen.data, specimen.name)
    if isinstance(found, Members):
        return [_member(m.data, m.name) for m in found.members]
    return found


def _member(data: bytes, name: str) -> object:
    try:
        return read(data, name)
    except BadInput as error:
        return error


def by_pdfplumber() -> Convert:
    """Return the reading of pdfplumber: text and tables of every page."""
    library = import_module("pdfplumber")

    def convert(specimen: Specimen) -> object:
        with library.open(io.BytesIO(specimen.data)) as document:
            return [(p.extract_text(), p.extract_tables()) for p in document.pages]

    return convert


def by_markitdown() -> Convert:
    """Return the conversion of markitdown."""
    converter = import_module("markitdown").MarkItDown()

    def convert(specimen: Specimen) -> object:
        ending = Path(specimen.name).suffix
        return converter.convert_stream(io.BytesIO(specimen.data), file_extension=ending)

    return convert


def rate(specimens: list[Specimen], convert: Convert) -> str:
    """Return files by second of processor time; the first file warms up and counts too."""
    convert(specimens[0])
    failed = 0
    start = process_time()
    for specimen in specimens:
        try:
            convert(specimen)
        except Exception:  # noqa: BLE001 - a file that another program cannot read is a result
            failed += 1
    spent = process_time() - start
    return f"{len(specimens) / spent:.1f}" + (f" ({failed} failed)" if failed else "")


def rate_if_there(specimens: list[Specimen], maker: Callable[[], Convert]) -> str:
    """Return the rate of another program, or that it is not installed."""
    try:
        convert = maker()
    except ImportError:
        return NOT_INSTALLED
    return rate(specimens, convert)


def by_libreoffice(specimens: list[Specimen]) -> str:
    """Return the rate of LibreOffice converting to HTML, all files in one start."""
    program = shutil.which("soffice")
    if program is None:
        return NOT_INSTALLED
    with tempfile.TemporaryDirectory(prefix="gouji-bench-") as folder:
        paths = []
        for i, specimen in enumerate(specimens):
            paths.append(Path(folder) / f"{i}{Path(specimen.name).suffix}")
            paths[-1].write_bytes(specimen.data)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [
            program, "--headless", f"-env:UserInstallation=file://{folder}/profile",
            "--convert-to", "html", "--outdir", f"{folder}/out", *map(str, paths),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        made = len(list((Path(folder) / "out").glob("*.html")))
    return f"{made / spent:.1f}"


def digital(name: str, number: int) -> Rates:
    """Read files of one format, with gouji and with whatever else is installed."""
    lot = files(name, number)
    size = sum(len(s.data) for s in lot) / len(lot) / 1024
    others = (
        rate_if_there(lot, by_markitdown) if name in BY_MARKITDOWN else NOT_ITS_KIND,
        rate_if_there(lot, by_pdfplumber) if name == "pdf" else NOT_ITS_KIND,
        by_libreoffice(lot) if name in OFFICE_KINDS else NOT_ITS_KIND,
    )
    return Rates(name, number, size, rate(lot, ours), dict(zip(OTHERS, others, strict=True)))


def digital_formats(only: str | None = None) -> list[str]:
    """Return the formats that are read in process."""
    return [name for name in renderers() if name not in SLOW and only in (None, name)]


def print_digital(number: int, only: str | None) -> None:
    """Print one line for each format that is read in process."""
    print(f"{'format':<9}{'files':>6}{'kB':>7}  {'gouji':>9}  markitdown  pdfplumber  LibreOffice")
    for name in digital_formats(only):
        found = digital(name, number)
        others = "  ".join(f"{found.others[other]:>{max(10, len(other))}}" for other in OTHERS)
        print(f"{name:<9}{number:>6}{found.kilobytes:>7.0f}  {found.ours:>9}  {others}")


def _scan(specimens: list[Specimen], threads: int) -> tuple[int, float, float, float]:
    """Read scans; return pages, seconds on the clock, seconds of processor, highest resident MB."""
    pages = 0
    read_in_process(specimens[0].data, specimens[0].name, threads=threads)  # models loaded
    start, busy = perf_counter(), process_time()
    for specimen in specimens:
        found = read_in_process(specimen.data, specimen.name, threads=threads)
        pages += 0 if isinstance(found, Members) else len(found.recognised)
    spent, worked = perf_counter() - start, process_time() - busy
    return pages, spent, worked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def scans(number: int, threads: int) -> Scans:
    """Recognise scanned reports in a process of its own."""
    lot = files("scan", number)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pages, spent, worked, memory = pool.apply(_scan, (lot, threads))
    return Scans(number, pages, threads, spent / pages, worked / pages, memory)


def print_scans(number: int, threads: int) -> None:
    """Print seconds and memory of recognition."""
    found = scans(number, threads)
    print(
        f"\nscans: {found.pages} pages of {number} reports, {threads} threads:"
        f" {found.seconds:.2f} s and {found.processor_seconds:.2f} processor s a page,"
        f" {found.megabytes:.0f} MB resident"
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=30, help="of each digital format")
    parser.add_argument("--scans", type=int, default=4, help="scanned reports, 0 for none")
    parser.add_argument("--threads", type=int, default=2, help="of recognition")
    parser.add_argument("--format", choices=list(renderers()))
    args = parser.parse_args()
    calm_collector()  # as every service does
    warnings.simplefilter("ignore")  # of the other programs, about our files
    if args.format != "scan":
        print_digital(args.files, args.format)
    if args.scans and args.format in (None, "scan"):
        print_scans(args.scans, args.threads)


if __name__ == "__main__":
    main()
