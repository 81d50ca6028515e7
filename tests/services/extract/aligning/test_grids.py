"""Reports in grids of every shape are read exactly; what recognition damages is exact or flagged."""

import pytest

from benchmarks.scoring import Score, add_cells, add_identity, add_issues, is_exact
from services.validate.core.judging import judge
from tests.services.extract.grid_damage import DAMAGES, scanned
from tests.services.extract.grid_drafts import read_back
from tests.services.extract.grid_variants import SHAPES, shaped

SEEDS = range(3)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shape_of_the_grid_changes_no_cell_and_raises_no_alarm(shape):
    for seed in SEEDS:
        made = shaped(shape, seed)
        _, record = read_back(made.blocks())
        score = Score()
        assert add_cells(score, record, made.truth) == []
        assert add_identity(score, record, made.truth) == []
        assert add_issues(score, judge(record), made.truth) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_cells_left_empty_stay_where_they_are(shape):
    for seed in SEEDS:
        made = shaped(shape, seed, empty=True)
        _, record = read_back(made.blocks())
        assert add_cells(Score(), record, made.truth) == []


def assert_exact_or_flagged(scan):
    """Nothing wrong in silence, nobody blamed, and what is given with confidence is right."""
    _, record = read_back(scan.blocks(), recognised=(1,))
    score = Score()
    add_cells(score, record, scan.truth)
    assert (score.silent, score.invented) == (0, 0)
    assert score.exact + score.flagged == score.cells
    assert add_identity(score, record, scan.truth) == []
    assert add_issues(score, judge(record), scan.truth, damaged=True) == []
    assert not [c for c in record.cells if c.confidence >= 0.95 and c.state == "number"
                and not is_exact(c, scan.truth, c.address)]  # fmt: skip


@pytest.mark.parametrize("damage", ["clean", *DAMAGES])
def test_what_recognition_damages_is_exact_or_flagged_and_never_blamed(damage):
    for seed in SEEDS:
        assert_exact_or_flagged(scanned(damage, seed))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_bad_scan_in_any_shape_of_grid_is_exact_or_flagged(shape):
    assert_exact_or_flagged(scanned("several", 1, shape=shape))
    assert_exact_or_flagged(scanned("missing_walls", 2, shape=shape))


def test_a_column_that_titles_and_rows_leave_out_moves_no_other():
    for seed in SEEDS:
        scan = scanned("lost_column", seed)
        _, record = read_back(scan.blocks(), recognised=(1,))
        assert add_cells(Score(), record, scan.truth) == []


def test_most_confused_digits_are_put_right_by_the_sums():
    score = Score()
    for seed in SEEDS:
        scan = scanned("confused_digits", seed)
        _, record = read_back(scan.blocks(), recognised=(1,))
        add_cells(score, record, scan.truth)
    # some three in a hundred were read wrongly; table two has no sums
    assert score.exact / score.cells > 0.995


@pytest.mark.parametrize("damage", ["missing_walls", "missing_floors"])
def test_a_value_merged_in_a_digital_file_is_doubted_too(damage):
    found: set[str] = set()
    for seed in range(6):
        scan = scanned(damage, seed)
        for ink in (x for p in scan.pieces if isinstance(p, list) for x in p):
            ink.put(confidence=1.0, page=None)
        _, record = read_back(scan.blocks())
        score = Score()
        add_cells(score, record, scan.truth)
        assert score.exact + score.flagged == score.cells
        assert add_issues(score, judge(record), scan.truth, damaged=True) == []
        found |= {i.rule for i in judge(record).issues}
    assert "e_merged_value" in found
