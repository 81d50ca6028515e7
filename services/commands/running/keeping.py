"""Keeps the private nats-server of `gouji up` in working order, also when its disk was full."""

import asyncio
import shutil
import time
from collections.abc import Callable
from typing import Final

from services.commands.running.marks import Marks
from services.commands.talking.wording import say
from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime.connections.embedded import NatsServer

_LOOK_SECONDS: Final = 2.0
_LOOKS: Final = 2
"""How often in a row the server must complain before it counts as sick."""
_LONGEST_PAUSE: Final = 30.0
_ROOM_BYTES: Final = 16 << 20
"""Free space that makes a new start worth while."""


class ServerKeeper:
    """Starts the server again when it ended, or when a stream of it stopped taking writes.

    A stream whose write failed takes none any more, however much space comes back: only a new start
    helps, and that only when there is space.
    """

    def __init__(self, server: NatsServer, report: Callable[[str, int, float], None]) -> None:
        """`report` hears of every unexpected end: name, exit code, seconds until the next start."""
        self._server = server
        self._report = report
        self._look_at = 0.0
        self._complaints = 0
        self._told = False
        self._start_at = 0.0
        self._pause = 1.0
        self._marks = Marks(server.folder)

    def check(self) -> None:
        """Say what the streams have lost since the marks were written; call it after every start."""
        for loss in self._marks.losses(self._server.positions()):
            say(
                "! "
                + spoken(
                    f"总线文件损坏：{loss.stream} 丢失 {loss.missing} 条消息；`gouji reconcile` 可补回",
                    f"a file of the bus was damaged: {loss.stream} lost {loss.missing} messages; `gouji "
                    "reconcile` puts back what is missing",
                )
            )

    async def mend(self) -> None:
        """Look after the server; call it several times a second, from the main thread."""
        now = time.monotonic()
        if not self._server.is_running():
            if now >= self._start_at:
                self._start()
            return
        if now < self._look_at:
            return
        complaint = await asyncio.to_thread(self._server.complaint)
        self._look_at = time.monotonic() + _LOOK_SECONDS
        self._complaints = 0 if complaint is None else self._complaints + 1
        if complaint is None:
            positions = await asyncio.to_thread(self._server.positions)
            if positions:
                self._marks.write(positions)
        if complaint is not None and self._complaints >= _LOOKS:
            self._cure(complaint)

    def _cure(self, complaint: str) -> None:
        """Start anew once there is space for it; until then say what is wrong, once."""
        free = shutil.disk_usage(self._server.folder).free
        if free < _ROOM_BYTES:
            if not self._told:
                self._told = True
                say(
                    "! "
                    + spoken(
                        "总线所在磁盘已满，腾出空间后自动恢复",
                        "the disk of the bus is full; it goes on by itself when there is space",
                    )
                    + f": {self._server.folder} ({complaint})"
                )
            return
        say(
            "! "
            + spoken("总线停止写入，现重启", "the bus took no writes, starting it again")
            + f" ({complaint})"
        )
        self._complaints, self._told = 0, False
        self._server.stop()
        self._start_at = 0.0

    def _start(self) -> None:
        """Start the server; what keeps it from starting may pass, so try again ever later."""
        self._report("nats-server", -1, 0.0)
        try:
            self._server.start()
        except (Unavailable, OSError) as error:
            say(f"! {spoken('总线未能启动', 'the bus did not start')}: {error}")
            self._start_at = time.monotonic() + self._pause
            self._pause = min(_LONGEST_PAUSE, 2 * self._pause)
        else:
            self._pause = 1.0
            self.check()
