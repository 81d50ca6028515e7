"""`gouji webhooks`: list the configured webhooks, or send one of them a signed test event."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from services.commands.reaching.options import AsJson
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say, say_json, table, teller
from services.notify.adapters.door import HttpDoor
from services.notify.adapters.files import load
from services.notify.core.notices import notice_of
from services.notify.core.webhooks import Webhook
from services.notify.settings import NotifySettings
from shared.contracts.parcel import Parcel
from shared.errors import GoujiError, Undeliverable
from shared.language import spoken
from shared.runtime.clock import SystemClock

_TEST = b'{"message_zh":"\xe6\xb5\x8b\xe8\xaf\x95","message_en":"a test"}'


class NoWebhooks(GoujiError):
    """No file of webhooks is named."""


HELP: Final = taught(
    "网络回调",
    "List the webhooks of GOUJI_WEBHOOKS, or send one a signed test event.",
    "列出 GOUJI_WEBHOOKS 中的回调，或向其中一个发送一条签名的测试事件。",
)


def run(
    action: Annotated[
        Literal["list", "test"],
        typer.Argument(help=spoken("list 列出，test 试发", "List them, or test one.")),
    ] = "list",
    name: Annotated[
        str | None, typer.Argument(help=spoken("名称", "Which webhook to test."))
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(envvar="GOUJI_WEBHOOKS", help=spoken("配置文件", "The TOML file.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the webhooks of GOUJI_WEBHOOKS, or send one a signed test event."""
    path = file or NotifySettings().webhooks
    if path is None:
        raise NoWebhooks(
            spoken("未设 GOUJI_WEBHOOKS，也无 --file", "neither GOUJI_WEBHOOKS nor --file is given")
        )
    webhooks = {webhook.name: webhook for webhook in load(path)}
    if action == "list" and as_json:
        say_json([_for_programs(webhook) for webhook in webhooks.values()], indented=True)
        return
    if action == "list":
        for line in table([_row(webhook) for webhook in webhooks.values()]):
            say(line)
        return
    if name not in webhooks:
        known = ", ".join(webhooks) or "-"
        none = f"{spoken('没有网络回调', 'no webhook', ' ')} {name or ''!r}"
        raise typer.BadParameter(f"{none}; {spoken('已配置', 'configured', ' ')}: {known}")
    raise typer.Exit(asyncio.run(_test(webhooks[name], as_json=as_json)))


def _for_programs(webhook: Webhook) -> dict[str, Any]:
    """Return what is no secret of a webhook: neither its address nor its key."""
    return {
        "name": webhook.name,
        "events": [family.name for family in webhook.families],
        "filters": {key: list(values) for key, values in webhook.wanted.items()},
    }


def _row(webhook: Webhook) -> tuple[str, ...]:
    filters = "; ".join(f"{key}: {', '.join(values)}" for key, values in webhook.wanted.items())
    return (webhook.name, ", ".join(family.name for family in webhook.families), filters)


async def _test(webhook: Webhook, *, as_json: bool) -> int:
    """Send one event and say what the webhook answers; 0 if it took it, else 1."""
    clock, tell = SystemClock(), teller(as_json=as_json)
    answer: dict[str, Any] = {"name": webhook.name}
    door = HttpDoor(webhook, clock)
    try:
        status = await door.post(notice_of(_parcel(clock.now())))
    except Undeliverable as error:
        answer |= {"taken": False, "detail": str(error)}
        tell(f"✘ {error}")
    else:
        answer |= {"taken": True, "status": status}
        tell(f"✔ webhook {webhook.name}: " + spoken(f"应答 {status}", f"it answered {status}"))
    finally:
        await door.close()
    if as_json:
        say_json(answer)
    return 0 if answer["taken"] else 1


def _parcel(now: datetime) -> Parcel:
    """Return an event that is of no kind anybody acts on."""
    kind = "gouji.test.v1"
    headers = {"ce-type": kind, "ce-id": f"test:{now:%Y%m%dT%H%M%S}", "ce-time": now.isoformat()}
    return Parcel(headers, _TEST)
