"""Every kind of web page: what was filled in is what is read back."""

from collections import Counter
from random import Random

import pytest
from selectolax.lexbor import LexborHTMLParser

from benchmarks.scoring import Score, add_cells, add_figures, add_identity, add_issues
from services.extract.core.extraction import extract
from services.normalize.core.decoding import decode
from services.normalize.core.reading import read_document
from services.validate.core.judging import judge
from tests.services.normalize.reading import found
from tests.support.fill import fill
from tests.support.formats.html import VARIANTS, render

SEEDS = (3, 14, 25)


def page_of(seed: int, variant: str) -> bytes:
    return render(fill(seed), Random(f"{variant} {seed}"), variant)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_report_is_read_back_cell_by_cell_with_who_and_when(variant, seed):
    truth = fill(seed)
    document = read_document(page_of(seed, variant), "report.html")
    record = extract(document, document_id="0" * 64, file="report.html")
    score = Score()
    wrong = add_cells(score, record, truth) + add_identity(score, record, truth)
    wrong += add_figures(score, record, truth) + add_issues(score, judge(record), truth)
    assert wrong == []
    assert score.cells == score.exact == len(truth.cells)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_seed_gives_the_same_page(variant):
    assert page_of(5, variant) == page_of(5, variant)


@pytest.mark.parametrize("variant", [v for v in VARIANTS if v != "mhtml"])
def test_nothing_that_a_page_says_vanishes(variant):
    data = page_of(7, variant)
    parser = LexborHTMLParser(decode(data, "report.html").text)
    parser.strip_tags(["script", "style", "noscript"])
    shown = Counter(c for c in parser.body.text() if c.isalnum())
    kept = found(read_document(data, "report.html"))
    assert {c: n for c, n in shown.items() if kept[c] < n} == {}
