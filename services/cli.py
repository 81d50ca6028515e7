"""The command line, `gouji COMMAND`: each command is a module, imported when it is asked for."""

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

import typer

from shared.errors import GoujiError
from shared.report.printable import printable

COMMANDS: Final = (
    "up",
    "check",
    "drop",
    "status",
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
    "reconcile",
    "backup",
    "restore",
    "webhooks",
    "keys",
    "provision",
    "migrate",
    "version",
)
"""Every command, in the order of the help; `services.commands.<name>` holds it as `run`."""

_OF_THE_DISK: Final = {
    errno.ENOSPC: "磁盘已满 · no space left on the disk",
    errno.EDQUOT: "磁盘配额已用完 · the disk quota is used up",
    errno.EROFS: "磁盘只读 · the disk is read-only",
}
"""What a person must mend, and needs no traceback for."""


def build(arguments: Sequence[str]) -> typer.Typer:
    """Return the command line; only the command named first is imported, all of them for help."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="勾稽：年报进，核对后的数据出 · Annual reports in, checked records out.",
    )
    # one command alone would be run without naming it
    app.callback()(lambda: None)
    wanted = arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS
    for name in wanted:
        app.command(name)(importlib.import_module(f"services.commands.{name}").run)
    return app


def main() -> None:
    """Run the command line; what gouji raises on purpose is one line, never a traceback."""
    try:
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
