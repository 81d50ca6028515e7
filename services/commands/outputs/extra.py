"""Libraries that only exports need: an extra, imported when asked for."""

import importlib
from typing import Any

from shared.errors import GoujiError
from shared.language import spoken


class NeedsExtra(GoujiError):
    """A library is not installed; the message names what installs it."""


def needed(module: str) -> Any:
    """Return a module of the extra `exports`; raises `NeedsExtra`."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise NeedsExtra(
            spoken("此格式需要另行安装", "this format needs")
            + f": pip install 'gouji[exports]' ({module})"
        ) from error
