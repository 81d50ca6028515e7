"""A sign of life from the database, for whoever says whether a service could work now."""

from sqlalchemy import Engine, text

from shared.database.engine import snapshot_engine
from shared.database.outages import unavailable_when_silent


class DatabaseProbe:
    """One connection of its own, opened when first asked: a pool that is used up is no outage."""

    def __init__(self, url: str) -> None:
        """Remember where; nothing is opened before the first look."""
        self._url = url
        self._engine: Engine | None = None

    def answers(self) -> None:
        """Return when the database answers; raises `Unavailable`."""
        if self._engine is None:
            self._engine = snapshot_engine(self._url)
        with unavailable_when_silent(), self._engine.connect() as connection, connection.begin():
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Let go of the connection."""
        if self._engine is not None:
            self._engine.dispose()
