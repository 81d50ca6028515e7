"""The same files on a line where nothing ever happens: no bus, no retries, one thing after another. The judges' measure."""

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Any

from services.extract.handler import handle as extract
from services.ingest.core import intake
from services.normalize.handler import handle as normalize
from services.validate.core.rulebook import Rulebook
from services.validate.handler import handle as judge
from shared.contracts.events import (
    Event,
    RecheckRequested,
    ReportDuplicate,
    ReportExtracted,
    ReportNormalized,
    ReportReceived,
    ReportRefused,
)
from shared.contracts.ports import Arrival
from shared.contracts.reviews import CellCorrected, IssueDecided
from shared.errors import BadInput
from tests.simulation import pool
from tests.simulation.memory import interned, remember
from tests.simulation.shelf import TableShelf
from tests.simulation.tables import Tables
from tests.support.little_line import InTurn, LittleLine

_worked_off: dict[Any, Sequence[Event]] = {}


class _Remembering(InTurn):
    async def compute(self, size: int, call: Any, *args: Any) -> Any:
        return remember(call, *args)


class _Reader:
    """The workshop on a good day, with every help at hand."""

    async def read_fully(self, data: bytes, name: str, lanes: Any) -> Any:
        return pool.read(pool.by_bytes()[data])


class _Bucket:
    async def put(self, data: bytes, file: str) -> str:
        return pool.document_id(data)


class CalmLine(LittleLine):
    """Takes arrivals as they were and acts as people did them; ends with tables and everything that was told."""

    def __init__(self, archive: Any, rulebook: Rulebook, broken: Collection[str]) -> None:
        """`broken` are documents that meet a defect which nobody mended."""
        self._archive, self._broken = archive, broken
        super().__init__("memory:")
        self.rulebook = rulebook

    def start(self) -> None:
        self.database = Tables()
        self.shelf = TableShelf(self.database)

    def stop(self) -> None:
        pass

    def take(self, arrivals: Iterable[Arrival], aliases: Iterable[tuple[Arrival, str]]) -> None:
        """Let files arrive, and further names of them."""
        for arrival in arrivals:
            if arrival.document_id in pool.by_document():
                self.publish([intake.received(arrival, self._archive.get(arrival.document_id))])
        for first, alias in aliases:
            known = {
                "document_id": first.document_id,
                "file": first.file,
                "received_at": first.received_at,
            }
            self.publish([ReportDuplicate(**known, alias=alias)])
        self.run()

    def do(self, acts: Iterable[Event], rechecks: Iterable[RecheckRequested]) -> None:
        for act in acts:
            if isinstance(act, CellCorrected):
                self.database.correct(act)
            elif isinstance(act, IssueDecided):
                self.database.decide(act)
        self.publish(rechecks)
        self.run()

    def run(self, *, at_most: int | None = None) -> int:
        """Deliver all: nothing here ever waits, so that no loop is needed."""
        try:
            self._run(at_most).send(None)
        except StopIteration as end:
            return int(end.value)
        raise AssertionError

    async def _handle(self, number: int, event: Event) -> Sequence[Event]:
        if isinstance(event, ReportReceived) and event.document_id in self._broken:
            return ()
        if not isinstance(event, ReportReceived | ReportNormalized | ReportExtracted):
            return await super()._handle(number, event)
        book = self.rulebook
        assert book is not None
        key = type(event), event.document_id, event.file, event.received_at, book.version
        if key not in _worked_off:
            results = await self._work_off(event)
            _worked_off[key] = interned("calm", event, results)
        return _worked_off[key]

    async def _work_off(self, event: Event) -> Sequence[Event]:
        work = _Remembering()
        if isinstance(event, ReportReceived):
            read = partial(
                normalize,
                help_from=("office", "ocr"),
                archive=self._archive,
                work=work,
                workshop=_Reader(),
                bucket=_Bucket(),
            )  # type: ignore[arg-type]
            return await self._or_refusal(event, read(event))
        if isinstance(event, ReportNormalized):
            return await self._or_refusal(event, extract(event, work=work), "extract")
        assert isinstance(event, ReportExtracted)
        return await judge(event, work=work, rulebook=self.rulebook)

    async def _or_refusal(
        self, event: Event, reading: Any, stage: Any = "normalize"
    ) -> Sequence[Event]:
        try:
            found: Sequence[Event] = await reading
        except BadInput as error:
            known = {
                "document_id": event.document_id,
                "file": event.file,
                "received_at": event.received_at,
            }
            told = {
                "reason": error.reason,
                "detail_zh": error.detail_zh,
                "detail_en": error.detail_en,
            }
            return (ReportRefused.model_validate(known | told | {"stage": stage}),)
        return found
