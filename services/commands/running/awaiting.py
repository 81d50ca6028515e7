"""Which files somebody waits for, and how those ended that have."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from services.commands.reaching.records import FileState
from services.commands.running.tracking import members_of

Named = tuple[str, str]
"""One dropped name of one document: name and document id."""
_UNDER_WAY: Final = "under way"


class Awaited:
    """Knows of the files that it was told to expect, and of what archives among them held; of no others."""

    def __init__(self) -> None:
        """Nothing is expected yet."""
        self._states: dict[Named, str] = {}
        self._open: dict[Named, None] = {}

    def __bool__(self) -> bool:
        """Tell whether a file has not ended yet."""
        return bool(self._open)

    @property
    def states(self) -> Counter[str]:
        """How many of the expected files are in which state."""
        return Counter(self._states.values())

    def expect(self, name: str, document_id: str) -> bool:
        """Wait for a file; False where it was expected already."""
        file = (name, document_id)
        if file in self._states:
            return False
        self._states[file] = _UNDER_WAY
        self._open[file] = None
        return True

    def forget(self, name: str, document_id: str) -> None:
        """Wait no longer for a file whose name has other bytes now."""
        self._states.pop((name, document_id), None)
        self._open.pop((name, document_id), None)

    def settle(
        self, name: str, document_id: str, state: str, members: Iterable[Named] = ()
    ) -> bool:
        """Note an end and expect what an archive held; True where this file had been waited for until now."""
        file = (name, document_id)
        if file not in self._states:
            return False
        self._states[file] = state
        for member in members:
            self.expect(*member)
        was_open = file in self._open
        self._open.pop(file, None)
        return was_open

    def take_over(self, known: Iterable[FileState]) -> list[FileState]:
        """Settle what the database knows of; return what had been waited for until now."""
        return [
            row
            for row in known
            if row.name is not None
            and row.document_id is not None
            and self.settle(row.name, row.document_id, row.state, members_of(row.members))
        ]

    def next_documents(self, at_most: int) -> list[str]:
        """Return documents that are waited for: those asked for longest ago, each in its turn."""
        files = [file for _, file in zip(range(at_most), self._open, strict=False)]
        for file in files:
            self._open[file] = self._open.pop(file)
        return [document_id for _, document_id in files]

    def waiting(self) -> set[Named]:
        """Return all files that have not ended yet."""
        return set(self._open)
