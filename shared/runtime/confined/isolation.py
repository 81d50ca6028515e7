"""Work on strangers' files in worker processes: whatever a file does, it harms only itself.

A worker holds one task at a time and shares no pipe or lock with another, so that one that is
killed in the middle of a word takes nothing with it. Every end has a name: `timed_out`,
`out_of_memory`, `reader_crashed`, `hostile`, `too_large`; none is tried again, unless somebody else
ended the worker. A task that takes long gives its seat to the next one and goes on with the lowest
priority, so that healthy files keep their pace beside hanging ones.
"""

import asyncio
import contextlib
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Final, TypeVar, TypeVarTuple

from pebble import ProcessExpired

from shared.errors import BadInput, RefusalReason, Unavailable
from shared.monitoring import measuring
from shared.runtime.confined.confinement import Limits
from shared.runtime.confined.workers import Reply, Spent, Worker, end_nursery, nursery
from shared.runtime.logs import log

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_LONG_TASKS_A_SEAT: Final = 4
_SECONDS_BETWEEN_LOOKS: Final = 0.05
_SECONDS_TO_START: Final = 60.0
"""A worker begins within a tenth of a second, the first one of a busy machine within some seconds."""
_NEEDED_BY_ALL: Final = "shared.runtime.confined.workers"
_CLOCK_TO_WORK: Final = 5
_BUSY: Final = 4
"""Times its limit a task may take by the clock while other processes have the turn; on a machine so
busy that this was not enough, the file is tried again later."""
_GIVING_UP: Final = ("SIGABRT", "SIGTRAP", "SIGILL")
"""How libraries in C end themselves, most often because they get no more memory."""
_FROM_OUTSIDE: Final = (-signal.SIGKILL, -signal.SIGTERM, 255)
"""Ends that somebody else gave a worker: a killer of processes, or the kernel when the machine had no
memory left (255: the process that starts workers was ended, so that nobody knows)."""
_LIVES: Final = 3
"""Workers that a file gets, when somebody else ends them one after another."""
_MEGABYTE: Final = 1 << 20


class WorkerDefect(Exception):
    """A reader raised what it must not: a defect of ours, with its class and place as the text."""


