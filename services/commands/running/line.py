"""The embedded line: starts and supervises the parts, feeds the folder, tells what happens."""

import asyncio
import os
import shutil
import signal
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TextIO, cast

import structlog
from nats.js import JetStreamContext

from services.commands.keys import complete, write_rights
from services.commands.reaching import records, workplace
from services.commands.reaching.following import connected
from services.commands.run import command_of
from services.commands.running import recovering
from services.commands.running.fates import Fates
from services.commands.running.keeping import ServerKeeper
from services.commands.running.keyring import Keyring
from services.commands.running.lags import is_worked_off
from services.commands.running.line_monitor import addresses, showing
from services.commands.running.rights import HOME, watcher_consumer
from services.commands.running.supervising import Supervisor
from services.commands.talking.wording import say, summary_lines
from services.ingest.adapters.feeding import BucketFeed
from services.ingest.adapters.folder import FolderFeeder, FolderSettings
from services.ingest.settings import IngestSettings
from services.notify.adapters.consumers import consumers_of
from services.notify.core.webhooks import Webhook
from shared.errors import GoujiError, Unavailable
from shared.language import spoken
from shared.monitoring.address import SETTING
from shared.runtime.archive import FolderArchive
from shared.runtime.connections.connecting import API_FROM_OUTSIDE, KEEPER, OPERATOR, Access
from shared.runtime.connections.embedded import Locks, NatsServer, room_for_bus
from shared.runtime.logs import Forgiving, safe
from shared.runtime.streams import retiring, topology
from shared.runtime.streams.moving_in import OPEN, move_in

