"""OFD files (GB/T 33190): `read` is the reader."""

from services.normalize.core.readers.ofd.reader import read

__all__ = ["read"]
