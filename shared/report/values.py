"""How a value that is made by the hundred for every report is declared."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a slots dataclass that the type checker treats as frozen.

    Frozen construction at run time costs five times as much, and a report has some 700 of these
    values; that nobody assigns to them is what the type checker holds.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
