"""Publishing goes on elsewhere where a server confirms nothing, and stays where a stream elects."""

from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import APIError, NoStreamResponseError

from shared.runtime.clock import SystemClock
from shared.runtime.connections.moving import Mover
from shared.runtime.messages import outlet
from shared.runtime.messages.outlet import Outlet
from tests.support.bus import received

SILENT, LEADERLESS = NatsTimeoutError, NoStreamResponseError


class Line:
    """An outlet to a bus that answers as told, then stores; counts moves and message ids."""

    def __init__(self, *answers: type[Exception] | Exception) -> None:
        self.answers, self.ids, self.moves = list(answers), set(), 0
        self.outlet = Outlet(
            "toy", send=self._send, clock=SystemClock(), inline_bytes=1 << 20, patience=30
        )
        self.outlet.leave = self._leave

    async def _send(self, subject: str, body: bytes, headers: dict[str, str], stream: str) -> None:
        self.ids.add(headers["Nats-Msg-Id"])
        if self.answers:
            raise self.answers.pop(0)

    async def _leave(self) -> None:
        self.moves += 1


async def test_two_attempts_without_any_answer_leave_the_server_and_keep_the_id():
    line = Line(SILENT, SILENT, SILENT)

    await line.outlet.publish(received("a"))

    assert line.moves == 1
    assert len(line.ids) == 1


async def test_a_leader_that_cannot_get_a_message_confirmed_is_left():
    line = Line(SILENT, APIError(code=409, err_code=10158, description="in process"))

    await line.outlet.publish(received("a"))

    assert line.moves == 1


async def test_a_stream_that_stays_without_a_leader_here_is_looked_for_elsewhere(monkeypatch):
    monkeypatch.setattr(outlet, "_ELECTED_WITHIN", 0.2)
    line = Line(*[LEADERLESS] * 3)

    await line.outlet.publish(received("a"))

    assert line.moves >= 1


async def test_a_stream_that_elects_is_waited_for():
    line = Line(SILENT, LEADERLESS, LEADERLESS, SILENT, LEADERLESS)

    await line.outlet.publish(received("a"))

    assert line.moves == 0
    assert len(line.ids) == 1


class Client:
    moves = 0

    async def force_reconnect(self) -> None:
        self.moves += 1


async def test_many_that_find_a_server_silent_move_once_and_from_the_only_server_nobody():
    several, alone = Client(), Client()
    away, stay = Mover(several, ["nats://a", "nats://b"]), Mover(alone, ["nats://a"])

    for _ in range(5):
        await away()
        await stay()

    assert (several.moves, alone.moves) == (1, 0)
