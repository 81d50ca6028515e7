"""What files are checked beside: reports read into memory, this once, for one command."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from services.commands.checking import Bench, Key, Line, check_all
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
    async for lines in check_all(files_of(paths), bench, jobs):
        for line in lines:
            if line["status"] not in _READ:
                unread.append(line)
            elif line["status"] == "recorded":
                record = records[line["document_id"], line["report_id"]]
                # named as the person named it, wherever it lies
                neighbours.append(Neighbour(line["report_id"], replace(record, file=line["file"])))
    return Gathered(Neighbourhood(neighbours), outcomes, tuple(unread))


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield each file once: those named, and all in folders and their sub-folders, but hidden ones."""
    seen: set[Path] = set()
    for path in paths:
        inside = path.is_dir()
        for file in sorted(path.rglob("*")) if inside else (path,):
            hidden = inside and any(p.startswith(".") for p in file.relative_to(path).parts)
            if hidden or (inside and not file.is_file()) or file.resolve() in seen:
                continue
            seen.add(file.resolve())
            yield file
