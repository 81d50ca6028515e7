"""The way to a webhook: whatever happens there is one clear reason, and nobody else waits."""

import asyncio
import socket
import time

import pytest
from pydantic import SecretBytes

from services.notify.adapters.door import HttpDoor
from services.notify.adapters.resolving import OwnResolver
from services.notify.core.notices import Notice
from services.notify.core.webhooks import Webhook
from shared.errors import Undeliverable
from shared.runtime.clock import SystemClock
from tests.support import hooks
from tests.support.hooks import hook

NOTICE = Notice("msg_1", b'{"a":1}')


def door_to(url: str, timeout: float = 0.3) -> HttpDoor:
    secrets = (SecretBytes(b"a secret of some length"),)
    return HttpDoor(Webhook("desk", url, secrets, (), {}, timeout, {}), SystemClock())


async def refusal(url: str) -> Undeliverable:
    door = door_to(url)
    started = time.monotonic()
    try:
        with pytest.raises(Undeliverable) as caught:
            await door.post(NOTICE)
    finally:
        await door.close()
    assert time.monotonic() - started < 1
    return caught.value


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (hooks.hang, "no answer within 0.3 s"),
        (hooks.drip, "no answer within 0.3 s"),
        (hooks.garbage, "the answer is not HTTP"),
        (hooks.endless_head, "the answer is not HTTP"),
        (hooks.flood, "it answered 500"),
        (hooks.status(302, Location="http://127.0.0.1:1/"), "it answered 302"),
    ],
)
async def test_whatever_a_webhook_does_is_one_clear_reason_in_time(how, said):
    async with hook(how) as bad:
        error = await refusal(bad.url)

    assert said in str(error)
    assert str(error).startswith("webhook desk: ")
    assert not error.final


async def test_nobody_listening_and_no_such_host_are_said():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "cannot connect" in str(await refusal(f"http://127.0.0.1:{port}/?token=t0ken"))
    unknown = await refusal("http://no-such-host.invalid/?token=t0ken")
    assert "host" in str(unknown)
    assert "t0ken" not in str(unknown)


async def test_a_body_that_never_ends_is_not_waited_for_once_it_is_taken():
    async with hook(hooks.slow_body) as slow:
        door = door_to(slow.url, timeout=5)
        started = time.monotonic()
        assert await door.post(NOTICE) == 200
        await door.close()

    assert time.monotonic() - started < 1


async def test_a_name_server_that_is_silent_for_one_holds_up_no_other(monkeypatch):
    real = socket.getaddrinfo

    def silent(host, *arguments, **named):
        if host == "silent.test":
            time.sleep(1.5)
            raise socket.gaierror(socket.EAI_AGAIN, "silent")
        return real(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    stuck, other = OwnResolver(2), OwnResolver(2)
    waiting = [asyncio.create_task(stuck.resolve("silent.test", 80)) for _ in range(40)]
    await asyncio.sleep(0.05)
    started = time.monotonic()

    assert await other.resolve("localhost", 80)
    await asyncio.get_running_loop().getaddrinfo("localhost", 80)

    assert time.monotonic() - started < 0.5
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await stuck.close()
    await other.close()
