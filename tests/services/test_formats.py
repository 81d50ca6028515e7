"""A slice of the corpus in every format: what `make accuracy` measures at length, held on every run."""

from random import Random

import pytest

from benchmarks import bars
from benchmarks.formats import run
from benchmarks.reading_path import read_in_process
from tests.support.corpus import FLAVOURS, SLOW, Wish, planted, renderers, report, wishes

DIGITAL = [(n, v) for n, r in renderers().items() if n not in SLOW for v in r.VARIANTS]


def held(slice_: list[Wish]) -> None:
    """Hold all bars on a few files: of so few, not one value may be wrong without a flag."""
    found = run(slice_, read_in_process)
    misses = found.everything.misses
    assert bars.missed(found) == [], misses
    assert not found.everything.silent + found.everything.invented, misses


@pytest.mark.parametrize(("name", "variant"), DIGITAL)
def test_a_digital_file_is_read_cell_by_cell_in_every_format(name: str, variant: str) -> None:
    offered = list(wishes(name, variant, 10))
    held([offered[0], offered[Random(f"{name}/{variant}").randrange(1, 10)]])


@pytest.mark.system
@pytest.mark.parametrize(("name", "variant"), [("exported", "word_pdf"), ("office", "doc")])
def test_what_other_programs_write_is_read_cell_by_cell(name: str, variant: str) -> None:
    held(list(wishes(name, variant, 1)))


def test_a_scan_is_read_cell_by_cell_or_says_what_is_unsure() -> None:
    held(list(wishes("scan", "jpeg150", 1)))


@pytest.mark.parametrize(("name", "variant"), DIGITAL)
def test_the_same_specimen_is_made_of_the_same_bytes(name: str, variant: str) -> None:
    wish = next(wishes(name, variant, 1))
    assert wish.make().data == wish.make().data


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_flavour_says_what_it_is_and_keeps_the_report_of_its_seed(flavour: str) -> None:
    truth, _ = planted(flavour, 7)
    again, _ = planted(flavour, 7)
    assert truth == again
    kind = flavour.partition(":")[0]
    assert bool(truth.expected) == (kind == "fault" or flavour.endswith("table_four"))
    assert (truth == report(7)) == (kind in ("clean", "cut", "disguised"))


def test_half_of_the_files_of_a_variant_are_clean_and_all_flavours_have_their_turn() -> None:
    many = list(wishes("text", "markdown", 1000))
    assert sum(w.flavour == "clean" for w in many) == 500
    assert {w.flavour for w in many} == set(FLAVOURS)
    assert many == list(wishes("text", "markdown", 1000))
    assert Wish("text", "markdown", "clean", 41) in wishes("text", "markdown", 3, seed=41)
