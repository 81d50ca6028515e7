"""Paths that an operator names: whether they can be what they are meant to be, before anything starts."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator

from shared.language import spoken
from shared.secrets import BadSetting, Unusable

_TOP: Final = 2
"""Parts of a path such as `/mnt`: what stands below it is often another disk."""


def folder_fault(path: Path, *, written: bool) -> str | None:
    """Return why a path cannot be a folder of ours, in both languages; None if it can.

    A folder that is not there is made later; with `written` it must be possible to make it, or to write
    into it.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - a link must stay what was given
    try:
        there = _deepest(path)
        if not there.is_dir():
            return spoken(f"应是文件夹，{there} 是文件", f"must be a folder, and {there} is a file")
    except OSError as error:
        return spoken(
            f"无法查看：{error.strerror}", f"must be a path that can be looked at: {error.strerror}"
        )
    if not written:
        return None
    missing = len(path.parts) - len(there.parts)
    if missing > 1 and len(there.parts) <= _TOP:
        return spoken(
            f"须已存在：现在只有 {there}，磁盘是否没有挂载",
            f"must be there: only {there} is, is a disk not mounted?",
        )
    if not os.access(there, os.W_OK | os.X_OK, effective_ids=True):
        return spoken(
            f"须可写入：{there} 不可写",
            f"must be writable: {there} is not, by the user that this runs as",
        )
    return None


def file_fault(path: Path, *, written: bool) -> str | None:
    """Return why a path cannot be a file of ours, in both languages; None if it can."""
    if path.is_dir():
        return spoken(f"应是文件，{path} 是文件夹", f"must be a file, and {path} is a folder")
    return folder_fault(path.parent, written=written)


def require_folder(path: Path, variable: str, *, written: bool = True) -> None:
    """Raise `BadSetting` naming the variable or option unless this can be a folder of ours."""
    fault = folder_fault(path, written=written)
    if fault is not None:
        raise BadSetting(f"{variable}={str(path)!r}: {fault}")


def require_file(path: Path, variable: str) -> None:
    """Raise `BadSetting` naming the variable unless this can be a file of ours that is written."""
    fault = file_fault(path, written=True)
    if fault is not None:
        raise BadSetting(f"{variable}={str(path)!r}: {fault}")


def require_database_folder(url: str, variable: str) -> None:
    """Raise `BadSetting` unless the file of an SQLite database can be written; of others nothing is asked."""
    path = _database_file(url)
    fault = file_fault(path, written=True) if path is not None else None
    if fault is not None:
        raise BadSetting(f"{variable}={url!r}: {fault}")


def _database_file(url: str) -> Path | None:
    """Return the file of an SQLite database; what is no address at all is told elsewhere."""
    # services without a database start a tenth sooner without it
    from sqlalchemy import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    if (
        parsed.get_backend_name() != "sqlite"
        or not parsed.database
        or parsed.database == ":memory:"
    ):
        return None
    return Path(parsed.database)


def _deepest(path: Path) -> Path:
    """Return the part of an absolute path that is there."""
    while not os.path.lexists(path):
        path = path.parent
    return path


def _checked(
    find: Callable[..., str | None], *, written: bool
) -> Callable[[Path | None], Path | None]:
    def check(given: Path | None) -> Path | None:
        fault = find(given, written=written) if given is not None else None
        if fault is not None:
            raise Unusable(fault)
        return given

    return check


def _checked_database(url: str) -> str:
    _checked(file_fault, written=True)(_database_file(url))
    return url


SEEN_FOLDER: Final = AfterValidator(_checked(folder_fault, written=False))
WRITTEN_FOLDER: Final = AfterValidator(_checked(folder_fault, written=True))
SEEN_FILE: Final = AfterValidator(_checked(file_fault, written=False))
WrittenDatabase = Annotated[str, AfterValidator(_checked_database)]
