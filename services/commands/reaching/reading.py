"""The reader of the database, where the commands look for it."""

from shared.database.reading import Reader, Row, listed, moment, reading, shown_moment

__all__ = ["Reader", "Row", "listed", "moment", "reading", "shown_moment"]
