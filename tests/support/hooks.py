"""Receivers of webhooks, well-behaved and not, on plain sockets of this very loop."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Request:
    """One request as it came in."""

    line: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str = SECRET) -> dict[str, Any]:
        """The body, once the signature holds."""
        return Webhook(secret).verify(self.body, self.headers)


Answer = Callable[[asyncio.StreamWriter, Request], Awaitable[None]]


@dataclass
class Hook:
    """A receiver: where it is, what it got, how it answers."""

    answer: Answer
    url: str = ""
    requests: list[Request] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [request.id for request in self.requests]

    async def got(self, number: int, within: float = 10.0) -> None:
        """Return when so many requests have come in."""
        deadline = time.monotonic() + within
        while len(self.requests) < number:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.requests)} of {number} within {within} s")
            await asyncio.sleep(0.01)


@asynccontextmanager
async def hook(answer: Answer) -> AsyncIterator[Hook]:
    """A receiver that answers in this way while the block runs."""
    found = Hook(answer)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            while True:
                request = await _read(reader)
                found.requests.append(request)
                await found.answer(writer, request)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield found
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in head[1:] if line)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers["content-length"]))
    return Request(head[0], headers, body, time.monotonic())


async def well(writer: asyncio.StreamWriter, request: Request) -> None:
    writer.write(OK)


def status(code: int, **headers: object) -> Answer:
    """Answer with this status and these headers."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())

    async def answer(writer: asyncio.StreamWriter, request: Request) -> None:
        writer.write(f"HTTP/1.1 {code} X\r\n{lines}Content-Length: 0\r\n\r\n".encode())

    return answer


async def hang(writer: asyncio.StreamWriter, request: Request) -> None:
    await asyncio.sleep(3600)


async def garbage(writer: asyncio.StreamWriter, request: Request) -> None:
    writer.write(b"\x00\xff\xfenot http at all\r\n\r\n" * 50)
    writer.close()


async def drip(writer: asyncio.StreamWriter, request: Request) -> None:
    for byte in b"HTTP/1.1 500 Slow\r\nX-Slow: " + b"x" * 10_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


async def flood(writer: asyncio.StreamWriter, request: Request) -> None:
    writer.write(b"HTTP/1.1 500 Flood\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def endless_head(writer: asyncio.StreamWriter, request: Request) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"x" * 60_000 + b"\r\n")
        await writer.drain()


async def slow_body(writer: asyncio.StreamWriter, request: Request) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.2)
