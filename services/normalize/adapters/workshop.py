"""Where files are read: in confined worker processes, with the office converter and recognition."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import replace
from importlib.util import find_spec
from typing import Final

from services.normalize.adapters import office, tasks
from services.normalize.adapters.recognitions import RecognitionCache
from services.normalize.core import reading
from services.normalize.core.outcomes import (
    Aids,
    Members,
    Need,
    NeedsConversion,
    NeedsRecognition,
    Outcome,
    Picture,
    Recognition,
)
from services.normalize.core.readers.archive.reader import ARCHIVES
from services.normalize.core.sniffing import Format
from services.normalize.core.sniffing import recognise as sniff
from services.normalize.settings import NormalizeSettings
from shared.errors import BadInput
from shared.monitoring import measuring
from shared.runtime.confined.confinement import Limits
from shared.runtime.confined.isolation import Isolation

_SHARED_CODE: Final = 48 << 20
"""Bytes of library code in a worker's resident memory beside its private memory."""
_LARGEST_DOCUMENT: Final = 64 << 20
_LARGEST_CONTENT: Final = 160 << 20
"""Bytes of a reader's pickled result; an archive's is what it holds, unpacked."""
_LONG_SECONDS: Final = 0.1
"""Of processor time. A digital file has some 30 ms; one that takes this long lets others pass."""
_READERS: Final = ("html", "docx", "sheet", "pdf", "ofd", "archive", "office", "picture")
_BREAKS_READERS: Final = frozenset({"timed_out", "out_of_memory", "reader_crashed", "hostile"})
_OCR_PARTS: Final = ("rapidocr", "onnxruntime", "cv2")


