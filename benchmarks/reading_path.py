"""From bytes to judged records, reading as the services do or in this process.

In this process nothing stands between a measurement and the reader: for profiles, coverage and
the speed of readers alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from services.extract.core.extraction import extract
from services.normalize.core.outcomes import (
    Aids,
    Members,
    NeedsConversion,
    NeedsRecognition,
    Picture,
    Recognition,
)
from services.normalize.core.reading import read
from services.validate.core.judging import judge
from shared.errors import BadInput
from shared.report.document import Document
from shared.report.identity import document_id
from shared.report.issue import Judgement
from shared.report.record import Record
from tests.support.faults_dates import TODAY

Judged = tuple[Record, Judgement]
Reading = Callable[[bytes, str], Document | Members]
CONVERSION_SECONDS = 60.0
CONVERSION_BYTES = 512 << 20


def read_in_process(data: bytes, name: str, *, threads: int = 2) -> Document | Members:
    """Read a file, fetching conversions and recognised pictures until it is read."""
    aids = Aids()
    while True:
        found = read(data, name, aids)
        if isinstance(found, NeedsConversion):
            from services.normalize.adapters.office import convert  # noqa: PLC0415 - optional

            converted = convert(
                data,
                found.suffix,
                name=name,
                seconds=CONVERSION_SECONDS,
                memory_bytes=CONVERSION_BYTES,
            )
            aids = replace(aids, converted=converted)
        elif isinstance(found, NeedsRecognition):
            known = {p.key: recognised(p, threads) for p in found.pictures}
            aids = replace(aids, recognised={**aids.recognised, **known})
        else:
            return found


def recognised(picture: Picture, threads: int) -> Recognition:
    """Recognise one picture."""
    from services.normalize.adapters.ocr.recognise import recognise_picture  # noqa: PLC0415 - optional

    return recognise_picture(picture.data, threads=threads)


def through(data: bytes, name: str, reading: Reading = read_in_process) -> Judged:
    """Take one file through the line; of an archive the one report in it.

    Raises `BadInput` as the line does.
    """
    judged: list[Judged] = []
    refusals: list[BadInput] = []
    waiting = [(name, data)]
    while waiting:
        each, content = waiting.pop(0)
        try:
            found = reading(content, each)
            if isinstance(found, Members):
                waiting += [(m.name, m.data) for m in found.members]
                continue
            record = extract(found, document_id=document_id(content), file=each)
        except BadInput as error:
            refusals.append(error)
        else:
            judged.append((record, judge(record, today=TODAY)))
    if len(judged) == 1:
        return judged[0]
    if refusals and not judged:
        raise refusals[0]
    raise AssertionError(f"{len(judged)} reports in {name!r}, which holds one")


@contextmanager
def way_of_reading(*, in_process: bool) -> Iterator[Reading]:
    """Give the way a measurement reads: as the services do, or in this process."""
    if in_process:
        yield read_in_process
        return
    from benchmarks.isolated import isolated  # noqa: PLC0415 - processes only when asked for

    with isolated() as reading:
        yield reading
