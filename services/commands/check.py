"""`gouji check FILE…`: read and judge files here and now, without bus or database."""

import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import typer

from services.commands.checking import check_all
from services.commands.labels import printed
from services.commands.wording import STATES, counts_text, issue_lines, painted, say
from services.normalize.adapters.workshop import Workshop
from services.normalize.settings import NormalizeSettings
from services.validate.adapters.rules_folder import load_for
from services.validate.core.rulebook import Rulebook

_CLEAN, _ISSUES, _REFUSED = 0, 1, 2
_ADDRESSES_SHOWN = 6
_ENDED_WELL = ("recorded", "expanded")


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
) -> None:
    """核对文件 · Check files. Exit code 0 clean, 1 errors or warnings, 2 a file is refused."""
    raise typer.Exit(asyncio.run(_check(files, layout, jobs, load_for(rules))))


async def _check(files: list[Path], layout: str, jobs: int, rulebook: Rulebook) -> int:
    worst = _CLEAN
    lines: list[dict[str, Any]] = []
    settings = NormalizeSettings()
    if not settings.archive_path.is_dir():
        # checking a file leaves nothing behind where no line has its data
        settings = settings.model_copy(update={"ocr_cache_bytes": 0})
    workshop = Workshop(settings)
    try:
        async for found in check_all(files, workshop, jobs, rulebook):
            worst = max(worst, *map(_code, found))
            for line in found:
                if layout == "text":
                    for shown in text_lines(line):
                        say(shown)
                elif layout == "jsonl":
                    _write(orjson.dumps(line) + b"\n")
                else:
                    lines.append(line)
    finally:
        await workshop.close()
    if layout == "json":
        _write(orjson.dumps(lines, option=orjson.OPT_INDENT_2) + b"\n")
    return worst


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
    for issue in line["issues"]:
        for shown in (*issue_lines(issue), *_grounds(issue, line["template"])):
            yield f"  {shown}"


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
