"""A change of the rulebook judges the archive again: `python -m benchmarks.again [--reports N] [--kills N]`.

Fills a database with judged reports, decides some issues, then starts the real line with a folder of changed rules and
asks for all to be judged again. While it runs, the command is killed and called again, and so are validate and sink.
Afterwards the database and the bus are held against what the same core gives in process for every single report:
issues, decisions, and the events that tell the difference. Ends 1 when anything is not exact.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import nats
import psutil
from nats.js import JetStreamContext
from sqlalchemy import text

from benchmarks.lines import address
from services.pipeline import process
from services.sink.adapters.database import Database
from services.sink.adapters.reviews import Reviews
from services.validate.adapters.rules_folder import load_for
from services.validate.core.judging import judge
from services.validate.core.telling import verdict
from shared.contracts.events import ReportValidated
from shared.contracts.reviews import IssueDecided
from shared.database.engine import open_engine
from shared.report.identity import revision_id
from shared.report.issue import Issue
from shared.report.record import Record
from tests.support.agencies import Agency, choose
from tests.support.faults import FAULTS
from tests.support.fill import fill
from tests.support.render import LAYOUTS, render

RULES = """
[overrides.t3_row_total]
enabled = false

[overrides.d_deadline]
severity = "error"

[overrides.s_title_form]
enabled = false
"""
PLANTED = (
    "break_row_total", "break_balance", "break_outcome_total", "break_t4", "late", "wrong_year",
    "year_conflict",
)  # fmt: skip
ARRIVED = datetime(2026, 1, 20, 8, tzinfo=UTC)
DECIDED_EACH = 50
"""One report in so many has a decision on its first issue."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """How a made-up file arrived."""

    document_id: str
    file: str
    received_at: datetime


def made(number: int) -> ReportValidated:
    """Return one report, read and judged by gouji's own rulebook; every other one has a fault."""
    rng = Random(number)
    truth = fill(number, agency=_body(number, rng))
    if number % 2:
        truth = FAULTS[PLANTED[number // 2 % len(PLANTED)]](truth, rng) or truth
    report = render(truth, LAYOUTS[number % len(LAYOUTS)], rng)
    outcome = process(report.data, f"{number:06d}_{report.name}")
    assert outcome.record is not None, outcome
    assert outcome.judgement is not None
    dropped = Dropped(outcome.document_id, outcome.file, ARRIVED + timedelta(seconds=number))
    return verdict(dropped, outcome.record, revision_id(outcome.document_id), outcome.judgement)


def _body(number: int, rng: Random) -> Agency:
    """Return a body of its own for every report, so that none is another's revision."""
    agency = choose(rng)
    own = f"{number:05d}".translate(str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸"))
    full = f"{agency.region.city}{agency.region.county or ''}{own}局"
    return replace(
        agency, full=full, printed=full, kind="department", scope="own", makes_rules=False
    )


def fill_database(url: str, count: int) -> dict[str, Record]:
    """Write judged reports; return their records by document."""
    database = Database(url)
    database.migrate()
    records: dict[str, Record] = {}

    def keep(event: ReportValidated) -> None:
        database.record(event)
        records[event.document_id] = event.record

    with ProcessPoolExecutor(2) as makers, ThreadPoolExecutor(4) as writers:
        list(writers.map(keep, makers.map(made, range(count), chunksize=20)))
    database.close()
    return records


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Return what a query finds."""
    engine = open_engine(url, writing=False)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()


@contextmanager
def line(folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `gouji up` with the changed rules."""
    command = [sys.executable, "-m", "services.cli", "up", "--inbox", str(folder / "inbox"),
               "--data", str(folder / "data"), "--database", url]  # fmt: skip
    with (folder / "up.log").open("wb") as log:
        running = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, env=_environment(folder)
        )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "GOUJI_RULES": str(folder / "rules"), "GOUJI_ACK_WAIT": "5s"}


def recheck(folder: Path, url: str, *arguments: str) -> subprocess.Popen[str]:
    """Call `gouji recheck` beside the running line."""
    command = [sys.executable, "-m", "services.cli", "recheck", *arguments,
               "--data", str(folder / "data"), "--database", url]  # fmt: skip
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=_environment(folder),
    )  # fmt: skip


def kill_service(up: subprocess.Popen[bytes], service: str) -> None:
    """Kill one service of the line; its supervisor starts it again."""
    for child in psutil.Process(up.pid).children(recursive=True):
        if f"services.{service}" in child.cmdline():
            child.kill()


def judged_again(url: str) -> int:
    """Return how many reports were judged anew so far."""
    (row,) = rows(url, "SELECT count(*) FROM revisions WHERE judged_at IS NOT NULL")
    return int(str(row[0]))


def disturb(folder: Path, url: str, up: subprocess.Popen[bytes], count: int, kills: int) -> None:
    """Ask, and kill in turn the command, validate and sink while the re-judgement goes on."""
    asking = recheck(folder, url)
    for number in range(kills):
        goal = count * (number + 1) // (kills + 2)
        while judged_again(url) < goal and asking.poll() is None:
            time.sleep(0.2)
        while judged_again(url) < goal:
            time.sleep(0.2)
        if number % 3 == 0:
            asking.kill()
            asking.wait()
            asking = recheck(folder, url)
        else:
            kill_service(up, ("validate", "sink")[number % 2])
        print(f"  at {judged_again(url)}: killed {('the command', 'sink', 'validate')[number % 3]}")
    asking.wait()


