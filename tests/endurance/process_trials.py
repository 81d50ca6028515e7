"""Trials of processes and of the bus they live on: R1, R2, R3, R5, R8."""

from pathlib import Path
from typing import Final

from tests.endurance.bus_faults import BrokerDown, KillBroker
from tests.endurance.faults import Strikes
from tests.endurance.ledger import Ledger
from tests.endurance.line import BROKER, SERVICES
from tests.endurance.loose import Loose
from tests.endurance.poison_trials import POISONED, slow_report
from tests.endurance.process_faults import EXIT_SECONDS, Kill, KillChild, Pause, Terminate
from tests.endurance.readings import finished_twice, handled, longest_away
from tests.endurance.scale import Scale
from tests.endurance.supervised import Supervised
from tests.endurance.trial import Plan, Result, run

RECONNECT_SECONDS: Final = 5.0


def killed_services(folder: Path, database: str | None, scale: Scale) -> Result:
    """R1: a random service is killed every two seconds, and a worker of normalize every three."""
    kills = scale.faults_of(15, 300)
    plan = Plan(
        "R1", files=scale.files_of(100, 10_000), seconds=scale.seconds_of(30, 2.0 * kills),
        strikes=(
            Strikes(Kill(), times=kills, every=2),
            Strikes(KillChild(), times=kills * 2 // 3, every=3),
        ),
        poison=0.05, seed=scale.seed, recovery=scale.pick(120, 900),
    )  # fmt: skip
    with Supervised(folder, database, quick=scale.quick) as line:
        return run(plan, line)


def killed_broker(folder: Path, database: str | None, scale: Scale) -> Result:
    """R2: nats-server is killed and started again while everyone publishes; no service restarts."""
    kills = scale.faults_of(5, 50)
    fault = KillBroker()
    plan = Plan(
        "R2", files=scale.files_of(60, 1000), seconds=scale.seconds_of(4.0 * kills, 4.0 * kills),
        strikes=(Strikes(fault, times=kills, every=4),),
        seed=scale.seed, recovery=scale.pick(120, 300),
    )  # fmt: skip
    with Loose(folder, database, quick=scale.quick) as line:
        result = run(plan, line)
        away = longest_away(line) - fault.slowest
        ended = {name: part.exits for name, part in line.parts.items() if part.exits}
    result.notes |= {
        "slowest restart of the server": round(fault.slowest, 1),
        "longest until a service was back on it": round(max(0.0, away), 1),
    }
    result.demand(f"services are back after {RECONNECT_SECONDS} s", met=away <= RECONNECT_SECONDS)
    result.demand(f"no service had to be restarted: {ended}", met=not ended)
    return result


def broker_away(folder: Path, database: str | None, scale: Scale) -> Result:
    """R3: no bus for a while; files that are dropped meanwhile wait in the folder."""
    lasting = scale.pick(10, 60, scale.seconds)
    times = scale.faults_of(1, 1)
    plan = Plan(
        "R3", files=scale.files_of(60, 1000), seconds=times * (lasting + 5) + 5,
        strikes=(Strikes(BrokerDown(), times=times, first=3, every=lasting + 5, lasting=lasting),),
        seed=scale.seed, recovery=scale.pick(120, 300),
    )  # fmt: skip
    with Loose(folder, database, quick=scale.quick) as line:
        result = run(plan, line)
        ended = {name: part.exits for name, part in line.parts.items() if part.exits}
    result.notes |= {"seconds away": lasting}
    result.demand(f"no crash loop: {ended}", met=not ended)
    return result


def paused(folder: Path, database: str | None, scale: Scale) -> Result:
    """R5: every service in turn, and then the broker, stands still for longer than the ack wait."""
    lasting = scale.pick(5, 90)
    parts = (*SERVICES, BROKER)
    plan = Plan(
        "R5", files=scale.files_of(60, 1000), seconds=lasting * 2 + 5,
        # side by side in three pairs: all the pauses one after another would take three times as long
        strikes=tuple(
            Strikes(Pause(part), first=1 + (number % 2) * (lasting + 2), lasting=lasting)
            for number, part in enumerate(parts)
        ),
        seed=scale.seed, recovery=scale.pick(120, 300),
    )  # fmt: skip
    with Loose(folder, database, quick=scale.quick) as line:
        result = run(plan, line)
        ended = {name: part.exits for name, part in line.parts.items() if part.exits}
    result.notes |= {"seconds each stood still": lasting, "restarted by themselves": ended}
    return result


def rolled(folder: Path, database: str | None, scale: Scale) -> Result:
    """R8: every service is told to end, and started again, under load; some work takes longer than that."""
    rounds = scale.faults_of(1, 4)
    fault = Terminate()
    times = rounds * len(SERVICES)
    plan = Plan(
        "R8", files=scale.files_of(80, 1000), seconds=scale.seconds_of(20, 6.0 * times),
        strikes=(Strikes(fault, times=times, every=1),),
        seed=scale.seed, recovery=scale.pick(120, 300),
    )  # fmt: skip
    ledger = Ledger()
    with Loose(folder, database, quick=scale.quick, programs={"normalize": POISONED}) as line:
        for number in range(2 * rounds):
            drop = slow_report(scale.seed * 1_000_000 + 600_000 + number, EXIT_SECONDS + 2)
            ledger.accept(drop)
            line.drop(drop.name, drop.data)
        result = run(plan, line, ledger=ledger)
        codes = {code for part in line.parts.values() for code in part.exits}
        twice = finished_twice(line)
        back = sum(e["outcome"] == "handed_back" for part in SERVICES for e in handled(line, part))
    result.notes |= {
        "slowest end": round(fault.slowest, 1), "exit codes": sorted(codes), "handed back": back,
    }  # fmt: skip
    result.demand(f"each ends within {EXIT_SECONDS} s", met=fault.slowest <= EXIT_SECONDS)
    result.demand(f"finished work does not come again: {twice[:5]}", met=not twice)
    result.demand(f"each ends in order: {codes}", met=codes <= {0})
    return result
