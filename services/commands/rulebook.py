"""The rulebook that this installation judges by: the one place where the commands take it from."""

from services.validate.core.rulebook import Rulebook, load


def in_force() -> Rulebook:
    """Return the rulebook in force."""
    return load()