class _NeverBegan(Exception):
    """A worker was gone before it took its task; `code` is how its process ended, if known."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class _Killed(Exception):
    """Somebody else ended the worker in the middle of its task; `code` is how its process ended."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Isolation:
    """Runs functions in confined processes, `workers` of them at full speed."""

    def __init__(
        self,
        name: str,
        *,
        workers: int,
        limits: Limits,
        patience: float | None = None,
        preload: Sequence[str] = (),
    ) -> None:
        """Nothing is started before the first task.

        A task that used `patience` seconds of processor time, or five times that by the clock while
        no other process had the turn, no longer counts as one of the `workers` (up to four for each
        of them); None keeps its seat.
        `preload` are modules that every new worker finds loaded; the first isolation of a process
        decides.
        """
        self.name = name
        self.limits = limits
        self._patience = patience
        self._workers = workers
        self._seats = asyncio.Semaphore(workers)
        self._long_seats = _LONG_TASKS_A_SEAT * workers if patience is not None else 0
        self._idle: list[Worker] = []
        self._leaving: set[asyncio.Future[None]] = set()
        self._told = False
        self._closed = False
        if preload:
            get_context("forkserver").set_forkserver_preload([_NEEDED_BY_ALL, *preload])

    async def run(self, file: str, call: Callable[[*Ts], T], *args: *Ts) -> T:
        """Return what `call` returns; raises the `BadInput` it raises, or the one of its end.

        `call` and its arguments must be picklable; `file` is the name that the refusal gives. A worker
        that somebody else ended says nothing against its file: it is read again, a few times.
        """
        lives = _LIVES
        while True:
            try:
                return await self._run_unharmed(file, call, args)
            except _Killed as error:
                lives -= 1
                measuring.count("gouji_workers_killed_total", self.name)
                log("warning", "isolation.worker_killed", isolation=self.name, file=file,
                    code=error.code, lives=lives)  # fmt: skip
                if self._closed:
                    raise Unavailable("the workers are being stopped") from error
                if not lives:
                    raise _ended(file, error.code, self.limits) from error

    async def close(self) -> None:
        """End all workers."""
        self._closed = True
        while self._idle:
            self._retire(self._idle.pop())
        await asyncio.gather(*self._leaving, return_exceptions=True)

    async def _run_unharmed(self, file: str, call: Callable[..., T], args: tuple[Any, ...]) -> T:
        try:
            return await self._run_once(file, call, args)
        except _NeverBegan:
            # its worker had died idle, or what earlier tasks left behind was too much for this one
            return await self._run_anew(file, call, args)

    async def _run_anew(self, file: str, call: Callable[..., T], args: tuple[Any, ...]) -> T:
        """Do a task in a new worker, whose end before it began is told apart from ours."""
        try:
            return await self._run_once(file, call, args, fresh=True)
        except _NeverBegan as error:
            if error.code in _FROM_OUTSIDE:
                raise _Killed(error.code) from error
            if error.code is not None and error.code <= 0:
                raise _ended(file, error.code, self.limits) from error
            if await self._can_work():
                raise _out_of_memory(file, self.limits) from error
            raise Unavailable("no worker process can be started") from error

    async def _can_work(self) -> bool:
        """Tell whether a new worker does a task that needs nothing."""
        worker = await self._start()
        try:
            await asyncio.wrap_future(worker.begin(bool, ()))
        except (BrokenProcessPool, ProcessExpired):
            return False
        else:
            return True
        finally:
            self._retire(worker)

    async def _run_once(
        self, file: str, call: Callable[..., T], args: tuple[Any, ...], *, fresh: bool = False
    ) -> T:
        await self._seats.acquire()
        seat = _Seat(self)
        try:
            worker = await self._start() if fresh or not self._idle else self._idle.pop()
            return await self._run_with(worker, seat, file, call, args)
        finally:
            seat.leave()

    async def _run_with(
        self,
        worker: Worker,
        seat: "_Seat",
        file: str,
        call: Callable[..., T],
        args: tuple[Any, ...],
    ) -> T:
        reusable = False
        try:
            reply = await self._reply(seat, worker, call, args)
            reusable = not (reply.worn or worker.is_old or seat.given_up or self._closed)
            self._tell(reply.missing)
        except TimeoutError as error:
            raise _timed_out(file, self.limits) from error
        except ProcessExpired as error:
            if error.exitcode in _FROM_OUTSIDE:
                raise _Killed(error.exitcode) from error
            raise _ended(file, error.exitcode, self.limits) from error
        except BrokenProcessPool as error:
            raise _NeverBegan(worker.exit_code) from error
        finally:
            if reusable and len(self._idle) < self._workers:
                self._idle.append(worker)
            else:
                self._retire(worker)
        found: T = _opened(reply, file, self.limits)
        return found

    async def _reply(
        self, seat: "_Seat", worker: Worker, call: Callable[..., T], args: tuple[Any, ...]
    ) -> Reply:
        task = asyncio.ensure_future(asyncio.wrap_future(worker.begin(call, args)))
        clock = asyncio.get_running_loop().time
        began = clock()
        with _noticing(worker.sentinel, seat.give_up):
            try:
                while True:
                    done, _ = await asyncio.wait((task,), timeout=_SECONDS_BETWEEN_LOOKS)
                    if done:
                        return task.result()
                    took = clock() - began
                    spent = worker.spent()
                    if not seat.given_up and self._is_long(took, spent):
                        seat.give_up()
                        worker.step_back()
                    self._judge(took, spent)
            finally:
                task.cancel()

    def _is_long(self, took: float, spent: Spent) -> bool:
        if self._patience is None or self._long_seats <= 0:
            return False
        waited = took - spent.queueing
        return spent.working > self._patience or waited > _CLOCK_TO_WORK * self._patience

    def _judge(self, took: float, spent: Spent) -> None:
        """Raise when a task has no time left: what it spent in the queue of the machine is given back."""
        if took - spent.queueing > self.limits.seconds:
            raise TimeoutError
        if took > _BUSY * self.limits.seconds:
            raise Unavailable("the machine is too busy to read the file in time")

    async def _start(self) -> Worker:
        try:
            starter = await asyncio.to_thread(nursery)
            starting = asyncio.ensure_future(asyncio.to_thread(Worker, self.limits))
            await asyncio.wait((starting,), timeout=_SECONDS_TO_START)
            if not starting.done():
                # whoever waits for it would wait for ever, and everybody else behind him
                log("error", "isolation.stuck", isolation=self.name, seconds=_SECONDS_TO_START)
                end_nursery(starter)
            return await starting
        except (OSError, EOFError, BrokenProcessPool) as error:
            raise Unavailable(f"no worker process can be started: {error!r}") from error

    def _retire(self, worker: Worker) -> None:
        leaving = asyncio.get_running_loop().run_in_executor(None, worker.stop)
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _tell(self, missing: tuple[str, ...]) -> None:
        """Say once what this kernel or container does not let workers give up."""
        if missing and not self._told:
            log("warning", "isolation.incomplete", isolation=self.name, missing=missing)
        self._told = True


