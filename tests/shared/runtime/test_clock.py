"""Moments that follow one another, whatever is done to the machine's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.runtime.clock import SteadyClock

NOON = datetime(2026, 2, 28, 12, 0, tzinfo=UTC)


class Set:
    """A clock that shows what it is told."""

    def __init__(self, *moments):
        self.moments = list(moments)

    def now(self):
        return self.moments.pop(0)


@pytest.mark.parametrize(
    "back", [timedelta(0), timedelta(seconds=1), timedelta(hours=1), timedelta(hours=23)]
)
def test_a_clock_that_is_set_back_still_goes_forward(back):
    clock = SteadyClock(Set(NOON, NOON - back, NOON - back, NOON + timedelta(minutes=1)))

    told = [clock.now() for _ in range(4)]

    assert told == sorted(set(told))
    assert told[2] - told[0] < timedelta(seconds=1)
    assert told[3] == NOON + timedelta(minutes=1)


def test_a_clock_that_was_years_ahead_is_believed_again_once_it_is_right():
    clock = SteadyClock(Set(NOON + timedelta(days=3650), NOON))

    clock.now()

    assert clock.now() == NOON


def test_a_new_run_goes_on_after_the_last_moment_of_the_one_before():
    clock = SteadyClock(Set(NOON))
    clock.not_before(NOON + timedelta(hours=1))

    assert clock.now() > NOON + timedelta(hours=1)


def test_the_hour_that_summer_time_repeats_is_no_hour_twice():
    # moments are UTC: local clocks may do what they like, also on leap days
    berlin = [
        datetime.fromisoformat(t)
        for t in ("2026-10-25T02:59:59+02:00", "2026-10-25T02:00:00+01:00")
    ]
    clock = SteadyClock(Set(*(moment.astimezone(UTC) for moment in berlin)))

    first, second = clock.now(), clock.now()

    assert second - first == timedelta(seconds=1)