class Workshop:
    """Reads any file to its end, as far as the lanes it is asked for go."""

    def __init__(self, settings: NormalizeSettings) -> None:
        """Nothing is started before the first file that needs it."""
        self._settings = settings
        self._reading = Isolation(
            "reading",
            workers=settings.reader_workers,
            limits=_limits(settings.reader_seconds.total_seconds(), settings.reader_memory),
            patience=_LONG_SECONDS,
            preload=(
                "services.normalize.adapters.tasks",
                *(f"services.normalize.core.readers.{name}" for name in _READERS),
                "services.normalize.adapters.warm",
            ),
        )
        self._unpacking = Isolation(
            "unpacking",
            workers=1,
            limits=_limits(
                settings.reader_seconds.total_seconds(),
                settings.archive_memory,
                output=_LARGEST_CONTENT,
            ),
            patience=_LONG_SECONDS,
        )
        self._recognising = Isolation(
            "recognising",
            workers=settings.ocr_workers,
            limits=_recognition_limits(settings),
        )
        self._recognised = RecognitionCache(
            settings.archive_path / "recognised", settings.ocr_cache_bytes
        )
        self._recognition_version: str | None = None

    async def read(self, data: bytes, name: str, aids: Aids | None = None) -> Outcome:
        """Return what is in a file or what it needs first; raises `BadInput` with the reason."""
        shown = sniff(data)
        try:
            return await self._read(data, name, aids, shown)
        except BadInput as error:
            if error.reason in _BREAKS_READERS:
                kind = "text" if shown is None else shown.name
                measuring.count("gouji_reader_failures_total", kind, error.reason)
            raise

    async def _read(
        self, data: bytes, name: str, aids: Aids | None, shown: Format | None
    ) -> Outcome:
        if shown is None and len(data) <= self._settings.thread_bytes:
            # plain text meets no code but ours
            return reading.read(data, name, aids)
        if shown is not None and shown.name in ARCHIVES:
            return await self._unpacking.run(name, tasks.unpack, data, name, aids)
        return await self._reading.run(name, reading.read, data, name, aids)

    async def convert(self, data: bytes, suffix: str, name: str) -> bytes:
        """Return an old Office file as .docx or .xlsx."""
        settings = self._settings
        return await asyncio.to_thread(
            office.convert,
            data,
            suffix,
            name=name,
            seconds=settings.office_seconds.total_seconds(),
            memory_bytes=int(settings.office_memory),
            program=settings.soffice,
        )

    async def recognise(self, picture: Picture, name: str) -> Recognition:
        """Return the text of a picture; the same picture is recognised once."""
        version = await self._version(name)
        known = await asyncio.to_thread(self._recognised.get, picture.key, version)
        if known is not None:
            measuring.count("gouji_ocr_pages_total", "cached")
            return known
        began = time.perf_counter()
        measuring.shift("gouji_ocr_pages_waiting", 1)
        try:
            found = await self._recognising.run(
                name,
                tasks.recognise,
                picture.data,
                self._settings.ocr_threads,
                self._settings.ocr_provider,
            )
        except BadInput as error:
            measuring.count("gouji_ocr_pages_total", "failed")
            raise BadInput(
                error.reason,
                f"“{name}”第 {picture.page} 页：{error.detail_zh}",
                f"{name!r}, page {picture.page}: {error.detail_en}",
            ) from error
        finally:
            measuring.shift("gouji_ocr_pages_waiting", -1)
        measuring.count("gouji_ocr_pages_total", "recognised")
        measuring.observe("gouji_ocr_page_duration_seconds", time.perf_counter() - began)
        await asyncio.to_thread(self._recognised.put, picture.key, version, found)
        return found

    async def read_fully(self, data: bytes, name: str, lanes: Collection[str]) -> Outcome:
        """Read a file with all the help that `lanes` allow; a need is returned for the others.

        Members are at least one: an archive without documents is refused.
        """
        aids = Aids()
        while True:
            found = await self.read(data, name, aids)
            if isinstance(found, Members) and not found.members:
                raise BadInput("empty", f"“{name}”中没有文档。", f"{name!r} holds no documents.")
            if not isinstance(found, Need) or found.lane not in lanes:
                return found
            aids = await self._helped(found, aids, data, name)

    async def close(self) -> None:
        """End all worker processes."""
        places = (self._reading, self._unpacking, self._recognising)
        await asyncio.gather(*(place.close() for place in places))

    async def _helped(self, need: Need, aids: Aids, data: bytes, name: str) -> Aids:
        """Return the help a file has had so far and what it asks for now."""
        if isinstance(need, NeedsConversion):
            if aids.converted is not None:
                raise RuntimeError(f"the reader of {need.suffix} asks for conversion twice")
            return Aids(await self.convert(data, need.suffix, name), aids.recognised)
        return Aids(aids.converted, await self._recognise_all(need, aids, name))

    async def _recognise_all(
        self, need: NeedsRecognition, aids: Aids, name: str
    ) -> dict[str, Recognition]:
        wanted = {p.key: p for p in need.pictures if p.key not in aids.recognised}
        if not wanted:
            raise RuntimeError("the reader asks for pictures that are recognised already")
        count, most = len(aids.recognised) + len(wanted), self._settings.ocr_pictures
        if count > most:
            raise BadInput(
                "too_large",
                f"“{name}”的扫描页超过上限 {most} 页。",
                f"{name!r} has more scanned pages than the limit of {most}.",
            )
        found = await asyncio.gather(*(self.recognise(p, name) for p in wanted.values()))
        return {**aids.recognised, **dict(zip(wanted, found, strict=True))}

    async def _version(self, name: str) -> str:
        """Return the version of recognition, asked of a worker: the libraries stay out of here."""
        if self._recognition_version is None:
            missing = [part for part in _OCR_PARTS if find_spec(part) is None]
            if missing:
                raise BadInput(
                    "needs_extra",
                    f"“{name}”是扫描件，识别需要未安装的组件 {'、'.join(missing)}：pip install 'gouji[ocr]'。",
                    f"{name!r} is a scan; recognising it needs {', '.join(missing)}, which is not "
                    "installed: pip install 'gouji[ocr]'.",
                )
            networks = await self._recognising.run(name, tasks.recognition_version)
            provider = self._settings.ocr_provider
            # a card rounds otherwise: its results are not those of the processor
            self._recognition_version = networks if provider == "cpu" else f"{networks}+{provider}"
        return self._recognition_version


def _recognition_limits(settings: NormalizeSettings) -> Limits:
    """Return what a recognition process may use.

    The driver of a card maps the card's memory and more into the process: its address space has no bound
    then, its own memory has.
    """
    limits = _limits(
        settings.ocr_seconds.total_seconds(),
        settings.ocr_memory,
        threads=settings.ocr_threads,
        niceness=10,
    )
    return limits if settings.ocr_provider == "cpu" else replace(limits, address_bytes=None)


def _limits(
    seconds: float,
    memory: int,
    *,
    threads: int = 1,
    niceness: int = 5,
    output: int = _LARGEST_DOCUMENT,
) -> Limits:
    return Limits(
        seconds=3 * seconds,
        cpu_seconds=seconds * threads,
        memory_bytes=memory - _SHARED_CODE,
        address_bytes=2 * memory + (512 << 20),
        niceness=niceness,
        output_bytes=output,
    )
