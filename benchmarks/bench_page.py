"""docs/benchmarks.md: what one `make bench` measured, as tables."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from shared.runtime.connections.embedded import server_binary
from tests.support.postgres import find_programs

Line = Mapping[str, Any]
_LIBRARIES = ("faststream", "nats-py", "pydantic", "sqlalchemy", "psycopg", "pypdfium2", "lxml",
              "onnxruntime", "markitdown", "pdfplumber")  # fmt: skip

_HEAD = """\
# Benchmarks

Made by `make bench`; do not edit. Every figure of the last run is in `data/bench.jsonl`. Compare within one run only:
the ratios mean something, the figures themselves are those of one machine on one day. What follows from them for a
province or the country: [scaling](scaling.md).

![What is in the tables below, drawn](images/benchmarks.png)

"""


def render(lines: Sequence[Line]) -> str:
    """Return the page."""
    by_part: dict[str, list[Line]] = {}
    for line in lines:
        by_part.setdefault(line["part"], []).append(line)
    chapters = [
        _machine(lines, by_part.get("machine", [])), _core(by_part.get("core", [])), _others(by_part.get("others", [])),
        _whole(by_part.get("whole", []), by_part.get("ceiling", [])),
        _copies(by_part.get("copies", [])), _growth(by_part.get("growth", [])),
    ]  # fmt: skip
    return _HEAD + "\n".join(chapter for chapter in chapters if chapter)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; numbers as they are worth reading."""
    body = "".join(f"| {' | '.join(map(_cell, row))} |\n" for row in rows)
    return f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n{body}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    if value != value:  # noqa: PLR0124 - not a number
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 1 else f"{value:.2f}"


def _machine(lines: Sequence[Line], yardsticks: Sequence[Line]) -> str:
    loads = [line["load"] for line in lines]
    model = next((text.partition(":")[2].strip() for text in _read("/proc/cpuinfo")
                  if text.startswith("model name")), platform.processor())  # fmt: skip
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [f"{n} {metadata.version(n)}" for n in _LIBRARIES if find_spec(n.replace("-py", ""))]
    facts = {
        "machine": f"{os.cpu_count()} cores ({model}), {memory:.0f} GB, Linux {platform.release()}",
        "versions": ", ".join(
            [f"Python {sys.version.split()[0]}", _said(server_binary(), "--version"), *_postgres(),
             *versions]
        ),
        "measured": ", ".join(sorted({line["run"] for line in lines})),
        "load average": f"{min(loads)} to {max(loads)} (of one minute, read after each figure; "
        "the whole line by itself makes 4)",
    }  # fmt: skip
    for found in yardsticks:
        facts["what it gives"] = (
            f"ten million additions in plain Python: {found['alone']:.2f} processor s, {found['beside_another']:.2f} s "
            f"while the other core does the same; {found['syncs']:,.0f} synced blocks of 16 kB a second"
        )
    # the cores are measured one process at a time
    busy = min(loads) > (os.cpu_count() or 1)
    note = "\n**Other work ran on the machine meanwhile: only ratios count.**\n" if busy else ""
    return table(("", ""), facts.items()) + note


