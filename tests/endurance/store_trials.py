"""Trials of the stores under the line: databases that are away (R4), disks that are full (R9)."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import nats
import pytest

from shared.runtime.streams import topology
from tests.endurance.damage_faults import KINDS, Damage
from tests.endurance.database_faults import (
    PostgresCrowded,
    PostgresDeadlock,
    PostgresDown,
    PostgresReadOnly,
    SqliteGone,
    SqliteLocked,
)
from tests.endurance.disks import FullDisk, small_disks
from tests.endurance.faults import Fault, Strikes
from tests.endurance.line import Line
from tests.endurance.loose import Loose
from tests.endurance.scale import Scale
from tests.endurance.supervised import Supervised
from tests.endurance.trial import Plan, Result, run
from tests.support.postgres import Cluster, find_programs

_SMALL_BUS: Final = 64 << 20
_NARROW: Final = 2 << 20
_PAUSE_SECONDS: Final = 1.0
_FILES_PER_MIB: Final = 8
"""Reports that a mebibyte of database surely holds."""


def postgres(folder: Path, database: str | None, scale: Scale) -> Result:
    """R4: PostgreSQL killed, down, read-only, crowded out, in deadlocks with another writer."""
    if find_programs() is None:
        pytest.skip("no PostgreSQL server on this machine")
    kills = scale.faults_of(2, 50)
    away, lasting = scale.pick(4, 120), scale.pick(2, 30)
    with Cluster(max_connections=30) as cluster:
        url = cluster.new_database()
        faults = (
            *[(PostgresDown(cluster), 0.2)] * kills,
            (PostgresReadOnly(cluster), lasting),
            (PostgresCrowded(cluster), lasting),
            (PostgresDeadlock(cluster, url), lasting),
            (PostgresDown(cluster), away),
        )
        plan = Plan(
            "R4", files=scale.files_of(60, 1000), seconds=_length(*faults), strikes=_in_turn(*faults),
            seed=scale.seed, recovery=scale.pick(120, 300),
        )  # fmt: skip
        with Loose(folder, url, quick=scale.quick) as line:
            result = run(plan, line)
            _demand_patience(line, result, ("sink",))
    return result


def sqlite(folder: Path, database: str | None, scale: Scale) -> Result:
    """R4: SQLite locked by another writer, and its disk full."""
    home = folder / "database"
    with small_disks(database=(home, 64)) as disks:
        lasting = scale.pick(3, 30)
        faults = (
            (SqliteLocked(), lasting),
            (FullDisk(disks["database"], "SQLite"), lasting),
        )
        plan = Plan(
            "R4-sqlite", files=scale.files_of(50, 1000), seconds=_length(*faults), strikes=_in_turn(*faults),
            seed=scale.seed, recovery=scale.pick(120, 300),
        )  # fmt: skip
        with Loose(folder, f"sqlite:///{home}/gouji.db", quick=scale.quick) as line:
            result = run(plan, line)
            _demand_patience(line, result, ("sink",))
    return result


def moved(folder: Path, database: str | None, scale: Scale) -> Result:
    """R4: the folder of the SQLite file is moved away while it is written, and comes back."""
    home = folder / "database"
    home.mkdir()
    lasting = scale.pick(3, 30)
    faults = [(SqliteGone(), lasting)] * scale.faults_of(1, 10)
    plan = Plan(
        "R4-moved", files=scale.files_of(30, 500), seconds=_length(*faults), strikes=_in_turn(*faults),
        seed=scale.seed, recovery=scale.pick(120, 300),
    )  # fmt: skip
    with Loose(folder, f"sqlite:///{home}/gouji.db", quick=scale.quick) as line:
        result = run(plan, line)
        _demand_patience(line, result, ("sink",))
    return result


def full_disks(folder: Path, database: str | None, scale: Scale) -> Result:
    """R9: no space left under the archive, the database, the logs, the workers' folder and the bus."""
    data = folder / "data"
    files = scale.files_of(60, 1000)
    with small_disks(
        archive=(data / "archive", 48), logs=(data / "logs", 16), bus=(data / "nats", 192),
        temporary=(folder / "tmp", 16), database=(folder / "database", 64 + files // _FILES_PER_MIB),
    ) as disks:  # fmt: skip
        lasting = scale.pick(2, 20)
        faults = [(FullDisk(disk, name), lasting) for name, disk in disks.items()]
        plan = Plan(
            "R9", files=files, seconds=_length(*faults), strikes=_in_turn(*faults),
            seed=scale.seed, recovery=scale.pick(150, 400),
        )  # fmt: skip
        env = {"TMPDIR": str(folder / "tmp"), "GOUJI_BUS_BYTES": str(_SMALL_BUS)}
        url = f"sqlite:///{folder}/database/gouji.db"
        with Supervised(folder, url, env=env, quick=scale.quick) as line:
            result = run(plan, line)
        told = (folder / "up.out").read_text(errors="replace")
    result.notes |= {"told at the terminal": [w for w in told.splitlines() if w.startswith("! ")]}
    return result


def damaged(folder: Path, database: str | None, scale: Scale) -> Result:
    """R11: a bit flips, or an end is missing, in a file of the bus; the next start finds it so."""
    times = scale.faults_of(2, len(KINDS))
    plan = Plan(
        "R11", files=scale.files_of(40, 500), seconds=6.0 * times,
        strikes=(Strikes(Damage(), times=times, first=2.5, every=5),),
        seed=scale.seed, recovery=scale.pick(150, 400),
    )  # fmt: skip
    env = {"GOUJI_RECONCILE_EVERY": "2s"} if scale.quick else None
    with Supervised(folder, database, env=env, quick=scale.quick) as line:
        result = run(plan, line)
        told = (folder / "up.out").read_text(errors="replace")
    result.notes |= {"losses told": sum("was damaged" in line for line in told.splitlines())}
    return result


def small_bus(folder: Path, database: str | None, scale: Scale) -> Result:
    """R9: far more work than the streams can hold at a time; all of it gets through, in turns."""
    plan = Plan(
        "R9-small", files=scale.files_of(150, 3000), seconds=scale.seconds_of(1, 10),
        seed=scale.seed, recovery=scale.pick(200, 900),
    )  # fmt: skip
    with Supervised(folder, env={"GOUJI_BUS_BYTES": str(_SMALL_BUS)}, quick=scale.quick) as line:
        result = run(plan, line)
        said = Counter(entry.get("event") for part in line.services for entry in line.logged(part))
    result.notes |= {name: said[name] for name in ("bus.full", "bus.relieved") if said[name]}
    return result


@dataclass(slots=True)
class InTurn:
    """Faults of different lengths, strictly one after another; what the figures call it is the last one."""

    faults: Sequence[tuple[Fault, float]]
    name: str = ""
    _next: int = 0

    def inject(self, line: Line, rng: Random) -> bool:
        """Let the next one strike and end."""
        fault, lasting = self.faults[self._next % len(self.faults)]
        self._next += 1
        struck = fault.inject(line, rng)
        self.name = fault.name
        time.sleep(lasting)
        fault.end(line)
        return struck

    def end(self, line: Line) -> None:
        """There is nothing to take away."""


def narrow_bus(folder: Path, database: str | None, scale: Scale) -> Result:
    """R9: the stream of the reports holds a fraction of what they need; all get through, in turns."""
    plan = Plan(
        "R9-narrow", files=scale.files_of(80, 1000), seconds=scale.seconds_of(1, 10),
        seed=scale.seed, recovery=scale.pick(200, 900),
    )  # fmt: skip
    with Loose(folder, database, quick=scale.quick) as line:
        asyncio.run(_narrow(line.nats_url, _NARROW))
        result = run(plan, line)
        said = Counter(entry.get("event") for part in line.services for entry in line.logged(part))
        ended = {name: part.exits for name, part in line.parts.items() if part.exits}
    result.notes |= {name: said[name] for name in ("bus.full", "bus.relieved") if said[name]}
    result.demand("room was made", met=said["bus.relieved"] > 0)
    result.demand(f"no crash loop: {ended}", met=not ended)
    return result


async def _narrow(url: str, limit: int) -> None:
    client = await nats.connect(url)
    js = client.jetstream()
    info = await js.stream_info(topology.REPORTS)
    info.config.max_bytes = limit
    await js.update_stream(info.config)
    await client.close()


def _in_turn(*faults: tuple[Fault, float]) -> tuple[Strikes, ...]:
    """Let faults follow one another with a pause between, so that each finds a working line."""
    return (Strikes(InTurn(faults), times=len(faults), first=1.5, every=_PAUSE_SECONDS),)


def _length(*faults: tuple[Fault, float]) -> float:
    return 1.5 + sum(max(lasting, _PAUSE_SECONDS) + 0.5 for _, lasting in faults)


def _demand_patience(line: Loose, result: Result, parts: Iterable[str]) -> None:
    """Demand that these waited visibly, ever longer, and that no process ended for it."""
    ended = {name: part.exits for name, part in line.parts.items() if part.exits}
    result.demand(f"no crash loop: {ended}", met=not ended)
    for part in parts:
        delays = _delays(line, part)
        result.notes[f"{part} waited"] = len(delays)
        result.demand(f"{part} backs off visibly: {delays[:5]}", met=bool(delays))


def _delays(line: Line, part: str) -> list[float]:
    return [
        entry["retry_in"] for entry in line.logged(part)
        if entry.get("outcome") == "retried" and entry.get("error_class") == "Unavailable"
    ]  # fmt: skip
