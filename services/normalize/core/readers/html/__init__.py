"""Web pages: `read` is the reader."""

from services.normalize.core.readers.html.reader import read

__all__ = ["read"]
