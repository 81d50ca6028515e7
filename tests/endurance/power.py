"""A power cut, as the disk sees it: what was written and not synced is gone.

The data stands on an ext4 of its own in an image file. What programs write stays in the memory until they sync it,
and only then reaches the image; a copy of the image, taken while all programs stand still, is what a machine finds
that lost its power at that moment. The next start goes on from the copy.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.endurance.line import BROKER
from tests.endurance.loose import Loose
from tests.support.processes import wait_for

_COPIES = 20


class Image:
    """A file system in a file, mounted at `folder`."""

    def __init__(self, file: Path, folder: Path, mebibytes: int) -> None:
        self.folder = folder
        self._file = file
        self._cuts = 0
        with file.open("wb") as empty:
            empty.truncate(mebibytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", file], check=True)

    def mount(self) -> bool:
        """Mount it; nothing reaches the disk of its own accord for minutes. False where that is not allowed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-o", "loop,commit=300", self._file, self.folder],
            capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode == 0

    def freeze(self) -> Path:
        """Copy what has reached the disk by now.

        A disk holds the state of one moment: a copy during which something was written is made again.
        """
        self._cuts += 1
        copy = self._file.with_name(f"after-cut-{self._cuts}.img")
        for _ in range(_COPIES):
            before = self._written()
            subprocess.run(["cp", "--sparse=always", self._file, copy], check=True)
            if self._written() == before:
                return copy
        raise AssertionError("the disk does not come to rest while all programs stand still")

    def _written(self) -> tuple[str, str]:
        """Return how many writes the device has done, and how many are under way."""
        for device in Path("/sys/block").glob("loop*"):
            backing = device / "loop" / "backing_file"
            if backing.exists() and backing.read_text().strip() == str(self._file):
                figures = (device / "stat").read_text().split()
                return figures[4], figures[8]
        raise AssertionError(f"no device has {self._file} behind it")

    def go_on_from(self, copy: Path) -> None:
        """Put the disk as it was at the cut in place of the one that was written on."""
        self.unmount()
        self._file.unlink()
        self._file = copy
        wait_for("the disk after the cut can be mounted", self.mount)

    def unmount(self) -> None:
        """Let go of it; who still holds files of it keeps them."""
        subprocess.run(["umount", "-l", self.folder], check=False, capture_output=True)


@contextmanager
def image(file: Path, folder: Path, mebibytes: int) -> Iterator[Image]:
    """Mount an empty file system; skips where that is not possible."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("only root with mkfs.ext4 may mount an image")
    disk = Image(file, folder, mebibytes)
    if not disk.mount():
        pytest.skip("no image can be mounted here")
    try:
        yield disk
    finally:
        disk.unmount()


def cut_power(line: Loose, disk: Image) -> None:
    """Take the power from every part at one moment, and give it back with what the disk then held."""
    parts = [*line.parts, BROKER]
    for part in parts:
        line.hold(part)
    below = [child for part in parts for child in line.children(part)]
    for part in parts:
        line.signal(part, signal.SIGSTOP)
    for child in below:
        _signal(child, signal.SIGSTOP)
    copy = disk.freeze()
    for child in below:
        _signal(child, signal.SIGKILL)
    for part in parts:
        line.kill(part)
    wait_for("all is dark", lambda: all(line.process(part) is None for part in parts))
    disk.go_on_from(copy)
    for part in reversed(parts):
        line.let_go(part)
    for service in line.services:
        line.await_ready(service)


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
