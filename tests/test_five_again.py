"""The real reports, typeset again in other formats, say the same as their text."""

from pathlib import Path

import pytest

from benchmarks.five_again import BESIDE, again, differences, truth_of
from benchmarks.reading_path import read_in_process, through
from tests.support.corpus import hides_blanks, renderers

REPORTS = sorted(BESIDE.glob("*.txt"))
FORMATS = [n for n in ("docx", "html", "pdf") if n in renderers()]
VARIANTS = [(n, v) for n in FORMATS for v in renderers()[n].VARIANTS]

if not REPORTS:
    pytest.skip("this checkout has no ../shared/reports beside it", allow_module_level=True)


def has_blanks(path: Path) -> bool:
    record, _ = through(path.read_bytes(), path.name)
    return any(c.state in ("blank", "absent") for c in record.cells)


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_report_set_again_gives_the_same_cells(name: str, variant: str) -> None:
    fitting = [p for p in REPORTS if not (hides_blanks(name, variant) and has_blanks(p))]
    path = fitting[VARIANTS.index((name, variant)) % len(fitting)]
    assert again(path, name, variant, read_in_process) == []


@pytest.mark.parametrize("path", REPORTS, ids=lambda p: p.stem.split("_")[0])
def test_the_comparison_sees_a_cell_that_changed(path: Path) -> None:
    record, _ = through(path.read_bytes(), path.name)
    assert differences(record, record) == [
        f"{c.address}: 'blank' in the text, 'absent' again ({c})"
        for c in record.cells
        if c.state == "absent"
    ]
    assert {a for a, v in truth_of(record).cells.items() if isinstance(v, str)} == {
        c.address for c in record.cells if c.state != "number"
    }
