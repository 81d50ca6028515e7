"""What readiness looks at, and how it is."""

from collections.abc import Mapping
from typing import Final

OK: Final = "ok"
"""What a check says when all is well."""


def is_ready(checks: Mapping[str, str]) -> bool:
    """Tell whether something was looked at, and all of it is well."""
    return bool(checks) and all(found == OK for found in checks.values())
