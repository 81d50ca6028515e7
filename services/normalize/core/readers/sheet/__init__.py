"""Spreadsheets: `read` is the reader."""

from services.normalize.core.readers.sheet.reader import read

__all__ = ["read"]
