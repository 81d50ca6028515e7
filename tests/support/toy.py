"""A service whose behaviour the file name commands; for tests of the bus alone."""

import asyncio
import os
import time
from pathlib import Path

from faststream import FastStream

from shared.contracts.events import Event, ReportNormalized, ReportReceived
from shared.errors import BadInput, Unavailable
from shared.report.document import Document, Paragraph
from shared.runtime.bus import Bus
from shared.runtime.process import run
from shared.runtime.settings import Settings
from shared.runtime.streams import topology


def document(text: str) -> Document:
    return Document(blocks=(Paragraph(text=text, line=1),), reader="toy")


class Toy:
    """Counts calls per file; a name says what happens: `bad`, `away2`, `defect`, `slow`, `big`, `kill`, `stuck`."""

    def __init__(self, marks: Path | None = None) -> None:
        self.calls: dict[str, int] = {}
        self.marks = marks

    async def handle(self, event: ReportReceived) -> tuple[Event, ...]:
        name = event.file
        seen = self.calls[name] = self.calls.get(name, 0) + 1
        if name.startswith("bad"):
            raise BadInput("not_a_report", "不是年报。", "Not a report.")
        if name.startswith("away") and seen <= int(name[4]):
            raise Unavailable("the world is away")
        if name.startswith("defect"):
            raise ZeroDivisionError("secret text")
        if name.startswith("slow"):
            await asyncio.sleep(float(name[4:7]))
        if name.startswith("kill"):
            os._exit(9)
        if name.startswith("stuck"):
            # in a thread that nobody can end, as a library in C may be
            await asyncio.to_thread(time.sleep, 300)
        if name.startswith("busy"):
            time.sleep(0.003)  # noqa: ASYNC251 - stands for computing
        text = "长" * 400_000 if name.startswith("big") else name
        return (
            ReportNormalized(
                document_id=event.document_id,
                file=name,
                received_at=event.received_at,
                document=document(text),
            ),
        )


def make_app(settings: Settings, toy: Toy | None = None) -> FastStream:
    bus = Bus("normalize", settings)
    bus.bind(
        topology.NORMALIZE,
        consumes=(ReportReceived,),
        produces=(ReportNormalized,),
        handle=(toy or Toy()).handle,
    )
    return bus.app()


if __name__ == "__main__":
    run(make_app(Settings()))
