"""A record with cells as reviewers read them: what was printed and what they decided both stay visible."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.report.identity import ENGINE_VERSION, fingerprint, revision_id
from shared.report.record import Cell, CellState, Number, Record

CORRECTED = "corrected"
"""Note of a cell whose state or value a reviewer decided."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One cell as a reviewer reads it; `id` as in the event `CellCorrected`."""

    id: str
    address: str
    state: CellState
    value: Number | None = None
    unit: str | None = None


def corrected(record: Record, corrections: Sequence[Correction]) -> Record:
    """Return the record with the corrections applied in order; of two for one cell the later stands.

    The raw text and its place stay. A correction of a cell that the record does not declare is left
    out: another edition was recognised since.
    """
    if not corrections:
        return record
    wanted = {c.address: c for c in corrections}
    return replace(
        record,
        cells=tuple(
            _as_read_by_a_person(cell, wanted[cell.address]) if cell.address in wanted else cell
            for cell in record.cells
        ),
    )


def corrected_revision_id(
    document: str, corrections: Sequence[Correction], engine_version: str = ENGINE_VERSION
) -> str:
    """Return the id of a reading with these corrections; without any that of the reading itself."""
    if not corrections:
        return revision_id(document, engine_version)
    return fingerprint("revision", document, engine_version, *(c.id for c in corrections))


def _as_read_by_a_person(cell: Cell, correction: Correction) -> Cell:
    return replace(
        cell,
        state=correction.state,
        value=correction.value,
        unit=correction.unit if correction.unit is not None else cell.unit,
        confidence=1.0,
        notes=(CORRECTED,),
        candidates=(),
        derived=None,
        proof=(),
    )
