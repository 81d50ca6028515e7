"""The database as the page asks it: opened when first needed, asked again after it was away."""

from threading import Lock

from shared.database.reading import Reader, Row


class Shelf:
    """Answers questions to the database; raises `Unavailable` for as long as it is away."""

    def __init__(self, url: str) -> None:
        """Nothing is opened yet: the page starts before its database is there."""
        self._url = url
        self._lock = Lock()
        self._reader: Reader | None = None

    def rows(self, query: str, **values: object) -> list[Row]:
        """Return what a query finds; parameters are named `:so`."""
        return self.reader.rows(query, **values)

    @property
    def reader(self) -> Reader:
        """The open reader."""
        with self._lock:
            if self._reader is None:
                self._reader = Reader(self._url)
            return self._reader

    def is_there(self) -> bool:
        """Tell whether it answers and is migrated; raises `Unavailable` with the reason otherwise."""
        self.rows("SELECT 1 AS one FROM reports LIMIT 1")
        return True

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
