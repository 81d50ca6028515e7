"""The rulebook that this installation judges by: the one place where the commands take it from."""

from pathlib import Path

from services.commands.reaching.workplace import Line
from services.validate.adapters.rules_folder import load_for
from services.validate.core.rulebook import Rulebook
from services.validate.settings import ValidateSettings


def in_force(line: Line | None = None) -> Rulebook:
    """Return the rulebook of this environment, else that of the running line.

    Raises `RulebookError` where the deployment's own rules are faulty.
    """
    folder = ValidateSettings().rules
    if folder is None and line is not None and line.rules is not None:
        folder = Path(line.rules)
    return load_for(folder)
