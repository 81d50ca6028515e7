"""Trials of files and of defects that no retry mends, and of slow work: R12, R13, R14."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Final

import nats
from sqlalchemy import make_url, text

from services.normalize.core.reading import read_document
from services.pipeline import conclude
from services.sink.adapters.export import export_lines
from shared.contracts.events import ReportExtracted
from shared.database.engine import open_engine
from shared.report.identity import document_id as identify
from tests.endurance import failing
from tests.endurance.hearing import settle
from tests.endurance.ledger import Ledger
from tests.endurance.line import environment
from tests.endurance.load import Drop, Expected, drops, hash_of, healthy, poison_drops
from tests.endurance.loose import Loose
from tests.endurance.misdeeds import slow
from tests.endurance.readings import handled, most_attempts
from tests.endurance.scale import Scale
from tests.endurance.trial import Plan, Result, await_ends, ended, run
from tests.support.processes import GOUJI

POISON_SECONDS: Final = 120.0
POISON_ATTEMPTS: Final = 3
_EVERY: Final = 19
"""Healthy files to one of poison: five per cent."""
_WITH_POISON: Final = 2
"""Lots with poison; there is one more without."""
POISONED: Final = [sys.executable, "-m", "tests.endurance.poisoned_normalize"]
_FAILING: Final = [sys.executable, "-m", "tests.endurance.failing"]
_REJECTED: Final = "reject"
_DEAD_OR_NOT: Final = frozenset({"recorded", "dead"})


def poisoned(folder: Path, database: str | None, scale: Scale) -> Result:
    """R12: lots of healthy files by turns without and with a twentieth of poison among them.

    The ratio of the two rates is a note, not a demand: on a busy machine it says little. Each lot has
    more neighbours to be compared with than the one before, so the lots without stand on both sides.
    """
    count = scale.files_of(40, 300)
    poison = poison_drops(max(1, _WITH_POISON * count // _EVERY), scale.seed, misdeeds=True)
    ledger = Ledger()
    plan = Plan("R12", files=0, seconds=0, seed=scale.seed, recovery=2 * POISON_SECONDS)
    programs = {"normalize": POISONED}
    rates: dict[bool, list[float]] = {False: [], True: []}
    latest = 0.0
    with Loose(folder, database, quick=scale.quick, programs=programs) as line:
        for number in range(2 * _WITH_POISON + 1):
            dropped = list(drops(count, scale.seed + number))
            is_poisoned = number % 2 == 1
            if is_poisoned:
                dropped = _mixed(dropped, poison[number // 2 :: _WITH_POISON])
            began = time.monotonic()
            rates[is_poisoned].append(_rate(line, ledger, dropped))
            await_ends(line, ledger, plan.recovery)
            if is_poisoned:
                latest = max(latest, time.monotonic() - began)
            # none is to pay for what is still compared of the one before
            settle(line.nats_url, plan.recovery)
        result = run(plan, line, ledger=ledger)
        attempts = most_attempts(line, "normalize", "poison")
    clean, mixed = fmean(rates[False]), fmean(rates[True])
    result.notes |= {
        "poison": len(poison),
        "healthy files/s clean": [round(rate, 1) for rate in rates[False]],
        "with poison": [round(rate, 1) for rate in rates[True]],
        "ratio": round(mixed / clean, 2),
        "latest end of poison (s)": round(latest, 1),
        "most attempts": attempts,
    }
    result.demand("poison ends in time", met=latest <= POISON_SECONDS)
    result.demand("poison is tried at most thrice", met=attempts <= POISON_ATTEMPTS)
    return result


def _mixed(dropped: Sequence[Drop], poison: Sequence[Drop]) -> list[Drop]:
    mixed = list(dropped)
    for number, drop in enumerate(poison):
        mixed.insert(number * (_EVERY + 1), drop)
    return mixed


def _rate(line: Loose, ledger: Ledger, dropped: Sequence[Drop]) -> float:
    """Drop all at once; return how many healthy ones a second came to their end."""
    began = time.monotonic()
    for drop in dropped:
        ledger.accept(drop)
        line.drop(drop.name, drop.data)
    wanted = {(d.name, d.document_id) for d in dropped if not d.name.startswith("poison")}
    while wanted - ended(line.database_url):
        time.sleep(0.1)
        if time.monotonic() - began > 10 * POISON_SECONDS:
            raise AssertionError("healthy files do not come to their end")
    return len(wanted) / (time.monotonic() - began)


def defects(folder: Path, database: str | None, scale: Scale) -> Result:
    """R13: a handler that always raises, a database that rejects rows, an event that is none.

    Each ends as a dead letter with reason and attempts; `gouji replay` brings it through once its cause
    is mended.
    """
    count = scale.files_of(3, 10)
    plan = Plan("R13", files=10, seconds=2, seed=scale.seed)
    ledger = Ledger()
    made = [healthy(scale.seed * 1_000_000 + 500_000 + n) for n in range(2 * count + 1)]
    doomed = [
        _named(d, f"{mark}_{d.name}")
        for d, mark in zip(
            made, [failing.MARK] * count + [_REJECTED] * count + ["odd"], strict=True
        )
    ]
    programs = {"extract": _FAILING}
    with Loose(folder, database, quick=scale.quick, programs=programs) as line:
        with _rejecting(line.database_url):
            for drop in doomed:
                ledger.accept(drop)
                line.drop(drop.name, drop.data)
            await_ends(line, ledger, plan.recovery)
            _publish_nonsense(line.nats_url, doomed[-1])
            dead = _dead(line.database_url, len(doomed) - 1)
        line.replace("extract", [str(GOUJI), "run", "extract"])
        line.kill("extract")
        replay = _replay(line)
        result = run(plan, line, ledger=ledger)
        now_dead = _dead(line.database_url, 0)
    told = [f"{x['reason']} after {x['attempts']}" for x in dead if not x["reason"]]
    result.notes |= {"dead letters": len(dead), "replayed": len(dead) - len(now_dead)}
    result.demand(f"each has a reason: {told}", met=not told)
    result.demand(f"each died: {len(dead)}", met=len(dead) == len(doomed) - 1)
    result.demand(f"each is through after its replay: {replay}", met=not now_dead)
    return result


def _named(drop: Drop, name: str) -> Drop:
    found = healthy_as(drop.data, name)
    return Drop(name, drop.data, replace(found, states=_DEAD_OR_NOT))


def slow_report(number: int, seconds: float) -> Drop:
    """Return a report whose reader takes so long, where normalize is the poisoned one."""
    report = healthy(number)
    data, name = slow(seconds, report.data), f"slow_{report.name}"
    return Drop(name, data, healthy_as(report.data, name, data))


def healthy_as(read: bytes, name: str, whole: bytes | None = None) -> Expected:
    """Return what becomes of a file whose reader sees `read`, of all its bytes."""
    document = read_document(read, name)
    line = conclude(document, name, identify(read if whole is None else whole)).neutral()
    return Expected(frozenset({"recorded"}), line=hash_of(line), cells=len(line["cells"]))


def _dead(url: str, at_least: int) -> list[dict[str, object]]:
    deadline = time.monotonic() + 60
    while True:
        found = [line for line in export_lines(url) if line["status"] == "dead"]
        if len(found) >= at_least or time.monotonic() > deadline:
            return found
        time.sleep(0.3)


def _replay(line: Loose) -> str:
    env = environment({"GOUJI_NATS_URL": line.nats_url})
    command = [GOUJI, "replay", "--all"]
    done = subprocess.run(
        command, env=env, cwd=line.folder, capture_output=True, text=True, timeout=60, check=False
    )
    time.sleep(1)
    return done.stdout[-300:] + done.stderr[-300:]


def _publish_nonsense(url: str, about: Drop) -> None:
    """Publish an event of the right kind whose body is nothing that anybody promised."""
    import asyncio

    async def publish() -> None:
        client = await nats.connect(url)
        headers = {"ce-type": ReportExtracted.type, "ce-subject": about.document_id,
                   "ce-file": "nonsense"}  # fmt: skip
        await client.jetstream().publish(
            ReportExtracted.subject, b'{"document_id": 7, "record": []}', headers=headers
        )
        await client.close()

    asyncio.run(publish())


@contextmanager
def _rejecting(url: str) -> Iterator[None]:
    """Let the database reject every document of a marked name while the block runs."""
    _execute(url, _REJECT[make_url(url).get_backend_name()])
    try:
        yield
    finally:
        _execute(url, _ACCEPT[make_url(url).get_backend_name()])


def _execute(url: str, statements: Sequence[str]) -> None:
    engine = open_engine(url, writing=True)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


_REJECT: Final = {
    "sqlite": (
        (
            f"CREATE TRIGGER rejecting BEFORE INSERT ON documents WHEN NEW.file LIKE '{_REJECTED}%' "
            "BEGIN SELECT RAISE(ABORT, 'rejected on purpose'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION rejecting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NEW.file LIKE '{_REJECTED}%' THEN RAISE EXCEPTION 'rejected on purpose'; END IF; "
            "RETURN NEW; END $$"
        ),
        (
            "CREATE TRIGGER rejecting BEFORE INSERT ON documents "
            "FOR EACH ROW EXECUTE FUNCTION rejecting()"
        ),
    ),
}
_ACCEPT: Final = {
    "sqlite": ("DROP TRIGGER rejecting",),
    "postgresql": ("DROP TRIGGER rejecting ON documents", "DROP FUNCTION rejecting()"),
}


def slow_work(folder: Path, database: str | None, scale: Scale) -> Result:
    """R14: readers that take thrice the ack wait beside others: nothing is delivered twice."""
    seconds = scale.pick(10, 100, scale.seconds)
    plan = Plan("R14", files=scale.files_of(20, 100), seconds=seconds / 2, seed=scale.seed)
    ledger = Ledger()
    programs = {"normalize": POISONED}
    env = {"GOUJI_READER_SECONDS": f"{seconds}s"}
    with Loose(folder, database, quick=scale.quick, programs=programs, env=env) as line:
        for number in range(3):
            drop = slow_report(scale.seed * 1_000_000 + 700_000 + 8 * number, seconds)
            ledger.accept(drop)
            line.drop(drop.name, drop.data)
        result = run(plan, line, ledger=ledger)
        took = [e["duration_ms"] for e in handled(line, "normalize") if e["attempt"] == 1]
        attempts = most_attempts(line, "normalize", "slow")
    result.notes |= {"longest (s)": round(max(took) / 1000, 1), "most attempts": attempts}
    result.demand("slow work is done once", met=attempts == 1)
    result.demand("it took longer than the ack wait", met=max(took) / 1000 >= seconds)
    return result