_TICK_SECONDS: Final = 0.2
_GRACE_SECONDS: Final = 10.0
_QUIET_TICKS: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What `gouji up` was asked for."""

    inbox: Path
    data: Path
    database_url: str
    copies: dict[str, int]
    until_idle: bool
    webhooks: tuple[Webhook, ...] = ()
    rules: Path | None = None
    keys: Keyring | None = None
    http: str | None = None


class EmbeddedLine:
    """One run of `gouji up`, from the first child to the last."""

    def __init__(self, plan: Plan) -> None:
        """Nothing is started yet."""
        self._plan = plan
        wished = IngestSettings()
        self._bus_bytes = room_for_bus(plan.data / "nats", wished.bus_bytes)
        # the streams have bounds of their own; the server must not count what they once reserved
        self._disk_bytes = shutil.disk_usage(plan.data).total
        self._settings = wished.model_copy(update={"bus_bytes": self._bus_bytes})
        self._stop = asyncio.Event()
        self._fates = Fates(plan.database_url)
        self._feeder: FolderFeeder | None = None

    async def run(self) -> int:
        """Run until stopped or, if so asked, until every file is done; return the exit code."""
        self._mind_signals()
        plan = self._plan
        with (plan.data / "logs" / "feeder.log").open("a", encoding="utf-8") as log:
            _log_to(log)
            locks, disk = await self._locks(), self._disk_bytes
            self._move_in()
            with NatsServer(plan.data / "nats", max_store_bytes=disk, locks=locks) as server:
                keeper = ServerKeeper(server, _tell_end)
                # before anything is provisioned: a lost stream would be made anew, and look well
                keeper.check()
                supervisor = await self._start(server)
                try:
                    async with connected(self._access(server, OPERATOR)) as client:
                        js = client.jetstream()
                        async with showing(
                            js,
                            plan.database_url,
                            http_address=plan.http,
                            backups=self._settings.backups,
                        ):
                            await self._work(keeper, supervisor, js, server)
                finally:
                    supervisor.stop(_GRACE_SECONDS)
        return self._close()

    def _move_in(self) -> None:
        """Let a bus that was open until now, or restored, go on behind locks, and the other way round."""
        ours, other = (OPEN, HOME) if self._plan.keys is None else (HOME, OPEN)
        aside = move_in(self._plan.data / "nats" / "jetstream", ours, other)
        if aside is not None:
            say(
                "! "
                + spoken(
                    "总线有两份，未用的一份移到",
                    "two copies of the bus, the unused one is now in",
                )
                + f" {aside}"
            )

    async def _start(self, server: NatsServer) -> Supervisor:
        """Prepare bus and database, then start the services."""
        plan = self._plan
        access = self._access(server, KEEPER)
        is_new = await recovering.is_new(access)
        await recovering.provided(server, partial(self._provision, access))
        await asyncio.to_thread(records.migrate, plan.database_url)
        if is_new:
            await recovering.take_up(access, plan.database_url, plan.data / "archive")
        environment = {
            "GOUJI_NATS_URL": server.url,
            "GOUJI_DATABASE_URL": plan.database_url,
            "GOUJI_ARCHIVE_PATH": str(plan.data / "archive"),
            "GOUJI_BUS_BYTES": str(self._bus_bytes),
        }
        supervisor = Supervisor(plan.data / "logs", environment, _tell_end)
        children = {
            service if copy == 1 else f"{service}-{copy}": service
            for service, copies in plan.copies.items()
            for copy in range(1, copies + 1)
        }
        http = addresses(plan.http, list(children))
        for name, service in children.items():
            told = {**self._told(service), SETTING: http[name]}
            supervisor.start(name, command_of(service), told)
        line = workplace.Line(
            server.url,
            plan.database_url,
            server.monitor_url,
            str(plan.inbox),
            rules=None if plan.rules is None else str(plan.rules),
            pid=os.getpid(),
            keys=None if plan.keys is None else str(plan.keys.folder),
        )
        workplace.announce(plan.data, line)
        return supervisor

    async def _provision(self, access: Access) -> None:
        await topology.provision_at(
            access,
            total_bytes=self._bus_bytes,
            ack_wait=self._settings.ack_wait,
            replicas=1,
            others=self._others(),
        )
        async with connected(access) as client:
            # of this line no service of an earlier version can run
            await retiring.retire(client.jetstream())

    async def _locks(self) -> Locks | None:
        """Return what locks the bus; keys that are missing are made, rights written anew."""
        plan = self._plan
        if plan.keys is None:
            return None
        written = plan.data / "nats" / plan.keys.rights_file.name
        written.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(complete, plan.keys)
        await asyncio.to_thread(write_rights, plan.keys, written, plan.webhooks)
        return Locks(*plan.keys.certificate("nats"), written)

    def _access(self, server: NatsServer, who: str) -> Access:
        """Return the way into our own bus for a part of this process."""
        if self._plan.keys is None:
            return Access((server.url,), inbox=f"_INBOX_{who}")
        return self._plan.keys.access(who, server.url)

    def _told(self, service: str) -> dict[str, str]:
        """Return what one service alone is told: where its own key is."""
        keys = self._plan.keys
        if keys is None:
            return {}
        return {
            "GOUJI_NATS_NKEY_FILE": str(keys.user(service)),
            "GOUJI_NATS_CA_FILE": str(keys.ca_file),
            "GOUJI_NATS_API": API_FROM_OUTSIDE,
            "GOUJI_PROVISION": "false",
        }

    def _others(self) -> list[topology.Consumer]:
        """Return the consumers of webhooks, and of those outside who have a key."""
        plan = self._plan
        watchers = () if plan.keys is None else plan.keys.watchers()
        hooks = [c for webhook in plan.webhooks for c in consumers_of(webhook)]
        return [*hooks, *map(watcher_consumer, watchers)]

    async def _work(
        self,
        keeper: ServerKeeper,
        supervisor: Supervisor,
        js: JetStreamContext,
        server: NatsServer,
    ) -> None:
        """Feed, watch and mend until it is time to stop."""
        plan = self._plan
        self._feeder = FolderFeeder(
            plan.inbox,
            BucketFeed(js),
            FolderSettings(max_bytes=self._settings.file_limit),
            self._fates.note_fed,
        )
        say(f"{spoken('投递文件夹', 'inbox', ' ')}: {plan.inbox}")
        say(f"{spoken('数据库', 'database', ' ')}: {records.shown(plan.database_url)}")
        if plan.http:
            say(f"{spoken('监测', 'metrics', ' ')}: http://{plan.http}/metrics")
        logs = f"{spoken('日志', 'logs', ' ')}: {plan.data / 'logs'}"
        say(f"{spoken('总线', 'bus', ' ')}: {server.url}   {logs}")
        say(spoken("投入文件即处理，Ctrl-C 结束", "drop files into the folder; Ctrl-C ends"))
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._feeder.run()),
                    group.create_task(self._look_after(server)),
                    group.create_task(self._fates.tell(js)),
                ]
                await self._mend_until_done(keeper, supervisor, js)
                for task in tasks:
                    task.cancel()
        except* (GoujiError, OSError) as errors:
            raise _first(errors) from None

    async def _mend_until_done(
        self, keeper: ServerKeeper, supervisor: Supervisor, js: JetStreamContext
    ) -> None:
        quiet = 0
        while not self._stop.is_set():
            supervisor.mend()
            await keeper.mend()
            quiet = quiet + 1 if self._is_idle() else 0
            if quiet >= _QUIET_TICKS and self._plan.until_idle and await is_worked_off(js):
                # reports are compared with one another after they are recorded
                return
            if quiet >= _QUIET_TICKS:
                await self._fates.tell_done()
            if self._plan.until_idle and (names := supervisor.hopeless()):
                raise Unavailable(
                    f"{', '.join(names)} "
                    + spoken("无法运行", "cannot run")
                    + f"; {spoken('见', 'see', ' ')} {self._plan.data / 'logs'}"
                )
            await asyncio.sleep(_TICK_SECONDS)

    async def _look_after(self, server: NatsServer) -> None:
        """Make room on the bus, and mend what it lost, where no service may."""
        if self._plan.keys is not None:
            archive = FolderArchive(self._plan.data / "archive")
            await recovering.look_after(
                self._access(server, KEEPER), self._plan.database_url, archive, self._settings
            )

    def _is_idle(self) -> bool:
        """Tell whether every file of the folder is done, or cannot be read."""
        feeder = self._feeder
        if feeder is None or feeder.looks < 1:
            return False
        waiting = set(feeder.unfinished) - set(feeder.unreadable)
        return not waiting and self._fates.are_known

    def _close(self) -> int:
        """Say how all files ended; 1 if one died or could not be read."""
        states = self._fates.states
        states["unreadable"] = len(self._feeder.unreadable) if self._feeder else 0
        say()
        for line in summary_lines(states):
            say(line)
        return 1 if states["dead"] or states["unreadable"] else 0

    def _mind_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop.set)


def _first(errors: BaseExceptionGroup[Exception]) -> Exception:
    """Return the error that ended a group of tasks, or a group within it."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _tell_end(name: str, code: int, delay: float) -> None:
    ended = spoken("意外结束", "ended unexpectedly", " ")
    again = spoken(f"{delay:g} 秒后重启", f"starting again in {delay:g} s", " ")
    say(f"! {name} {ended} ({code}); {again}")


def _log_to(file: TextIO) -> None:
    """Send the feeder's log lines to a file: the terminal belongs to what happens to the files."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            safe,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", Forgiving(file))),
        cache_logger_on_first_use=False,
    )
