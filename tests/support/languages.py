"""What the command line says to people in the language of this process: one JSON object of texts by what was typed.

Run as a program, with GOUJI_LANGUAGE set: messages are made when modules are loaded.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from typer.testing import CliRunner

from services.cli import COMMANDS, build
from services.commands.mending.mended import WORDS, ForPeople
from services.commands.reaching import records
from services.commands.reviews.differences import Differences, Tally, shown_differences
from services.commands.running import waits
from services.commands.running.tracking import Fate
from services.commands.talking.wording import STATES, fate_lines, summary_lines

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FAULTY = ("03_text", "04_sums", "05_old", "07_page", "09_marks", "10_notice")
"""What stands in reports, or what is none."""


def said(*arguments: object) -> str:
    """Return what is printed, and what the program would say of an error on purpose."""
    typed = [str(argument) for argument in arguments]
    ended = CliRunner().invoke(build(typed), typed)
    error = ended.exception
    told = "" if error is None or isinstance(error, SystemExit) else f"gouji: {error}"
    return ended.output + told


def walk(folder: Path) -> dict[str, str]:
    """Return everything that is said on the way through all commands."""
    reports = [next(EXAMPLES.glob(f"{name}*")) for name in FAULTY]
    (folder / "empty.txt").write_bytes(b"")
    sheet = folder / "list.csv"
    sheet.write_text("机关名称,区划代码\n不是机关,999999\n", encoding="utf-8")
    data = ("--data", folder)
    records.migrate(f"sqlite:///{folder}/gouji.db")
    typed: list[tuple[object, ...]] = [
        ("--help",),
        *((name, "--help") for name in COMMANDS),
        ("check", "--together", *reports, folder / "empty.txt"),
        ("check", "--beside", folder / "none", reports[0]),
        ("check", "--output", folder / "x.txt", reports[0]),
        ("explain",),
        ("explain", "t3_balance"),
        ("explain", "t3_blance"),
        ("export", "--year", "then", *data),
        ("export", "--region", "无此地", *data),
        ("export", "--rule", "t3_blance", *data),
        ("export", "--rows", "cells", *data),
        ("export", "--year", "2001", *data),
        ("agencies", *data),
        ("agencies", sheet, *data),
        ("missing", "--year", 2024, *data),
        ("missing", "--year", 2024, "--today", "then", *data),
        ("decide", "xyz", "confirm", *data),
        ("decide", "123456", "confirm", *data),
        ("correct", "none.txt", "applications.total@total", "7", *data),
        ("recheck", *data),
        ("webhooks",),
        ("discard", *data),
        ("status", *data),
        ("migrate", *data),
        ("serve", "--users", "--data", folder),
        ("up", "--copies", "nobody", *data),
    ]
    return {_named(words, folder): said(*words) for words in typed} | {"of a running line": told()}


def told() -> str:
    """Return what is said only while a line runs, or of what it left behind."""
    issue = {
        "severity": "error",
        "rule": "t3_balance",
        "message_zh": "不平。",
        "message_en": "It is off.",
    }
    refused = {"reason": "empty", "detail_zh": "文件为空。", "detail_en": "The file is empty."}
    fates = [
        Fate("recorded", "a.txt", "1", counts={"error": 2, "info": 1}, issues=(issue,) * 8),
        Fate("recorded", "a.txt", "1", year=2024, counts={}),
        Fate("duplicate", "b.txt", "1", known_as="a.txt"),
        Fate("expanded", "c.zip", "2", members=(("d.txt", "3"),)),
        Fate("refused", "e.txt", "4", **refused),
        Fate("dead", "f.txt", "5", reason="ValueError"),
        Fate("finding", "a.txt", "1", issues=(issue,)),
        Fate("recorded", "a.txt", "1", known_before=True),
    ]
    lines = [line for fate in fates for line in fate_lines(fate)]
    lines += summary_lines(dict.fromkeys(STATES, 1))
    queues = [(0, None, None), (20, 5.0, None), (20, 5.0, 400.0), (20, 5.0, 9000.0)]
    lines += [waits.told(waits.Wait(3, 1, *queue)) for queue in queues]
    lines += shown_differences(Differences({"t3_balance": Tally(1)}, 1))
    lines += shown_differences(Differences({}, 0))
    printed = StringIO()
    with redirect_stdout(printed):
        teller = ForPeople()
        for action in WORDS:
            teller.step(action, file="a.txt")
        teller.end(Counter(list(WORDS)), under_way=1, dry_run=True)
        teller.end(Counter(), under_way=0, dry_run=False)
    return "\n".join((*lines, printed.getvalue()))


def _named(words: Iterable[object], folder: Path) -> str:
    """Return what was typed, without where this machine has its folders."""
    typed = " ".join(map(str, words))
    return typed.replace(f"{folder}", "FOLDER").replace(f"{EXAMPLES}/", "")


if __name__ == "__main__":
    json.dump(walk(Path(sys.argv[1])), sys.stdout, ensure_ascii=False)
