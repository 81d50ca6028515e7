"""The reader of old Office files that are cut off: their directory, which is at the end, is gone."""

from typing import Never

from services.normalize.core.outcomes import Aids
from shared.errors import BadInput


def read(data: bytes, name: str, _: Aids) -> Never:
    """Raise `BadInput`: what is left does not even say where its text begins."""
    raise BadInput(
        "broken",
        f"“{name}”是不完整的旧版 Office 文档（{len(data)} 字节，目录缺失），请重新传送。",
        f"{name!r} is an old Office document cut off after {len(data)} bytes: its directory is "
        "missing. Send it again.",
    )
