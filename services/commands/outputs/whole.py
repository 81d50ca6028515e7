"""Files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from shared.language import spoken


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a path beside the target to write to; what is there at the end replaces the target at once.

    When anything fails, the target stays as it was. Raises `typer.BadParameter` where no file can be.
    """
    if target.is_dir() or not target.parent.is_dir():
        raise typer.BadParameter(
            f"--output {target}: " + spoken("不能写入", "no file can be written there")
        )
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield aside
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
