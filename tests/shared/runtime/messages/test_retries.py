"""How long gouji tries."""

from shared.runtime.messages.retries import Patience
from shared.runtime.settings import Settings

PATIENCE = Patience.of(Settings())


def test_delays_grow_and_are_bounded():
    spans = [(PATIENCE.delay(n), 4.0 ** (n - 1)) for n in range(1, 4)]

    assert all(0.8 * middle <= delay <= 1.2 * middle for delay, middle in spans)
    assert all(48 <= PATIENCE.delay(n) <= 72 for n in (4, 9, 10_000))


def test_three_heartbeats_fit_into_one_ack_wait():
    assert PATIENCE.heartbeat == 10.0
