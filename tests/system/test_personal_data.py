"""Personal data planted in a report leaves the line masked, unless it is asked for."""

import asyncio
import re
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import orjson
import pytest
from sqlalchemy import text

from shared.contracts.events import ReportValidated, ValidationFailed
from shared.database.engine import open_engine
from tests.support import bus, hooks
from tests.support.fill import fill
from tests.support.hooks import hook
from tests.support.processes import gouji, up, wait_for
from tests.support.render import render

pytestmark = [pytest.mark.system, pytest.mark.long]

ID, MOBILE, NAME = "330102199001011234", "13812345678", "张大三"
PLANTED = f"2022年收到原告{NAME}（身份证号{ID}，手机{MOBILE}）提出的申请共计9999件。"
RAW = re.compile(f"{ID}|{MOBILE}|{NAME}")


def report() -> bytes:
    """A made-up report whose first section tells of a private person, and counts wrongly."""
    made = render(fill(3, "2021", kind="small"), "tabs_grid", Random(3)).data.decode()
    heading = re.search(r"一、总体情况.*\n", made)
    assert heading is not None
    return (made[: heading.end()] + PLANTED + "\n" + made[heading.end() :]).encode()


async def line_of(folder: Path) -> dict[str, str]:
    """Run the line over one report with a webhook; return every output as text."""
    (folder / "a.secret").write_text(hooks.SECRET)
    name = f"{NAME}_{MOBILE}.txt"
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(hook(hooks.well))
        (folder / "webhooks.toml").write_text(
            f'[[webhooks]]\nname = "a"\nurl = "{receiver.url}"\nsecret_file = "a.secret"\n'
            'events = ["issue", "recorded", "refused"]\n'
        )
        line = stack.enter_context(up(folder, "--webhooks", "webhooks.toml"))
        url = line.line["nats_url"]
        line.drop(name, report())
        line.drop(f"手机{MOBILE}.txt", b"\x00\x01\x02 nothing")
        await asyncio_wait(lambda: sum(line.states().values()) == 2)
        await asyncio_wait(lambda: len(receiver.requests) >= 3)
        async with bus.client(url) as js:
            issues = await bus.messages(js, f"{ValidationFailed.subject}.>")
            internal = await bus.bodies(js, ReportValidated.subject)
        exported = {
            words: gouji("export", *words.split(), cwd=folder).stdout
            for words in ("", "--format csv", "--personal-data show", "--format csv --personal-data show")
        }  # fmt: skip
        failures = gouji("failures", "--format", "jsonl", cwd=folder).stdout
        database = line.line["database_url"]
        bodies = [r.body.decode() for r in receiver.requests]
    logs = "".join(p.read_text() for p in (folder / "data" / "logs").iterdir())
    engine = open_engine(database, writing=False)
    with engine.connect() as connection:
        stored = str(connection.execute(text("SELECT text FROM sections")).all())
        stored += str(connection.execute(text("SELECT name FROM files")).all())
    engine.dispose()
    return {
        "issues": "".join(str(m.data.decode()) + str(m.headers) for m in issues),
        "webhooks": "".join(bodies),
        "logs": logs,
        "shown": line.output,
        "failures": failures,
        "internal": orjson.dumps(internal).decode(),
        "database": stored,
        **exported,
    }


async def asyncio_wait(look) -> None:

    await asyncio.to_thread(wait_for, "the line", look, 90.0)


async def test_outsiders_logs_and_exports_never_see_a_private_person(tmp_path):
    told = await line_of(tmp_path)

    for place in ("issues", "webhooks", "logs", "shown", "failures", "", "--format csv"):
        assert told[place], place
        assert not RAW.search(told[place]), (place, RAW.search(told[place]))
    for place in ("issues", "webhooks", "logs", ""):
        assert f"{MOBILE[:3]}********" in told[place].replace("%2A", "*"), place
    for place in ("internal", "database", "--personal-data show"):
        assert {ID, MOBILE, NAME} <= set(RAW.findall(told[place])), place
    assert MOBILE in told["--format csv --personal-data show"]
