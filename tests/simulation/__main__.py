"""`python -m tests.simulation`: many seeds on all processors, or one seed with all that happened in it.

python -m tests.simulation --seeds 10000     # run seeds 0 … 9999 and count
python -m tests.simulation --seed 4711       # replay one, with its trace; --only sink narrows it
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter

from tests.simulation.run import Result, batch, run

_BATCH = 25
_BATCHES_OF_A_PROCESS = 20
"""What meets again and again is kept in memory: a process ends before that is too much."""


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation")
    asked.add_argument("--seeds", type=int, default=1000, help="how many")
    asked.add_argument("--start", type=int, default=0, help="the first seed")
    asked.add_argument("--seed", type=int, help="replay this one")
    asked.add_argument("--only", help="show only lines of the trace that contain this")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = asked.parse_args()
    if given.seed is not None:
        return _replay(given.seed, given.only)
    return _many(range(given.start, given.start + given.seeds), given.jobs)


def _replay(seed: int, only: str | None) -> int:
    result = run(seed)
    for at, what, who, about in result.trace:
        line = f"{at:10.4f}  {what:<8} {who:<18} {about}"
        if only is None or only in line:
            print(line)
    print(f"seed {seed}: {result.broken or 'all holds'}")
    return 1 if result.broken else 0


def _many(seeds: range, jobs: int) -> int:
    begun, virtual, done = time.monotonic(), 0.0, 0
    counts: Counter[str] = Counter()
    broken: list[Result] = []
    batches = [seeds[start : start + _BATCH] for start in range(0, len(seeds), _BATCH)]
    with multiprocessing.get_context("spawn").Pool(
        jobs, maxtasksperchild=_BATCHES_OF_A_PROCESS
    ) as pool:
        for results in pool.imap_unordered(batch, batches):
            for result in results:
                done += 1
                counts.update(result.counts)
                virtual += result.seconds
                if result.broken:
                    broken.append(result)
                    print(f"seed {result.seed}: {result.broken[:500]}", flush=True)
            if done % 100 < _BATCH:
                print(
                    f"{done} seeds, {len(broken)} broken, {time.monotonic() - begun:.0f} s",
                    flush=True,
                )
    print(
        f"\n{done} seeds in {time.monotonic() - begun:.0f} s, {virtual / 3600:.0f} hours of virtual time"
    )
    for name, count in sorted(counts.items()):
        print(f"{count:>10}  {name}")
    print(f"broken: {len(broken)} {sorted(result.seed for result in broken)[:50]}")
    print(
        "replay one: make simulate SEED=…" if broken else "nothing that must never happen happened"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
