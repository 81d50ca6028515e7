"""Runs a seed: the storm of its plan, then quiet, then the judges."""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest.mock import patch

import structlog

from tests.simulation import loop
from tests.simulation.chaos import Chaos
from tests.simulation.judges import Judges, innocent_deaths
from tests.simulation.memory import bodies_remembered
from tests.simulation.people import People
from tests.simulation.plan import Plan, plan
from tests.simulation.shelf import TableShelf
from tests.simulation.tables import Tables
from tests.simulation.wire import _Ids
from tests.simulation.world import Broken, World

PATIENCE = 7200.0
"""Virtual seconds after the storm within which everything must have come to rest."""


@dataclass
class Result:
    """What became of one seed; `broken` says what must never happen and did."""

    seed: int
    broken: str | None = None
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    trace: list[tuple[float, str, str, str]] = field(default_factory=list)


Stores = Callable[[], tuple[Any, Any, Any]]


def in_memory() -> tuple[Any, Any, Any]:
    tables = Tables()
    return tables, tables, TableShelf(tables)


def run(seed: int, stores: Stores = in_memory, *, planned: Plan | None = None) -> Result:
    """Run one seed; never raises."""
    result = Result(seed)
    with _quiet(seed):
        try:
            loop.run(_run(planned or plan(seed), stores, result))
        except Broken as error:
            result.broken = str(error)
        except loop.Stuck:
            result.broken = "nothing is under way and something is not done"
    return result


async def _run(planned: Plan, stores: Stores, result: Result) -> None:
    world = World(planned, stores())
    result.trace = world.trace
    failed: list[BaseException] = []
    world.loop.set_exception_handler(
        lambda _, told: failed.append(told.get("exception") or Broken(told["message"]))
    )
    try:
        try:
            await _story(world)
        except Broken as error:
            # what a witness saw first says more than what the judges found of it
            raise (failed or [error])[0] from error
        if failed:
            raise failed[0]
    finally:
        result.seconds = world.loop.time()
        for process in world.everybody:
            world.counts.update(process.client.counts)
        result.counts = world.counts


async def _story(world: World) -> None:
    people, chaos = People(world), Chaos(world)
    world.start()
    busy = [asyncio.ensure_future(people.drop(drop)) for drop in world.plan.drops]
    busy += [asyncio.ensure_future(people.act(act)) for act in world.plan.acts]
    busy.append(asyncio.ensure_future(chaos.run()))
    await asyncio.sleep(world.plan.storm)
    chaos.heal()
    for one in busy:
        await one
    await _rest(world)
    world.counts["innocent dead, put back"] += len(innocent_deaths(world))
    # the operator mends what was broken, except one file, and puts the dead back
    world.mended = {"killer.pdf"} if world.plan.seed % 2 else set()
    await people.replay()
    await _rest(world)
    innocent_deaths(world)
    if world.plan.two_rulebooks:
        await _upgrade(world)
        await people.recheck()
        await _rest(world)
    world.note("rests", "", "")
    Judges(world, people).all()


async def _upgrade(world: World) -> None:
    world.new_rules = True
    for process in tuple(world.processes["validate"]):
        world.ended(process)
    await asyncio.sleep(1)


async def _rest(world: World) -> None:
    """Return when nothing is waiting and nothing under way."""
    begun = world.loop.time()
    while True:
        await asyncio.sleep(1)
        if world.is_idle:
            await asyncio.sleep(0.5)
            if world.is_idle:
                return
        if world.loop.time() - begun > PATIENCE:
            left = {
                d.name: (sorted(d.held), sorted(d.again))
                for d in world.server.durables.values()
                if not d.is_idle
            }
            raise Broken(f"no rest within {PATIENCE:g} s: {left}")


@contextmanager
def _quiet(seed: int) -> Iterator[None]:
    """Take the last sources of chance and the log away from the code under test."""
    number = iter(range(1 << 30))
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        with (
            bodies_remembered(),
            patch("shared.runtime.streams.inbox.NUID", lambda: _Ids(f"n{next(number)}x")),
            patch("shared.runtime.messages.claims.NUID", lambda: _Ids(f"c{next(number)}x")),
            patch("shared.runtime.streams.inbox.SystemClock", _Stopped),
            patch("shared.runtime.messages.retries.random", Random(f"retries {seed}")),
        ):
            yield
    finally:
        structlog.configure(**before)


class _Stopped:
    def now(self) -> Any:
        from tests.simulation.world import EPOCH

        return EPOCH


def batch(seeds: Iterable[int]) -> list[Result]:
    """Run several seeds quickly; their traces are not kept."""
    gc.disable()
    results = []
    for seed in seeds:
        results.append(run(seed))
        results[-1].trace = []
    gc.collect()
    # what is remembered from seed to seed need not be looked at again
    gc.freeze()
    gc.enable()
    return results
