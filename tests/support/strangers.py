"""Messages as nobody of ours writes them: any bytes as subject, headers and body, over a bare socket."""

import asyncio
import json
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from tests.support.bus import MOMENT

GOOD_ID = "ab" * 32


async def send(url: str, messages: list[tuple[bytes, bytes, bytes]]) -> list[str]:
    """Publish (subject, header block, body) as they are; return what the server complains about."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    await reader.readline()
    writer.write(b'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n')
    for subject, headers, body in messages:
        size = len(headers)
        writer.write(
            b"HPUB %s %d %d\r\n%s%s\r\n" % (subject, size, size + len(body), headers, body)
        )
    complaints: list[str] = []
    writer.write(b"PING\r\n")
    try:
        while (line := await asyncio.wait_for(reader.readline(), 30)) and line != b"PONG\r\n":
            if line.startswith(b"-ERR"):
                complaints.append(line.decode().strip())
    except ConnectionError:
        complaints.append("the connection was closed")
    writer.close()
    return complaints


def block(
    headers: Mapping[str, str] | None = None, *, raw: bytes = b"", status: bytes = b""
) -> bytes:
    """Return a header block, its first line with a status if one is given."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items()).encode()
    return b"NATS/1.0" + status + b"\r\n" + lines + raw + b"\r\n"


def base(**fields: object) -> dict[str, object]:
    """Return the fields that all events have."""
    return {"document_id": GOOD_ID, "file": "a.txt", "received_at": MOMENT.isoformat()} | fields


def bodies(good: Mapping[str, object]) -> dict[str, bytes]:
    """Return hostile bodies for a subject whose good message has these fields."""

    def changed(**fields: object) -> bytes:
        return json.dumps({**good, **fields}).encode()

    return {
        "nothing": b"",
        "noise": bytes(range(256)) * 4,
        "another type": b"[1, 2, 3]",
        "another schema": b'{"hello": "world"}',
        "deep lists": b"[" * 100_000,
        "deep objects": b'{"a":' * 100_000,
        "deep in a field": changed(document=0)[:-2] + b"[" * 100_000,
        "a huge number": changed(size=0, media_type="a", document_id=GOOD_ID)[:-1]
        + b',"size":1'
        + b"0" * 100_000
        + b"}",
        "not a number": changed(
            record={"document_id": GOOD_ID, "cells": [{"address": "a", "value": float("nan")}]}
        ),
        "a path as id": changed(document_id="../../../../etc/passwd"),
        "a path of hex": changed(document_id="../" + "a" * 61),
        "an empty id": changed(document_id=""),
        "an id with a line": changed(document_id=GOOD_ID + "\n"),
        "an id in capitals": changed(document_id=GOOD_ID.upper()),
        "a wild card as id": changed(document_id=">"),
        "half a pair": json.dumps(good).encode().replace(b"a.txt", b"\\ud800.txt"),
        "a zero in the name": changed(document_id="x", file="a\x00b"),
        "a name of a megabyte": changed(file="年" * 120_000),
        "no time zone": changed(received_at="2025-03-01T08:00:00"),
        "before all time": changed(received_at="0001-01-01T00:00:00+14:00"),
        "after all time": changed(received_at="9999-12-31T23:59:59-12:00"),
        "no such day": changed(received_at="2025-02-30T00:00:00Z"),
        "an endless date": changed(received_at=10**300),
    }


def claims() -> dict[str, dict[str, str]]:
    """Return headers that point to bodies that are none of ours."""
    good = "nats-object://claims/"
    return {
        "another bucket": {"ce-dataref": "nats-object://inbox/" + "a" * 64},
        "out of the bucket": {"ce-dataref": good + "../../inbox/x"},
        "a wild card": {"ce-dataref": good + ">"},
        "a web address": {"ce-dataref": "http://127.0.0.1:1/x"},
        "a file": {"ce-dataref": "file:///etc/passwd"},
        "nothing": {"ce-dataref": ""},
    }


def bomb(megabytes: int) -> bytes:
    """Return a packed body that unpacks to so much."""
    packer = zlib.compressobj(9)
    piece = b" " * (1 << 20)
    return b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()
