"""Which files are meant when files and folders are named."""

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
    seen: set[Path] = set()
    for path in paths:
        if not path.is_dir():
            if not (each_once and path.resolve() in seen):
                yield path
            seen.add(path.resolve())
            continue
        for file in sorted(path.rglob("*"), key=lambda p: natural(p.relative_to(path))):
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if not hidden and file.is_file() and file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def natural(path: Path) -> list[list[tuple[int, int | str]]]:
    """Return what orders paths as people do: folder by folder, 2 before 10, letters of either case together."""
    return [
        [
            (0, int(part)) if part.isdecimal() else (1, part.casefold())
            for part in _DIGITS.split(name)
        ]
        for name in path.parts
    ]
