"""What may go wrong while files are dropped, and when.

A fault is a small object: `inject` begins the harm and returns soon, `end` takes it away. How often
it strikes is the schedule's business. Both get the line and a random source of the fault's own.
"""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from tests.endurance.line import Line


class Fault(Protocol):
    """One kind of harm."""

    @property
    def name(self) -> str:
        """What the figures call it."""
        ...

    def inject(self, line: Line, rng: Random) -> bool:
        """Begin; return whether it struck (a part that is down already cannot be killed)."""
        ...

    def end(self, line: Line) -> None:
        """Take the harm away; for what lasts no time there is nothing to do."""
        ...


@dataclass(frozen=True, slots=True)
class Strikes:
    """When a fault strikes, in seconds after the load began: `times` times, lasting so long each.

    Strikes of one schedule wait for one another; schedules run side by side.
    """

    fault: Fault
    times: int = 1
    first: float = 0.5
    every: float = 2.0
    lasting: float = 0.0


@dataclass
class Storm:
    """Runs schedules beside the load; `struck` counts the faults that really struck."""

    line: Line
    schedules: Sequence[Strikes]
    seed: int
    struck: Counter[str] = field(default_factory=Counter)
    ended: float = 0.0
    failure: BaseException | None = None

    def start(self) -> None:
        """Begin."""
        self._threads = [
            threading.Thread(target=self._run, args=(number, strikes), daemon=True)
            for number, strikes in enumerate(self.schedules)
        ]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until all is over; raise what a fault itself met."""
        for thread in self._threads:
            thread.join()
        self.ended = time.monotonic()
        if self.failure is not None:
            raise self.failure

    def _run(self, number: int, strikes: Strikes) -> None:
        rng = Random(f"storm {self.seed} {number}")
        due = time.monotonic() + strikes.first
        try:
            for _ in range(strikes.times):
                time.sleep(max(0.0, due - time.monotonic()))
                if strikes.fault.inject(self.line, rng):
                    self.struck[strikes.fault.name] += 1
                time.sleep(strikes.lasting)
                strikes.fault.end(self.line)
                due = max(due + strikes.every, time.monotonic())
        except BaseException as error:
            self.failure = error
