"""One confined process that does tasks one after another, and what it answers.

The pool of one around it brings the pipe, the waiting and the notice of death.
"""

import contextlib
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, Final, NamedTuple

from pebble import ProcessPool

from shared.errors import BadInput
from shared.runtime.confined import confinement
from shared.runtime.confined.confinement import Limits

_TASKS_OF_A_WORKER: Final = 500
_LOWEST_PRIORITY: Final = 19


class Reply(NamedTuple):
    """What a worker says of a task: how it ended, with what, and how the worker itself fares."""

    end: str
    payload: bytes
    worn: bool
    missing: tuple[str, ...]


class Spent(NamedTuple):
    """Seconds that a task was working, and that it was ready to but other processes had the turn."""

    working: float
    queueing: float


class _Nursery:
    """A source of exactly one process: a pool would replace one that died before we look at it."""

    def __init__(self) -> None:
        self._context = get_context("forkserver")
        self.child: BaseProcess | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def Process(self, *args: Any, **kwargs: Any) -> BaseProcess:  # noqa: N802 - multiprocessing's name
        """Make the process, as the context itself would."""
        if self.child is not None:
            raise OSError("a pool of one has had its process")
        self.child = self._context.Process(*args, **kwargs)
        return self.child


_hiding: Final = Lock()


@contextlib.contextmanager
def _main_module_hidden() -> Iterator[None]:
    """Start a process that does not load our main program again: it has nothing to do there."""
    with _hiding:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def nursery() -> int | None:
    """Return the process that starts workers, made now if there is none; None where it cannot be known."""
    with _main_module_hidden():
        forkserver.ensure_running()
    return _nursery_pid()


def end_nursery(pid: int | None) -> None:
    """End the process that starts workers, which no longer answers; the next start makes a new one.

    Not one that took its place meanwhile: several starts may give it up in the same second.
    """
    if pid is not None and pid == _nursery_pid():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _nursery_pid() -> int | None:
    pid: int | None = getattr(getattr(forkserver, "_forkserver", None), "_forkserver_pid", None)
    return pid


class Worker:
    """One process with a pipe of its own: a pool of one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._nursery = _Nursery()
        self._tasks = 0
        self._before = Spent(0.0, 0.0)
        self._pool = ProcessPool(
            max_workers=1,
            initializer=_prepare,
            initargs=(limits,),
            context=self._nursery,
        )
        # a pool starts with its first task, which would be in the event loop
        with _main_module_hidden():
            self._pool._update_pool_status()  # type: ignore[no-untyped-call]  # noqa: SLF001

    def begin(self, call: Callable[..., Any], args: tuple[Any, ...]) -> Future[Reply]:
        """Hand the worker a task."""
        self._tasks += 1
        self._before = self._spent()
        try:
            return self._pool.schedule(_work, (call, args, self._limits))
        except RuntimeError as error:
            raise BrokenProcessPool from error

    @property
    def is_old(self) -> bool:
        """Tell whether it did so many tasks that what libraries leak may add up."""
        return self._tasks >= _TASKS_OF_A_WORKER

    @property
    def exit_code(self) -> int | None:
        """How the process ended: negative for a signal, None while it runs."""
        return None if self._nursery.child is None else self._nursery.child.exitcode

    @property
    def sentinel(self) -> int | None:
        """What becomes readable when the process has ended; None without one."""
        return None if self._nursery.child is None else self._nursery.child.sentinel

    def spent(self) -> Spent:
        """Return where the time of the present task went so far."""
        now = self._spent()
        return Spent(now.working - self._before.working, now.queueing - self._before.queueing)

    def _spent(self) -> Spent:
        child = self._nursery.child
        try:
            # of the first thread alone: the one that reads
            told = Path(f"/proc/{child.pid if child else 0}/schedstat").read_text(encoding="ascii")
            working, queueing = told.split()[:2]
            return Spent(int(working) / 1e9, int(queueing) / 1e9)
        except (OSError, ValueError):
            return Spent(0.0, 0.0)

    def step_back(self) -> None:
        """Let every other process go first."""
        child = self._nursery.child
        if child is None or child.pid is None:
            return
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, child.pid, _LOWEST_PRIORITY)
            if os.getsid(child.pid) == child.pid:
                # many kernels share the processor out among sessions first, whatever priority is inside
                Path(f"/proc/{child.pid}/autogroup").write_text(str(_LOWEST_PRIORITY))

    def stop(self) -> None:
        """End the process and wait for it."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


_missing: tuple[str, ...] = ()
"""In a worker: the measures that it could not take."""


def _prepare(limits: Limits) -> None:
    global _missing  # noqa: PLW0603 - a worker is prepared once, before its first task
    _missing = confinement.confine(limits)


def _work(call: Callable[..., Any], args: tuple[Any, ...], limits: Limits) -> Reply:
    """Do one task in the worker. Nothing but bytes and names leaves it: they always unpickle."""
    confinement.begin_task(limits)
    try:
        end, payload = "done", pickle.dumps(call(*args), pickle.HIGHEST_PROTOCOL)
        if len(payload) > limits.output_bytes:
            end, payload = "too_much", str(len(payload)).encode()
    except BadInput as error:
        end, payload = "refused", pickle.dumps(error)
    except MemoryError:
        end, payload = "out_of_memory", b""
    except RecursionError:
        end, payload = "too_deep", b""
    except BaseException as error:  # noqa: BLE001 - told to the service, which knows what to do
        end, payload = "defect", _place_of(error).encode()
    finally:
        confinement.end_task()
    return Reply(end, payload, end == "out_of_memory" or _is_worn(limits), _missing)


def _is_worn(limits: Limits) -> bool:
    """Tell whether what earlier tasks left behind leaves too little for the next one."""
    try:
        return 2 * confinement.private_bytes() > limits.memory_bytes
    except (OSError, MemoryError):
        return True


def _place_of(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}: {str(error)[:500]}"
