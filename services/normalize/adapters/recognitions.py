"""Results of character recognition, kept by the hash of the picture: a page is recognised once."""

import contextlib
import os
import zlib
from pathlib import Path
from secrets import token_hex
from typing import Final

from pydantic import TypeAdapter, ValidationError

from services.normalize.core.outcomes import Recognition
from shared.runtime.logs import log

_KIND: Final = TypeAdapter(Recognition)
_LOOKED_AFTER: Final = 256
"""Results between two looks at the space they take."""
_KEPT: Final = 0.8


class RecognitionCache:
    """A folder of results that any number of processes may share; losing it costs time only."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        """Use this folder, made when first needed; the oldest results go when it is full.

        With `most_bytes` 0 nothing is kept.
        """
        self._folder = folder
        self._most_bytes = most_bytes
        self._written = 0

    def get(self, key: str, version: str) -> Recognition | None:
        """Return the result for a picture, None when there is none that can be read."""
        try:
            body = zlib.decompress(self._path(key, version).read_bytes())
            return _KIND.validate_json(body)
        except (OSError, zlib.error, ValidationError):
            return None

    def put(self, key: str, version: str, found: Recognition) -> None:
        """Keep a result, whole or not at all; a full or broken disk is no reason to stop."""
        if not self._most_bytes:
            return
        path = self._path(key, version)
        aside = path.with_name(f".{path.name}.{os.getpid()}.{token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(zlib.compress(_KIND.dump_json(found), 1))
            aside.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            log("warning", "ocr.not_cached", error=str(error))
            return
        self._written += 1
        if self._written % _LOOKED_AFTER == 0:
            self.make_room()

    def make_room(self) -> None:
        """Drop the oldest results when they take more space than allowed."""
        ages = []
        for path in self._folder.glob("*/*/*"):
            try:
                found = path.stat()
            except OSError:
                continue
            ages.append((found.st_mtime, found.st_size, path))
        total = sum(size for _, size, _ in ages)
        if total <= self._most_bytes:
            return
        for _, size, path in sorted(ages):
            if total <= _KEPT * self._most_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size

    def _path(self, key: str, version: str) -> Path:
        return self._folder / version.replace("/", "-") / key[:2] / f"{key}.json.z"
