"""The rulebook that this installation judges by: the one place where the commands take it from."""

from services.validate.adapters.rules_folder import load_for
from services.validate.core.rulebook import Rulebook
from services.validate.settings import ValidateSettings


def in_force() -> Rulebook:
    """Return the rulebook in force; raises `RulebookError` where the deployment's own rules are faulty."""
    return load_for(ValidateSettings().rules)
