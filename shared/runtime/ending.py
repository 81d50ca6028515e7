"""The last resort of a service that was told to end: it ends in time, whatever holds it up.

A broker that does not answer, a conversion in a thread or a library that never returns would hold up
an orderly end for minutes. What is unfinished then was never acknowledged and comes again.
"""

import os
import threading
from typing import Final

from shared.runtime.logs import log

EXIT_OVERDUE: Final = 72
OVERDUE_AFTER: Final = 2.0
"""Seconds after the grace: enough to hand back what was cut short and to say good-bye to the bus."""


_the_process_is_ours = False


def own_the_process() -> None:
    """Allow `end_within` to end this process: it is a service and nothing else."""
    global _the_process_is_ours  # noqa: PLW0603 - a property of the process
    _the_process_is_ours = True


def end_within(seconds: float) -> None:
    """End this process after so many seconds, unless it has ended by then.

    Where a service is a guest in another program, such as a test, nothing happens.
    """
    if not _the_process_is_ours:
        return
    # a thread, because the event loop itself may be what is held up
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    log("warning", "service.stop_overdue")
    os._exit(EXIT_OVERDUE)
