"""Tells what becomes of every file, and knows when those of the folder are done."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from nats.js import JetStreamContext

from services.commands.reaching import records
from services.commands.reaching.following import follow, last_sequence
from services.commands.running.awaiting import Awaited
from services.commands.running.tracking import DEAD_LETTERS, FATEFUL, SERIOUS, Fate, Tracker
from services.commands.talking.wording import fate_lines, say
from services.ingest.adapters.feeder import Fed
from shared.errors import Unavailable
from shared.language import spoken
from shared.report.personal import masked
from shared.runtime.streams import topology

_HEARD: Final = (
    (topology.REPORTS, FATEFUL),
    (topology.ISSUES, SERIOUS),
    (topology.DEAD, (DEAD_LETTERS,)),
)
_ASKED_AT_ONCE: Final = 500
_ASK_SECONDS: Final = 0.2
_RESTS: Final = 50
"""Asking the database may take a fiftieth of the time."""


class Fates:
    """The fates of all files on the bus, and of those of the folder whether they are known."""

    def __init__(self, database_url: str) -> None:
        """Nothing is known yet."""
        self._database_url = database_url
        self._tracker = Tracker()
        self._awaited = Awaited()
        self._fed: dict[str, str] = {}
        self._said_done = 0
        self._is_news = True

    @property
    def are_known(self) -> bool:
        """Whether every file of the folder, and of what archives among them held, has ended."""
        return not self._awaited

    @property
    def states(self) -> Counter[str]:
        """How many files of the folder, and of what archives among them held, are in which state."""
        return self._awaited.states

    def note_fed(self, fed: Fed) -> None:
        """Wait for the end of a file that the bucket holds now."""
        before = self._fed.get(fed.name)
        self._fed[fed.name] = fed.document_id
        if before is not None and before != fed.document_id:
            self._awaited.forget(fed.name, before)
        self._awaited.expect(fed.name, fed.document_id)
        self._settle_heard(fed.name, fed.document_id)

    async def tell(self, js: JetStreamContext) -> None:
        """Print what becomes of every file from now on, for ever; names are masked, as in any log."""
        async with asyncio.TaskGroup() as group:
            for stream, subjects in _HEARD:
                group.create_task(self._tell(js, stream, subjects))
            group.create_task(self._ask())

    async def tell_done(self) -> None:
        """Say how many files are done, if one ended since this was said."""
        if not self._is_news:
            return
        self._is_news = False
        with suppress(Unavailable):
            states = await asyncio.to_thread(records.state_counts, self._database_url)
            done = states.total()
            if done != self._said_done:
                self._said_done = done
                said = spoken(
                    f"已完成 {done} 个文件，继续等待", f"{done} files done, waiting for more"
                )
                say(f"  {said}")

    async def _tell(self, js: JetStreamContext, stream: str, subjects: Sequence[str]) -> None:
        after = await last_sequence(js, stream)
        async for told in follow(js, stream, subjects, after=after):
            fate = self._tracker.hear(told.subject, told.body)
            if fate is not None:
                self._settle(fate)
                for line in fate_lines(fate):
                    say(masked(line))

    async def _ask(self) -> None:
        """Ask the database for ends that were told to nobody here, as those of an earlier run."""
        while True:
            began = time.monotonic()
            documents = self._awaited.next_documents(_ASKED_AT_ONCE)
            if documents:
                # while it is away the line goes on without it, and nothing is taken for done
                with suppress(Unavailable):
                    self._awaited.take_over(
                        await asyncio.to_thread(records.file_states, self._database_url, documents)
                    )
            await asyncio.sleep(max(_ASK_SECONDS, _RESTS * (time.monotonic() - began)))

    def _settle(self, fate: Fate) -> None:
        if fate.state == "finding":
            return
        self._is_news = True
        self._awaited.settle(fate.file, fate.document_id, fate.state, fate.members)
        for member in fate.members:
            self._settle_heard(*member)

    def _settle_heard(self, name: str, document_id: str) -> None:
        """Note an end that was told before anybody waited for it."""
        state = self._tracker.state_of(document_id, name)
        if state is not None:
            self._awaited.settle(name, document_id, state)
