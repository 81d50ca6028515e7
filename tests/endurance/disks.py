"""Small disks that can really be full, be read-only, or be gone."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.endurance.line import Line

_FILLER = "filler"


@dataclass(frozen=True, slots=True)
class Disk:
    """A mounted disk of its own."""

    folder: Path

    def fill(self, *, leave: int = 0) -> None:
        """Take all the space there is but so many bytes; what others need of it is refused for real."""
        with (self.folder / _FILLER).open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                while True:
                    free = os.statvfs(self.folder)
                    if free.f_bavail * free.f_frsize <= leave:
                        return
                    try:
                        file.write(b"\0" * size)
                    except OSError as error:
                        if error.errno != errno.ENOSPC:
                            raise
                        break

    def relieve(self) -> None:
        """Give the space back."""
        (self.folder / _FILLER).unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Disk]:
    """Mount an empty disk of this size in the memory; skips where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "gouji-test", folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def small_disks(**sizes: tuple[Path, int]) -> Iterator[dict[str, Disk]]:
    """Mount several, by name: folder and size."""
    with ExitStack() as stack:
        yield {n: stack.enter_context(small_disk(f, size)) for n, (f, size) in sizes.items()}


@dataclass(frozen=True, slots=True)
class FullDisk:
    """No space is left on a disk until it ends."""

    disk: Disk
    what: str

    @property
    def name(self) -> str:
        """What the figures call it."""
        return f"disk full: {self.what}"

    def inject(self, line: Line, rng: Random) -> bool:
        """Fill it."""
        self.disk.fill()
        return True

    def end(self, line: Line) -> None:
        """Give the space back."""
        self.disk.relieve()
