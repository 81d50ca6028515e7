"""What an operator can set for the normalize service."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    ByteSize,
    Field,
    PositiveInt,
    ValidationInfo,
)
from pydantic_settings import NoDecode

from services.normalize.adapters.ocr.providers import Provider, offered
from shared.language import spoken
from shared.runtime.cores import cores
from shared.runtime.settings import Duration, OptionalPath, Settings, seconds
from shared.secrets import Unusable

LaneName = Literal["quick", "office", "ocr"]
"""`quick` reads what can be read at once; the others give slow help and wait for each other."""


def _parted(value: Any) -> Any:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _threads(workers: int) -> int:
    """Return two threads where each worker has two cores.

    A page takes three quarters of the time then, but an eighth more work: workers that share their
    cores do more with one thread each.
    """
    return max(1, min(2, cores() // workers))


def _program(value: Path | None) -> Path | None:
    if value is not None and not (value.is_file() and os.access(value, os.X_OK)):
        raise ValueError("there is no such program")
    return value


def _provider(value: Provider, known: ValidationInfo) -> Provider:
    """Refuse what the ONNX Runtime of this machine does not offer, where scans are recognised at all."""
    if value == "cpu" or "ocr" not in known.data.get("lanes", ()):
        return value
    here = offered()
    if value not in here:
        raise Unusable(
            spoken("本机可用", "must be what this machine offers", " ")
            + f": {' | '.join(here) or '-'} ("
            + spoken(
                "其他的须装带该功能的 onnxruntime",
                "another one needs the onnxruntime that is built for it",
            )
            + ")"
        )
    return value


class NormalizeSettings(Settings):
    """The common settings, which lanes this process serves, and what reading may cost.

    Memory is what stays resident; it is enforced by the kernel on every worker process.
    """

    loops: Annotated[int, Field(ge=1, le=64)] = Field(
        16,
        validation_alias=AliasChoices("GOUJI_NORMALIZE_LOOPS", "GOUJI_LOOPS"),
        description="Messages of the quick lane one normalize process handles at a time.",
    )
    lanes: Annotated[tuple[LaneName, ...], NoDecode, BeforeValidator(_parted)] = Field(
        ("quick", "office", "ocr"),
        min_length=1,
        validation_alias="GOUJI_NORMALIZE_LANES",
        description="Lanes this process serves, parted by commas: quick, office, ocr.",
    )
    office_loops: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="Old Office files one process converts at a time."
    )
    ocr_loops: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="Scanned files one process works on at a time."
    )
    reader_workers: PositiveInt = Field(
        default_factory=cores, description="Reader processes at full speed; long tasks come on top."
    )
    reader_seconds: Duration = Field(
        seconds(10),
        description="Processor time of reading a digital file; by the clock three times as much.",
    )
    reader_memory: ByteSize = Field(
        ByteSize(256 << 20), ge=128 << 20, description="Memory of one reader process."
    )
    archive_memory: ByteSize = Field(
        ByteSize(512 << 20),
        ge=256 << 20,
        description="Memory of the process that unpacks archives.",
    )
    ocr_provider: Annotated[Provider, AfterValidator(_provider)] = Field(
        "cpu",
        description="What recognition computes on; anything but cpu needs an onnxruntime built for it.",
    )
    ocr_workers: PositiveInt = Field(1, description="Recognition processes.")
    ocr_threads: PositiveInt = Field(
        default_factory=lambda given: _threads(given.get("ocr_workers", 1)),
        description="Threads of one recognition process.",
    )
    ocr_seconds: Duration = Field(
        seconds(30),
        description="Processor time a thread has for one picture; by the clock three times as much.",
    )
    ocr_memory: ByteSize = Field(
        ByteSize(1200 << 20), ge=512 << 20, description="Memory of one recognition process."
    )
    ocr_pictures: PositiveInt = Field(
        300, description="Files with more scanned pages than this are refused."
    )
    ocr_cache_bytes: ByteSize = Field(
        ByteSize(1 << 30),
        description="Disk for results of recognition beside the archive; 0: none kept.",
    )
    office_seconds: Duration = Field(seconds(60), description="Wall time of one conversion.")
    office_memory: ByteSize = Field(
        ByteSize(512 << 20), ge=256 << 20, description="Memory of one conversion by LibreOffice."
    )
    soffice: Annotated[OptionalPath, AfterValidator(_program)] = Field(
        None,
        description="LibreOffice's program, if not on the PATH.",
        examples=["/usr/bin/soffice"],
    )

    def loops_of(self, lane: LaneName) -> int:
        """Return how many files of a lane this process handles at a time."""
        return {"quick": self.loops, "office": self.office_loops, "ocr": self.ocr_loops}[lane]
