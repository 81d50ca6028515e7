"""How many cores this process may use: those of its container, not of the machine."""

import math
import os
from pathlib import Path
from typing import Final

_LIMITS: Final = Path("/sys/fs/cgroup")


def cores(limits: Path = _LIMITS) -> int:
    """Return how many cores we may use, at least one.

    A container may be bound to some cores or, by a quota of time, to a part of all: both count.
    """
    try:
        bound = len(os.sched_getaffinity(0))
    except AttributeError:
        # not Linux
        bound = os.cpu_count() or 1
    return max(1, min(bound, _by_quota(limits) or bound))


def _by_quota(limits: Path) -> int | None:
    """Return the cores whose time a container has in each period, rounded up; None without a bound."""
    try:
        quota, period = (limits / "cpu.max").read_text(encoding="ascii").split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        # no control group of the second kind, or `max`: no bound
        return None
