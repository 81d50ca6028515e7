"""Trials of clocks that are set while the line works: R15."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final

import pytest
from sqlalchemy import text

from shared.database.engine import open_engine
from tests.endurance.faults import Strikes
from tests.endurance.hearing import settle
from tests.endurance.ledger import Ledger
from tests.endurance.line import Line
from tests.endurance.load import Drop, expected_of, healthy
from tests.endurance.loose import Loose
from tests.endurance.scale import Scale
from tests.endurance.trial import Plan, Result, await_ends, run
from tests.support.processes import GOUJI

_LIBRARY: Final = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
_JUMPS: Final = ("+1h", "-1h", "+0", "-23h", "+2d", "+0")
_SPECIAL: Final = ("@2028-02-28 23:59:57", "@2028-02-29 23:59:57", "@2026-03-29 01:59:57", "+0")
"""Into and out of a leap day, and into the hour that summer time leaves out."""


@dataclass(slots=True)
class SetClock:
    """The clock of ingest is set, which stamps every arrival.

    The library that does it breaks the waiting of threads in other services (sleeps that end with an error), and
    cannot reach the server of the bus, which asks the kernel directly.
    """

    control: Path
    jumps: tuple[str, ...]
    name: str = "clock set"
    _left: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._left = iter(self.jumps)

    def inject(self, line: Line, rng: Random) -> bool:
        """Set it to what is next."""
        set_clock(self.control, next(self._left))
        return True

    def end(self, line: Line) -> None:
        """There is nothing to take away."""


def set_clock(control: Path, to: str) -> None:
    """Tell all processes what time it is, at one moment."""
    aside = control.with_name(f".{control.name}")
    aside.write_text(to + "\n")
    aside.replace(control)


def set_clocks(folder: Path, database: str | None, scale: Scale) -> Result:
    """R15: the clock jumps by hours, days and into special days; of two revisions the later one stands."""
    if not Path(_LIBRARY).exists():
        pytest.skip("libfaketime is not installed")
    control = folder / "clock"
    set_clock(control, "+0")
    env = {
        "LD_PRELOAD": _LIBRARY, "FAKETIME_TIMESTAMP_FILE": str(control), "FAKETIME_CACHE_DURATION": "1",
        "DONT_FAKE_MONOTONIC": "1", "TZ": os.environ.get("TZ", "Europe/Berlin"),
    }  # fmt: skip
    jumps = (*_JUMPS, *_SPECIAL)
    plan = Plan(
        "R15", files=scale.files_of(40, 500), seconds=2.0 * len(jumps),
        strikes=(Strikes(SetClock(control, jumps), times=len(jumps), first=1, every=2),),
        seed=scale.seed, recovery=scale.pick(120, 300),
    )  # fmt: skip
    words = [f"{name}={value}" for name, value in env.items()]
    programs = {"ingest": ["env", *words, str(GOUJI), "run", "ingest"]}
    with Loose(folder, database, programs=programs, quick=scale.quick) as line:
        ledger = Ledger()
        first = healthy(scale.seed * 1_000_000 + 900_000)
        second = replace(first, name=f"later_{first.name}", data=first.data + b"\n\n")
        second = replace(second, expected=expected_of(second.data, second.name))
        _drop(line, ledger, first)
        set_clock(control, "-1h")
        time.sleep(1.5)
        _drop(line, ledger, second)
        stands = _current(line.database_url)
        set_clock(control, "+0")
        result = run(plan, line, ledger=ledger)
    result.demand("of two revisions the later one stands", met=second.document_id in stands)
    result.demand("and the earlier one does not", met=first.document_id not in stands)
    return result


def _drop(line: Loose, ledger: Ledger, drop: Drop) -> None:
    ledger.accept(drop)
    line.drop(drop.name, drop.data)
    await_ends(line, ledger, 120)
    settle(line.nats_url, 60)


def _current(database_url: str) -> set[str]:
    engine = open_engine(database_url, writing=False)
    try:
        with engine.connect() as connection:
            return set(connection.scalars(text("SELECT document_id FROM current_reports")))
    finally:
        engine.dispose()