def decide(url: str) -> list[tuple[object, ...]]:
    """Let a reviewer decide on some issues; return the decisions."""
    found = rows(url, "SELECT report_id, issue_id, rule FROM current_issues ORDER BY issue_id")
    reviews = Reviews(url)
    for number, (report, issue, _) in enumerate(found[::DECIDED_EACH]):
        reviews.decide(
            IssueDecided(
                document_id="0" * 64, file="-", received_at=ARRIVED, by="王芳",
                at=ARRIVED + timedelta(days=1), note="已电话核实", issue_id=str(issue),
                report_id=str(report), verdict=("confirm", "dismiss")[number % 2],
            )
        )  # fmt: skip
    reviews.close()
    return rows(url, 'SELECT issue_id, verdict, "by" FROM current_decisions ORDER BY issue_id')


async def told(url: str) -> list[dict[str, object]]:
    """Return every event that tells a change, as any subscriber may read them."""
    client = await nats.connect(url)
    try:
        return [body async for body in _changes(client.jetstream())]
    finally:
        await client.close()


async def _changes(js: JetStreamContext):
    reader = await js.pull_subscribe("gouji.v1.report.changed", stream="REPORTS")
    while True:
        try:
            messages = await reader.fetch(500, timeout=10)
        except TimeoutError:
            return
        for message in messages:
            # a consumer holds back after so many that nobody acknowledged
            await message.ack()
            yield json.loads(message.data)


def difference(before: Sequence[Issue], after: Sequence[Issue]) -> tuple[set[str], ...]:
    """Return the ids of what is new, gone, changed and unchanged."""
    old, new = {i.id: i for i in before}, {i.id: i for i in after}
    both = old.keys() & new.keys()
    same = {i for i in both if _told(old[i]) == _told(new[i])}
    return new.keys() - old.keys(), old.keys() - new.keys(), both - same, same


def _told(issue: Issue) -> tuple[str, ...]:
    return issue.severity, issue.origin, issue.message_zh, issue.message_en


def check(records: dict[str, Record], folder: Path, events: list[dict[str, object]]) -> list[str]:
    """Return what is not exact."""
    book = load_for(folder / "rules")
    by_document: dict[object, list[dict[str, object]]] = {}
    for event in events:
        by_document.setdefault(event["document_id"], []).append(event)
    wrong = []
    for document, record in records.items():
        expected = difference(judge(record).issues, judge(record, book).issues)
        heard = by_document.get(document, [])
        if len(heard) != 1:
            wrong.append(f"{record.file}: {len(heard)} events")
            continue
        names = ("new", "gone", "changed")
        seen = [{brief["id"] for brief in heard[0].get(name, ())} for name in names]
        if (*seen, set(heard[0].get("unchanged", ()))) != expected:
            wrong.append(f"{record.file}: told {heard[0]}, expected {expected}")
    return wrong


def main() -> int:
    """Run it, print it, and say whether all was exact."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--reports", type=int, default=10_000)
    arguments.add_argument("--kills", type=int, default=6)
    arguments.add_argument("--database", help="SQLAlchemy URL of an empty database; SQLite if left")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="gouji-again-") as name:
        folder = Path(name)
        return measure(folder, options.database or f"sqlite:///{folder}/gouji.db", options)


def measure(folder: Path, url: str, options: argparse.Namespace) -> int:
    """Fill, change the rules, judge again under disturbance, compare."""
    (folder / "inbox").mkdir()
    (folder / "data").mkdir()
    (folder / "rules").mkdir()
    (folder / "rules" / "own.toml").write_text(RULES, encoding="utf-8")
    begin = time.perf_counter()
    records = fill_database(url, options.reports)
    before = {str(i) for (i,) in rows(url, "SELECT issue_id FROM current_issues WHERE across = 0")}
    print(
        f"{len(records)} reports with {len(before)} issues stored in {time.perf_counter() - begin:.0f} s"
    )
    decisions = decide(url)
    with line(folder, url) as up:
        bus = asyncio.run(address(folder))
        begin = time.perf_counter()
        disturb(folder, url, up, options.reports, options.kills)
        last = recheck(folder, url, "--wait")
        output, _ = last.communicate()
        seconds = time.perf_counter() - begin
        time.sleep(3)
        events = asyncio.run(told(bus))
    print(output.rstrip())
    events = [event for event in events if event["cause"] == "rulebook"]
    wrong = check(records, folder, events)
    names = ("new", "gone", "changed", "unchanged")
    issues = {name: sum(len(event.get(name, ())) for event in events) for name in names}
    kept = rows(url, 'SELECT issue_id, verdict, "by" FROM current_decisions ORDER BY issue_id')
    print(f"judged again: {judged_again(url)} in {seconds:.0f} s = {len(records) / seconds:.0f}/s, "
          f"{options.kills} kills; events {len(events)} with issues {issues}; "
          f"decisions {len(decisions)} before, {len(kept)} after, the same: {kept == decisions}")  # fmt: skip
    print(f"not exact: {len(wrong)}")
    print("\n".join(wrong[:5]))
    return 1 if wrong or kept != decisions or judged_again(url) != len(records) else 0


if __name__ == "__main__":
    sys.exit(main())
