"""Alembic, run from inside: the migrations travel with the package and need no configuration file."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.database.schema import METADATA

_LOCK = 0x676F756A69
"""Number of the advisory lock in PostgreSQL: "gouji" in ASCII."""


def upgrade(connection: Connection, target: str = "head") -> None:
    """Bring the schema up to `target`, inside the caller's transaction; others wait meanwhile.

    A schema that a later version made is left as it is: ours work on it too, beside theirs or again.
    """
    _wait_for_others(connection)
    config = _config(connection)
    if not _is_later(connection, config):
        command.upgrade(config, target)


def downgrade(connection: Connection, target: str = "base") -> None:
    """Take the schema back to `target`, inside the caller's transaction; data goes with its tables."""
    _wait_for_others(connection)
    command.downgrade(_config(connection), target)


def drift(connection: Connection) -> list[Any]:
    """Return what the models have and the migrated schema lacks, or the reverse; [] is right."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


def _is_later(connection: Connection, config: Config) -> bool:
    """Tell whether the schema is beyond all that this version knows; revisions are numbered."""
    found = MigrationContext.configure(connection).get_current_revision()
    newest = ScriptDirectory.from_config(config).get_current_head()
    return bool(found and newest and found.isdecimal() and found > newest)


def _wait_for_others(connection: Connection) -> None:
    """One migrates at a time. SQLite writers hold the lock since BEGIN IMMEDIATE."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _config(connection: Connection) -> Config:
    folder = Path(__file__).resolve().parent.parent / "migrations"
    config = Config()
    # the option is read with interpolation, so a % in the path must be doubled
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
