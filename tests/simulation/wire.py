"""A connection to the made-up server: what nats-py's JetStream and messages ask of a client, with what a network does to it."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any, NamedTuple

from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext

from shared.runtime.streams.topology import HANDBACK_SUBJECT
from tests.simulation.jetstream import Durable, Headers, Server, Stored, Stream, matches

_CREATED = "2025-01-01T00:00:00Z"


@dataclass(slots=True)
class Weather:
    """How bad the network is: chances per message, and the longest usual delay in seconds."""

    delay: float = 0.01
    request_lost: float = 0.0
    answer_lost: float = 0.0
    delivery_lost: float = 0.0
    late: float = 0.0


class _Sent(NamedTuple):
    subject: str
    payload: bytes
    headers: Headers
    answer: "asyncio.Future[tuple[bytes, Headers]] | None"


class _Ids:
    """Object ids that follow from the seed."""

    def __init__(self, name: str) -> None:
        self._name, self._numbers = name, count(1)

    def next(self) -> bytearray:
        return bytearray(f"{self._name}{next(self._numbers):06d}".encode())


class Client:
    """One process's connection. `turn` returns when the process may go on; it raises when it is gone."""

    def __init__(
        self,
        server: Server,
        rng: Random,
        weather: Weather,
        name: str,
        turn: Callable[[], Awaitable[None]],
    ) -> None:
        self.server, self.rng, self.weather, self.name = server, rng, weather, name
        self.turn = turn
        self.connected = not server.down
        self.counts: dict[str, int] = {}
        self._back = asyncio.Event()
        self._epoch = 0
        self._last = 0.0
        self._buffer: list[_Sent] = []
        self._nuid = _Ids(name)
        self._pulls: dict[asyncio.Future[Any], None] = {}

    def jetstream(self, **options: Any) -> JetStreamContext:
        return JetStreamContext(self, **options)

    async def publish(
        self, subject: str, payload: bytes = b"", reply: str = "", headers: Headers | None = None
    ) -> None:
        await self.turn()
        self._send(_Sent(subject, bytes(payload), dict(headers or {}), None))

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = 0.5,
        headers: Headers | None = None,
        **_: Any,
    ) -> Msg:
        await self.turn()
        answer = asyncio.get_running_loop().create_future()
        self._send(_Sent(subject, bytes(payload), dict(headers or {}), answer))
        try:
            data, found = await asyncio.wait_for(answer, timeout)
        except TimeoutError as error:
            await self.turn()
            raise NatsTimeoutError from error
        await self.turn()
        if found.get("Status") == "503":
            raise NoRespondersError
        return Msg(self, data=data, headers=found)

    async def flush(self, timeout: float = 10) -> None:
        await asyncio.sleep(self.weather.delay)
        await self.turn()

    async def next(self, durable: Durable) -> Msg:
        """Return the next message for one of this process's loops."""
        while True:
            while not self.connected:
                self._back.clear()
                await self._back.wait()
            epoch = self._epoch
            pull = durable.pull()
            self._pulls[pull] = None
            try:
                stored, delivered = await pull
            except ConnectionError:
                continue
            finally:
                self._pulls.pop(pull, None)
            await asyncio.sleep(self._delay())
            await self.turn()
            if epoch != self._epoch or self._chance("delivery_lost"):
                continue
            return self._message(durable, stored, delivered)

    def cut(self) -> None:
        """Lose the connection and all that is on its way in either direction."""
        self.connected = False
        self._epoch += 1
        for pull in self._pulls:
            # now and then the server notices too late and delivers into nothing
            if not pull.done() and self.rng.random() < 0.95:
                pull.set_exception(ConnectionError())

    def reconnect(self) -> None:
        if self.connected or self.server.down:
            return
        self.connected = True
        self._back.set()
        buffered, self._buffer = self._buffer, []
        for sent in buffered:
            self._send(sent)

    def _message(self, durable: Durable, stored: Stored, delivered: int) -> Msg:
        nanoseconds = int(stored.at * 1e6) * 1000
        reply = f"$JS.ACK.{durable.stream.name}.{durable.name}.{delivered}.{stored.sequence}.1.{nanoseconds}.0"
        return Msg(self, stored.subject, reply, stored.data, dict(stored.headers))

    def _chance(self, name: str) -> bool:
        chance: float = getattr(self.weather, name)
        if not chance or self.rng.random() >= chance:
            return False
        self.counts[name] = self.counts.get(name, 0) + 1
        return True

    def _delay(self) -> float:
        return (
            self.rng.uniform(5.0, 45.0)
            if self._chance("late")
            else self.rng.random() * self.weather.delay
        )

    def _send(self, sent: _Sent) -> None:
        if not self.connected:
            self._buffer.append(sent)
            return
        loop = asyncio.get_running_loop()
        # one connection keeps its order
        self._last = max(self._last, loop.time() + self.rng.random() * self.weather.delay)
        # what nobody answers is lost only with its connection
        if sent.subject.startswith(HANDBACK_SUBJECT) or not self._chance("request_lost"):
            loop.call_at(self._last, self._arrive, self._epoch, sent)

    def _arrive(self, epoch: int, sent: _Sent) -> None:
        if epoch != self._epoch or self.server.down:
            return
        answer = take(self.server, sent)
        if answer is None or sent.answer is None or self._chance("answer_lost"):
            return
        asyncio.get_running_loop().call_later(
            self._delay(), self._answered, epoch, sent.answer, answer
        )

    def _answered(
        self, epoch: int, waiting: "asyncio.Future[Any]", answer: tuple[bytes, Headers]
    ) -> None:
        if epoch == self._epoch and not waiting.done():
            waiting.set_result(answer)


