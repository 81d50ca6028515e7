"""Whether a file of some format, read through the line, says exactly what its truth says."""

from benchmarks.scoring import Score, add_cells, add_identity
from services.extract.core.extraction import extract
from services.normalize.core.outcomes import Aids
from services.normalize.core.reading import read
from shared.report.document import Document
from tests.support.truth import Truth


def differences(data: bytes, name: str, truth: Truth, aids: Aids | None = None) -> list[str]:
    """Return what was read otherwise than it is, cells and identity, one line each."""
    document = read(data, name, aids)
    assert isinstance(document, Document)
    record = extract(document, document_id="0" * 64, file=name)
    score = Score()
    return add_cells(score, record, truth) + add_identity(score, record, truth)
