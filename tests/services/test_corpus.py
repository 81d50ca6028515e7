"""The made-up reports are what they claim to be: balanced when clean, wrong exactly where planted."""

from pathlib import Path
from random import Random

import pytest

from benchmarks.make_examples import examples
from benchmarks.scoring import Score, add_cells
from services.extract.core.extraction import extract
from services.normalize.core.reading import read_document
from shared import forms
from tests.support.consequences import broken_equations
from tests.support.damage import DAMAGES
from tests.support.faults import FAULTS
from tests.support.fill import fill
from tests.support.render import LAYOUTS, Quirks, render

EXAMPLES = Path(__file__).parents[2] / "examples"
SEEDS = range(60)


def test_every_clean_report_satisfies_all_equations_of_its_form() -> None:
    for seed in SEEDS:
        truth = fill(seed)
        count = sum(len(forms.equations(e, t)) for t, e in truth.templates.items())
        assert count == {"2019": 40, "2021": 42}[truth.edition]
        assert broken_equations(truth) == set()


def test_the_same_seed_gives_the_same_bytes() -> None:
    for seed in SEEDS:
        layout = LAYOUTS[seed % len(LAYOUTS)]
        first, second = (render(fill(seed), layout, Random(seed)).data for _ in range(2))
        assert first == second


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_finds_reports_to_bite_on_and_says_what_must_be_found(name: str) -> None:
    bitten = [t for s in SEEDS if (t := FAULTS[name](fill(s), Random(s))) is not None]
    assert len(bitten) >= 3
    assert all(t.expected for t in bitten)


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_changes_the_text_of_most_reports(name: str) -> None:
    plain = {s: render(fill(s), "tabs_grid", Random(s), with_quirks=Quirks()).text for s in SEEDS}
    changed = [s for s in SEEDS if DAMAGES[name](fill(s), Random(s)).text != plain[s]]
    assert len(changed) >= (5 if name == "split_row" else 50)


def test_the_measure_notices_a_wrong_cell() -> None:
    report = render(fill(3), "tabs_grid", Random(3), with_quirks=Quirks(), encoding="utf-8")
    record = extract(read_document(report.data, "x.txt"), document_id="0" * 64, file="x.txt")
    right, wrong = Score(), Score()
    assert add_cells(right, record, report.truth) == []
    address = "applications.granted@business"
    differs = report.truth.with_cells({address: report.truth.number(address) + 1})
    assert [line.split(":")[0] for line in add_cells(wrong, record, differs)] == [address]
    assert (right.silent, wrong.silent) == (0, 1)


def test_the_example_files_are_those_the_generator_writes() -> None:
    for name, data in examples().items():
        assert (EXAMPLES / name).read_bytes() == data, name
