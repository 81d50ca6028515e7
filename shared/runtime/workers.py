"""One confined process that does tasks one after another, and what it answers.

The pool of one around it brings the pipe, the waiting and the notice of death.
"""

import contextlib
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, Final, NamedTuple

from pebble import ProcessPool

from shared.errors import BadInput
from shared.runtime import confinement
from shared.runtime.confinement import Limits

_TASKS_OF_A_WORKER: Final = 500
_LOWEST_PRIORITY: Final = 19


class Reply(NamedTuple):
    """What a worker says of a task: how it ended, with what, and how the worker itself fares."""

    end: str
    payload: bytes
    worn: bool
    missing: tuple[str, ...]


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


class Worker:
    """One process with a pipe of its own: a pool of one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._nursery = _Nursery()
        self._tasks = 0
        self._queued_before = 0.0
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
        self._queued_before = self._seconds_in_the_queue()
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

    def seconds_in_the_queue(self) -> float:
        """Return how long this task waited for a processor, through no fault of its own."""
        return self._seconds_in_the_queue() - self._queued_before

    def _seconds_in_the_queue(self) -> float:
        if self._nursery.child is None:
            return 0.0
        try:
            waited = Path(f"/proc/{self._nursery.child.pid}/schedstat").read_text(encoding="ascii")
            return int(waited.split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0

    def step_back(self) -> None:
        """Let every other process go first."""
        child = self._nursery.child
        if child is not None and child.pid is not None:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, child.pid, _LOWEST_PRIORITY)

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
