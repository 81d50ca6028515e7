"""Looks at every process of a line while it runs: memory, open files, processor time, files that ended."""

import asyncio
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psutil


@dataclass(frozen=True, slots=True)
class Look:
    """One look: seconds since the watch began, files that had ended, and by process its use."""

    at: float
    ended: int
    megabytes: dict[str, float]
    files: dict[str, int]
    seconds: dict[str, float]
    """Of processor time."""


def look(line: psutil.Process, at: float = 0.0, ended: int = 0) -> Look:
    """Look once. Processes of readers count as `readers`, together; copies are numbered."""
    found = Look(at, ended, {}, {}, {})
    for child in [line, *line.children(recursive=True)]:
        try:
            name = _free(_name(child.cmdline()), found.seconds)
            times = child.cpu_times()
            sizes = child.memory_info().rss / 2**20, child.num_fds()
        except psutil.Error:
            continue
        found.seconds[name] = found.seconds.get(name, 0.0) + times.user + times.system
        found.megabytes[name] = found.megabytes.get(name, 0.0) + sizes[0]
        found.files[name] = found.files.get(name, 0) + sizes[1]
    return found


async def watch(pid: int, ended: Callable[[], int], looks: list[Look], every: float) -> None:
    """Look every so many seconds until cancelled, and add to `looks`."""
    line, began = psutil.Process(pid), perf_counter()
    while True:
        looks.append(look(line, perf_counter() - began, ended()))
        await asyncio.sleep(every)


def highest(looks: Sequence[Look]) -> dict[str, float]:
    """Return the most megabytes of each process."""
    names = {name for one in looks for name in one.megabytes}
    return {n: max(one.megabytes.get(n, 0.0) for one in looks) for n in sorted(names)}


def write(looks: Sequence[Look], path: Path) -> None:
    """Write every look as a line of a CSV file: reports a second since the look before, then each process."""
    names = sorted({name for one in looks for name in one.megabytes})
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        heads = [f"{n} {what}" for what in ("MB", "files", "cpu s") for n in names]
        writer.writerow(["seconds", "ended", "per second", *heads])
        for before, one in zip([looks[0], *looks], looks, strict=False):
            rate = (one.ended - before.ended) / max(one.at - before.at, 0.001)
            uses = [
                *(f"{one.megabytes.get(n, 0):.1f}" for n in names),
                *(one.files.get(n, 0) for n in names),
                *(f"{one.seconds.get(n, 0):.1f}" for n in names),
            ]
            writer.writerow([f"{one.at:.1f}", one.ended, f"{rate:.1f}", *uses])


def _name(words: Sequence[str]) -> str:
    for word in words:
        if word.startswith("services."):
            return {"cli": "up"}.get(name := word.rpartition(".")[2], name)
    text = " ".join(words)
    if "nats-server" in text:
        return "nats-server"
    return "readers" if "multiprocessing" in text else "up"


def _free(name: str, taken: dict[str, float]) -> str:
    if name == "readers" or name not in taken:
        return name
    return next(f"{name}-{n}" for n in range(2, 100) if f"{name}-{n}" not in taken)
