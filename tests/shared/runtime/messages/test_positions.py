"""Where a message stands must sort by its count, whatever the clock of the bus says."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from shared.runtime.messages.delivery import Delivery, current
from shared.runtime.messages.positions import Positions

MADE = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)


class Bus:
    def __init__(self, made):
        self.made = made

    async def stream_info(self, _stream):
        return SimpleNamespace(created=self.made)


async def position(sequence, made=MADE):
    positions = Positions(lambda: Bus(made), "REPORTS")
    await positions.open()
    token = current.set(Delivery("s", "REPORTS", "validate-beside", sequence, 1, 0.0))
    try:
        return positions()
    finally:
        current.reset(token)


async def test_a_later_message_stands_later_whatever_the_clock_said_of_it():
    assert await position(9) < await position(10)


async def test_a_stream_that_was_made_anew_stands_after_the_one_before():
    assert await position(90_000) < await position(1, made=MADE.replace(hour=9))


async def test_positions_of_earlier_versions_stand_before():
    assert await position(1) > "2031-01-01T00:00:00.000000+00:00|00000000000000000007"


async def test_outside_of_a_message_there_is_no_position():
    positions = Positions(lambda: Bus(MADE), "REPORTS")
    await positions.open()

    with pytest.raises(LookupError):
        positions()
