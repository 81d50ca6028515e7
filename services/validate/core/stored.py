"""Reports as the database has them: what a validator asks for when it judges again or beside others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.validate.core.across.family import Family
from services.validate.core.corrected import Correction
from shared.report.record import Record


@dataclass(frozen=True, slots=True)
class Reading:
    """One document's reading as stored, without corrections, and the corrections there are."""

    document_id: str
    file: str
    received_at: datetime
    engine_version: str
    record: Record
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class Relatives:
    """A report's current reading with its neighbours.

    `beside` names the neighbours; `was_compared` tells whether an earlier comparison is on file.
    """

    document_id: str
    file: str
    received_at: datetime
    revision_id: str
    family: Family
    beside: tuple[str, ...]
    was_compared: bool = False

    @property
    def is_alone(self) -> bool:
        """Tell whether there is nothing to compare with, and never was."""
        return not self.beside and not self.was_compared

    @property
    def has_only_texts(self) -> bool:
        """Tell whether only texts stand beside it, and nothing was ever said of them."""
        family = self.family
        return family.before is None and family.members is None and not self.was_compared


class Shelf(Protocol):
    """The reports on file. Every method raises `Unavailable` when the database does not answer."""

    def reading(self, document_id: str) -> Reading | None:
        """Return the newest reading of a document, None when it is not on file."""
        ...

    def concerned(self, report_id: str) -> Sequence[str]:
        """Return the reports that must be compared anew when this one was recorded; itself first."""
        ...

    def relatives(self, report_id: str) -> Relatives | None:
        """Return a report with its neighbours, None when it is not on file."""
        ...
