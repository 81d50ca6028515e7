"""The archive's files into a backup and back; what is there already is not copied again."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Final

from shared.report.identity import document_id as identity_of
from shared.runtime.archive import FolderArchive

FOLDER: Final = "archive"
"""Folder of a backup place that holds the archived files of all its backups."""


@dataclass(slots=True)
class Copied:
    """What was copied: hash and path of every file, how many were new, documents whose bytes are damaged."""

    listing: list[tuple[str, str]] = field(default_factory=list)
    new: int = 0
    damaged: list[str] = field(default_factory=list)


def _no_step() -> None:
    """Do nothing: nobody counts."""


def copy_archive(
    archive: FolderArchive, place: Path, step: Callable[[], None] = _no_step
) -> Copied:
    """Copy every document that the place lacks; arrivals too, which never change.

    A file appears whole or not at all. Bytes that lost their hash are named and not copied: an earlier
    backup may hold better ones. `step` is called after each shard of the archive.
    """
    copied = Copied()
    for shard in archive.shards():
        for holding in archive.holdings(shard):
            if holding.has_bytes:
                _copy_bytes(archive.path_of(holding.document_id), place, copied)
            if holding.has_arrival:
                _copy_arrival(archive.arrival_path(holding.document_id), place, copied)
        step()
    return copied


def put_back(
    place: Path,
    listing: Iterator[tuple[str, str]],
    archive: Path,
    step: Callable[[], None] = _no_step,
) -> list[str]:
    """Copy listed files into an archive; return those that are missing or not what they were.

    `step` is called before each file.
    """
    bad = []
    for digest, name in listing:
        step()
        source, target = place / name, archive / Path(name).relative_to(FOLDER)
        try:
            data = source.read_bytes()
        except OSError:
            bad.append(name)
            continue
        if identity_of(data) != digest:
            bad.append(name)
        elif not (target.is_file() and target.read_bytes() == data):
            _write(target, data)
    return bad


def _copy_bytes(source: Path, place: Path, copied: Copied) -> None:
    document_id = source.name
    name = f"{FOLDER}/{document_id[:2]}/{document_id}"
    target = place / name
    if not (target.is_file() and target.stat().st_size == source.stat().st_size):
        data = source.read_bytes()
        if identity_of(data) != document_id:
            copied.damaged.append(document_id)
            return
        _write(target, data)
        copied.new += 1
    copied.listing.append((document_id, name))


def _copy_arrival(source: Path, place: Path, copied: Copied) -> None:
    data = source.read_bytes()
    name = f"{FOLDER}/{source.name[:2]}/{source.name}"
    target = place / name
    if not (target.is_file() and target.read_bytes() == data):
        _write(target, data)
        copied.new += 1
    copied.listing.append((identity_of(data), name))


def _write(target: Path, data: bytes) -> None:
    """Write a file that is whole or absent; whoever calls syncs all of them at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{os.getpid()}.{token_hex(4)}")
    try:
        aside.write_bytes(data)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
