"""A message that is passed on as it is, without a look inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ONLY_FOR: Final = "gouji-only-for"
"""Header of a message that is put back for one durable consumer; to others it is old news."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message as it stood on the bus: its headers, and its body unread."""

    headers: Mapping[str, str]
    body: bytes
