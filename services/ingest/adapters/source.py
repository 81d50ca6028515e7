"""Looks at files that other programs write, and takes their bytes whole or not at all."""

import fcntl
import hashlib
import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1024 * 1024
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download", ".swp")
_leases_are_safe = False


@dataclass(frozen=True, slots=True)
class Signature:
    """What changes when a file changes."""

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Signature":
        """Read it off a file status."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    @property
    def arrived_whole(self) -> bool:
        """Tell whether something other than writing touched the file last.

        Writing sets both times to the same moment. A rename, or the last step of a copy that keeps
        the times, leaves them apart: then the content was complete.
        """
        return self.modified != self.changed


@dataclass(frozen=True, slots=True)
class Taken:
    """The bytes of a file and their hash; `data` is None when there were more than allowed."""

    document_id: str
    size: int
    data: bytes | None


def ignore_lease_breaks() -> None:
    """Allow the test for writers: the kernel's notice about it must not end the process.

    Only the main thread may arrange that; elsewhere files are merely watched for rest.
    """
    global _leases_are_safe  # noqa: PLW0603 - a property of the process, like the signal itself
    if threading.current_thread() is threading.main_thread() and hasattr(fcntl, "F_SETLEASE"):
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        _leases_are_safe = True


def writers_are_seen() -> bool:
    """Tell whether `take` notices programs that have the file open for writing."""
    return _leases_are_safe


def files(folder: Path, note: Callable[[str, str], None]) -> Iterator[tuple[str, Signature]]:
    """Yield the name (relative to the folder) and signature of every file worth reading.

    Left out: dot files, editors' and browsers' unfinished files, and whatever is no regular file.
    `note` hears of the latter. Raises OSError when the folder itself cannot be read.
    """
    pending = [""]
    while pending:
        inside = pending.pop()
        try:
            entries = os.scandir(folder / inside)
        except OSError as error:
            if not inside:
                raise
            note(inside, f"folder_unreadable: {error.strerror}")
            continue
        with entries:
            for entry in entries:
                if left_out(entry.name):
                    continue
                name = f"{inside}/{entry.name}" if inside else entry.name
                if entry.is_dir(follow_symlinks=False):
                    pending.append(name)
                elif entry.is_file(follow_symlinks=False):
                    yield from _signed(name, entry)
                else:
                    note(name, "not_a_regular_file")


def take(path: Path, expected: Signature, max_bytes: int) -> Taken | None:
    """Read a file; None when it is being written or no longer looks as `expected`.

    A file above `max_bytes` is hashed without being kept. Raises OSError when it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor, not a path
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or Signature.of(status) != expected:
            return None
        if _has_writer(descriptor):
            return None
        digest = hashlib.sha256()
        chunks: list[bytes] | None = []
        size = 0
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if size > max_bytes:
                chunks = None
            elif chunks is not None:
                chunks.append(chunk)
        if Signature.of(os.fstat(descriptor)) != expected or size != expected.size:
            return None
        return Taken(digest.hexdigest(), size, None if chunks is None else b"".join(chunks))


def _signed(name: str, entry: os.DirEntry[str]) -> Iterator[tuple[str, Signature]]:
    try:
        yield name, Signature.of(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        # gone between the listing and the look
        return


def left_out(name: str) -> bool:
    """Tell whether a name says that its file is hidden or unfinished."""
    return name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED)


def _has_writer(descriptor: int) -> bool:
    """Ask the kernel for a read lease, which it refuses while the file is open for writing."""
    if not _leases_are_safe:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        # not our file, or a file system without leases: rest alone must do
        return False
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
