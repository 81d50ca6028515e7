"""Several servers, and what a connection does while they are busy with themselves."""

import time

import pytest
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import APIError, ServiceUnavailableError

from shared.errors import Unavailable
from shared.runtime.connections.servers import keeping
from shared.runtime.messages import pulling
from shared.runtime.messages.pulling import CalmPull
from shared.runtime.streams import topology


def test_one_of_several_silent_servers_is_left_within_ten_seconds():
    quick, patient = keeping(["nats://a", "nats://b"]), keeping(["nats://a"])

    assert quick["ping_interval"] * (quick["max_outstanding_pings"] + 1) < 10
    assert patient["ping_interval"] > quick["ping_interval"]


class Pull:
    """A subscription that answers at once."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def fetch(self, **_: object) -> object:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_a_fetch_that_nobody_answers_takes_no_processor(monkeypatch):
    monkeypatch.setattr(pulling, "_PAUSE", 0.1)
    began = time.monotonic()

    with pytest.raises(NatsTimeoutError):
        await CalmPull(Pull(ServiceUnavailableError())).fetch()

    assert time.monotonic() - began >= 0.1


async def test_a_fetch_that_finds_something_is_not_delayed():
    began = time.monotonic()

    assert await CalmPull(Pull(["message"])).fetch() == ["message"]
    assert time.monotonic() - began < 0.05


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (APIError(code=503, err_code=10008, description="temporarily unavailable"), True),
        (APIError(code=400, err_code=10005, description="no suitable peers"), True),
        (NatsTimeoutError(), True),
        (APIError(code=500, err_code=10047, description="insufficient storage"), False),
        (APIError(code=500, err_code=10074, description="replicas > 1 not supported"), False),
    ],
)
async def test_a_cluster_that_forms_is_waited_for_and_a_refusal_is_told(error, waits):
    class Refusing:
        async def add_consumer(self, *_: object) -> None:
            raise error

    with pytest.raises(Unavailable) as met:
        await topology.provide(Refusing(), [topology.EXTRACT], ack_wait=topology.WINDOW, replicas=3)

    assert isinstance(met.value, topology.NotReady) is waits
