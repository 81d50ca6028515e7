"""What happens in the run of a seed: which files are dropped, what people do, what breaks and when."""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Literal

from tests.simulation import pool
from tests.simulation.services import SERVICES

FAULTS = (
    "kill", "kill", "kill", "pause", "pause", "stop", "crash", "crash", "cut", "cut", "away", "away", "away",
    "full", "mute", "redeliver", "redeliver", "weather", "weather", "clock", "bus_clock", "unheard", "torn",
)  # fmt: skip
DOORS = ("database", "database", "archive", "webhook")
_NAMES = ("年报.txt", "2023/年度报告.txt", "copy of report.docx", "a+b% 100.txt", "x.txt")


@dataclass(frozen=True)
class Drop:
    """One file put into the bucket. `by` says who: our own feeder, or any client under a key of its own."""

    at: float
    specimen: str
    file: str
    by: Literal["feeder", "stranger"]
    interrupted: float | None = None
    """After how many seconds the feeder is interrupted the first time; it comes back."""


@dataclass(frozen=True)
class Fault:
    at: float
    kind: str
    what: dict[str, Any]


@dataclass(frozen=True)
class Act:
    """What a person does: recheck, correct, decide, delete an object, replay dead letters, make room."""

    at: float
    kind: str
    number: int


@dataclass(frozen=True)
class Plan:
    seed: int
    storm: float
    drops: tuple[Drop, ...]
    faults: tuple[Fault, ...]
    acts: tuple[Act, ...]
    copies: dict[str, int]
    two_rulebooks: bool
    inline_bytes: int
    restart: tuple[float, float]


@cache
def plan(seed: int) -> Plan:
    """Return the plan of a seed."""
    rng = Random(f"plan {seed}")
    storm = rng.choice((40.0, 90.0, 180.0, 400.0))
    return Plan(
        seed,
        storm,
        drops=tuple(sorted(_drops(rng, storm), key=lambda one: (one.at, one.file))),
        faults=tuple(sorted(_faults(rng, storm), key=lambda one: one.at)),
        acts=tuple(sorted(_acts(rng, storm), key=lambda one: one.at)),
        copies={service: rng.choice((1, 1, 2, 3)) for service in SERVICES},
        two_rulebooks=rng.random() < 0.25,
        inline_bytes=rng.choice((256 << 10, 256 << 10, 256 << 10, 12_000)),
        restart=rng.choice(((0.3, 3.0), (0.3, 3.0), (5.0, 40.0))),
    )


def _drops(rng: Random, storm: float) -> list[Drop]:
    names = sorted(pool.specimens())
    chosen = rng.sample(names, rng.randint(3, 9))
    made = []
    for name in chosen:
        at = rng.random() * storm * 0.7
        interrupted = rng.random() * 0.3 if rng.random() < 0.15 else None
        made.append(Drop(at, name, name, "feeder", interrupted))
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            by: Literal["feeder", "stranger"] = "stranger" if rng.random() < 0.3 else "feeder"
            other = rng.choice((name, *_NAMES))
            near = at + rng.choice((0.0, 0.01, rng.random() * storm * 0.3))
            made.append(Drop(near, name, other, by))
    return made


def _faults(rng: Random, storm: float) -> list[Fault]:
    density = rng.choice((0, 3, 8, 16, 30))
    allowed = rng.sample(sorted(set(FAULTS)), rng.randint(1, 6)) if rng.random() < 0.5 else FAULTS
    return [_fault(rng, rng.random() * storm, rng.choice(allowed)) for _ in range(density)]


def _fault(rng: Random, at: float, kind: str) -> Fault:
    what: dict[str, Any] = {}
    if kind in {"kill", "pause", "stop", "cut", "clock"}:
        what["service"] = rng.choice(SERVICES)
        what["copy"] = rng.randrange(3)
    if kind in {"pause", "cut", "away", "full", "mute", "weather", "unheard", "torn", "crash"}:
        longest = {"cut": 20.0, "crash": 60.0, "torn": 40.0}.get(kind, 130.0)
        what["seconds"] = rng.random() ** 2 * longest + 0.05
    if kind == "away":
        what["door"] = rng.choice(DOORS)
    if kind == "unheard":
        what["door"] = rng.choice(("database", "archive"))
    if kind in {"full", "mute"}:
        what["stream"] = rng.choice(
            ("REPORTS", "REPORTS", "ISSUES", "DEAD", "OBJ_inbox", "REVIEWS")
        )
    if kind in {"clock", "bus_clock"}:
        what["ahead"] = rng.choice((-3600.0, -90.0, 45.0, 3600.0))
    if kind == "weather":
        what["chances"] = {
            name: rng.choice((0.0, 0.02, 0.1, 0.3))
            for name in ("request_lost", "answer_lost", "delivery_lost", "late")
        }
    return Fault(at, kind, what)


def _acts(rng: Random, storm: float) -> list[Act]:
    kinds = rng.choices(
        ("recheck", "correct", "correct", "decide", "delete", "replay", "relieve"),
        k=rng.choice((0, 0, 2, 5)),
    )
    return [Act(rng.uniform(0.2, 1.1) * storm, kind, rng.randrange(1 << 30)) for kind in kinds]
