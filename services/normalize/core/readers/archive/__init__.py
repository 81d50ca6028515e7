"""Archives: `read` is the reader."""

from services.normalize.core.readers.archive.reader import read

__all__ = ["read"]
