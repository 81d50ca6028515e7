"""Databases with today's tables: made once by the real migrations, then copied."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from services.sink.adapters.database import Database


def lay_tables(url: str) -> str:
    """Bring a database up to date; return its URL."""
    database = Database(url)
    try:
        database.migrate()
    finally:
        database.close()
    return url


def copied_to(path: Path) -> str:
    """Write a SQLite database that has all tables and no rows; return its URL."""
    path.write_bytes(_sqlite())
    return f"sqlite:///{path}"


@cache
def _sqlite() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "gouji.db"
        lay_tables(f"sqlite:///{path}")
        return path.read_bytes()
