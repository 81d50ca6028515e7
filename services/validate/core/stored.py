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

    `beside` names the neighbours; `compared_at` is the position of the comparison on file, if there is one.
    """

    document_id: str
    file: str
    received_at: datetime
    revision_id: str
    family: Family
    beside: tuple[str, ...]
    compared_at: str | None = None

    @property
    def was_compared(self) -> bool:
        """Tell whether an earlier comparison is on file."""
        return self.compared_at is not None

    @property
    def is_alone(self) -> bool:
        """Tell whether there is nothing to compare with, and never was."""
        return not self.beside and not self.was_compared

    @property
    def has_only_texts(self) -> bool:
        """Tell whether only texts stand beside it, and nothing was ever said of them."""
        family = self.family
        return family.before is None and family.members is None and not self.was_compared


def position_after(own: str, known: str | None) -> str:
    """Return the position of an event, moved behind one on file that only a wrong clock put later.

    A position is `<moment>|<number>`, and the later moment stands. When the bus's clock is set back, a
    higher number comes with an earlier moment: then the moment on file is kept, and the number decides.
    A bus that was made anew counts from the start and has later moments, so this does not touch it.
    """
    if known is None:
        return own
    moment, mark, number = own.partition("|")
    known_moment, known_mark, known_number = known.partition("|")
    if mark and known_mark and moment < known_moment and number >= known_number:
        return f"{known_moment}|{number}"
    return own


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

    def compared_with(self, report_id: str, among: Sequence[str]) -> Sequence[str]:
        """Return those `among` these reports whose text is compared with that of `report_id`, in their order.

        Of many that share a text each is compared with the nearest few alone: not everyone with everyone.
        """
        ...
