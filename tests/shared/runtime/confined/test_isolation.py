"""Work in worker processes: whatever a task does, it ends in time, with a name, and alone."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing import forkserver
from pathlib import Path

import psutil
import pytest

from shared.errors import BadInput, Unavailable
from shared.runtime.confined import workers
from shared.runtime.confined.confinement import Limits
from shared.runtime.confined.isolation import Isolation, WorkerDefect
from shared.runtime.confined.workers import Spent, Worker
from tests.support import misbehaving
from tests.support.processes import wait_for

LIMITS = Limits(
    seconds=30.0,
    cpu_seconds=0.1,
    memory_bytes=128 << 20,
    address_bytes=1 << 30,
    output_bytes=1 << 20,
)


@pytest.fixture
async def isolation():
    made = Isolation("test", workers=2, limits=LIMITS)
    yield made
    await made.close()


def _runs(pid: int | None) -> bool:
    """Whether a process goes on; one that nobody has waited for yet does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


async def reason(isolation: Isolation, call, *args) -> str:
    with pytest.raises(BadInput) as caught:
        await isolation.run("年报.pdf", call, *args)
    assert "年报.pdf" in caught.value.detail_zh
    assert "年报.pdf" in caught.value.detail_en
    return caught.value.reason


async def test_values_go_in_and_come_out(isolation):
    assert await isolation.run("a", misbehaving.echo, {"面": (1, None)}) == {"面": (1, None)}


async def test_a_refusal_of_the_reader_arrives_unchanged(isolation):
    with pytest.raises(BadInput) as caught:
        await isolation.run("a", misbehaving.refuse)

    error = caught.value
    assert (error.reason, error.detail_zh) == ("encrypted", "“a”已加密。")
    assert (error.detail_en, str(error)) == ("'a' is encrypted.", "encrypted: 'a' is encrypted.")


@pytest.mark.parametrize("call", [misbehaving.stumble, misbehaving.answer_what_cannot_travel])
async def test_a_defect_of_ours_is_no_refusal(isolation, call):
    with pytest.raises(WorkerDefect):
        await isolation.run("a", call)


@pytest.mark.parametrize(
    ("call", "args", "name"),
    [
        (misbehaving.crash, (signal.SIGSEGV,), "reader_crashed"),
        (misbehaving.crash, (signal.SIGABRT,), "reader_crashed"),
        (misbehaving.crash, (signal.SIGILL,), "reader_crashed"),
        (misbehaving.leave, (3,), "reader_crashed"),
        (misbehaving.leave, (0,), "reader_crashed"),
        (misbehaving.crash, (signal.SIGKILL,), "out_of_memory"),
        (misbehaving.hoard, (), "out_of_memory"),
        (misbehaving.spin, (), "timed_out"),
        (misbehaving.spin_in_c, (), "timed_out"),
        (misbehaving.spin_in_threads, (4,), "timed_out"),
        (misbehaving.nest, (), "hostile"),
        (misbehaving.answer, (2 << 20,), "too_large"),
    ],
)
async def test_every_end_has_its_name_and_comes_in_time(isolation, call, args, name):
    began = time.monotonic()

    assert await reason(isolation, call, *args) == name

    assert time.monotonic() - began < LIMITS.seconds / 2
    assert await isolation.run("next", misbehaving.echo, 1) == 1


async def test_time_by_the_clock_is_bounded_too():
    isolation = Isolation("test", workers=1, limits=replace(LIMITS, seconds=0.5))
    try:
        began = time.monotonic()
        assert await reason(isolation, misbehaving.sleep) == "timed_out"
        assert 0.5 < time.monotonic() - began < 10
    finally:
        await isolation.close()


async def test_a_task_that_was_never_given_a_processor_is_not_to_blame(monkeypatch):
    monkeypatch.setattr(Worker, "spent", lambda _: Spent(0.0, 1000.0))
    isolation = Isolation("test", workers=1, limits=replace(LIMITS, seconds=0.2))
    try:
        with pytest.raises(Unavailable):
            await isolation.run("a", misbehaving.sleep)
    finally:
        await isolation.close()


