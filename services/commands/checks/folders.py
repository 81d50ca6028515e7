"""Which files are meant when files and folders are named."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_DIGITS: Final = re.compile(r"(\d+)")


def files_in(paths: Iterable[Path], *, each_once: bool = False) -> Iterator[Path]:
    """Yield the files named, in the order given, and for a folder all files below it in natural order.

    Of a folder hidden files are left out, and files that came before; with `each_once` a file that is named
    again too. What is not there is handed on as it is: whoever opens it says so.
    """
    seen: set[str] = set()
    for path in paths:
        if not path.is_dir():
            if not (each_once and os.path.realpath(path) in seen):
                yield path
            seen.add(os.path.realpath(path))
            continue
        for file in _below(path):
            if os.path.realpath(file) not in seen:
                seen.add(os.path.realpath(file))
                yield file


def _below(folder: Path) -> list[Path]:
    """Return the files of a folder that are not hidden, in natural order."""
    found = ((file, file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    shown = [(f, inside) for f, inside in found if not any(p[0] == "." for p in inside.parts)]
    return [file for file, inside in sorted(shown, key=lambda one: natural(one[1]))]


def natural(path: Path) -> list[list[tuple[int, int | str]]]:
    """Return what orders paths as people do: folder by folder, 2 before 10, letters of either case together."""
    return [
        [
            (0, int(part)) if part.isdecimal() else (1, part.casefold())
            for part in _DIGITS.split(name)
        ]
        for name in path.parts
    ]
