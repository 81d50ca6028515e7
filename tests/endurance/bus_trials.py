"""Trials of what comes twice, late or in another order: R6, R7."""

import time
from dataclasses import replace
from pathlib import Path

from tests.endurance.bus_faults import Echo, empty_the_bucket, forget_ids, repeat
from tests.endurance.faults import Strikes
from tests.endurance.hearing import ends_told, settle
from tests.endurance.ledger import Ledger
from tests.endurance.line import FEEDER
from tests.endurance.load import Drop, Expected, expected_of, healthy
from tests.endurance.loose import Loose
from tests.endurance.scale import Scale
from tests.endurance.trial import Plan, Result, await_ends, run
from tests.support.dump import dump


def repeated(folder: Path, database: str | None, scale: Scale) -> Result:
    """R6: every event comes doubled and late while files arrive; later 1, 2 and 5 times, shuffled."""
    echo = Echo()
    seconds = scale.seconds_of(10, 60)
    plan = Plan(
        "R6", files=scale.files_of(60, 1000), seconds=seconds,
        strikes=(Strikes(echo, first=0, lasting=seconds),),
        seed=scale.seed, recovery=scale.pick(120, 600),
    )  # fmt: skip
    with Loose(folder, database, quick=scale.quick) as line:
        result = run(plan, line)
        before = dump(line.database_url)
        for times in (1, 2, 5):
            count = repeat(line.nats_url, times, scale.seed)
            busy = settle(line.nats_url, plan.recovery * 2)
            same = dump(line.database_url) == before
            result.notes[f"events again, {times} x"] = count
            result.demand(f"{times} x again: at rest, {busy}", met=not busy)
            result.demand(f"{times} x again: the same database, byte by byte", met=same)
    result.notes["doubled on the way"] = echo.count
    return result


def dropped_again(folder: Path, database: str | None, scale: Scale) -> Result:
    """R7: the same file again, under another name, and changed, when the bus has forgotten it all."""
    count = scale.files_of(10, 100)
    plan = Plan("R7", files=0, seconds=0, seed=scale.seed)
    ledger = Ledger()
    firsts = [healthy(scale.seed * 1_000_000 + number) for number in range(count)]
    with Loose(folder, database, quick=scale.quick) as line:
        forget_ids(line.nats_url)
        _drop_all(line, ledger, firsts)
        before = dump(line.database_url)
        empty_the_bucket(line.nats_url)
        time.sleep(1.5)
        # the feeder of a new start knows nothing of earlier looks: it feeds the same files again
        line.kill(FEEDER)
        time.sleep(3)
        busy = settle(line.nats_url, plan.recovery)
        same = dump(line.database_url) == before
        copies = [
            Drop(f"copy_{d.name}", d.data, Expected(frozenset({"duplicate"}))) for d in firsts
        ]
        _drop_all(line, ledger, copies)
        changed = [_changed(drop) for drop in firsts]
        _drop_all(line, ledger, changed)
        result = run(plan, line, ledger=ledger)
        told = ends_told(line.nats_url)
    result.notes |= {"again": count, "renamed": count, "changed": count, "heard of": len(told)}
    result.demand(f"the same again: at rest, {busy}", met=not busy)
    result.demand("the same again: the same database, byte by byte", met=same)
    return result


def _changed(drop: Drop) -> Drop:
    data = drop.data + b"\n\n"
    return replace(drop, data=data, expected=expected_of(data, drop.name))


def _drop_all(line: Loose, ledger: Ledger, dropped: list[Drop]) -> None:
    for drop in dropped:
        ledger.accept(drop)
        line.drop(drop.name, drop.data)
    await_ends(line, ledger, 120)
    settle(line.nats_url, 60)
