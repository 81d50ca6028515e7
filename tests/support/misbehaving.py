"""What hostile files make their readers do, as plain functions; to be run in isolation only."""

import contextlib
import ctypes
import os
import re
import resource
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from shared.errors import BadInput


def echo(value: Any) -> Any:
    return value


def refuse() -> None:
    raise BadInput("encrypted", "“a”已加密。", "'a' is encrypted.")


def stumble() -> None:
    raise ZeroDivisionError("oops")


def leave(code: int) -> None:
    os._exit(code)


def crash(number: int = signal.SIGSEGV) -> None:
    if number == signal.SIGSEGV:
        ctypes.string_at(0)
    os.kill(os.getpid(), number)


def sleep(seconds: float = 3600) -> None:
    time.sleep(seconds)


def nap(seconds: float) -> str:
    """Take a while, and then be done as any other."""
    time.sleep(seconds)
    return "rested"


def spin() -> None:
    while True:
        pass


def spin_in_c() -> None:
    """Never come back to the interpreter, so that no Python signal handler runs."""
    re.match(r"(a+)+$", "a" * 64 + "b")


def spin_in_threads(count: int) -> None:
    for _ in range(count):
        threading.Thread(target=spin_in_c, daemon=True).start()
    time.sleep(3600)


def hoard() -> None:
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def hoard_and_tell() -> int:
    """Return the largest resident memory in bytes that could be reached."""
    with contextlib.suppress(MemoryError):
        hoard()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def nest() -> None:
    nest()


def shout() -> str:
    """Print for ever; both streams lead nowhere, so this ends after a gigabyte's worth of time."""
    line = "x" * 65536
    for _ in range(2000):
        print(line)
        print(line, file=sys.stderr)
        os.write(1, line.encode())
    return "done"


def answer(size: int) -> bytes:
    return bytes(size)


def answer_what_cannot_travel() -> Any:
    return lambda: None


def fill_disk(folder: str) -> int:
    with contextlib.suppress(OSError), (Path(folder) / "big").open("wb") as file:
        while True:
            file.write(bytes(1 << 20))
    return (Path(folder) / "big").stat().st_size


def open_files() -> int:
    kept = []
    with contextlib.suppress(OSError):
        while len(kept) < 100_000:
            kept.append(os.open(os.devnull, os.O_RDONLY))
    return len(kept)


def multiply() -> str:
    return _error(os.fork)


def run_program() -> str:
    return _error(lambda: os.execv("/bin/true", ["true"]))


def connect(port: int) -> str:
    return _error(lambda: socket.create_connection(("127.0.0.1", port), 2))


def send_datagram(port: int) -> str:
    return _error(
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))
    )


def networks() -> list[str]:
    """Return the network interfaces that this process can see."""
    return [
        line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]
    ]


def worker() -> int:
    return os.getpid()


def priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


def _error(call: Any) -> str:
    try:
        call()
    except OSError as error:
        return type(error).__name__
    return "nothing hindered it"
