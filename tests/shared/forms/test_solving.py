"""The solver of the form's equations: what one cell must be, and the smallest repairs of a table."""

import random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared import forms
from shared.forms.solving import Puzzle, holds, implied, solve, system
from shared.forms.solving.likeness import looks_mistyped
from shared.forms.solving.puzzle import MOST_STEPS

T3, T4 = "applications", "review_litigation"
EDITIONS = st.sampled_from(("2019", "2021"))
SEEDS = st.integers(0, 10_000)
steady = settings(
    derandomize=True, deadline=None, max_examples=60, database=None,
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip


def rows_and_columns(edition):
    block = forms.table(edition, T3).blocks[0]
    return [r.id for r in block.rows], [c.id for c in block.columns]


def balanced(edition, seed, most=400, filled=0.4):
    """A table three in which every equation holds; about so many of its outcomes are not 0."""
    chance = random.Random(seed)
    rows, columns = rows_and_columns(edition)
    values = {}
    for column in columns[:-1]:
        outcomes = [chance.randrange(most) if chance.random() < filled else 0 for _ in rows[2:-2]]
        total, out = sum(outcomes), chance.randrange(50)
        carried = min(chance.randrange(40), total + out)
        for row, value in zip(
            rows, (total + out - carried, carried, *outcomes, total, out), strict=True
        ):
            values[f"{T3}.{row}@{column}"] = value
    for row in rows:
        values[f"{T3}.{row}@total"] = sum(values[f"{T3}.{row}@{c}"] for c in columns[:-1])
    return values


def puzzle(values, edition="2021", table=T3, **more):
    net = system(edition, table)
    return Puzzle.of(net, values, net.keys, **more)


def after(values, fixes):
    changed = dict(values)
    for fix in fixes:
        changed |= {a: new for a, _, new in fix.changes}
    return changed


def broken(values, edition="2021", table=T3):
    return {e.key for e in forms.equations(edition, table) if holds(e, values.get) is False}


def test_an_equation_says_what_one_cell_must_be_unless_another_is_open():
    equation = forms.equations("2021", T4)[0]
    values = dict(zip((*equation.left, *equation.right), (4, 1, 0, 2, 7), strict=True))
    assert holds(equation, values.get)
    assert implied(equation, equation.left[0], {**values, equation.left[0]: 99}.get) == 4
    assert implied(equation, equation.right[0], values.get) == 7
    del values[equation.left[1]]
    assert holds(equation, values.get) is None
    assert implied(equation, equation.left[0], values.get) is None
    assert implied(equation, equation.left[1], values.get) == 1


@given(EDITIONS, SEEDS)
@settings(parent=steady)
def test_a_table_that_balances_has_nothing_to_solve(edition, seed):
    assert solve(puzzle(balanced(edition, seed), edition)) == []


@given(EDITIONS, SEEDS, st.integers(1, 999), st.data())
@settings(parent=steady, max_examples=120)
def test_one_wrong_cell_is_found_and_put_right(edition, seed, extra, data):
    values = balanced(edition, seed)
    address = data.draw(st.sampled_from(sorted(values)))
    wrong = {**values, address: values[address] + extra}
    (solution,) = solve(puzzle(wrong, edition))
    assert [f.changes for f in solution.fixes] == [((address, wrong[address], values[address]),)]
    assert set(solution.fixes[0].mends) == broken(wrong, edition)


@given(EDITIONS, SEEDS, st.integers(1, 400), st.integers(401, 999), st.data())
@settings(parent=steady)
def test_two_faults_in_other_rows_and_columns_are_explained_apart(edition, seed, one, two, data):
    rows, columns = rows_and_columns(edition)
    values = balanced(edition, seed)
    places = [
        f"{T3}.{r}@{c}"
        for r, c in zip(
            data.draw(st.permutations(rows[2:-2]))[:2],
            data.draw(st.permutations(columns))[:2],
            strict=True,
        )
    ]
    wrong = dict(values)
    for address, extra in zip(places, (one, two), strict=True):
        wrong[address] += extra
    solutions = solve(puzzle(wrong, edition))
    assert [len(s.fixes) for s in solutions] == [1, 1]
    assert after(wrong, [s.fixes[0] for s in solutions]) == values


@given(EDITIONS, SEEDS, st.integers(1, 9), st.integers(1, 3), st.data())
@settings(parent=steady, max_examples=120)
def test_any_few_faults_are_mended_by_no_more_cells_and_nothing_is_broken(
    edition, seed, most, faults, data
):
    values = balanced(edition, seed, most=9)
    places = data.draw(st.permutations(sorted(values)))[:faults]
    wrong = dict(values)
    for address in places:
        wrong[address] += data.draw(st.integers(1, most))
    solutions = solve(puzzle(wrong, edition))
    assert all(s.fixes for s in solutions)
    assert broken(after(wrong, [s.fixes[0] for s in solutions]), edition) == set()
    changes = [f for s in solutions for f in s.fixes[:1] if f.kind == "change"]
    assert sum(len(f.changes) for f in changes) <= faults
    assert sorted(k for s in solutions for k in s.equations) == sorted(broken(wrong, edition))


@given(EDITIONS, SEEDS, st.data())
@settings(parent=steady)
def test_figures_of_a_row_that_slid_one_column_are_one_shift(edition, seed, data):
    rows, columns = rows_and_columns(edition)
    values = balanced(edition, seed, most=90)
    row = data.draw(st.sampled_from(rows[2:-2]))
    line = [f"{T3}.{row}@{c}" for c in columns]
    # three figures of their own, and an empty cell for them to slide into
    for address, value in zip(line[:4], (131, 57, 212, 0), strict=True):
        _set(values, edition, address, value)
    wrong = dict(values)
    wrong |= dict(zip(line[:4], (0, 131, 57, 212), strict=True))
    (solution,) = solve(puzzle(wrong, edition))
    assert solution.fixes[0].kind == "shift"
    assert after(wrong, solution.fixes[:1]) == values


def _set(values, edition, address, new):
    """Put a number into an outcome and into everything that adds it up, so that all still holds."""
    row, column = address.removeprefix(f"{T3}.").split("@")
    by = new - values[address]
    for r in (row, "total", "received_new"):
        for c in (column, "total"):
            values[f"{T3}.{r}@{c}"] += by


@given(EDITIONS, SEEDS, st.data())
@settings(parent=steady)
def test_two_rows_with_each_others_figures_are_one_swap(edition, seed, data):
    _, columns = rows_and_columns(edition)
    values = balanced(edition, seed, filled=1)
    one, other = data.draw(
        st.sampled_from([("total", "carried_over_out"), ("received_new", "carried_over_out"),
                         ("granted", "total"), ("carried_over_in", "total")])
    )  # fmt: skip
    wrong = dict(values)
    for column in columns:
        here, there = f"{T3}.{one}@{column}", f"{T3}.{other}@{column}"
        wrong[here], wrong[there] = values[there], values[here]
    if broken(wrong, edition):
        (solution,) = solve(puzzle(wrong, edition))
        assert solution.fixes[0].kind == "swap"
        assert after(wrong, solution.fixes[:1]) == values


@given(EDITIONS, SEEDS, st.integers(1, 5), st.integers(501, 999))
@settings(parent=steady)
def test_neighbours_with_each_others_figures_are_one_swap(edition, seed, at, figure):
    _, columns = rows_and_columns(edition)
    values = balanced(edition, seed)
    here, there = (f"{T3}.granted@{c}" for c in (columns[at - 1], columns[at]))
    _set(values, edition, here, figure)
    _set(values, edition, there, 7)
    wrong = values | {here: 7, there: figure}
    (solution,) = solve(puzzle(wrong, edition))
    assert {f.kind for f in solution.fixes} == {"swap"}
    assert values in [after(wrong, [f]) for f in solution.fixes]


@pytest.mark.parametrize("there", ["granted@other", "partially_granted@natural_person"])
def test_a_figure_in_the_wrong_cell_is_one_move(there):
    values = balanced("2021", 4)
    here = f"{T3}.granted@natural_person"
    _set(values, "2021", here, 731)
    _set(values, "2021", f"{T3}.{there}", 0)
    wrong = {**values, here: 0, f"{T3}.{there}": 731}
    (solution,) = solve(puzzle(wrong))
    assert [f.kind for f in solution.fixes] == ["move"]
    assert after(wrong, solution.fixes) == values


def test_figures_that_slid_from_group_to_group_of_table_four_are_one_shift():
    addresses = forms.table("2021", T4).addresses
    right = (1, 2, 0, 3, 6, 2, 4, 1, 2, 9, 0, 1, 0, 0, 1)
    values = dict(zip(addresses, right, strict=True))
    wrong = values | dict(zip(addresses[3:11], (0, *right[3:10]), strict=True))
    (solution,) = solve(puzzle(wrong, table=T4))
    assert solution.fixes[0].kind == "shift"
    assert after(wrong, solution.fixes[:1]) == values


def test_groups_of_table_four_have_a_solution_each():
    values = dict.fromkeys(forms.table("2021", T4).addresses, 0)
    wrong = values | {f"{T4}.review@total": 3, f"{T4}.litigation_direct@total": 5}
    solutions = solve(puzzle(wrong, table=T4))
    assert [s.equations for s in solutions] == [("t4_sum:review",), ("t4_sum:litigation_direct",)]
    assert all(s.fixes[0].changes[0][0].endswith("@total") for s in solutions), "totals first"


def test_of_equally_small_repairs_the_one_that_looks_like_a_slip_comes_first():
    group = ("maintained", "corrected", "other", "pending", "total")
    values = dict.fromkeys(forms.table("2021", T4).addresses, 0)
    # 12 for 21 is likelier than any other wrong number, the total's included
    values |= {f"{T4}.review@{c}": v for c, v in zip(group, (103, 12, 3, 0, 127), strict=True)}
    (solution,) = solve(puzzle(values, table=T4))
    assert solution.fixes[0].changes == ((f"{T4}.review@corrected", 12, 21),)
    assert len(solution.fixes) == 5


def test_of_two_slips_of_digits_the_total_is_mended_first():
    values = dict.fromkeys(forms.table("2021", T4).addresses, 0)
    values |= {f"{T4}.review@maintained": 12, f"{T4}.review@total": 21}
    (solution,) = solve(puzzle(values, table=T4))
    assert [f.changes[0][0].split("@")[1] for f in solution.fixes[:2]] == ["total", "maintained"]


@pytest.mark.parametrize(
    ("old", "new", "mistyped"),
    [(12, 21, True), (120, 12, True), (12, 120, True), (137, 187, True), (1, 10, True),
     (12, 34, False), (3, 8, False), (0, 10, False), (123, 321, False), (100, 9, False)],
)  # fmt: skip
def test_a_slip_of_digits_is_told_from_another_number(old, new, mistyped):
    assert looks_mistyped(old, new) is mistyped


def test_no_count_becomes_negative_or_a_fraction():
    values = balanced("2021", 1)
    address = f"{T3}.granted@business"
    wrong = {**values, address: values[address] + 0.5}
    (solution,) = solve(puzzle(wrong))
    ((_, _, new),) = solution.fixes[0].changes
    assert (new, type(new)) == (values[address], int)
    group = dict.fromkeys(forms.table("2021", T4).addresses, 0)
    group |= {f"{T4}.review@maintained": 5, f"{T4}.review@total": 3}
    (solution,) = solve(puzzle(group, table=T4))
    # the other parts would have to be -2
    assert [f.changes[0][0] for f in solution.fixes] == [
        f"{T4}.review@total", f"{T4}.review@maintained",
    ]  # fmt: skip


def test_equations_with_unknown_cells_are_left_out():
    values = balanced("2021", 2)
    wrong = {**values, f"{T3}.granted@business": values[f"{T3}.granted@business"] + 5}
    del wrong[f"{T3}.denied.state_secret@business"]
    (solution,) = solve(puzzle(wrong))
    assert solution.equations == ("t3_row_total:granted",)


def test_only_the_readings_that_are_open_are_chosen_from():
    values = balanced("2021", 2)
    one, other = f"{T3}.granted@business", f"{T3}.granted@research"
    wrong = {**values, one: values[one] + 5, other: values[other] + 9}
    options = {one: (values[one], 77), other: (values[other],)}
    solutions = solve(puzzle(wrong, options=options))
    assert after(wrong, [s.fixes[0] for s in solutions]) == values
    (unsolved,) = solve(puzzle(wrong, options={one: (values[one],), other: (78,)}))
    assert unsolved.fixes == ()


@given(EDITIONS, SEEDS, st.integers(4, 175), st.integers(1, 9))
@settings(parent=steady, max_examples=150)
def test_the_work_is_bounded_whatever_the_table_holds(edition, seed, faults, most):
    chance = random.Random(seed)
    wrong = balanced(edition, seed, most=9)
    for address in chance.sample(sorted(wrong), min(faults, len(wrong))):
        wrong[address] = max(0, wrong[address] + chance.randint(-most, most))
    asked = puzzle(wrong, edition)
    solutions = solve(asked)
    assert asked.steps <= MOST_STEPS
    for fix in (f for s in solutions for f in s.fixes):
        remain = broken(after(wrong, [fix]), edition)
        assert remain.isdisjoint(fix.mends)
        assert remain <= broken(wrong, edition)


def test_a_table_in_which_everything_is_broken_is_given_up_without_a_try():
    values = balanced("2021", 3)
    wrong = {a: v + n * n for n, (a, v) in enumerate(values.items())}
    asked = puzzle(wrong)
    assert len(asked.broken) == 39
    (solution,) = solve(asked)
    assert (solution.fixes, asked.steps) == ((), 0)


def test_a_fault_that_stands_for_itself_is_told_among_more_than_can_be_mended():
    values = balanced("2021", 3)
    places = [f"{T3}.{r}@{c}" for r, c in (
        ("granted", "business"), ("denied.third_party", "other"), ("received_new", "research"),
        ("total", "nonprofit"), ("carried_over_out", "natural_person"))]  # fmt: skip
    wrong = dict(values)
    for n, address in enumerate(places):
        wrong[address] += 101 + 10 * n
    solutions = solve(puzzle(wrong))
    assert after(wrong, [s.fixes[0] for s in solutions]) == values
    assert len(solutions) == 5


def test_faults_that_could_be_crossed_are_not_told_apart_even_among_many():
    values = balanced("2021", 3)
    wrong = dict(values)
    for n, address in enumerate(("denied.third_party@other", "received_new@research",
                                 "total@nonprofit", "carried_over_out@legal_service")):  # fmt: skip
        wrong[f"{T3}.{address}"] += 101 + 10 * n
    for row, column in (("granted", "business"), ("partially_granted", "natural_person"),
                        ("granted", "natural_person"), ("partially_granted", "business")):  # fmt: skip
        _set(values, "2021", f"{T3}.{row}@{column}", 40)
    wrong = values | {a: values[a] + wrong[a] - v for a, v in balanced("2021", 3).items()}
    crossed = [f"{T3}.granted@business", f"{T3}.partially_granted@natural_person"]
    wrong |= {a: values[a] + 7 for a in crossed}
    solutions = solve(puzzle(wrong))
    (open_,) = (s for s in solutions if "t3_row_total:granted" in s.equations)
    assert [len(f.changes) for f in open_.fixes] == [2, 2]
    assert sorted(len(s.fixes) for s in solutions) == [1, 1, 1, 1, 2]


def test_the_search_stops_when_it_has_tried_enough(monkeypatch):
    values = balanced("2021", 3)
    wrong = dict(values)
    for column, extra in (("business", 3), ("other", 5)):
        for c in (column, "total"):
            wrong[f"{T3}.carried_over_out@{c}"] += extra
    free = puzzle(wrong)
    assert solve(free)[0].fixes
    monkeypatch.setattr("shared.forms.solving.puzzle.MOST_STEPS", 5)
    bounded = puzzle(wrong)
    solve(bounded)
    assert bounded.steps == 5 < free.steps


def test_the_same_table_is_solved_the_same_way():
    values = balanced("2021", 8)
    for address in sorted(values)[::31]:
        values[address] += 4
    assert solve(puzzle(values)) == solve(puzzle(dict(reversed(values.items()))))
