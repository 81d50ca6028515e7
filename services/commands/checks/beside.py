"""What files are checked beside: reports read into memory, this once, for one command."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from services.commands.checks.checking import Bench, Key, Line, check_all
from services.commands.checks.folders import files_in
from services.normalize.adapters.workshop import Workshop
from services.pipeline import Outcome, report_of
from services.validate.core.across.family import Neighbour
from services.validate.core.across.gathering import Neighbourhood
from services.validate.core.rulebook import Rulebook
from shared.report.record import Record

_READ: Final = ("recorded", "expanded")


@dataclass(frozen=True, slots=True)
class Gathered:
    """The reports to compare with, what was read for it, and lines of the files that are no report."""

    neighbourhood: Neighbourhood
    outcomes: dict[Key, Outcome]
    unread: tuple[Line, ...]


async def gather(
    paths: Iterable[Path], workshop: Workshop, jobs: int, rulebook: Rulebook | None = None
) -> Gathered:
    """Read the files, and those in the folders, `jobs` at a time, as `gouji check` reads its own."""
    outcomes: dict[Key, Outcome] = {}
    records: dict[tuple[str, str], Record] = {}

    def keep(outcome: Outcome) -> Outcome:
        if outcome.record is not None:
            outcomes[outcome.document_id, outcome.file] = outcome
            records[outcome.document_id, report_of(outcome.record)] = outcome.record
        return outcome

    bench = Bench(workshop, rulebook, afterwards=keep)
    neighbours: list[Neighbour] = []
    unread: list[Line] = []
    async for lines in check_all(files_in(paths, each_once=True), bench, jobs):
        for line in lines:
            if line["status"] not in _READ:
                unread.append(line)
            elif line["status"] == "recorded":
                record = records[line["document_id"], line["report_id"]]
                # named as the person named it, wherever it lies
                neighbours.append(Neighbour(line["report_id"], replace(record, file=line["file"])))
    return Gathered(Neighbourhood(neighbours), outcomes, tuple(unread))
