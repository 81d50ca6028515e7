"""Does to a world what its plan says, and makes everything well again in the end."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.simulation.plan import Fault
from tests.simulation.process import Process
from tests.simulation.wire import Weather
from tests.simulation.world import World


class Chaos:
    """The faults of one world; `heal` ends them all."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._over = False

    async def run(self) -> None:
        for fault in self.world.plan.faults:
            await asyncio.sleep(fault.at - self.world.loop.time())
            self.strike(fault)

    def strike(self, fault: Fault) -> None:
        self.world.note("fault", fault.kind, str(fault.what))
        self.world.counts[f"fault {fault.kind}"] += 1
        getattr(self, f"_{fault.kind}")(**fault.what)

    def heal(self) -> None:
        """End every fault; from now on nothing new breaks."""
        self._over = True
        world = self.world
        world.note("heals", "", "")
        world.calm = True
        world.away.clear()
        world.unheard.clear()
        world.torn = 0
        world.bus_ahead = 0.0
        for name, value in vars_of(Weather()).items():
            setattr(world.weather, name, value)
        for stream in world.server.streams.values():
            stream.limit, stream.mute = 1 << 40, False
        if world.server.down:
            world.server.restart()
        for process in world.everybody:
            process.resume()
            process.clock_ahead = 0.0
        self._reconnect()

    def _later(self, seconds: float, end: Callable[[], Any]) -> None:
        """End a fault, unless all of them are over already."""
        self.world.loop.call_later(seconds, lambda: None if self._over else end())

    def _one(self, service: str, copy: int) -> Process | None:
        copies = self.world.processes[service]  # type: ignore[index]
        return copies[copy % len(copies)] if copies else None

    def _reconnect(self) -> None:
        for client in [*(p.client for p in self.world.everybody), *self.world.others]:
            client.reconnect()

    def _kill(self, service: str, copy: int) -> None:
        process = self._one(service, copy)
        if process is not None:
            self.world.ended(process)

    def _stop(self, service: str, copy: int) -> None:
        process = self._one(service, copy)
        if process is not None and not process.is_paused:
            asyncio.get_running_loop().create_task(self._stop_and_start(process))

    async def _stop_and_start(self, process: Process) -> None:
        # the task of a killed process ends by itself
        process.stopping = True
        deadline = self.world.loop.time() + 25
        while process.alive and process.is_busy and self.world.loop.time() < deadline:
            await asyncio.sleep(0.25)
        if process.alive:
            process.hand_back()
            await asyncio.sleep(0.2)
            self.world.ended(process)

    def _pause(self, service: str, copy: int, seconds: float) -> None:
        process = self._one(service, copy)
        if process is not None:
            process.pause()
            self._later(seconds, process.resume)

    def _cut(self, service: str, copy: int, seconds: float) -> None:
        process = self._one(service, copy)
        if process is not None:
            process.client.cut()
            self._later(seconds, process.client.reconnect)

    def _crash(self, seconds: float) -> None:
        world = self.world
        if world.server.down:
            return
        world.counts["acks forgotten"] += world.server.crash(world.rng, lag=world.rng.random() * 3)
        for client in [*(p.client for p in world.everybody), *world.others]:
            client.cut()
        self._later(seconds, self._restart)

    def _restart(self) -> None:
        if not self.world.server.down:
            return
        self.world.server.restart()
        for client in [*(p.client for p in self.world.everybody), *self.world.others]:
            self.world.loop.call_later(client.rng.random() * 2, client.reconnect)

    def _away(self, door: str, seconds: float) -> None:
        self._count(self.world.away, door, seconds)

    def _unheard(self, door: str, seconds: float) -> None:
        self._count(self.world.unheard, door, seconds)

    def _count(self, counter: Any, door: str, seconds: float) -> None:
        counter[door] += 1
        self._later(seconds, lambda: counter.subtract([door]))

    def _torn(self, seconds: float) -> None:
        self.world.torn += 1

        def end() -> None:
            self.world.torn -= 1

        self._later(seconds, end)

    def _full(self, stream: str, seconds: float) -> None:
        found = self.world.server.streams[stream]
        found.limit = found.size + self.world.rng.randrange(60_000)
        self._later(seconds, lambda: setattr(found, "limit", 1 << 40))

    def _mute(self, stream: str, seconds: float) -> None:
        found = self.world.server.streams[stream]
        found.mute = True
        self._later(seconds, lambda: setattr(found, "mute", False))

    def _redeliver(self) -> None:
        world = self.world
        durables = [d for d in world.server.durables.values() if d.held]
        if durables:
            world.rng.choice(durables).redeliver_now(world.rng)

    def _weather(self, seconds: float, chances: dict[str, float]) -> None:
        weather = self.world.weather
        for name, chance in chances.items():
            setattr(weather, name, chance)
        self._later(seconds, lambda: [setattr(weather, name, 0.0) for name in chances])

    def _clock(self, service: str, copy: int, ahead: float) -> None:
        process = self._one(service, copy)
        if process is not None:
            process.clock_ahead = ahead

    def _bus_clock(self, ahead: float) -> None:
        self.world.bus_ahead = ahead


def vars_of(weather: Weather) -> dict[str, float]:
    return {name: getattr(weather, name) for name in weather.__slots__}
