"""`gouji check FILE…`: read and judge files here and now, without bus or database."""

import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import typer

from services.commands.labels import printed
from services.commands.wording import STATES, counts_text, issue_lines, painted, say
from services.pipeline import process
from shared.report.neutral import neutral_terminal

_CLEAN, _ISSUES, _REFUSED = 0, 1, 2
_ADDRESSES_SHOWN = 6


def run(
    files: Annotated[list[Path], typer.Argument(help="要核对的文件 · Files to check.")],
    layout: Annotated[
        Literal["text", "json", "jsonl"], typer.Option("--format", help="输出格式 · Output.")
    ] = "text",
) -> None:
    """核对文件 · Check files. Exit code 0 clean, 1 errors or warnings, 2 a file is refused."""
    worst = _CLEAN
    lines: list[dict[str, Any]] = []
    for path in files:
        line = check(path)
        worst = max(worst, _code(line))
        if layout == "text":
            for shown in text_lines(line):
                say(shown)
        elif layout == "jsonl":
            _write(orjson.dumps(line) + b"\n")
        else:
            lines.append(line)
    if layout == "json":
        _write(orjson.dumps(lines, option=orjson.OPT_INDENT_2) + b"\n")
    raise typer.Exit(worst)


def check(path: Path) -> dict[str, Any]:
    """Return the neutral line of one file; our own failure is a line too, never a traceback."""
    name = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        return neutral_terminal(
            name,
            None,
            "refused",
            "missing_bytes",
            detail_zh=f"无法读取：{error.strerror}",
            detail_en=f"cannot be read: {error.strerror}",
        )
    try:
        return process(data, path.name).neutral() | {"file": name}
    except Exception as error:  # noqa: BLE001 - a defect of ours must not hide the other files
        place = traceback.extract_tb(error.__traceback__)[-1]
        return neutral_terminal(
            name,
            None,
            "dead",
            f"{type(error).__name__}: {error}",
            detail_zh=f"gouji 自身出错（{Path(place.filename).name}:{place.lineno}），请报告此文件",
            detail_en="gouji itself failed on this file; please report it",
        )


def text_lines(line: dict[str, Any]) -> Iterable[str]:
    """Yield what a clerk reads about one file."""
    status = line["status"]
    sign, zh, en = STATES[status]
    head = painted(f"{sign} {zh} {en}", status)
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
    if line["status"] != "recorded":
        return _REFUSED
    serious = any(i["severity"] in ("error", "warning") for i in line["issues"])
    return _ISSUES if serious else _CLEAN


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
