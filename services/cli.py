"""The command line, `gouji COMMAND`: each command is a module, imported when it is asked for."""

import errno
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import typer

from shared.errors import GoujiError
from shared.language import chosen, spoken
from shared.report.printable import printable
from shared.runtime.memory import share_heaps

COMMANDS: Final = (
    "up",
    "check",
    "drop",
    "status",
    "metrics",
    "failures",
    "export",
    "serve",
    "explain",
    "decide",
    "correct",
    "recheck",
    "agencies",
    "missing",
    "run",
    "feed",
    "replay",
    "discard",
    "reconcile",
    "backup",
    "restore",
    "webhooks",
    "keys",
    "provision",
    "migrate",
    "version",
)
"""Every command, in the order of the help; `services.commands.<name>` holds it as `run`, its help as `HELP`."""

EXIT_CODES: Final = {
    0: ("完成", "done"),
    1: ("已完成，但有须处理的结果", "done, and something asks for attention"),
    2: (
        "未能执行：用法、设置、文件或服务有误",
        "could not be done: usage, setting, file or service",
    ),
    130: ("被 Ctrl-C 中断", "interrupted by Ctrl-C"),
    141: ("读取输出的程序已退出", "whoever read the output has gone"),
}
"""What a command tells a script when it ends; docs/checking.md says what 1 means of each."""

_COMPLETING: Final = "_GOUJI_COMPLETE"
"""What a shell sets when it asks how a half-typed command may go on."""

_OF_THE_DISK: Final = {
    errno.ENOSPC: spoken("磁盘已满", "no space left on the disk"),
    errno.EDQUOT: spoken("磁盘配额已用完", "the disk quota is used up"),
    errno.EROFS: spoken("磁盘只读", "the disk is read-only"),
    errno.EACCES: spoken("没有权限", "may not be read or written by the user that this runs as"),
    errno.ENOTDIR: spoken(
        "路径中有一段是文件，不是文件夹", "part of the path is a file and no folder"
    ),
    errno.EISDIR: spoken("是文件夹，不是文件", "is a folder and no file"),
    errno.EEXIST: spoken("是文件，不是文件夹", "is a file and no folder"),
}
"""What a person must mend, and needs no traceback for."""


def build(arguments: Sequence[str]) -> typer.Typer:
    """Return the command line; only the command named first is imported, all of them for help."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help=spoken("勾稽：年报进，核对后的数据出", "Annual reports in, checked records out."),
        epilog=_told_codes(),
    )
    # one command alone would be run without naming it
    app.callback()(lambda: None)
    words = arguments or _half_typed(os.environ)
    wanted = words[:1] if words and words[0] in COMMANDS else COMMANDS
    if not words and _COMPLETING in os.environ:
        # only the name of a command is wanted: loading them all would take longer than typing it
        for name in wanted:
            app.command(name)(lambda: None)
        return app
    for name in wanted:
        module = importlib.import_module(f"services.commands.{name}")
        app.command(name, help=module.HELP)(module.run)
    return app


def _told_codes() -> str:
    told = "; ".join(f"{code} {spoken(*words, ' ')}" for code, words in EXIT_CODES.items())
    return f"{spoken('退出码', 'Exit codes')}: {told}."


def _warn_of_typos() -> None:
    """Say which variables nobody reads; nothing stops for it."""
    if any(name.startswith("GOUJI") for name in os.environ):
        # only then: most commands need none of what this loads
        from shared.runtime.variables import suspected  # noqa: PLC0415

        for name, meant in suspected(os.environ):
            unknown = spoken("没有这个设置，是否指", "no such setting, did you mean")
            print(f"gouji: {name}: {unknown} {meant}?", file=sys.stderr)


def _half_typed(environment: Mapping[str, str]) -> list[str]:
    """Return the words that a shell wants completed behind `gouji`; a command that is named is enough to load."""
    if _COMPLETING not in environment:
        return []
    typed = environment.get("COMP_WORDS") or environment.get("_TYPER_COMPLETE_ARGS") or ""
    words = typed.split()[1:]
    # the only word may be the beginning of a longer name
    return words if len(words) > 1 or typed.endswith(" ") else []


def main() -> None:
    """Run the command line; what gouji raises on purpose is one line, never a traceback."""
    share_heaps()
    try:
        # a language that gouji does not speak is refused before a word is said in another
        chosen(os.environ)
        _warn_of_typos()
        build(sys.argv[1:])()
    except GoujiError as error:
        print(printable(f"gouji: {error}"), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # whoever read our output has gone: not an error, and nothing more can be printed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        print(f"gouji: {error.filename or '?'}: {_OF_THE_DISK[error.errno]}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
