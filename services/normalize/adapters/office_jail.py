"""A program of its own: gives up network, memory and time, then becomes LibreOffice.

Runs alone (`python -I -S`), so it imports nothing of the project. Called with the parent's process
id, seconds of processor time, bytes of memory, and the program with its arguments. What the kernel
forbids here is left out: the profile of the converter turns off links and macros besides.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from contextlib import suppress

_SET_PDEATHSIG, _SET_NO_NEW_PRIVS, _SET_SECCOMP = 1, 38, 22
_NEW_USER, _NEW_NET = 0x1000_0000, 0x4000_0000
_LARGEST_FILE = 256 << 20
_CODE_BYTES = 1 << 30
"""Address space for the shared libraries beside the memory that is counted."""
_SYSTEMS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""How the kernel calls the processor, and the number of the system call `socket`."""
_UNIX_ONLY = 1


def main(argv: list[str]) -> None:
    """Confine this process for good and run the program in its place."""
    parent, seconds, memory, *program = argv[1:]
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != int(parent):
        os._exit(1)
    with suppress(OSError, ValueError):
        _limit(int(seconds), int(memory))
    with suppress(OSError, AttributeError):
        _leave_the_network(library)
    with suppress(OSError, KeyError):
        _forbid_sockets(library)
    with suppress(OSError):
        os.nice(5)
    os.execv(program[0], program)  # noqa: S606 - the operator names the program


def _limit(seconds: int, memory: int) -> None:
    for what, bound in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_AS, memory + _CODE_BYTES),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_NOFILE, 256),
    ):
        _, hard = resource.getrlimit(what)
        least = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        # at the lower bound of time comes a signal of its own, at the upper one plain death
        most = hard if what == resource.RLIMIT_CPU else least
        resource.setrlimit(what, (least, most))


def _leave_the_network(library: ctypes.CDLL) -> None:
    """Move into an empty network, as root or through a user namespace where that is allowed."""
    if library.unshare(_NEW_NET) == 0:
        return
    user, group = os.getuid(), os.getgid()
    if library.unshare(_NEW_USER | _NEW_NET) == 0:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:  # noqa: PTH123 - nothing else is loaded here
        file.write(text)


def _forbid_sockets(library: ctypes.CDLL) -> None:
    """Refuse every socket but those of the machine itself; this needs no namespace."""
    audit, socket = _SYSTEMS[platform.machine()]
    # load, jump if equal, return: the kernel's packet filter language over the system call
    steps = (
        (0x20, 0, 0, 4), (0x15, 1, 0, audit), (0x06, 0, 0, 0x7FFF0000),
        (0x20, 0, 0, 0), (0x15, 0, 3, socket),
        (0x20, 0, 0, 16), (0x15, 1, 0, _UNIX_ONLY), (0x06, 0, 0, 0x0005000D),
        (0x06, 0, 0, 0x7FFF0000),
    )  # fmt: skip
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *s) for s in steps))
    program = struct.pack("@HxxxxxxP", len(steps), ctypes.addressof(code))
    holder = ctypes.create_string_buffer(program)
    library.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if library.prctl(_SET_SECCOMP, 2, ctypes.c_ulong(ctypes.addressof(holder)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    main(sys.argv)
