"""A bar on a terminal while long work goes on: on standard error, and only where a person sees it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_PATIENCE: Final = 1.0
"""Seconds before a bar appears: short work needs none."""


@asynccontextmanager
async def bar(total: int, words: str, *, steps_aside: bool) -> AsyncIterator[Callable[[], None]]:
    """Give a function to call after each of `total` steps; the bar goes without a trace at the end.

    Nothing is shown where standard error is no terminal. With `steps_aside` what is printed meanwhile scrolls
    above the bar; without it, nothing may be printed on the same terminal.
    """
    if not sys.stderr.isatty() or (sys.stdout.isatty() and not steps_aside):
        yield lambda: None
        return
    progress = Progress(
        TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(file=sys.stderr), transient=True, redirect_stdout=sys.stdout.isatty(),
    )  # fmt: skip
    task = progress.add_task(words, total=total)
    appearing = asyncio.create_task(_appear(progress))
    try:
        yield lambda: progress.advance(task)
    finally:
        appearing.cancel()
        progress.stop()


async def _appear(progress: Progress) -> None:
    await asyncio.sleep(_PATIENCE)
    progress.start()
