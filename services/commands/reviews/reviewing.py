"""What the reviewers' commands share: who speaks, and waiting until the database shows it."""

import asyncio
import getpass
import os
import time
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from services.commands.reaching.publishing import desk
from services.commands.reaching.reading import reading
from services.commands.talking.wording import say
from shared.contracts.events import Event
from shared.errors import GoujiError
from shared.language import spoken
from shared.runtime.connections.connecting import Access
from shared.runtime.streams.inbox import printable_name


def _typed(text: str | None) -> str | None:
    """Return what was typed as text, whatever bytes the terminal sent."""
    return text if text is None else printable_name(text)


By = Annotated[
    str | None,
    typer.Option(
        "--by",
        callback=_typed,
        help=spoken(
            "谁决定的，默认 $GOUJI_REVIEWER 或登录名",
            "Who says so; $GOUJI_REVIEWER or the login name if left.",
        ),
    ),
]
Note = Annotated[
    str | None, typer.Option("--note", callback=_typed, help=spoken("说明理由", "Why."))
]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help=spoken("不等入库", "Do not wait for the database."))
]

SHORTEST_PREFIX: Final = 6
"""Digits of an id that a person must type at least."""

_LONGEST_NAME: Final = 100
_PATIENCE_SECONDS: Final = 30.0
_ASK_SECONDS: Final = 0.1


class Mistaken(GoujiError):
    """What was typed names nothing, or more than one thing; the message says what there is."""


def reviewer(by: str | None) -> str:
    """Return who decides: as given, else $GOUJI_REVIEWER, else the login name."""
    name = (by or os.environ.get("GOUJI_REVIEWER") or _login()).strip()
    if not name or len(name) > _LONGEST_NAME:
        raise Mistaken(spoken("不知是谁在决定，请用 --by", "nobody says so: give --by NAME"))
    return name


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def tell(bus: Access, events: Sequence[Event]) -> None:
    """Publish events one after another; returns when the bus has stored all of them."""

    async def publish() -> None:
        async with desk(bus) as (outlet, _):
            for event in events:
                await outlet.publish(event)

    asyncio.run(publish())


def await_rows(database_url: str, query: str, count: int, **values: object) -> bool:
    """Wait until `query` counts this many as `found`; say so and return False if it does not in time."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with reading(database_url) as reader:
        while reader.rows(query, **values)[0]["found"] < count:
            if time.monotonic() > deadline:
                say(
                    spoken(
                        "总线已收下，数据库尚未写入；sink 运行后会补上",
                        "the bus has it, the database not yet: it will once the sink runs",
                    )
                )
                return False
            time.sleep(_ASK_SECONDS)
    return True
