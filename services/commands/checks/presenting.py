"""How `gouji check` shows what it found: one presenter a format, given line by line."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import typer

from services.commands.checks.clerk import text_lines
from services.commands.outputs.page import Page
from services.commands.outputs.sarif import sarif
from services.commands.outputs.whole import whole_file
from services.commands.talking.wording import say
from services.validate.core.rulebook import Rulebook
from shared.language import spoken
from shared.report.printable import json_line

Layout = Literal["text", "json", "jsonl", "sarif", "html"]
Line = dict[str, Any]
Write = Callable[[bytes], Any]

_AT_ONCE: Final = ("text", "jsonl")
"""Formats that are shown file by file; the others are whole documents."""


class Presenter(Protocol):
    """Takes the lines of files in order; `finish` comes once, at the end, when all went well."""

    def add(self, line: Line) -> None:
        """Show or keep one line."""
        ...

    def finish(self, write: Write) -> None:
        """Write what was kept."""
        ...


def check_target(layout: Layout, output: Path | None) -> None:
    """Raise `typer.BadParameter` where a format cannot go to what was named."""
    if output is not None and layout == "text":
        raise typer.BadParameter(
            "--output "
            + spoken(
                "须配合 --format json、jsonl、sarif 或 html",
                "is not for text: give another --format",
            )
        )
    if layout == "html" and output is None and sys.stdout.isatty():
        raise typer.BadParameter(
            "--format html " + spoken("须指明文件", "needs a file") + ": --output check.html"
        )


def presenter(layout: Layout, rulebook: Rulebook, *, streams: bool) -> Presenter:
    """Return the presenter of a format; one that `streams` may write to standard output as it goes."""
    if layout == "html":
        return _Html(rulebook)
    if layout == "sarif":
        return _Sarif(rulebook)
    if layout in _AT_ONCE and streams:
        return _Text() if layout == "text" else _Lines()
    return _Kept(one_a_line=layout == "jsonl")


def deliver(shown: Presenter, output: Path | None) -> None:
    """Finish a presentation: into a file, whole or not at all, or to standard output."""
    if output is None:
        shown.finish(_write)
        sys.stdout.buffer.flush()
        return
    with whole_file(output) as aside, aside.open("wb") as file:
        shown.finish(file.write)
    say(f"{output}", to=sys.stderr)


class _Text:
    def add(self, line: Line) -> None:
        for shown in text_lines(line):
            say(shown)

    def finish(self, write: Write) -> None:
        pass


class _Lines:
    def add(self, line: Line) -> None:
        _write(json_line(line) + b"\n")
        sys.stdout.buffer.flush()

    def finish(self, write: Write) -> None:
        pass


class _Kept:
    def __init__(self, *, one_a_line: bool) -> None:
        self._lines: list[Line] = []
        self._one_a_line = one_a_line

    def add(self, line: Line) -> None:
        self._lines.append(line)

    def finish(self, write: Write) -> None:
        if not self._one_a_line:
            write(json_line(self._lines, indented=True) + b"\n")
            return
        for line in self._lines:
            write(json_line(line) + b"\n")


class _Sarif:
    def __init__(self, rulebook: Rulebook) -> None:
        self._lines: list[Line] = []
        self._rulebook = rulebook

    def add(self, line: Line) -> None:
        # of the cells only those are kept that a finding points at
        named = {address for issue in line["issues"] for address in issue["addresses"]}
        cells = {a: {"line": c.get("line")} for a, c in line["cells"].items() if a in named}
        rest: Line = {"narrative_figures": [], "sections": [], "leftovers": []}
        self._lines.append(line | rest | {"cells": cells})

    def finish(self, write: Write) -> None:
        _each(write, sarif(self._lines, self._rulebook))


class _Html:
    def __init__(self, rulebook: Rulebook) -> None:
        self._page = Page(rulebook)

    def add(self, line: Line) -> None:
        self._page.add(line)

    def finish(self, write: Write) -> None:
        self._page.write(write)


def _each(write: Write, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        write(piece)


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
