"""`gouji check FILE…`: read and judge files here and now, without bus or database."""

import asyncio
import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from services.commands.checks.beside import gather
from services.commands.checks.checking import Bench, check_all, empty_folder
from services.commands.checks.folders import files_in
from services.commands.checks.presenting import Layout, Presenter, check_target, deliver, presenter
from services.commands.reaching.options import Rules
from services.commands.talking.progress import bar
from services.commands.talking.teaching import taught
from services.commands.talking.wording import detail_text, say
from services.normalize.adapters.workshop import Workshop
from services.normalize.settings import NormalizeSettings
from services.pipeline import set_beside
from services.validate.adapters.rules_folder import load_for
from services.validate.core.rulebook import Rulebook
from shared.language import spoken
from shared.runtime.streams.inbox import printable_name

_FOR_PROGRAMS: Final = ("json", "jsonl", "sarif")
_CLEAN, _ISSUES, _REFUSED = 0, 1, 2
_ENDED_WELL = ("recorded", "expanded")
FailOn = Literal["error", "warning", "never"]
_GRAVE: Final[dict[str, tuple[str, ...]]] = {
    "error": ("error",),
    "warning": ("error", "warning"),
    "never": (),
}


@dataclass(frozen=True, slots=True)
class Task:
    """What a person asks for; `beside` is None where files are to be judged alone."""

    files: list[Path]
    layout: Layout
    output: Path | None
    fail_on: FailOn
    jobs: int
    rulebook: Rulebook
    beside: list[Path] | None


def _existing(paths: list[Path] | None) -> list[Path]:
    for path in paths or ():
        if not path.exists():
            what = spoken("没有这个文件或文件夹", "no such file or folder", " ")
            raise typer.BadParameter(f"{what}: {path}")
    return paths or []


Shape = Annotated[
    Layout,
    typer.Option(
        "--format",
        help=spoken(
            "text 供阅读；html 一页，可打印转交；jsonl、json、sarif 供程序",
            "text to read, html a page to print and hand on, the others for programs.",
        ),
    ),
]

HELP: Final = taught(
    "核对文件",
    "Check files before they are published.",
    "退出码：0 没有达到 --fail-on 的问题；1 有达到的（未另行指定时为错误和警告）；2 "
    "有文件无法核对（拒收、不存在、失败），不论 --fail-on 如何设置，或用法有误。",
    "Exit codes: 0 nothing at or above --fail-on; 1 findings at or above it (errors and "
    "warnings unless told otherwise); 2 a file could not be checked (refused, missing, "
    "failed), whatever --fail-on says, or the command was mistyped.",
)


def run(  # noqa: PLR0913, PLR0917 - what a person may type
    files: Annotated[
        list[Path],
        typer.Argument(
            help=spoken("要核对的文件或文件夹（含下级）", "Files, or folders with all below them.")
        ),
    ],
    layout: Shape = "text",
    as_json: Annotated[
        bool, typer.Option("--json", help=spoken("同 --format json", "As --format json."))
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help=spoken("写入文件（整份替换）", "Write to a file (not text).")
        ),
    ] = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            help=spoken("何种问题以 1 退出，用作发布前的关卡", "What ends with 1: a gate.")
        ),
    ] = "warning",
    jobs: Annotated[
        int, typer.Option(min=1, max=64, help=spoken("同时核对几份", "Files at a time."))
    ] = os.cpu_count() or 1,
    rules: Rules = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            callback=_existing,
            help=spoken(
                "对照的文件或文件夹，如上年报告", "Reports to compare with, such as last year's."
            ),
        ),
    ] = None,
    together: Annotated[
        bool,
        typer.Option(
            "--together", help=spoken("各文件也相互对照", "Compare FILES with each other too.")
        ),
    ] = False,
) -> None:
    """Check files before they are published."""
    layout = "json" if as_json else layout
    check_target(layout, output)
    others = [*(beside or ()), *(p for p in files if together and p.exists())]
    task = Task(
        files, layout, output, fail_on, jobs, load_for(rules),
        others if beside or together else None,
    )  # fmt: skip
    raise typer.Exit(asyncio.run(_check(task)))


async def _check(task: Task) -> int:
    settings = NormalizeSettings()
    if not settings.archive_path.is_dir():
        # checking a file leaves nothing behind where no line has its data
        settings = settings.model_copy(update={"ocr_cache_bytes": 0})
    workshop = Workshop(settings)
    shown = presenter(task.layout, task.rulebook, streams=task.output is None)
    try:
        worst = await _show(task, workshop, shown)
    finally:
        await workshop.close()
    deliver(shown, task.output)
    return worst


async def _show(task: Task, workshop: Workshop, shown: Presenter) -> int:
    """Hand every line to the presenter and return the exit code."""
    bench = await _bench(task, workshop)
    files, worst = list(files_in(task.files)), _CLEAN
    steps_aside = task.layout not in _FOR_PROGRAMS or task.output is not None
    with bar(len(files), spoken("核对", "checking", " "), steps_aside=steps_aside) as step:
        async for found in check_all(files, bench, task.jobs):
            for line in found:
                worst = max(worst, _code(line, task.fail_on))
                shown.add(line)
            step()
    for path in task.files:
        if path.is_dir() and next(files_in([path]), None) is None:
            shown.add(empty_folder(path))
            worst = _REFUSED
    return worst


async def _bench(task: Task, workshop: Workshop) -> Bench:
    """Return where the files are judged: alone, or beside what is read first."""
    if task.beside is None:
        return Bench(workshop, task.rulebook)
    found = await gather(task.beside, workshop, task.jobs, task.rulebook)
    own = tuple(printable_name(str(path)) for path in task.files)
    for line in found.unread:
        # a file that is checked too has a line of its own that says so
        if not any(line["file"] == name or line["file"].startswith(f"{name}/") for name in own):
            say(_not_compared(line), to=sys.stderr)
    after = partial(set_beside, neighbourhood=found.neighbourhood, rulebook=task.rulebook)
    return Bench(workshop, task.rulebook, found.outcomes, after)


def _not_compared(line: dict[str, Any]) -> str:
    why = f"{line['reason']}: {detail_text(line['detail_zh'], line['detail_en'])}"
    what = spoken("读不了，不作对照", "not read, not compared with", " ")
    return f"{what}: {line['file']}  {why}"


def _code(line: dict[str, Any], fail_on: FailOn) -> int:
    if line["status"] not in _ENDED_WELL:
        return _REFUSED
    serious = any(i["severity"] in _GRAVE[fail_on] for i in line["issues"])
    return _ISSUES if serious else _CLEAN
