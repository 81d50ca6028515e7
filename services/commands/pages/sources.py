"""Sources shown to people: documents read again from their bytes, pages drawn, all in confined processes."""

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Final, TypeVar

from services.commands.pages.drawing import draw
from services.normalize.adapters.workshop import Workshop
from services.normalize.core.sniffing import recognise as sniff
from services.normalize.settings import NormalizeSettings
from services.page.core.doors import Sheet, Unknown
from shared.errors import BadInput
from shared.report.document import Document
from shared.runtime.archive import FolderArchive
from shared.runtime.confined.confinement import Limits
from shared.runtime.confined.isolation import Isolation

T = TypeVar("T")

_WORKERS: Final = 1
_KEPT_DOCUMENTS: Final = 24
_KEPT_SHEETS: Final = 16
_LANES: Final = ("office",)
_LIMITS: Final = Limits(
    seconds=20.0,
    cpu_seconds=10.0,
    memory_bytes=320 << 20,
    address_bytes=1 << 30,
    niceness=5,
    output_bytes=32 << 20,
)
_SCAN: Final = (
    "此文件是扫描件，这里不再识别；请看页面图像或下载原件。",
    "This is a scan and is not recognised again here; see the page pictures or the original.",
)


class Sources:
    """Reads and draws what the archive holds; the last few results are kept."""

    def __init__(self, archive: Path) -> None:
        """Nothing is started before somebody looks at a source."""
        settings = NormalizeSettings().model_copy(update={"reader_workers": _WORKERS})
        self._archive = FolderArchive(archive)
        self._workshop = Workshop(settings)
        self._drawing = Isolation("drawing", workers=_WORKERS, limits=_LIMITS)
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._sheets: OrderedDict[tuple[str, int], Sheet] = OrderedDict()

    async def document(self, document_id: str, file: str) -> Document:
        """Return what the reader sees in a document; raises `BadInput`, `Unavailable`."""
        found = _kept(self._documents, document_id)
        if found is None:
            data = await asyncio.to_thread(self._archive.get, document_id)
            outcome = await self._workshop.read_fully(data, file, _LANES)
            if not isinstance(outcome, Document):
                raise BadInput("no_text", *_SCAN)
            found = _keep(self._documents, document_id, outcome, _KEPT_DOCUMENTS)
        return found

    async def sheet(self, document_id: str, file: str, page: int) -> Sheet:
        """Return a page of a PDF, from 1, as a picture; raises `Unknown` where there is none."""
        found = _kept(self._sheets, (document_id, page))
        if found is None:
            data = await asyncio.to_thread(self._archive.get, document_id)
            shown = sniff(data)
            if shown is None or shown.name != "pdf":
                raise Unknown("只有 PDF 有页面图像。", "Only PDF files have pages as pictures.")
            drawn = await self._drawing.run(file, draw, data, file, page)
            if drawn is None:
                raise Unknown("文件没有这一页。", "The document has no such page.")
            found = _keep(self._sheets, (document_id, page), Sheet(*drawn), _KEPT_SHEETS)
        return found

    async def close(self) -> None:
        """End all workers."""
        await self._workshop.close()
        await self._drawing.close()


K = TypeVar("K")


def _kept(shelf: OrderedDict[K, T], key: K) -> T | None:
    if key in shelf:
        shelf.move_to_end(key)
    return shelf.get(key)


def _keep(shelf: OrderedDict[K, T], key: K, value: T, most: int) -> T:
    shelf[key] = value
    while len(shelf) > most:
        shelf.popitem(last=False)
    return value