async def test_a_poisoned_task_harms_none_of_those_around_it(isolation):
    calls = [
        (misbehaving.crash, (signal.SIGSEGV,)) if number % 5 == 0 else (misbehaving.echo, (number,))
        for number in range(40)
    ]

    ended = await asyncio.gather(
        *(isolation.run("a", call, *args) for call, args in calls), return_exceptions=True
    )

    for number, found in enumerate(ended):
        if number % 5 == 0:
            assert isinstance(found, BadInput)
        else:
            assert found == number


async def test_memory_stays_under_its_limit(isolation):
    reached = await isolation.run("a", misbehaving.hoard_and_tell)

    assert (64 << 20) < reached < LIMITS.memory_bytes + (48 << 20)


async def test_a_cancelled_task_ends_with_its_worker(isolation):
    pid = await isolation.run("a", misbehaving.worker)
    task = asyncio.create_task(isolation.run("a", misbehaving.sleep))
    await asyncio.sleep(0.2)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await isolation.close()
    assert not psutil.pid_exists(pid)


async def test_a_task_too_large_to_be_handed_over_is_out_of_memory_not_tried_again(isolation):
    assert await reason(isolation, misbehaving.echo, bytes(120 << 20)) == "out_of_memory"
    assert await isolation.run("a", misbehaving.echo, 1) == 1


AUTOGROUPS = Path("/proc/sys/kernel/sched_autogroup_enabled").exists()
"""Whether the kernel shares the processor out among sessions."""


def share_of(pid: int) -> int | None:
    """Return the niceness of a process's session; None where sessions have none."""
    try:
        return int(Path(f"/proc/{pid}/autogroup").read_text().split()[-1])
    except (OSError, IndexError):
        return None


async def test_long_tasks_give_their_seats_to_others_and_step_back():
    limits = replace(LIMITS, seconds=10.0)
    isolation = Isolation("test", workers=1, limits=limits, patience=0.1)
    normal = os.getpriority(os.PRIO_PROCESS, 0) + limits.niceness
    try:
        hanging = [asyncio.create_task(isolation.run("h", misbehaving.sleep)) for _ in range(3)]
        await asyncio.sleep(0)

        # whoever keeps the only seat would keep this waiting until it is ended for it
        first = await isolation.run("a", misbehaving.echo, 0)

        below = psutil.Process().children(recursive=True)
        assert sum(p.nice() == 19 for p in below) == 3
        assert sum(share_of(p.pid) == 19 for p in below) == (3 if AUTOGROUPS else 0)
        assert [first] + [await isolation.run("a", misbehaving.echo, n) for n in (1, 2)] == [
            0,
            1,
            2,
        ]
        assert not any(task.done() for task in hanging)
        ended = await asyncio.gather(*hanging, return_exceptions=True)
        assert {e.reason for e in ended if isinstance(e, BadInput)} == {"timed_out"}
        assert await isolation.run("a", misbehaving.priority) == normal < 19
    finally:
        await isolation.close()


async def test_a_machine_that_starts_no_process_is_not_the_files_fault(isolation, monkeypatch):
    def refuse(*_: object) -> None:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr("multiprocessing.popen_forkserver.Popen", refuse)

    with pytest.raises(Unavailable):
        await isolation.run("a", misbehaving.echo, 1)


async def test_a_worker_that_died_idle_is_replaced_without_a_word(isolation):
    pid = await isolation.run("a", misbehaving.worker)
    psutil.Process(pid).kill()
    await asyncio.sleep(0.3)

    assert await isolation.run("a", misbehaving.worker) != pid


async def test_a_worker_that_somebody_else_ends_says_nothing_against_its_file(isolation):
    for number in (signal.SIGKILL, signal.SIGTERM):
        pid = await isolation.run("a", misbehaving.worker)
        task = asyncio.create_task(isolation.run("a", misbehaving.nap, 1.0))
        await asyncio.sleep(0.3)

        os.kill(pid, number)

        assert await task == "rested"


async def test_the_end_of_the_process_that_starts_workers_says_nothing_against_a_file(isolation):
    pid = await isolation.run("a", misbehaving.worker)
    task = asyncio.create_task(isolation.run("a", misbehaving.nap, 1.0))
    await asyncio.sleep(0.3)

    psutil.Process(pid).parent().kill()

    assert await task == "rested"
    wait_for("its workers end with it", lambda: not psutil.pid_exists(pid))


