"""Word documents (OOXML): `read` is the reader."""

from services.normalize.core.readers.docx.reader import read

__all__ = ["read"]
