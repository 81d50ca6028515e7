"""Running one service as this process."""

import gc
from typing import Final

import uvloop
from faststream import FastStream

_NEW_OBJECTS: Final = 50_000
"""Objects between two searches for garbage: one report makes some ten thousand, none in cycles."""


def calm_collector() -> None:
    """Look for garbage seldom, and never among what is loaded by now and lives on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)


def run(app: FastStream) -> None:
    """Run the service until it is told to stop."""
    calm_collector()
    uvloop.run(app.run())
