"""A sign of life from the database, for whoever says whether a service could work now."""

from sqlalchemy import text

from shared.database.snapshots import Snapshots


class DatabaseProbe:
    """One connection of its own, opened when first asked: a pool that is used up is no outage."""

    def __init__(self, url: str) -> None:
        """Remember where; nothing is opened before the first look."""
        self._snapshots = Snapshots(url)

    def answers(self) -> None:
        """Return when the database answers; raises `Unavailable`."""
        with self._snapshots.reading() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Let go of the connection."""
        self._snapshots.close()
