"""Engines for both databases: what must be set on every connection, once and here."""

import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from shared.errors import Unavailable
from shared.language import spoken
from shared.secrets import PASSWORD_FILE, BadSetting, read_secret

BUSY_SECONDS = 10.0
"""How long a writer waits for another one before the database counts as unavailable."""

_PASSWORD_SETTING = "GOUJI_DATABASE_PASSWORD_FILE"  # noqa: S105 - its name
_ASK_SECONDS = 0.004
_FILE: Final = "gouji.file"
"""Under which name a connection remembers which file it opened."""
_KEPT_STATEMENTS = 512
"""Prepared statements of a connection: an insert has its own for every number of rows."""

_WAIT_FOR_DISK: Final = """
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'
"""
"""What asks for more than that, such as a copy on a standby, stays."""

_POSTGRES_ARGUMENTS = {
    "connect_timeout": 5,
    # a silent network becomes an error, and an error is retried
    "tcp_user_timeout": 10_000,
    # also while we wait for an answer: the system's own patience is two hours
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "application_name": "gouji",
}


def database_url(url: str) -> URL:
    """Return the URL with the driver that gouji ships; `postgres://` and `postgresql://` both do.

    Raises `BadSetting`, which never quotes the URL: it may hold a password.
    """
    parsed = _parsed(url).difference_update_query([PASSWORD_FILE])
    if parsed.get_backend_name() in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


_KNOWN = ("sqlite", "postgresql", "postgres")


def shown_url(url: str) -> str:
    """Return a URL as it may be printed, without its password wherever that stands."""
    parsed = _parsed(url)
    if "password" in parsed.query:
        parsed = parsed.update_query_dict({"password": "***"})
    return parsed.render_as_string(hide_password=True)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.get_backend_name() not in _KNOWN:
        # what does not parse is not shown at all: any part of it may be a password
        given = f": {parsed.get_backend_name()}://…" if parsed is not None else ""
        raise BadSetting(
            f"GOUJI_DATABASE_URL, --database{given}: "
            + spoken("不是数据库地址", "is no URL of a database")
            + ": sqlite:///gouji.db, postgresql://user@host/name"
        )
    return parsed


def open_engine(url: str, *, writing: bool) -> Engine:
    """Return an engine; writing transactions of SQLite take the write lock at once.

    Raises `Unavailable` for reading an SQLite file that is not there, instead of making an empty one.
    Errors do not quote values, which are text of reports.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            parsed, pool_pre_ping=True, connect_args=_POSTGRES_ARGUMENTS, hide_parameters=True
        )
        _take_password_from_file(engine, url)
        if writing:
            event.listen(engine, "connect", _commit_for_good)
        return engine
    path = Path(parsed.database or "")
    if writing:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.is_file():
        raise Unavailable(f"database: no file {path}")
    arguments = {"timeout": BUSY_SECONDS, "cached_statements": _KEPT_STATEMENTS}
    engine = create_engine(parsed, connect_args=arguments, hide_parameters=True)
    event.listen(engine, "connect", _prepare_writer if writing else _prepare_reader)
    event.listen(engine, "connect", partial(_remember_file, path))
    event.listen(engine, "begin", partial(_expect_file, path))
    event.listen(engine, "begin", _begin_immediate if writing else _begin)
    return engine


def _take_password_from_file(engine: Engine, url: str) -> None:
    """Let each new connection read the password from the file that the URL names, if it does.

    A replaced file takes effect with the next connection.
    """
    named = _parsed(url).query.get(PASSWORD_FILE)
    if not isinstance(named, str):
        return
    path = Path(named)
    if engine.url.password is not None:
        raise BadSetting(
            "GOUJI_DATABASE_PASSWORD_FILE: "
            + spoken("地址中已有密码", "the URL holds a password already")
        )
    read_secret(path, _PASSWORD_SETTING)

    def connect(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        try:
            parameters["password"] = read_secret(path, _PASSWORD_SETTING)
        except BadSetting as error:
            # it was there at the start: whoever replaces it is not done yet
            raise Unavailable(str(error)) from None

    event.listen(engine, "do_connect", connect)


def snapshot_engine(url: str) -> Engine:
    """Return an engine for reading whose transactions each see one moment of the database.

    Raises `Unavailable` as `open_engine` does. SQLite's reading transactions are of that kind anyway.
    """
    engine = open_engine(url, writing=False)
    if engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _commit_for_good(connection: Any, _: Any) -> None:
    """Let a commit wait for the disk where the server is set not to: what it confirms is acknowledged."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT_FOR_DISK)
    connection.commit()


def _prepare_writer(connection: sqlite3.Connection, _: Any) -> None:
    _prepare_reader(connection, _)
    connection.execute("PRAGMA query_only = OFF")
    _write_ahead(connection)
    # an acknowledged report survives a power cut
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 4000")


def _prepare_reader(connection: sqlite3.Connection, _: Any) -> None:
    # transactions begin where SQLAlchemy says so, not where the driver guesses
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; SQLite does not wait for other openers here, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _remember_file(path: Path, _: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    record.info[_FILE] = _identity(path)


def _expect_file(path: Path, connection: Connection) -> None:
    """Raise `Unavailable` when the file was moved, deleted or replaced under an open connection.

    SQLite would go on writing to a file that has no name any more, and all of it would be lost.
    """
    if connection.info[_FILE] == _identity(path):
        return
    connection.invalidate()
    raise Unavailable(
        f"database: {path} " + spoken("已被移动、删除或替换", "was moved, deleted or replaced", " ")
    )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what names the file itself, whatever it is called; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _begin_immediate(connection: Connection) -> None:
    """Take the write lock, asking every few milliseconds.

    SQLite's own waiting falls back to asking ten times a second, and late comers starve.
    """
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA busy_timeout = 0")
    deadline = time.monotonic() + BUSY_SECONDS
    while time.monotonic() < deadline:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            time.sleep(_ASK_SECONDS)
        else:
            return
    # the last try, whose error SQLAlchemy reports
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
