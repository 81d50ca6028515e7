"""The data folder of a running `gouji up`: who holds it, and where its bus and database are."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from services.commands.running.keyring import Keyring
from shared.errors import GoujiError
from shared.language import spoken
from shared.runtime.connections.connecting import OPERATOR, Access, access_of
from shared.runtime.settings import Settings
from shared.secrets import with_password_file


class AlreadyRunning(GoujiError):
    """Another `gouji up` holds this data folder."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where a line is reached: its bus, its database, the folder it watches, its own rules.

    `keys` is the folder of the keys that its bus wants; the keys themselves are never in here.
    """

    nats_url: str
    database_url: str
    monitor_url: str | None = None
    inbox: str | None = None
    rules: str | None = None
    pid: int | None = None
    keys: str | None = None

    @property
    def bus(self) -> Access:
        """The way into the bus for a person who types a command; raises `BadSetting`."""
        return self.way_in(OPERATOR)

    def way_in(self, who: str) -> Access:
        """Return the way into the bus for one of the line's own users; raises `BadSetting`."""
        if self.keys is not None:
            return Keyring(Path(self.keys)).access(who, self.nats_url)
        return access_of(Settings(nats_url=self.nats_url), who)


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Hold a data folder; raises `AlreadyRunning`. The kernel lets go when the process dies."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(
                spoken(
                    f"{data} 已有一个 gouji up 在运行：请先停止它，或用 --data 为这一个另指文件夹",
                    f"another `gouji up` runs in {data}; stop it first, or give this one a folder of its "
                    "own with --data",
                )
            ) from error
        try:
            yield
        finally:
            (data / "up.json").unlink(missing_ok=True)


def announce(data: Path, line: Line) -> None:
    """Write down where the line is reached, for the other commands."""
    aside = data / ".up.json"
    aside.unlink(missing_ok=True)
    # the address of a database may hold its password: for this user's eyes only
    aside.touch(mode=0o600, exist_ok=False)
    aside.write_text(json.dumps(asdict(line), ensure_ascii=False), encoding="utf-8")
    aside.replace(data / "up.json")


def find(data: Path, database: str | None = None) -> Line:
    """Return the line that runs in `data`, else the one that the environment names."""
    settings = Settings()
    found = _announced(data)
    if found is not None and "GOUJI_NATS_URL" not in os.environ:
        own = named_database(database) if database else found.database_url
        return Line(**{**asdict(found), "database_url": own})
    return Line(settings.nats_url, named_database(database) if database else default_database(data))


def named_database(url: str) -> str:
    """Return a database that was named on the command line, with the file of its password."""
    return with_password_file(url, Settings().database_password_file)


def is_running(data: Path) -> bool:
    """Tell whether a `gouji up` runs in this data folder."""
    return _announced(data) is not None


def default_database(data: Path) -> str:
    """Return the database of the environment, else the one inside the data folder."""
    if os.environ.get("GOUJI_DATABASE_URL"):
        return Settings().database
    return f"sqlite:///{data.resolve() / 'gouji.db'}"


def _announced(data: Path) -> Line | None:
    """Return what a running `up` wrote down; a file left by a killed one does not count."""
    try:
        text = (data / "up.json").read_text(encoding="utf-8")
        line = Line(**json.loads(text))
        if line.pid is not None:
            os.kill(line.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return line
