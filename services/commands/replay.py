"""`gouji replay`: give dead letters another try, after their cause was mended."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated

import typer
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from pydantic import ValidationError

from services.commands import workplace
from services.commands.following import connected
from services.commands.wording import say
from shared.contracts.events import DeadLetter
from shared.errors import Unavailable
from shared.runtime import topology, upkeep
from shared.runtime.connecting import Access


def run(
    stream: Annotated[
        str | None, typer.Argument(help="来源流 · Stream the message stood in, e.g. REPORTS.")
    ] = None,
    sequence: Annotated[int | None, typer.Argument(help="序号 · Its sequence there.")] = None,
    service: Annotated[
        str | None, typer.Option(help="只重放一个服务的 · Only this service's dead letters.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="全部重放 · All of them.")] = False,
    data: Annotated[Path, typer.Option(help="数据文件夹 · Data folder of `up`.")] = Path("data"),
) -> None:
    """重放死信 · Put dead letters back where they came from; without a choice, list them."""
    chosen = everything or service is not None or stream is not None

    def wanted(letter: DeadLetter) -> bool:
        return (
            (service is None or letter.service == service)
            and (stream is None or letter.origin_stream == stream)
            and (sequence is None or letter.origin_sequence == sequence)
        )

    raise typer.Exit(asyncio.run(_replay(workplace.find(data).bus, wanted, put_back=chosen)))


async def _replay(bus: Access, wanted: Callable[[DeadLetter], bool], *, put_back: bool) -> int:
    async with connected(bus) as client:
        js = client.jetstream()
        found = 0
        async for number, letter in _letters(js):
            if not wanted(letter):
                continue
            found += 1
            say(f"{letter.replay}  {letter.service}  {letter.file}  {letter.reason}")
            if put_back:
                await _put_back(js, number, letter)
        done = "已重放 put back" if put_back else "可重放 to be put back: gouji replay --all"
        say(f"{found} {done}")
        return 0 if found or not put_back else 1


async def _letters(js: JetStreamContext) -> AsyncIterator[tuple[int, DeadLetter]]:
    """Yield the dead letters with their sequences; what cannot be read is left alone."""
    try:
        last = (await js.stream_info(topology.DEAD)).state.last_seq
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the dead letters cannot be read: {error!r}") from error
    number = 1
    while number <= last:
        try:
            message = await js.get_msg(topology.DEAD, number, f"{DeadLetter.subject}.>", next=True)
        except NotFoundError:
            return
        number = (message.seq or number) + 1
        try:
            yield number - 1, DeadLetter.model_validate_json(message.data or b"")
        except ValidationError:
            continue


async def _put_back(js: JetStreamContext, number: int, letter: DeadLetter) -> None:
    try:
        await upkeep.replay(js, number, letter)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the message cannot be put back: {error!r}") from error
