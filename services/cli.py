"""The command line, `gouji COMMAND`: each command is a module, imported when it is asked for."""

import importlib
import os
import sys
from typing import Any, Final

import typer
from typer.core import TyperGroup

from shared.errors import GoujiError

COMMANDS: Final = (
    "up",
    "check",
    "drop",
    "status",
    "failures",
    "export",
    "explain",
    "run",
    "feed",
    "replay",
    "provision",
    "migrate",
    "version",
)
"""Every command, in the order of the help; `services.commands.<name>` holds it as `app`."""


class _Commands(TyperGroup):
    """Finds a command by importing its module: `check` must not pay for the bus."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"services.commands.{cmd_name}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def gouji() -> None:
    """勾稽：年报进，核对后的数据出 · Annual reports in, checked records out."""


def main() -> None:
    """Run the command line; what gouji raises on purpose is one line, never a traceback."""
    try:
        app()
    except GoujiError as error:
        print(f"gouji: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # whoever read our output has gone: not an error, and nothing more can be printed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


if __name__ == "__main__":
    main()
