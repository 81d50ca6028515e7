"""`gouji replay`: give dead letters another try, after their cause was mended."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from services.commands.mending import choosing
from services.commands.mending.choosing import Choice, moment_of
from services.commands.mending.letters import letters_of
from services.commands.reaching import workplace
from services.commands.reaching.following import connected
from services.commands.reaching.options import AsJson, Data
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say, say_json, table
from shared.contracts.events import DeadLetter
from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime.connections.connecting import Access
from shared.runtime.streams import upkeep

HELP: Final = taught(
    "重放死信",
    "Put dead letters back where they came from; without a choice, list them.",
    "送回原处重新处理；不给条件时只列出。没有符合条件的死信，或其消息已丢失时，退出码为 1。",
    "Exit code 1 if a choice meets no letter, or if the message of one is lost.",
)


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
    everything: Annotated[
        bool, typer.Option("--all", help=spoken("全部重放", "All of them."))
    ] = False,
    dry_run: choosing.DryRun = False,
    as_json: AsJson = False,
    data: Data = Path("data"),
) -> None:
    """Put dead letters back where they came from; without a choice, list them."""
    choice = Choice(
        stream, sequence, service, reason, error_class, file,
        moment_of(since, "--since"), moment_of(until, "--until"),
    )  # fmt: skip
    chosen = everything or not choice.is_any
    bus = workplace.find(data).bus
    found, lost = asyncio.run(
        _replay(bus, choice, limit, put_back=chosen and not dry_run, as_json=as_json)
    )
    raise typer.Exit(1 if chosen and (lost or not found) else 0)


async def _replay(
    bus: Access, choice: Choice, limit: int | None, *, put_back: bool, as_json: bool
) -> tuple[int, int]:
    """Tell of the chosen letters and put them back if so asked; return how many, and how many are lost."""
    lost: list[DeadLetter] = []
    async with connected(bus) as client:
        js = client.jetstream()
        # all are read before one is put back: what dies again meanwhile is not met a second time
        chosen = [(n, letter) async for n, letter in letters_of(js) if choice.takes(letter)]
        found = chosen[:limit]
        for number, letter in found:
            if not as_json:
                say(f"{letter.replay}  {letter.service}  {letter.file}  {letter.reason}")
            if put_back and not await _put_back(js, number, letter):
                lost.append(letter)
                say(_told_lost(letter), to=sys.stderr)
    letters = [letter for _, letter in found]
    if as_json:
        say_json(_for_programs(letters, len(chosen), lost, put_back=put_back))
    else:
        _sum_up(letters, len(chosen), len(lost), put_back=put_back)
    return len(found), len(lost)


def _told_lost(letter: DeadLetter) -> str:
    place = f"{letter.origin_stream} {letter.origin_sequence}"
    return f"{place}: " + spoken(
        f"流和死信中都已没有这条消息，无法重放。请先 gouji discard {place}，再 gouji reconcile："
        "存档中有该文件时会重新读取，否则请重新投递",
        "neither the stream nor the letter has the message any more. "
        f"gouji discard {place}, then gouji reconcile, which reads the file again if the archive holds it; "
        "else drop it again",
    )


def _for_programs(
    letters: Sequence[DeadLetter], matching: int, lost: Sequence[DeadLetter], *, put_back: bool
) -> dict[str, Any]:
    shown = ("service", "file", "document_id", "reason", "error_class", "attempts", "replay")
    listed = [{name: getattr(letter, name) for name in shown} for letter in letters]
    return {
        "letters": listed, "matching": matching, "put_back": put_back,
        "lost": [letter.replay for letter in lost],
    }  # fmt: skip


def _sum_up(letters: Sequence[DeadLetter], matching: int, lost: int, *, put_back: bool) -> None:
    kinds = Counter((letter.service, letter.error_class) for letter in letters)
    rows = [(service, error, str(count)) for (service, error), count in sorted(kinds.items())]
    for text in table(rows):
        say(text)
    found = len(letters)
    not_listed = spoken("未列", "not listed", " ")
    left = f" ({matching - found} {not_listed})" if matching > found else ""
    how = (
        spoken("已重放", "put back", " ")
        if put_back
        else f"{spoken('可重放', 'to be put back', ' ')}: gouji replay --all"
    )
    gone = f", {lost} {spoken('已丢失', 'lost', ' ')}" if lost else ""
    say(f"{found - lost} {how}{gone}{left}")


async def _put_back(js: JetStreamContext, number: int, letter: DeadLetter) -> bool:
    """Put one back; False if its message is lost."""
    try:
        return await upkeep.replay(js, number, letter)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the message cannot be put back: {error!r}") from error
