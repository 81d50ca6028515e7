"""Running one service as this process."""

import gc
import os
import sys
from collections.abc import Callable
from typing import Final

import uvloop
from faststream import FastStream

from shared.errors import GoujiError
from shared.language import chosen
from shared.report.printable import printable
from shared.runtime.ending import own_the_process
from shared.runtime.logs import log
from shared.runtime.memory import share_heaps
from shared.runtime.variables import suspected
from shared.secrets import BadSetting

_NEW_OBJECTS: Final = 50_000
"""Objects between two searches for garbage: one report makes some ten thousand, none in cycles."""


def calm_collector() -> None:
    """Look for garbage seldom, and never among what is loaded by now and lives on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)


def run(app: FastStream) -> None:
    """Run the service until it is told to stop."""
    for name, meant in suspected(os.environ):
        log("warning", "setting.unknown", variable=name, meant=meant)
    share_heaps()
    calm_collector()
    own_the_process()
    try:
        uvloop.run(app.run())
    except GoujiError as error:
        log("error", "service.not_started", error=str(error))
        # a wrong setting stays wrong however often it is tried
        sys.exit(2 if isinstance(error, BadSetting) else 1)


def assembled(create: Callable[[], FastStream]) -> FastStream:
    """Return what `create` assembles; what it refuses on purpose ends the process with one line."""
    try:
        chosen(os.environ)
        return create()
    except GoujiError as error:
        print(printable(f"gouji: {error}"), file=sys.stderr)  # noqa: T201 - the log is not set up yet
        sys.exit(2)
