"""Running one service as this process."""

import gc
from typing import Final

import uvloop
from faststream import FastStream

_NEW_OBJECTS: Final = 50_000
"""Objects between two searches for garbage: one report makes some ten thousand, none in cycles."""


def run(app: FastStream) -> None:
    """Run the service until it is told to stop."""
    # what is loaded by now lives as long as the process and needs no looking at
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
    uvloop.run(app.run())
