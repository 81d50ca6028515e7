"""`gouji run SERVICE`: become one of the services; start it again anywhere to scale out."""

import importlib
import os
import sys
from collections.abc import Iterable
from typing import Annotated, Final, get_args

import typer

from services.commands.talking.teaching import taught
from services.normalize.settings import LaneName
from shared.contracts.events import Stage
from shared.language import spoken

SERVICES: Final[tuple[str, ...]] = get_args(Stage)

HELP: Final = taught("运行一个服务，可随处多开", "Run one service; start more copies anywhere.")


def run(
    service: Annotated[
        str, typer.Argument(help=f"{spoken('服务', 'One of')}: {', '.join(SERVICES)}.")
    ],
    lanes: Annotated[
        str | None,
        typer.Option(
            help=spoken(
                "normalize 只办这些：quick、office、ocr，逗号分隔",
                "Lanes of normalize: quick, office, ocr; by comma.",
            )
        ),
    ] = None,
) -> None:
    """Run one service; start more copies anywhere."""
    if service not in SERVICES:
        raise typer.BadParameter(
            f"{service!r} {spoken('不在其中', 'is none of')}: {', '.join(SERVICES)}"
        )
    if lanes is not None:
        unknown = {lane.strip() for lane in lanes.split(",")} - set(get_args(LaneName))
        if service != "normalize" or unknown:
            raise typer.BadParameter("--lanes: normalize, quick, office, ocr")
        os.environ["GOUJI_NORMALIZE_LANES"] = lanes
    os.execv(sys.executable, command_of(service))  # noqa: S606 - no shell is wanted


def check_settings(services: Iterable[str]) -> None:
    """Read the settings of services as they will. Raises `BadSetting` for what none would start with."""
    for service in services:
        module = importlib.import_module(f"services.{service}.settings")
        getattr(module, f"{service.title()}Settings")()


def command_of(service: str) -> list[str]:
    """Return the program and arguments that run a service in this environment."""
    return [sys.executable, "-m", f"services.{service}"]
