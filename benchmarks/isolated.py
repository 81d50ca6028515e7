"""Reading as the services do it: in confined worker processes, with their limits."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.reading_path import Reading
from services.normalize.adapters.workshop import Workshop
from services.normalize.core.outcomes import Members
from services.normalize.settings import NormalizeSettings
from shared.report.document import Document

LANES = ("quick", "office", "ocr")


@contextmanager
def isolated() -> Iterator[Reading]:
    """Give the reading of one workshop; nothing recognised by an earlier run is believed."""
    with tempfile.TemporaryDirectory(prefix="gouji-bench-") as folder, asyncio.Runner() as runner:
        settings = NormalizeSettings(archive_path=Path(folder), ocr_threads=2)
        workshop = Workshop(settings)

        def read(data: bytes, name: str) -> Document | Members:
            found = runner.run(workshop.read_fully(data, name, LANES))
            assert isinstance(found, Document | Members)
            return found

        try:
            yield read
        finally:
            runner.run(workshop.close())
