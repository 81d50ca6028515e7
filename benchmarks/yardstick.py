"""What the machine itself gives: `python -m benchmarks.yardstick`. To compare figures of different machines.

A plain loop by itself and twice at once, and how often a disk takes a block of a message's size for good.
"""

import multiprocessing
import os
import tempfile
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

_ADDITIONS: Final = 10_000_000
_BLOCK: Final = bytes(16 * 1024)
_SYNC_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Processor seconds of ten million additions, alone and while another process does the same; syncs a second."""

    alone: float
    beside_another: float
    syncs: float


def measure() -> Yardstick:
    """Measure this machine, and the disk that holds the temporary files."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.map(_add, [1, 1], chunksize=1)
        alone = pool.apply(_add, (_ADDITIONS,))
        both = pool.map(_add, [_ADDITIONS] * 2, chunksize=1)
    return Yardstick(alone, sum(both) / 2, _syncs())


def tell(found: Yardstick) -> None:
    """Print one measurement."""
    print(f"ten million additions: {found.alone:.2f} s, {found.beside_another:.2f} s beside another; "
          f"{found.syncs:.0f} syncs/s")  # fmt: skip


def _add(times: int) -> float:
    began, total = process_time(), 0
    for addend in repeat(1, times):
        total = total + addend
    return process_time() - began


def _syncs() -> float:
    with tempfile.TemporaryDirectory(prefix="gouji-bench-") as folder:
        file = os.open(Path(folder) / "block", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            count, began = 0, perf_counter()
            while perf_counter() - began < _SYNC_SECONDS:
                os.write(file, _BLOCK)
                os.fdatasync(file)
                count += 1
            return count / (perf_counter() - began)
        finally:
            os.close(file)


if __name__ == "__main__":
    tell(measure())
