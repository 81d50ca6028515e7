"""Running one service as this process."""

import uvloop
from faststream import FastStream


def run(app: FastStream) -> None:
    """Run the service until it is told to stop."""
    uvloop.run(app.run())
