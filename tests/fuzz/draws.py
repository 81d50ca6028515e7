"""Bytes read as a row of choices, so that what mutates bytes mutates structures."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """Hands out choices from bytes; when they are used up every choice is the first one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> bool:
        """Whether there are bytes to choose by."""
        return self._at < len(self._data)

    def byte(self) -> int:
        """Return the next byte."""
        if not self.left:
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def below(self, bound: int) -> int:
        """Return a number from 0 up to, and without, `bound`; 0 when there is no such number."""
        if bound <= 1:
            return 0
        drawn = self.byte()
        if bound > 256:
            drawn = drawn << 8 | self.byte()
        return drawn % bound

    def pick(self, among: Sequence[T]) -> T:
        """Return one of them."""
        return among[self.below(len(among))]

    def flag(self) -> bool:
        """Return yes or no; no in the end."""
        return bool(self.byte() & 1)

    def raw(self, most: int) -> bytes:
        """Return up to `most` bytes as they are."""
        size = self.below(most + 1)
        found = self._data[self._at : self._at + size]
        self._at += size
        return found

    def rest(self) -> bytes:
        """Return everything that is left."""
        found = self._data[self._at :]
        self._at = len(self._data)
        return found
