"""`gouji replay`: give dead letters another try, after their cause was mended."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from services.commands import choosing, workplace
from services.commands.choosing import Choice, moment_of
from services.commands.following import connected
from services.commands.letters import letters_of
from services.commands.wording import say, say_json, table
from shared.contracts.events import DeadLetter
from shared.errors import Unavailable
from shared.runtime import upkeep
from shared.runtime.connecting import Access


def run(  # noqa: PLR0913, PLR0917 - what a person may type
    stream: choosing.Stream = None,
    sequence: choosing.Sequence = None,
    service: choosing.Service = None,
    reason: choosing.Reason = None,
    error_class: choosing.ErrorClass = None,
    file: choosing.File = None,
    since: choosing.Since = None,
    until: choosing.Until = None,
    limit: choosing.Limit = None,
    everything: Annotated[bool, typer.Option("--all", help="全部重放 · All of them.")] = False,
    dry_run: choosing.DryRun = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON.")] = False,
    data: Annotated[Path, typer.Option(help="数据文件夹 · Data folder of `up`.")] = Path("data"),
) -> None:
    """重放死信 · Put dead letters back where they came from; without a choice, list them.

    Exit code 1 if a choice meets no letter.
    """
    choice = Choice(
        stream, sequence, service, reason, error_class, file,
        moment_of(since, "--since"), moment_of(until, "--until"),
    )  # fmt: skip
    chosen = everything or not choice.is_any
    bus = workplace.find(data).bus
    found = asyncio.run(
        _replay(bus, choice, limit, put_back=chosen and not dry_run, as_json=as_json)
    )
    raise typer.Exit(1 if chosen and not found else 0)


async def _replay(
    bus: Access, choice: Choice, limit: int | None, *, put_back: bool, as_json: bool
) -> int:
    """Tell of the chosen letters and put them back if so asked; return how many there were."""
    async with connected(bus) as client:
        js = client.jetstream()
        kinds = Counter[tuple[str, str]]()
        # all are read before one is put back: what dies again meanwhile is not met a second time
        chosen = [(n, letter) async for n, letter in letters_of(js) if choice.takes(letter)]
        for number, letter in chosen[:limit]:
            kinds[letter.service, letter.error_class] += 1
            if not as_json:
                say(f"{letter.replay}  {letter.service}  {letter.file}  {letter.reason}")
            if put_back:
                await _put_back(js, number, letter)
    if as_json:
        found = chosen[:limit]
        say_json(_for_programs([letter for _, letter in found], len(chosen), put_back=put_back))
        return len(found)
    _sum_up(kinds, len(chosen), put_back=put_back)
    return sum(kinds.values())


def _for_programs(
    letters: Sequence[DeadLetter], matching: int, *, put_back: bool
) -> dict[str, Any]:
    shown = ("service", "file", "document_id", "reason", "error_class", "attempts", "replay")
    listed = [{name: getattr(letter, name) for name in shown} for letter in letters]
    return {"letters": listed, "matching": matching, "put_back": put_back}


def _sum_up(kinds: Counter[tuple[str, str]], matching: int, *, put_back: bool) -> None:
    rows = [(service, error, str(count)) for (service, error), count in sorted(kinds.items())]
    for text in table(rows):
        say(text)
    found = sum(kinds.values())
    left = f" ({matching - found} 未列 not listed)" if matching > found else ""
    how = "已重放 put back" if put_back else "可重放 to be put back: gouji replay --all"
    say(f"{found} {how}{left}")


async def _put_back(js: JetStreamContext, number: int, letter: DeadLetter) -> None:
    try:
        await upkeep.replay(js, number, letter)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the message cannot be put back: {error!r}") from error