def _read(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _said(program: str, option: str) -> str:
    return subprocess.run(
        [program, option], capture_output=True, text=True, check=False
    ).stdout.strip()


def _postgres() -> list[str]:
    programs = find_programs()
    return [] if programs is None else [_said(str(programs / "postgres"), "--version")]


def _core(lines: Sequence[Line]) -> str:
    rows = [
        (one["format"], one["stage"], one["reports"], one["kilobytes"], one["rate"], one["p50"],
         one["p99"])
        for one in lines
    ]  # fmt: skip
    return (rows and (
        "\n## The cores, in process\n\nProcessor time of one core, clean reports in all layouts of a"
        " format. Bars: text, extract and validate ≥ 300/s, p99 ≤ 20 ms, validate alone ≤ 2 ms; docx"
        " and html to event ≥ 100/s, PDF ≥ 25/s.\n\n"
        + table(("format", "stage", "files", "kB", "reports/s", "p50 ms", "p99 ms"), rows)
    )) or ""  # fmt: skip


def _others(lines: Sequence[Line]) -> str:
    digital = [one for one in lines if one["format"] != "scan"]
    names = list(digital[0]["others"]) if digital else []
    rows = [(one["format"], one["ours"], *one["others"].values()) for one in digital]
    text = ""
    if rows:
        text += (
            "\n## Beside others, on the same files\n\nFiles a second of one core from bytes to text"
            " and tables. The others give text or unnamed grids, no cells of the form.\n\n"
            + table(("format", "gouji", *names), rows)
        )
    for one in lines:
        if one["format"] == "scan":
            text += (
                f"\nScans: {one['seconds']:.2f} s a page by the clock, {one['processor_seconds']:.2f} s"
                f" of processor ({one['threads']} threads), {one['megabytes']:.0f} MB (bar: 2 s,"
                " 1.2 GB).\n"
            )
    return text


def _whole(lines: Sequence[Line], chains: Sequence[Line]) -> str:
    if not lines and not chains:
        return ""
    top = chains[-1]["rate"] if chains else float("nan")
    rows = [
        (one["label"], one["rate"], one["rate"] / top, one["compared_after"], one["p50"], one["p99"],
         sum(one["milliseconds"].values()), _most(one["milliseconds"]), _most(one["megabytes"]))
        for one in lines
    ]  # fmt: skip
    heads = ("run", "reports/s", "of the empty chain", "compared, s later", "idle p50 ms",
             "idle p99 ms", "processor ms a report", "of it", "MB at most")  # fmt: skip
    ways = "".join(
        f"\nSlowest idle drop, {one['label']}, {one['slowest']:.0f} ms: {'; '.join(one['slowest_way'])}.\n"
        for one in lines
        if one["slowest"]
    )
    return (
        "\n## The whole line\n\nEvery write of the bus and every commit synced to disk. The empty"
        " chain is four FastStream services that do nothing, one process each, with bodies of the"
        f" same sizes: **{top:.0f} messages/s**. Bars: text ≥ 150/s, idle p50 ≤ 300 ms, p99 ≤ 1,500 ms.\n\n"
        + table(heads, rows)
        + ways
    )


def _most(values: Mapping[str, float]) -> str:
    first = sorted(values.items(), key=lambda item: -item[1])[:4]
    return ", ".join(f"{name} {value:.0f}" for name, value in first)


def _copies(lines: Sequence[Line]) -> str:
    rates = {(one["stage"], one["copies"]): one["rate"] for one in lines}
    rows = [
        (stage, rate, rates[stage, 2], f"{rates[stage, 2] / rate:.2f}")
        for (stage, number), rate in rates.items()
        if number == 1 and (stage, 2) in rates
    ]
    return (
        rows
        and (
            "\n## One copy against two\n\nMessages wait for one stage alone, nothing else runs but the bus;"
            f" {os.cpu_count()} cores. Extract on text reports, normalize on PDF with one reader a copy."
            " Bar: 1.8. The row without a bus is what this machine gives to two processes that share nothing.\n\n"
            + table(("stage", "one, reports/s", "two, reports/s", "ratio"), rows)
        )
    ) or ""


def _growth(lines: Sequence[Line]) -> str:
    if not lines:
        return ""
    heads = [f"{one['database']} {one['reports']:,}" for one in lines]
    rows: list[Sequence[object]] = [
        ("written, reports/s", *(one["rate"] for one in lines)),
        ("MB", *(one["megabytes"] for one in lines)),
    ]
    rows += [
        (f"{name}, ms", *(1000 * one["seconds"][name] for one in lines))
        for name in lines[0]["seconds"]
    ]
    return (
        "\n## As the database grows\n\nReports written through `Database.record`, sixteen at a time; the"
        " questions of the [cookbook](cookbook.md), all rows fetched, and lists of the review page.\n\n"
        + table(("", *heads), rows)
    )
