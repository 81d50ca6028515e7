"""A bar on a terminal while long work goes on: on standard error, and only where a person sees it."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Final

_PATIENCE: Final = 1.0
"""Seconds before a bar appears: short work needs none."""


@contextmanager
def bar(total: int, words: str, *, steps_aside: bool = True) -> Iterator[Callable[[], None]]:
    """Give a function to call after each of `total` steps, from any thread; the bar leaves no trace at the end.

    Nothing is shown where standard error is no terminal, nor where standard output is a pipe: what reads it
    (a pager, say) may draw on the same terminal. With `steps_aside` what is printed meanwhile scrolls above
    the bar; without it, no bar is shown where standard output is a terminal.
    """
    if not sys.stderr.isatty() or _is_pipe() or (sys.stdout.isatty() and not steps_aside):
        yield _nothing
        return
    # loaded only where a bar is shown: most calls of a command need none of it
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    progress = Progress(
        TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(file=sys.stderr), transient=True, redirect_stdout=sys.stdout.isatty(),
    )  # fmt: skip
    task = progress.add_task(words, total=total)
    appearing = Timer(_PATIENCE, progress.start)
    appearing.daemon = True
    appearing.start()
    try:
        yield lambda: progress.advance(task)
    finally:
        appearing.cancel()
        # it may be appearing just now: a bar that starts after its end would stay
        appearing.join()
        progress.stop()


def _nothing() -> None:
    """Count nothing: no bar is shown."""


def _is_pipe() -> bool:
    """Tell whether standard output goes to another program."""
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):
        return False
