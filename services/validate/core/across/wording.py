"""What is compared of a report with the texts of others: a fraction of its record, quickly at hand."""

from dataclasses import dataclass

from shared.report.identity import fingerprint
from shared.report.likeness import Passage, passages_of
from shared.report.record import Gist, Identity, Record

Passages = dict[int, tuple[Passage, ...]]
"""The sentences of the sections that can be copied, by section number."""
Numbers = tuple[int, int, str]
"""Of the cells of a report: how many hold a number, how many of these are not 0, and what all of them hold."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The text of one report, whose it is, and what its tables come to."""

    report_id: str
    file: str
    identity: Identity
    passages: Passages
    numbers: Numbers

    def text(self, section: int) -> str:
        """Return what a section says of its own, empty where it says nothing or is missing."""
        return "".join(p.masked for p in self.passages.get(section, ()))


def wording_of(report_id: str, record: Record | Gist) -> Wording:
    """Return what is compared of a record."""
    return Wording(
        report_id, record.file, record.identity, passages_of(record), _numbers_of(record)
    )


def _numbers_of(record: Record | Gist) -> Numbers:
    values = {
        c.address: c.value for c in record.cells if c.state == "number" and c.value is not None
    }
    # 3 and 3.0 are the same number
    told = (f"{address}={float(values[address])!r}" for address in sorted(values))
    return len(values), sum(1 for v in values.values() if v), fingerprint("numbers", *told)
