"""The database as one file, consistent while the line runs, and back again."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import URL, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from shared.database.engine import database_url, open_engine
from shared.database.tables import FileRow
from shared.errors import GoujiError, Unavailable
from shared.language import spoken

SQLITE: Final = "sqlite"
_PLACES: Final = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")


class OtherKind(GoujiError):
    """The backup is of the other kind of database."""


def save(url: str, folder: Path) -> Path:
    """Write the whole database into a file of `folder` and return it; raises `Unavailable`.

    SQLite is copied by its backup interface, PostgreSQL by `pg_dump`: both see one moment of it.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == SQLITE:
        target = folder / "database.sqlite"
        _copy(Path(parsed.database or ""), target)
        return target
    target = folder / "database.pgdump"
    _run(parsed, "pg_dump", ["--format=custom", "--file", str(target)])
    return target


def restore(url: str, path: Path) -> None:
    """Make the database what the file says, whole or not at all; raises `Unavailable`, `OtherKind`."""
    parsed = database_url(url)
    if (parsed.get_backend_name() == SQLITE) != (path.suffix == ".sqlite"):
        raise OtherKind(
            spoken(
                f"备份 {path.name} 与数据库 {parsed.get_backend_name()} 不同类",
                f"the backup {path.name} is of another kind of database than "
                f"{parsed.get_backend_name()}",
            )
        )
    if path.suffix == ".sqlite":
        target = Path(parsed.database or "")
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.restored")
        _copy(path, aside)
        for left in ("-wal", "-shm"):
            target.with_name(target.name + left).unlink(missing_ok=True)
        aside.replace(target)
        return
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", str(path)]
    _run(parsed, "pg_restore", options)


def is_empty(url: str) -> bool:
    """Tell whether no file was ever recorded in a database."""
    try:
        engine = open_engine(url, writing=False)
    except Unavailable:
        return True
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(FileRow.__tablename__):
                return True
            return connection.execute(select(FileRow.id).limit(1)).first() is None
    except SQLAlchemyError as error:
        raise Unavailable(f"the database does not answer: {error}") from error
    finally:
        engine.dispose()


def _copy(source: Path, target: Path) -> None:
    """Copy an SQLite database as of one moment, whoever writes meanwhile."""
    if not source.is_file():
        raise Unavailable(f"database: no file {source}")
    target.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            (found,) = new.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise Unavailable(f"the database {source} cannot be copied: {error}") from error
    if found != "ok":
        raise Unavailable(f"the database {source} is damaged: {found}")


def _run(url: URL, program: str, options: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where nobody reads it."""
    found = _program(program)
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    plain = bare.render_as_string(hide_password=False)
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    command = [found, "--dbname", plain, *options]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode != 0:
        last = (ended.stderr.strip().splitlines() or ["?"])[-1]
        raise Unavailable(f"{program}: {last}")


def _program(name: str) -> str:
    """Return one of PostgreSQL's client programs; raises `Unavailable` where there is none."""
    named = os.environ.get("GOUJI_PG_BIN")
    places = [Path(named)] if named else []
    for pattern in _PLACES:
        places += sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    beside = next((p / name for p in places if (p / name).exists()), None)
    found = str(beside) if beside is not None else shutil.which(name)
    if found is None:
        raise Unavailable(
            spoken(
                f"没有 {name}：请安装 PostgreSQL 客户端，或以 GOUJI_PG_BIN 指明其文件夹",
                f"{name} is not here: install PostgreSQL's client programs, or name their folder in "
                "GOUJI_PG_BIN",
            )
        )
    return found
