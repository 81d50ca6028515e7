"""What the commands say to people, in the language they chose."""

import errno
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TextIO

from rich.cells import cell_len, set_cell_size

from services.commands.running.tracking import Fate
from shared.language import spoken, texts
from shared.report.printable import json_line, printable

STATES: Final = {
    "recorded": ("✔", "已入库", "recorded"),
    "duplicate": ("=", "重复", "duplicate"),
    "expanded": ("▤", "已展开", "expanded"),
    "refused": ("⊘", "拒收", "refused"),
    "dead": ("✘", "失败", "dead"),
    "unreadable": ("?", "读不了", "unreadable"),
    "under way": ("…", "处理中", "under way"),
}
"""Sign, Chinese and English word of each state."""
_SEVERITIES: Final = {
    "error": spoken("错误", "error", " "),
    "warning": spoken("警告", "warning", " "),
    "info": spoken("提示", "info", " "),
}
_COLOURS: Final = {
    "recorded": "32",
    "duplicate": "36",
    "expanded": "36",
    "refused": "33",
    "dead": "31",
    "unreadable": "31",
    "error": "31",
    "warning": "33",
}
_ISSUES_SHOWN = 6
_BETWEEN: Final = "  "
_NARROWEST: Final = 6
"""Columns of a terminal that a column of a table keeps, however little room there is."""
_OURS = re.compile(r"(\x1b\[(?:0|3[1-6])m)")
"""The colours that `painted` uses."""


def say(line: str = "", *, to: TextIO | None = None) -> None:
    """Print one line at once, to standard output unless told: what happens is shown as it happens.

    Names come from strangers: what would move the cursor or fake another line is shown as �. Only a
    terminal is given colours.
    """
    parts = _OURS.split(line) if (to or sys.stdout).isatty() else [line]
    shown = (part if n % 2 else printable(part) for n, part in enumerate(parts))
    try:
        print("".join(shown), file=to, flush=True)
    except OSError as error:
        # what is told is not what is done: a full disk under a redirected output ends nothing
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise


def say_json(value: Any, *, indented: bool = False) -> None:
    """Print a value as JSON for programs, safe on a terminal too."""
    print(json_line(value, indented=indented).decode(), flush=True)


def teller(*, as_json: bool) -> Callable[[str], None]:
    """Return what tells people how far a command is: nothing, where its output is for a program."""
    return _silent if as_json else say


def _silent(_: str) -> None:
    """Say nothing: what is printed is for a program."""


def painted(text: str, colour: str) -> str:
    """Colour a text on a terminal, leave it as it is anywhere else."""
    code = _COLOURS.get(colour)
    return f"\033[{code}m{printable(text)}\033[0m" if code and sys.stdout.isatty() else text


def fate_lines(fate: Fate) -> list[str]:
    """Return what happened to one file: a line, and one for each error and warning."""
    if fate.state == "finding":
        lines = [f"  {fate.file}:"]
    else:
        head = painted(state_text(fate.state), fate.state)
        lines = [f"{head}  {fate.file}{_about(fate)}"]
    serious = [i for i in fate.issues if i.get("severity") in ("error", "warning")]
    lines += [f"    {line}" for i in serious[:_ISSUES_SHOWN] for line in issue_lines(i)]
    if len(serious) > _ISSUES_SHOWN:
        rest = len(serious) - _ISSUES_SHOWN
        lines.append("    … " + spoken(f"另有 {rest} 条", f"{rest} more"))
    return lines


def state_text(state: str) -> str:
    """Return sign and name of a state."""
    sign, zh, en = STATES.get(state, ("", state, state))
    return f"{sign} {spoken(zh, en, ' ')}"


def who_text(agency: object, year: object) -> str:
    """Return whose report of which year it is, as far as that is known."""
    name = agency or spoken("机关不明", "agency unknown", " ")
    return " · ".join(str(x) for x in (name, year) if x)


def detail_text(zh: str | None, en: str | None) -> str:
    """Return why something ended as it did; some reasons are there in one language only."""
    return spoken(zh, en) if zh and en else zh or en or ""


def issue_lines(issue: Mapping[str, Any]) -> list[str]:
    """Return what an issue says, as an event or a neutral line carries it, a line for each language."""
    severity = str(issue.get("severity"))
    head = painted(f"{_SEVERITIES.get(severity, severity)}  {issue.get('rule')}", severity)
    first, *rest = texts(str(issue.get("message_zh")), str(issue.get("message_en")))
    return [f"{head}  {first}", *(f"      {text}" for text in rest)]


def counts_text(counts: Mapping[str, int] | None) -> str:
    """Return how many errors, warnings and hints there are."""
    found = counts or {}
    parts = [
        f"{word} {found[severity]}" for severity, word in _SEVERITIES.items() if found.get(severity)
    ]
    return ", ".join(parts) or spoken("无问题", "no issues", " ")


def heading(*names: tuple[str, str]) -> tuple[str, ...]:
    """Return the heading of a table: what each column is called in Chinese and English."""
    return tuple(spoken(zh, en, " ") for zh, en in names)


def table(rows: Iterable[tuple[str, ...]], room: int | None = None) -> list[str]:
    """Lay rows out in columns; a Chinese character is two columns wide.

    On a terminal, or in a given room, the widest columns are cut with … so that each row stays on one
    line; into files and pipes everything is written.
    """
    cells = [tuple(printable(text) for text in row) for row in rows]
    if not cells:
        return []
    if room is None and sys.stdout.isatty():
        room = shutil.get_terminal_size().columns
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    if room is not None:
        widths = _fitted(widths, room)
    return [
        _BETWEEN.join(_cut(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _fitted(widths: list[int], room: int) -> list[int]:
    """Return widths that fit: the widest columns give way, none below a few letters."""
    fitted = list(widths)
    while sum(fitted) + len(_BETWEEN) * (len(fitted) - 1) > room and max(fitted) > _NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _cut(text: str, width: int) -> str:
    """Return the text as wide as wanted, with … in place of what does not fit."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, width - 1) + "…"


def summary_lines(states: Mapping[str, int]) -> list[str]:
    """Return how many files ended in which state."""
    rows = []
    for state, (sign, zh, en) in STATES.items():
        if states.get(state):
            first, *rest = texts(zh, en)
            rows.append((f"{sign} {first}", *rest, str(states[state])))
    return table([*rows, (*texts("合计", "total"), str(sum(states.values())))])


def _about(fate: Fate) -> str:
    if fate.known_before:
        return f"  {spoken('已有结果', 'known already')}: gouji status --files"
    if fate.state == "recorded":
        return f"  {who_text(fate.agency, fate.year)}  {counts_text(fate.counts)}"
    if fate.state == "duplicate":
        same = spoken(f"与 {fate.known_as} 内容相同", f"same bytes as {fate.known_as}")
        return f"  {same}"
    if fate.state == "expanded":
        count = len(fate.members)
        inside = spoken(
            f"内有 {count} 个文件，各有结果", f"{count} files inside, each with its own end"
        )
        return f"  {inside}"
    detail = detail_text(fate.detail_zh, fate.detail_en)
    return f"  {fate.reason}{': ' if detail else ''}{detail}"