def take(server: Server, sent: _Sent) -> tuple[bytes, Headers] | None:
    """Do at the server what a message asks for; return the answer, None where there is none."""
    subject = sent.subject
    if subject.startswith("$JS.ACK."):
        parts = subject.split(".")
        verb, _, told = (sent.payload or b"+ACK").partition(b" ")
        server.settle(
            parts[3], int(parts[5]), verb, json.loads(told)["delay"] / 1e9 if told else 0.0
        )
        return None
    if subject.startswith("$JS.API."):
        return _api(server, subject.removeprefix("$JS.API."), sent)
    stream = server.stream_of(subject)
    if stream is None:
        return b"", {"Status": "503"}
    return _published(server, stream, sent)


def _published(server: Server, stream: Stream, sent: _Sent) -> tuple[bytes, Headers] | None:
    if stream.mute:
        return None
    expected = sent.headers.get("Nats-Expected-Stream", stream.name)
    if expected != stream.name:
        return _error(400, 10060, "expected stream does not match")
    try:
        sequence, doubled = server.store(stream, sent.subject, sent.headers, sent.payload)
    except OverflowError:
        return _error(503, 10077, "maximum bytes exceeded")
    told: dict[str, Any] = {"stream": stream.name, "seq": sequence}
    return json.dumps(told | ({"duplicate": True} if doubled else {})).encode(), {}


