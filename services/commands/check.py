"""`gouji check FILE…`: read and judge files here and now, without bus or database."""

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from services.commands.beside import gather
from services.commands.checking import Bench, check_all
from services.commands.labels import printed
from services.commands.wording import STATES, counts_text, issue_lines, painted, say
from services.normalize.adapters.workshop import Workshop
from services.normalize.settings import NormalizeSettings
from services.pipeline import set_beside
from services.validate.adapters.rules_folder import load_for
from services.validate.core.rulebook import Rulebook
from shared.report.printable import json_line
from shared.runtime.inbox import printable_name

_CLEAN, _ISSUES, _REFUSED = 0, 1, 2
_ADDRESSES_SHOWN = 6
_ENDED_WELL = ("recorded", "expanded")
_FILES_SHOWN = 3
_RELATIONS: Final = {
    "year_before": "上年报告 last year's report",
    "member": "所属机关报告 reports of members",
    "shared_text": "有相同文句的报告 reports that share passages",
}


@dataclass(frozen=True, slots=True)
class Task:
    """What a person asks for; `beside` is None where files are to be judged alone."""

    files: list[Path]
    layout: str
    jobs: int
    rulebook: Rulebook
    beside: list[Path] | None


def _existing(paths: list[Path] | None) -> list[Path]:
    for path in paths or ():
        if not path.exists():
            raise typer.BadParameter(f"没有这个文件或文件夹 no such file or folder: {path}")
    return paths or []


def run(
    files: Annotated[list[Path], typer.Argument(help="要核对的文件 · Files to check.")],
    layout: Annotated[
        Literal["text", "json", "jsonl"], typer.Option("--format", help="输出格式 · Output.")
    ] = "text",
    jobs: Annotated[
        int, typer.Option(min=1, max=64, help="同时核对几份 · Files at a time.")
    ] = os.cpu_count() or 1,
    rules: Annotated[
        Path | None,
        typer.Option(envvar="GOUJI_RULES", help="自订规则文件夹 · Folder with rules of your own."),
    ] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            callback=_existing,
            help="对照的文件或文件夹，如上年报告 · Reports to compare with, such as last year's.",
        ),
    ] = None,
    together: Annotated[
        bool,
        typer.Option("--together", help="各文件也相互对照 · Compare FILES with each other too."),
    ] = False,
) -> None:
    """核对文件 · Check files. Exit code 0 clean, 1 errors or warnings, 2 a file is refused."""
    others = [*(beside or ()), *(p for p in files if together and p.is_file())]
    task = Task(files, layout, jobs, load_for(rules), others if beside or together else None)
    raise typer.Exit(asyncio.run(_check(task)))


async def _check(task: Task) -> int:
    worst = _CLEAN
    lines: list[dict[str, Any]] = []
    settings = NormalizeSettings()
    if not settings.archive_path.is_dir():
        # checking a file leaves nothing behind where no line has its data
        settings = settings.model_copy(update={"ocr_cache_bytes": 0})
    workshop = Workshop(settings)
    try:
        bench = await _bench(task, workshop)
        async for found in check_all(task.files, bench, task.jobs):
            worst = max(worst, *map(_code, found))
            for line in found:
                if task.layout == "text":
                    for shown in text_lines(line):
                        say(shown)
                elif task.layout == "jsonl":
                    _write(json_line(line) + b"\n")
                else:
                    lines.append(line)
    finally:
        await workshop.close()
    if task.layout == "json":
        _write(json_line(lines, indented=True) + b"\n")
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
    why = f"{line['reason']}: {line['detail_zh']} · {line['detail_en']}"
    return f"读不了，不作对照 not read, not compared with: {line['file']}  {why}"


def text_lines(line: dict[str, Any]) -> Iterable[str]:
    """Yield what a clerk reads about one file."""
    status = line["status"]
    sign, zh, en = STATES[status]
    head = painted(f"{sign} {zh} {en}", status)
    if status == "expanded":
        count = len(line["members"])
        yield f"{head}  {line['file']}  内有 {count} 个文件 · {count} files inside"
        return
    if status != "recorded":
        yield f"{head}  {line['file']}  {line['reason']}: {line['detail_zh']} · {line['detail_en']}"
        return
    who = " · ".join(
        str(x) for x in (line["agency"] or "机关不明 agency unknown", line["year"]) if x
    )
    counts: dict[str, int] = {}
    for issue in line["issues"]:
        counts[issue["severity"]] = counts.get(issue["severity"], 0) + 1
    yield f"{head}  {line['file']}  {who}  {counts_text(counts)}"
    if "beside" in line:
        yield from _beside(line["beside"])
    for issue in line["issues"]:
        for shown in (*issue_lines(issue), *_grounds(issue, line["template"])):
            yield f"  {shown}"


def _beside(named: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what the report was judged beside, so that nobody takes silence for agreement."""
    if not named:
        yield "  对照 beside: 没有可对照的报告 · nothing to compare with"
    for relation, words in _RELATIONS.items():
        files = [one["file"] for one in named if one["relation"] == relation]
        if files:
            more = f" …（{len(files)}）" if len(files) > _FILES_SHOWN else ""
            yield f"  对照 beside: {words}: {', '.join(files[:_FILES_SHOWN])}{more}"


def _grounds(issue: dict[str, Any], edition: Any) -> Iterable[str]:
    """Yield where it is, the formula, both sides, and what would mend it."""
    addresses = issue["addresses"]
    for address in addresses[:_ADDRESSES_SHOWN]:
        yield f"      位置 at: {printed(address, edition)}  [{address}]"
    if len(addresses) > _ADDRESSES_SHOWN:
        yield f"      … 共 {len(addresses)} 格 · {len(addresses)} cells in all"
    if issue["formula"]:
        yield f"      公式 formula: {issue['formula']}"
    if issue["expected"] is not None or issue["observed"] is not None:
        sides = f"应为 expected: {issue['expected']}   实为 observed: {issue['observed']}"
        if issue["difference"] is not None:
            sides += f"   差 difference: {issue['difference']}"
        yield f"      {sides}"
    if issue["suggestion"]:
        yield f"      建议 suggestion: {issue['suggestion']}"


def _code(line: dict[str, Any]) -> int:
    if line["status"] not in _ENDED_WELL:
        return _REFUSED
    serious = any(i["severity"] in ("error", "warning") for i in line["issues"])
    return _ISSUES if serious else _CLEAN


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
