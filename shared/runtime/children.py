"""Child processes that never outlive their parent, however the parent ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_SHIM = """
import ctypes, os, sys
prctl = getattr(ctypes.CDLL(None), "prctl", None)
if prctl is not None:
    prctl(1, 9)
if os.getppid() != int(sys.argv[1]):
    os._exit(1)
os.execvp(sys.argv[2], sys.argv[2:])
"""
"""Ask the kernel for SIGKILL when the parent dies (1: PR_SET_PDEATHSIG), then run the program."""


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in its own session that the kernel kills when this process dies.

    Call it from a thread that lives as long as the process: the kernel watches the thread that
    started the child. `output` takes standard output and standard error; None inherits both. The
    own session keeps a Ctrl-C on the terminal from reaching the child before its parent decides.
    """
    # a shim instead of preexec_fn, which may deadlock in a parent with threads
    return subprocess.Popen(  # noqa: S603 - the caller names the program, nothing comes from reports
        [sys.executable, "-I", "-S", "-c", _SHIM, str(os.getpid()), *argv],
        env=dict(env) if env is not None else None,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def stop(child: subprocess.Popen[bytes], grace_seconds: float = 10.0) -> int:
    """End a child: SIGTERM, then SIGKILL after the grace period; return its exit code."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        # a stopped process would never see the SIGTERM
        child.send_signal(signal.SIGCONT)
        try:
            child.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()
