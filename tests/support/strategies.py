"""Hypothesis strategies for reports: clean, damaged, changed in one cell, and any text at all."""

from random import Random

from hypothesis import strategies as st

from tests.support.damage import DAMAGES
from tests.support.fill import fill
from tests.support.render import LAYOUTS, Quirks, Rendered, render
from tests.support.truth import Truth

SEEDS = st.integers(0, 10**6)
KINDS = st.sampled_from(("zero", "quiet", "small", "busy", "rollup"))


def truths() -> st.SearchStrategy[Truth]:
    """Any clean report."""
    return st.builds(lambda seed, kind: fill(seed, kind=kind), SEEDS, KINDS)


def printed(layout: str) -> st.SearchStrategy[Rendered]:
    """Any clean report in one layout, with quirks and encodings."""
    return st.builds(lambda truth, seed: render(truth, layout, Random(seed)), truths(), SEEDS)


def damaged(kind: str) -> st.SearchStrategy[Rendered]:
    """Any report with one kind of damage."""
    return st.builds(lambda truth, seed: DAMAGES[kind](truth, Random(seed)), truths(), SEEDS)


@st.composite
def one_cell_changed(draw: st.DrawFn) -> tuple[Rendered, Truth, str]:
    """A report that was clean until one cell of table three or four grew; its truth and the cell."""
    truth = draw(truths())
    cells = [a for a in truth.cells if not a.startswith("active_disclosure")]
    address = draw(st.sampled_from(cells))
    changed = truth.with_cells({address: truth.number(address) + draw(st.integers(1, 30))})
    seed = draw(SEEDS)
    layout = draw(st.sampled_from(("tabs_grid", "cell_per_line", "pipes_both", "markdown")))
    report = render(changed, layout, Random(seed), with_quirks=Quirks(), encoding="utf-8")
    return report, changed, address


@st.composite
def any_text(draw: st.DrawFn) -> str:
    """Any text: noise, or the lines of a report lost, doubled and shuffled with noise."""
    if draw(st.booleans()):
        return draw(st.text(max_size=300))
    report = render(fill(draw(SEEDS)), draw(st.sampled_from(LAYOUTS)), Random(draw(SEEDS)))
    lines = report.text.split("\n")
    rng = Random(draw(SEEDS))
    kept = [line for line in lines for _ in range(rng.choice((0, 1, 1, 1, 2)))]
    for _ in range(draw(st.integers(0, 6))):
        kept.insert(rng.randrange(len(kept) + 1), draw(st.text(max_size=20)))
    if draw(st.booleans()):
        rng.shuffle(kept)
    return "\n".join(kept)
