"""What a worker process gives up before it touches a stranger's file: memory, time, network, children.

Every measure is taken by the process itself and cannot be taken back. A kernel or container that
forbids one of them leaves the others standing; `confine` says which were not to be had.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from dataclasses import dataclass
from multiprocessing import forkserver
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_FILTER: Final = 2
_CLONE_THREAD: Final = 0x0001_0000
_CLONE_NEWUSER: Final = 0x1000_0000
_CLONE_NEWNET: Final = 0x4000_0000
_OPEN_FILES: Final = 256
_WRITTEN_BYTES: Final = 64 << 20
_KILL_ME_FIRST: Final = "500"
"""Of 1000: what the kernel's own out-of-memory killer should rather end than the services."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may use.

    `seconds` by the clock, generous because a busy machine makes everything slow; `cpu_seconds` of
    processor time over all threads, counted in whole ones; `memory_bytes` of private memory, which
    with the shared code of the libraries is what stays resident; `address_bytes` of address space, None for any;
    `output_bytes` of its pickled result. `niceness` is added to that of the service.
    """

    seconds: float
    cpu_seconds: float
    memory_bytes: int
    address_bytes: int | None
    output_bytes: int = 64 << 20
    niceness: int = 5


def confine(limits: Limits) -> tuple[str, ...]:
    """Confine this process for good; return the names of the measures that were not to be had."""
    _silence()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _let_the_nursery_end()
    steps = {
        "parent_death_signal": lambda: _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL)),
        "oom_score": _offer_to_the_oom_killer,
        "own_session": os.setsid,
        "niceness": lambda: os.nice(limits.niceness),
        "resource_limits": lambda: _set_limits(limits),
        "network_namespace": _leave_the_network,
        "system_call_filter": _filter_system_calls,
    }
    missing = []
    for name, step in steps.items():
        try:
            step()
        except (OSError, ValueError, AttributeError):
            missing.append(name)
    return tuple(missing)


def begin_task(limits: Limits) -> None:
    """Give this process its CPU time for one more task; beyond it the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + limits.cpu_seconds) + 1, hard))


def end_task() -> None:
    """Lift the limit of CPU time: a worker must not die while it hands over its result."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


def private_bytes() -> int:
    """Return the private memory of this process, as its limit counts it."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - called once a task
        return int(file.read().split()[5]) * resource.getpagesize()


def _silence() -> None:
    """Send what libraries print to nowhere: a hostile file must not fill the log."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    for number in (1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)


def _let_the_nursery_end() -> None:
    """Close our end of the pipe by which the fork server knows that somebody needs it.

    It would otherwise outlive a killed service for as long as its workers do, and they die with it.
    """
    server = getattr(forkserver, "_forkserver", None)
    alive = getattr(server, "_forkserver_alive_fd", None)
    if alive is not None:
        os.close(alive)
        server._forkserver_alive_fd = None  # type: ignore[union-attr]  # noqa: SLF001


def _offer_to_the_oom_killer() -> None:
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(_KILL_ME_FIRST)


def _set_limits(limits: Limits) -> None:
    for what, bound in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_AS, limits.address_bytes),
        (resource.RLIMIT_FSIZE, _WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        if bound is None:
            continue
        _, hard = resource.getrlimit(what)
        least = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(what, (least, least))


def _prctl(option: int, value: int, more: int = 0) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(more), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _leave_the_network() -> None:
    """Move into an empty network: not even the loopback of the machine can be reached."""
    library = ctypes.CDLL(None, use_errno=True)
    # without a new user namespace only root may do so, and some containers allow only that
    if library.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0 and library.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


@dataclass(frozen=True, slots=True)
class _Machine:
    """Numbers of one processor family: how the kernel names it, and its system calls."""

    audit: int
    socket: int
    clone: int
    clone3: int
    refused: tuple[int, ...]
    """Starting programs or processes, tracing others, and the ring that can do anything unseen."""


_MACHINES: Final = {
    "x86_64": _Machine(0xC000003E, 41, 56, 435, (57, 58, 59, 322, 101, 425)),
    "aarch64": _Machine(0xC00000B7, 198, 220, 435, (221, 281, 117, 425)),
}

# the classic packet filter language that the kernel takes for system calls
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NOT_PERMITTED, _NO_SUCH_CALL, _ACCESS_DENIED = 1, 38, 13
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT = 0, 4, 16
_UNIX_SOCKET: Final = 1
_SECOND_TABLE: Final = 0x40000000
"""From here on the numbers name the same calls once more, for another calling convention."""


def _filter_system_calls() -> None:
    """Forbid new processes, programs and network sockets; threads are free.

    This holds in containers that allow no namespaces too. A denied call fails with an error, so a
    library that only asks for the processor's name goes on without it.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise OSError("unknown processor")
    code = b"".join(struct.pack("=HBBI", *step) for step in _program(machine))
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("@HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    holder = ctypes.create_string_buffer(program)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, ctypes.addressof(holder))


def _program(machine: _Machine) -> list[tuple[int, int, int, int]]:
    """Return the filter: operation, jump if true, jump if not, operand."""
    steps = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_IF_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _AT_NUMBER),
        (_IF_AT_LEAST, 0, 1, _SECOND_TABLE),
        (_RETURN, 0, 0, _ERROR | _NOT_PERMITTED),
    ]
    for number in machine.refused:
        steps += [(_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | _NOT_PERMITTED)]
    # the C library goes back to the older call, whose flags can be looked at
    steps += [(_IF_EQUAL, 0, 1, machine.clone3), (_RETURN, 0, 0, _ERROR | _NO_SUCH_CALL)]
    steps += [
        (_IF_EQUAL, 0, 4, machine.clone),
        (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
        (_IF_SET, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERROR | _NOT_PERMITTED),
        (_IF_EQUAL, 0, 4, machine.socket),
        (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
        (_IF_EQUAL, 0, 1, _UNIX_SOCKET),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERROR | _ACCESS_DENIED),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return steps
