"""The reader of documents locked with a password: it says so."""

from typing import Never

from services.normalize.core.outcomes import Aids
from shared.errors import BadInput


def read(_: bytes, name: str, __: Aids) -> Never:
    """Raise `BadInput`: nobody can read the file without its password."""
    raise BadInput(
        "encrypted",
        f"“{name}”设有打开密码，无法读取；请取消密码后另存并重新传送。",
        f"{name!r} is locked with a password. Save it without one and send that.",
    )
