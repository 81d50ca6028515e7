"""Which of two comparisons stands, also when the clock of the bus was set back in between."""

from services.validate.core.stored import position_after

FIRST = "2026-03-01T12:00:00.000000+00:00|00000000000000000010"
EARLIER_CLOCK = "2026-03-01T11:00:00.000000+00:00|00000000000000000011"


def test_what_came_later_stands_though_the_clock_says_earlier():
    moved = position_after(EARLIER_CLOCK, FIRST)

    assert moved > FIRST
    assert position_after(EARLIER_CLOCK, moved) == moved


def test_an_old_event_that_comes_again_does_not_overtake():
    later = "2026-03-01T12:00:05.000000+00:00|00000000000000000020"

    assert position_after(FIRST, later) == FIRST < later


def test_a_bus_made_anew_counts_from_the_start_and_stands_by_its_moment():
    anew = "2026-04-01T08:00:00.000000+00:00|00000000000000000001"

    assert position_after(anew, FIRST) == anew > FIRST


def test_without_a_comparison_on_file_a_position_is_its_own():
    assert position_after(FIRST, None) == FIRST
    assert position_after("00000000000000000003", "00000000000000000009") == "00000000000000000003"
