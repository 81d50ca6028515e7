"""A service that is told to end does so within ten seconds, whatever holds it up."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.runtime.connections.embedded import NatsServer
from shared.runtime.ending import EXIT_OVERDUE
from shared.runtime.streams import topology
from tests.endurance.line import environment
from tests.support.bus import client, fresh, publish, received
from tests.support.processes import wait_for

pytestmark = pytest.mark.system

EXIT_SECONDS = 10.0


@pytest.fixture
def server(tmp_path) -> Iterator[NatsServer]:
    with NatsServer(tmp_path / "nats", sync="2m") as made:
        yield made


@contextmanager
def toy(server: NatsServer, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A toy service in a process of its own, with the grace that every service has."""
    env = environment({"GOUJI_NATS_URL": server.url, "GOUJI_LOG_FORMAT": "json"}, quick=False)
    with (folder / "log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.toy"], env=env, stdout=output, stderr=output
        )
    try:
        wait_for("ready", lambda: "service.ready" in (folder / "log").read_text())
        yield process
    finally:
        process.kill()
        process.wait()


def end(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Tell it to end; return its exit code and after how many seconds it had ended."""
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    return process.wait(60), time.monotonic() - began


async def test_work_that_takes_too_long_is_handed_back_at_once(server, tmp_path):
    async with client(server.url) as js:
        await fresh(js)
        with toy(server, tmp_path) as process:
            await publish(js, received("slow060"))
            await _in_work(js, 1)

            code, took = end(process)

            assert (code, took < EXIT_SECONDS) == (0, True)
        assert "handed_back" in (tmp_path / "log").read_text()


async def test_a_bus_that_is_gone_holds_up_no_end(server, tmp_path):
    async with client(server.url) as js:
        await fresh(js)
    with toy(server, tmp_path) as process:
        server.kill()
        wait_for("noticed", lambda: "bus.lost" in (tmp_path / "log").read_text())

        _, took = end(process)

    assert took < EXIT_SECONDS


async def test_a_bus_that_stands_still_holds_up_no_end(server, tmp_path):
    async with client(server.url) as js:
        await fresh(js)
        with toy(server, tmp_path) as process:
            await publish(js, received("slow060"))
            await _in_work(js, 1)
            _send(server, signal.SIGSTOP)
            try:
                _, took = end(process)
            finally:
                _send(server, signal.SIGCONT)

    assert took < EXIT_SECONDS


async def test_a_service_that_no_longer_turns_ends_all_the_same(server, tmp_path):
    async with client(server.url) as js:
        await fresh(js)
        with toy(server, tmp_path) as process:
            await publish(js, received("stuck"))
            await _in_work(js, 1)

            code, took = end(process)

    assert (code, took < EXIT_SECONDS) == (EXIT_OVERDUE, True)


async def _in_work(js, count: int) -> None:
    for _ in range(600):
        info = await js.consumer_info(topology.REPORTS, topology.NORMALIZE.name)
        if info.num_ack_pending == count:
            return
        time.sleep(0.05)  # noqa: ASYNC251 - nothing else turns in this loop
    raise AssertionError("not in work")


def _send(server: NatsServer, number: int) -> None:
    assert server.pid is not None
    os.kill(server.pid, number)