def _api(server: Server, asked: str, sent: _Sent) -> tuple[bytes, Headers]:
    if asked.startswith("DIRECT.GET."):
        stream = server.streams[asked.split(".")[2]]
        subject = ".".join(asked.split(".")[3:])
        found = _found(
            stream, json.loads(sent.payload) if sent.payload else {"last_by_subj": subject}
        )
        if found is None:
            return b"", {"Status": "404", "Description": "Message Not Found"}
        place = {
            "Nats-Subject": found.subject,
            "Nats-Sequence": str(found.sequence),
            "Nats-Stream": stream.name,
        }
        return found.data, found.headers | place
    verb, _, name = asked.rpartition(".")
    request = json.loads(sent.payload or b"{}")
    if verb.startswith("CONSUMER.INFO"):
        return json.dumps(_consumer(server.durables[name])).encode(), {}
    stream = server.streams[name]
    if verb == "CONSUMER.LIST":
        held = [_consumer(d) for d in server.durables.values() if d.stream is stream]
        listed = {"total": len(held), "offset": 0, "limit": 256, "consumers": held}
        return json.dumps(listed).encode(), {}
    if verb == "STREAM.INFO":
        return json.dumps(_stream(stream, request.get("subjects_filter"))).encode(), {}
    if verb == "STREAM.PURGE":
        return json.dumps({"success": True, "purged": _purge(stream, request)}).encode(), {}
    if verb == "STREAM.MSG.DELETE":
        there = stream.drop(request["seq"])
        return (
            (json.dumps({"success": True}).encode(), {})
            if there
            else _error(404, 10043, "no message found")
        )
    assert verb == "STREAM.MSG.GET", asked
    found = _found(stream, request)
    return (
        _error(404, 10037, "no message found")
        if found is None
        else (json.dumps(_whole(found)).encode(), {})
    )


def _error(code: int, err_code: int, description: str) -> tuple[bytes, Headers]:
    return json.dumps(
        {"error": {"code": code, "err_code": err_code, "description": description}}
    ).encode(), {}


def _found(stream: Stream, request: dict[str, Any]) -> Stored | None:
    if "last_by_subj" in request:
        wanted = request["last_by_subj"]
        return next(
            (m for m in reversed(stream.messages.values()) if matches(wanted, m.subject)), None
        )
    if "next_by_subj" in request:
        wanted, start = request["next_by_subj"], request.get("seq") or 1
        return next(
            (
                m
                for m in stream.messages.values()
                if m.sequence >= start and matches(wanted, m.subject)
            ),
            None,
        )
    return stream.messages.get(request["seq"])


def _whole(found: Stored) -> dict[str, Any]:
    message: dict[str, Any] = {"subject": found.subject, "seq": found.sequence, "time": _CREATED}
    message["data"] = base64.b64encode(found.data).decode()
    if found.headers:
        lines = "".join(f"{name}: {value}\r\n" for name, value in found.headers.items())
        message["hdrs"] = base64.b64encode(f"NATS/1.0\r\n{lines}\r\n".encode()).decode()
    return {"message": message}


def _purge(stream: Stream, request: dict[str, Any]) -> int:
    before, wanted = request.get("seq"), request.get("filter")
    gone = [
        m.sequence
        for m in stream.messages.values()
        if (before is None or m.sequence < before)
        and (wanted is None or matches(wanted, m.subject))
    ]
    return sum(map(stream.drop, gone))


def _stream(stream: Stream, subjects_filter: str | None) -> dict[str, Any]:
    state: dict[str, Any] = {
        "messages": len(stream.messages), "bytes": stream.size, "first_seq": stream.first,
        "last_seq": stream.last, "consumer_count": 0,
    }  # fmt: skip
    if subjects_filter is not None:
        subjects = [
            m.subject for m in stream.messages.values() if matches(subjects_filter, m.subject)
        ]
        state["subjects"] = {s: subjects.count(s) for s in dict.fromkeys(subjects)}
    config = {"name": stream.name, "subjects": list(stream.subjects), "max_bytes": stream.limit}
    return {"config": config, "state": state, "created": _CREATED}


def _consumer(durable: Durable) -> dict[str, Any]:
    return {
        "name": durable.name, "stream_name": durable.stream.name, "created": _CREATED,
        "config": {"durable_name": durable.name},
        "delivered": {"consumer_seq": 0, "stream_seq": durable.reached},
        "ack_floor": {"consumer_seq": 0, "stream_seq": durable.floor},
        "num_ack_pending": len(durable.held) + len(durable.again),
        "num_pending": 0 if durable._next_new() is None else 1,
    }  # fmt: skip
