"""What becomes of writing and asking as the database grows: `python -m benchmarks.growth [--large]`.

Judged reports go through `Database.record` as the sink calls it, sixteen at a time, until the database holds 1,000,
10,000 and, if so asked, 100,000 of them. At each size the questions of the cookbook and the lists of the review page
are timed. A few hundred reports are read and judged; the others are these with bodies and years of their own.
"""

import argparse
import os
import re
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from sqlalchemy import text

from benchmarks.again import ARRIVED, Dropped, made
from benchmarks.lines import store
from services.page.adapters import reports as page
from services.page.adapters.shelf import Shelf
from services.page.core.questions import Reports
from services.sink.adapters.database import Database
from services.validate.core.telling import verdict
from shared.contracts.events import ReportValidated
from shared.database.engine import open_engine
from shared.report.identity import document_id, revision_id
from shared.report.issue import Judgement

SIZES = (1_000, 10_000)
LARGE = 100_000
TOGETHER = 16
_MODELS = 240
_YEARS = range(2015, 2025)
_COOKBOOK = Path(__file__).parents[1] / "docs" / "cookbook.md"
_BLOCK = re.compile(r"```sql database\n(.*?)```", re.DOTALL)
_DIGITS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")
_ENOUGH_SECONDS = 2.0
"""A question that takes longer is asked once, others three times: the middle counts."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The database at one size: reports, those written a second on the way there, bytes, and seconds by question."""

    database: str
    reports: int
    rate: float
    megabytes: float
    seconds: dict[str, float]


def questions() -> dict[str, str]:
    """Return the cookbook's questions to the database, by the heading they stand under."""
    found: dict[str, str] = {}
    for chapter in _COOKBOOK.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading = chapter.partition("\n")[0]
        for number, query in enumerate(_BLOCK.findall(chapter), 1):
            found[heading if number == 1 else f"{heading} ({number})"] = query
    return found


PAGES = {
    "page: newest": Reports(),
    "page: a year": Reports(year=2020),
    "page: with errors": Reports(severity="error"),
    "page: a rule": Reports(rule="t3_row_total"),
    "page: search": Reports(agency="甲乙"),
}
"""Lists of the review page, by what is asked."""


def events(models: Sequence[ReportValidated], numbers: range) -> Iterator[ReportValidated]:
    """Yield judged reports: ten years of each body, arriving a second apart."""
    for number in numbers:
        yield _own(models[number // len(_YEARS) % len(models)], number)


def _own(model: ReportValidated, number: int) -> ReportValidated:
    """Return a report like the model, of a body and a year of its own."""
    body, year = divmod(number, len(_YEARS))
    who = model.record.identity
    name = f"{who.region.city or ''}{f'{body:05d}'.translate(_DIGITS)}局"
    key = document_id(str(number).encode())
    identity = replace(who, agency=name, agency_as_printed=name, year=_YEARS[year])
    record = replace(model.record, document_id=key, file=f"{number:06d}.txt", identity=identity)
    dropped = Dropped(key, record.file, ARRIVED + timedelta(seconds=number))
    found = Judgement(model.issues, model.checks, model.rulebook_version)
    return verdict(dropped, record, revision_id(key), found)


def models(count: int = _MODELS) -> list[ReportValidated]:
    """Read and judge a few hundred made-up reports."""
    with ProcessPoolExecutor(os.cpu_count()) as makers:
        return list(makers.map(made, range(count), chunksize=10))


def fill(database: Database, found: Iterator[ReportValidated]) -> float:
    """Write reports as the sink does; return how many a second."""
    count, began = 0, perf_counter()
    with ThreadPoolExecutor(TOGETHER) as writers:
        while lot := list(islice(found, 64 * TOGETHER)):
            for _ in writers.map(database.record, lot):
                count += 1
    return count / (perf_counter() - began)


def timed(ask: Callable[[], object]) -> float:
    """Return how many seconds a question takes."""
    taken: list[float] = []
    while len(taken) < 3:
        began = perf_counter()
        ask()
        taken.append(perf_counter() - began)
        if taken[0] > _ENOUGH_SECONDS:
            break
    return statistics.median(taken)


def ask_all(url: str) -> dict[str, float]:
    """Return the seconds of every question, all rows fetched."""
    engine, shelf, found = open_engine(url, writing=False), Shelf(url), {}
    try:
        with engine.connect() as connection:
            for name, query in questions().items():
                statement = text(query.replace(":", r"\:"))
                found[name] = timed(lambda s=statement: connection.execute(s).all())
        for name, asked in PAGES.items():
            found[name] = timed(lambda a=asked: page.found(shelf, a))
        found["page: divisions"] = timed(lambda: page.tree(shelf))
    finally:
        shelf.close()
        engine.dispose()
    return found


def size_of(url: str) -> float:
    """Return the size of the database in MB."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return sum(p.stat().st_size for p in path.parent.glob(f"{path.name}*")) / 1e6
    engine = open_engine(url, writing=False)
    try:
        with engine.connect() as connection:
            query = text("SELECT pg_database_size(current_database())")
            return float(connection.execute(query).scalar_one()) / 1e6
    finally:
        engine.dispose()


@contextmanager
def _place(kind: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="gouji-bench-") as folder, store(kind) as url:
        yield url or f"sqlite:///{folder}/gouji.db"


def grow(kind: str, url: str, sizes: Sequence[int]) -> Iterator[Stage]:
    """Fill an empty database up to each size in turn, and ask everything there."""
    database, known, before = Database(url), models(), 0
    database.migrate()
    for size in sizes:
        rate = fill(database, events(known, range(before, size)))
        if kind == "postgresql":
            settle(url)
        yield Stage(kind, size, rate, size_of(url), ask_all(url))
        before = size
    database.close()


def settle(url: str) -> None:
    """Count what is there, which PostgreSQL does by itself a minute later."""
    engine = open_engine(url, writing=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def run(kind: str, sizes: Sequence[int] = SIZES) -> list[Stage]:
    """Measure one kind of database, in one of its own."""
    with _place(kind) as url:
        found = []
        for one in grow(kind, url, sizes):
            tell(one)
            found.append(one)
        return found


def tell(stage: Stage) -> None:
    """Print one size."""
    print(
        f"{stage.database}, {stage.reports} reports: {stage.rate:.0f} written/s,"
        f" {stage.megabytes:.0f} MB",
        flush=True,
    )
    for name, seconds in stage.seconds.items():
        print(f"  {1000 * seconds:9.1f} ms  {name}", flush=True)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--large", action="store_true", help="go on to 100,000 reports")
    given = parser.parse_args()
    for kind in given.database or ("sqlite", "postgresql"):
        run(kind, (*SIZES, LARGE) if given.large else SIZES)


if __name__ == "__main__":
    main()
