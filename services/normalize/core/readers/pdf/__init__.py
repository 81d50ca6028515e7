"""PDF files: `read` is the reader."""

from services.normalize.core.readers.pdf.reader import read

__all__ = ["read"]