async def test_a_process_that_starts_workers_and_hangs_is_replaced(isolation, monkeypatch):
    monkeypatch.setattr("shared.runtime.confined.isolation._SECONDS_TO_START", 1.0)
    await isolation.run("a", misbehaving.echo, 1)
    await isolation.close()
    isolation._closed = False
    nursery = forkserver._forkserver._forkserver_pid
    os.kill(nursery, signal.SIGSTOP)

    found = await asyncio.gather(
        *(isolation.run("a", misbehaving.echo, n) for n in range(3)), return_exceptions=True
    )

    # those who waited for it come again, those behind them are served by the next one
    assert all(isinstance(one, Unavailable) or one == n for n, one in enumerate(found)), found
    assert await isolation.run("a", misbehaving.echo, 7) == 7
    assert forkserver._forkserver._forkserver_pid != nursery


async def test_only_the_process_that_hung_is_ended_not_the_one_that_took_its_place(isolation):
    await isolation.run("a", misbehaving.echo, 1)
    first = workers.nursery()

    workers.end_nursery(first)
    wait_for("it ends", lambda: not _runs(first))
    second = workers.nursery()
    workers.end_nursery(first)

    assert second not in (None, first)
    assert _runs(second)
    assert workers.nursery() == second


async def test_no_process_no_program_no_network(isolation):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]

        found = [
            await isolation.run("a", misbehaving.multiply),
            await isolation.run("a", misbehaving.run_program),
            await isolation.run("a", misbehaving.connect, port),
            await isolation.run("a", misbehaving.send_datagram, port),
        ]

        assert found == ["PermissionError"] * 4
        with pytest.raises(TimeoutError):
            server.accept()


async def test_the_network_is_empty_where_the_kernel_allows_it(isolation):
    asked = await asyncio.create_subprocess_exec("unshare", "-Urn", "true")
    allowed = await asked.wait() == 0

    # where it is forbidden only the filter of system calls stands, which the test above holds to
    assert (await isolation.run("a", misbehaving.networks) == ["lo"]) or not allowed


async def test_output_files_and_descriptors_are_bounded(isolation, tmp_path, capfd):
    assert await isolation.run("a", misbehaving.shout) == "done"
    assert capfd.readouterr() == ("", "")
    assert await isolation.run("a", misbehaving.fill_disk, str(tmp_path)) <= 64 << 20
    assert await isolation.run("a", misbehaving.open_files) < 256


_VICTIM = """
import asyncio
from shared.runtime.confined import workers
from shared.runtime.confined.confinement import Limits
from shared.runtime.confined.isolation import Isolation
from shared.runtime.confined.workers import Worker
from tests.support import misbehaving

async def main():
    limits = Limits(seconds=600.0, cpu_seconds=600.0, memory_bytes=1 << 28, address_bytes=1 << 30)
    isolation = Isolation("test", workers=2, limits=limits)
    tasks = [isolation.run("a", call) for call in (misbehaving.spin_in_c, misbehaving.sleep)]
    print("ready", flush=True)
    await asyncio.gather(*tasks)

asyncio.run(main())
"""


def test_no_worker_outlives_a_killed_service():
    service = subprocess.Popen([sys.executable, "-c", _VICTIM], stdout=subprocess.PIPE)
    assert service.stdout is not None
    try:
        assert service.stdout.readline() == b"ready\n"
        parent = psutil.Process(service.pid)
        busy = wait_for("workers at work", lambda: _busy(parent), within=20)
    finally:
        service.kill()
        # not until its output ends: whoever outlives it holds that open
        service.wait()
        service.stdout.close()

    try:
        wait_for("all gone", lambda: not any(p.is_running() for p in busy), within=10)
    finally:
        for left in busy:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()


def _busy(parent: psutil.Process) -> list[psutil.Process] | None:
    below = parent.children(recursive=True)
    spinning = [p for p in below if p.cpu_times().user > 0.3]
    return below if spinning and len(below) >= 4 else None
