"""Plain text and Markdown; `benchmarks.accuracy` measures all their layouts, here stand the usual ones."""

from random import Random

from tests.support.render import Quirks
from tests.support.render import render as print_text
from tests.support.truth import Truth

VARIANTS = ("tabs_grid", "cell_per_line", "pipes_both", "markdown")
"""Layouts that show an empty cell as a cell."""


def render(truth: Truth, rng: Random, variant: str) -> bytes:
    """Return the report as a text file in one of the encodings met in life."""
    return print_text(truth, variant, rng, with_quirks=Quirks()).data
