"""What a backup says of itself: when it began, what it holds, and the hash of every part."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from shared.errors import GoujiError
from shared.language import spoken
from shared.runtime.streams.snapshots import Saved

NAME: Final = "manifest.json"
LISTING: Final = "archive.sha256"
"""The archived files of a backup, in the format of `sha256sum -c`."""
_FORMAT: Final = 1
_PART: Final = 1 << 20


class Incomplete(GoujiError):
    """There is no whole backup there, or one of another format."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. `began` is the moment before the first store was looked at."""

    began: datetime
    ended: datetime
    engine_version: str
    database: dict[str, Any]
    streams: tuple[Saved, ...]
    archive: dict[str, Any]


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, last of all: what has none is no backup."""
    aside = folder / f".{NAME}"
    content = {"format": _FORMAT, **asdict(manifest)}
    aside.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    aside.replace(folder / NAME)


def read(folder: Path) -> Manifest:
    """Return the manifest of a backup; raises `Incomplete`."""
    try:
        found = orjson.loads((folder / NAME).read_bytes())
        if found.pop("format") != _FORMAT:
            raise Incomplete(f"{folder}: " + spoken("备份格式不同", "a backup of another format"))
        found["streams"] = tuple(Saved(**stream) for stream in found["streams"])
        for moment in ("began", "ended"):
            found[moment] = datetime.fromisoformat(found[moment])
        return Manifest(**found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Incomplete(
            f"{folder}: " + spoken("不是完整的备份", "no whole backup") + f": {error}"
        ) from error


def latest(place: Path) -> Path:
    """Return the newest whole backup of a place, or the place itself if it is one; raises `Incomplete`."""
    if (place / NAME).is_file():
        return place
    whole = sorted(path.parent for path in place.glob(f"*/{NAME}"))
    if not whole:
        raise Incomplete(f"{place}: " + spoken("没有完整的备份", "no whole backup there"))
    return whole[-1]


def hash_of(path: Path) -> str:
    """Return the sha256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_PART):
            digest.update(part)
    return digest.hexdigest()


def lines_of(entries: Iterable[tuple[str, str]]) -> bytes:
    """Return a listing: hash and path of every file, in the order given."""
    return "".join(f"{digest}  {path}\n" for digest, path in entries).encode()


def listed(path: Path) -> Iterator[tuple[str, str]]:
    """Yield hash and path of every file of a listing."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            digest, _, name = line.rstrip("\n").partition("  ")
            yield digest, name


def faults(place: Path, folder: Path) -> Iterator[str]:
    """Yield the files of a backup that are missing or not what they were; nothing for a good one.

    `place` holds the archive that all backups of it share.
    """
    manifest = read(folder)
    parts = [(manifest.database["sha256"], manifest.database["file"])]
    parts += [(stream.sha256, f"{stream.name}.stream") for stream in manifest.streams]
    parts.append((manifest.archive["sha256"], LISTING))
    for digest, name in parts:
        if not _is(folder / name, digest):
            yield f"{folder.name}/{name}"
    if not _is(folder / LISTING, manifest.archive["sha256"]):
        return
    for digest, name in listed(folder / LISTING):
        if not _is(place / name, digest):
            yield name


def _is(path: Path, digest: str) -> bool:
    try:
        return hash_of(path) == digest
    except OSError:
        return False