class _Seat:
    """One task's right to run at full speed."""

    def __init__(self, isolation: Isolation) -> None:
        self._isolation = isolation
        self.given_up = False

    def give_up(self) -> None:
        """Let the next task begin; this one goes on as a long one, or its worker is gone."""
        if self.given_up:
            return
        self.given_up = True
        self._isolation._long_seats -= 1  # noqa: SLF001
        self._isolation._seats.release()  # noqa: SLF001

    def leave(self) -> None:
        """Let the next one have it: the task has ended."""
        if self.given_up:
            self._isolation._long_seats += 1  # noqa: SLF001
        else:
            self._isolation._seats.release()  # noqa: SLF001


@contextlib.contextmanager
def _noticing(sentinel: int | None, tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` at once when the process of this sentinel ends; the pool looks ten times a second."""
    if sentinel is None:
        yield
        return
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(sentinel)
        tell()

    loop.add_reader(sentinel, ended)
    try:
        yield
    finally:
        loop.remove_reader(sentinel)


def _opened(reply: Reply, file: str, limits: Limits) -> Any:
    """Return what the task returned, or raise what it came to."""
    if reply.end == "done":
        return pickle.loads(reply.payload)  # noqa: S301 - made by our own code in the worker
    if reply.end == "refused":
        raise pickle.loads(reply.payload)  # noqa: S301
    if reply.end == "out_of_memory":
        raise _out_of_memory(file, limits)
    if reply.end == "too_deep":
        raise _refusal("hostile", file, "的结构嵌套过深", "is nested too deeply to be read")
    if reply.end == "too_much":
        zh = f"读出的内容有 {reply.payload.decode()} 字节，超出上限 {limits.output_bytes} 字节"
        en = f"holds {reply.payload.decode()} bytes once read; the limit is {limits.output_bytes}"
        raise _refusal("too_large", file, zh, en)
    raise WorkerDefect(reply.payload.decode(errors="replace"))


def _ended(file: str, code: int | None, limits: Limits) -> BadInput:
    """Return the refusal for a worker that ended by itself or by the kernel's hand."""
    if code == -signal.SIGXCPU:
        return _timed_out(file, limits)
    if code == -signal.SIGKILL:
        # time and again: the machine or the container has no memory left for it
        return _out_of_memory(file, limits)
    how = f"exit code {code}"
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            how = signal.Signals(-code).name
    if how in _GIVING_UP:
        how = f"{how}, memory limit {limits.memory_bytes // _MEGABYTE} MB"
    return _crashed(file, how)


def _timed_out(file: str, limits: Limits) -> BadInput:
    zh = f"在 {limits.seconds:g} 秒（处理器 {limits.cpu_seconds:g} 秒）内未能读完"
    en = f"was not read within {limits.seconds:g} s ({limits.cpu_seconds:g} s of processor time)"
    return _refusal("timed_out", file, zh, en)


def _out_of_memory(file: str, limits: Limits) -> BadInput:
    megabytes = limits.memory_bytes // _MEGABYTE
    zh = f"读取所需内存超出上限 {megabytes} MB"
    en = f"needs more memory to be read than the limit of {megabytes} MB"
    return _refusal("out_of_memory", file, zh, en)


def _crashed(file: str, how: str) -> BadInput:
    zh = f"使读取程序崩溃：{how}"
    return _refusal("reader_crashed", file, zh, f"made its reader crash: {how}")


def _refusal(reason: RefusalReason, file: str, zh: str, en: str) -> BadInput:
    return BadInput(reason, f"“{file}”{zh}。", f"{file!r} {en}.")
