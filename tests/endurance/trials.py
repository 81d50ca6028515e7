"""Every trial by its number in the list of tests (docs/endurance.md).

A trial takes an empty folder, a database (None: SQLite in the folder) and a scale, starts a line of its own and
returns the result.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.endurance import (
    bus_trials,
    clock_trials,
    file_trials,
    poison_trials,
    power_trials,
    process_trials,
    skew_trials,
    store_trials,
)
from tests.endurance.scale import Scale
from tests.endurance.trial import Result

Trial = Callable[[Path, str | None, Scale], Result]
TRIALS: Final[dict[str, Trial]] = {
    "R1": process_trials.killed_services,
    "R2": process_trials.killed_broker,
    "R3": process_trials.broker_away,
    "R4": store_trials.postgres,
    "R4-sqlite": store_trials.sqlite,
    "R4-moved": store_trials.moved,
    "R5": process_trials.paused,
    "R6": bus_trials.repeated,
    "R7": bus_trials.dropped_again,
    "R8": process_trials.rolled,
    "R9": store_trials.full_disks,
    "R9-narrow": store_trials.narrow_bus,
    "R9-small": store_trials.small_bus,
    "R10": power_trials.cuts,
    "R10-relaxed": power_trials.relaxed,
    "R11": store_trials.damaged,
    "R12": poison_trials.poisoned,
    "R13": poison_trials.defects,
    "R14": poison_trials.slow_work,
    "R15": clock_trials.set_clocks,
    "R16": skew_trials.side_by_side,
    "R17": file_trials.careless,
    "R18": file_trials.unwatched,
}
