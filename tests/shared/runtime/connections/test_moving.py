"""A connection that is moved in the middle of a message."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.runtime.connections.connecting import Access, connect
from shared.runtime.connections.moving import move

BODY = b'{"whole": "' + 3000 * b"a" + b'"}'


class Halves:
    """A bus that sends half a message on its first connection and the whole one on the next."""

    def __init__(self) -> None:
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        message = b"MSG told 1 %d\r\n%s\r\n" % (len(BODY), BODY)
        writer.write(b'INFO {"server_id": "X", "version": "2.12.0", "max_payload": 1048576}\r\n')
        while line := await reader.readline():
            if line.startswith(b"PING"):
                writer.write(b"PONG\r\n")
            elif line.startswith(b"SUB told"):
                writer.write(message[:1000] if self.connections == 1 else message)
        writer.close()


@asynccontextmanager
async def halves() -> AsyncIterator[str]:
    bus = Halves()
    server = await asyncio.start_server(bus.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"nats://127.0.0.1:{port}"


async def test_half_a_message_of_the_server_left_is_not_filled_up_with_words_of_the_next():
    async with halves() as url:
        client = await connect(Access((url,), inbox="_INBOX"))
        read = client._transport.read

        async def read_and_leave(size: int) -> bytes:
            """Leave between the reading of bytes and the parsing of them, as another task may."""
            found = await read(size)
            if found.startswith(b"MSG"):
                await move(client)
            return found

        client._transport.read = read_and_leave
        told = await client.subscribe("told")

        message = await told.next_msg(timeout=10)

        assert message.data == BODY
        await client.close()
