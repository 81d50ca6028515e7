"""A command within this process whose output goes to a terminal, as a person sees it, or to a pipe."""

import os
import pty
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from services.cli import build
from services.commands.talking import progress


@dataclass
class Seen:
    """What came out of one end."""

    text: str = ""


def watched(
    *arguments: object, monkeypatch: pytest.MonkeyPatch, piped: bool = False, terminal: bool = True
) -> tuple[str, str]:
    """Run a command; return what its terminal and its pipe got.

    `piped`: standard output goes to the pipe; without `terminal` standard error too. Bars appear at once.
    """
    screen, tty = pty.openpty()
    read_end, write_end = os.pipe()
    words = list(map(str, arguments))
    with _reading(screen) as shown, _reading(read_end) as sent, monkeypatch.context() as here:
        out = os.fdopen(os.dup(write_end if piped else tty), "w", encoding="utf-8")
        errors = os.fdopen(os.dup(tty if terminal else write_end), "w", encoding="utf-8")
        here.setattr(progress, "_PATIENCE", 0.0)
        here.setenv("TERM", "xterm")
        here.delenv("NO_COLOR", raising=False)
        here.setattr("sys.stdout", out)
        here.setattr("sys.stderr", errors)
        try:
            build(words)(words, standalone_mode=False)
        finally:
            out.close()
            errors.close()
            os.close(tty)
            os.close(write_end)
    return shown.text, sent.text


@contextmanager
def _reading(fd: int) -> Iterator[Seen]:
    """Read all that comes out of a descriptor while the block runs; whole once it has ended."""
    seen = Seen()

    def read() -> None:
        try:
            while data := os.read(fd, 65536):
                seen.text += data.decode(errors="replace")
        except OSError:
            # a terminal whose other side is closed
            return

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seen
    finally:
        thread.join(30)
        os.close(fd)
