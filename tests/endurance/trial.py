"""One trial: files are dropped while faults strike; then the books must balance.

with Loose(folder) as line:
    result = run(Plan("R1", files=100, seconds=20, strikes=(Strikes(Kill(), times=10),)), line)
assert result.passed, result.verdict()
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from services.commands.reaching.records import file_states
from shared.errors import Unavailable
from tests.endurance.faults import Storm, Strikes
from tests.endurance.hearing import ends_told, letters, settle
from tests.endurance.ledger import Balance, Key, Ledger
from tests.endurance.line import Line
from tests.endurance.load import Drop, drops, healthy

_FRESH = 999_000_000
_END_OF_LOG = 200_000
"""Number of the file that is dropped when all is over, to see that the line lives."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a trial does: so many files spread over so many seconds, beside these faults.

    `recovery` is how long after the last fault the line has to bring every file to its end, and then
    once more to come to rest.
    """

    name: str
    files: int
    seconds: float
    strikes: tuple[Strikes, ...] = ()
    seed: int = 1
    poison: float = 0.0
    misdeeds: bool = False
    recovery: float = 120.0


@dataclass
class Result:
    """How a trial went; `recovery` is from the end of load and faults to the last file's end.

    `notes` are further figures, `failed` further demands that were not met.
    """

    plan: Plan
    balance: Balance
    struck: dict[str, int]
    recovery: float
    alive: bool
    busy: list[str]
    took: float
    notes: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Tell whether the books balance, the line is at rest, a fresh file passes, and all else."""
        return self.balance.clean and self.alive and not self.busy and not self.failed

    def demand(self, what: str, *, met: bool) -> None:
        """Note a further demand as failed unless it is met."""
        if not met:
            self.failed.append(what)

    def line(self) -> str:
        """Return the result as one line of the ledger."""
        b = self.balance
        struck = ", ".join(f"{n} x {name}" for name, n in sorted(self.struck.items())) or "none"
        return (
            f"{self.plan.name}: files {b.files}, lost {len(b.lost)}, doubled {len(b.doubled)}, "
            f"foreign {len(b.foreign)}, wrong {len(b.wrong)}, dead {len(b.dead)}, "
            f"recovery {self.recovery:.1f} s; faults: {struck}; ends {dict(b.states)}"
            + "".join(f"; {k} {v}" for k, v in self.notes.items())
        )

    def verdict(self) -> str:
        """Say what is wrong, and how to do it again."""
        faults = {kind: found[:10] for kind, found in self.balance.faults().items()}
        return (
            f"{self.line()}\nalive {self.alive}, busy {self.busy}, faults {faults}\n"
            f"failed {self.failed}\n"
            f"again: make endurance FAULTS={self.plan.name} SEED={self.plan.seed}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the figures for docs and comparisons."""
        b = self.balance
        return {
            "name": self.plan.name,
            "seed": self.plan.seed,
            "files": b.files,
            **{kind: len(getattr(b, kind)) for kind in ("lost", "doubled", "foreign", "wrong", "dead")},
            "faults": self.struck,
            "states": dict(b.states),
            "recovery_seconds": round(self.recovery, 1),
            "seconds": round(self.took, 1),
            "passed": self.passed,
            "failed": self.failed,
            "notes": self.notes,
        }  # fmt: skip


def run(
    plan: Plan,
    line: Line,
    *,
    ledger: Ledger | None = None,
    dropping: Callable[[Line, Drop], None] | None = None,
) -> Result:
    """Run a trial on a started line; the line goes on running.

    `dropping` is how one file is dropped, if not whole and at once.
    """
    ledger = Ledger() if ledger is None else ledger
    began = time.monotonic()
    planned = drops(plan.files, plan.seed, poison=plan.poison, misdeeds=plan.misdeeds)
    load = _Load(line, ledger, planned, plan.seconds / max(1, plan.files), dropping or _drop_whole)
    storm = Storm(line, plan.strikes, plan.seed)
    load.start()
    storm.start()
    storm.join()
    load.join()
    over = time.monotonic()
    await_ends(line, ledger, plan.recovery)
    recovered = time.monotonic() - over
    fresh = healthy(_FRESH + plan.seed)
    ledger.accept(fresh)
    line.drop(fresh.name, fresh.data)
    alive = await_ends(line, ledger, plan.recovery / 2)
    busy = settle(line.nats_url, plan.recovery)
    balance = ledger.examine(line.database_url, line.archive, ends_told(line.nats_url))
    innocent = [
        letter for letter in letters(line.nats_url) if letter["file"] in _named(balance.dead)
    ]
    # what is wrong with a message shows in its body alone
    notes: dict[str, Any] = (
        {"dead letters": [str(letter)[:4000] for letter in innocent]} if innocent else {}
    )
    if not (alive and balance.clean):
        notes["complaints"] = {part: _complaints(line, part) for part in line.services}
    return Result(
        plan=plan,
        balance=balance,
        struck=dict(storm.struck),
        recovery=recovered,
        alive=alive,
        busy=[str(lag) for lag in busy],
        took=time.monotonic() - began,
        notes=notes,
    )


def _complaints(line: Line, part: str) -> list[str]:
    """Return the last warnings of a part: its log may lie on a disk that is taken away."""
    told = line.logged(part, last_bytes=_END_OF_LOG)
    return [str(x)[:800] for x in told if x.get("level") in ("warning", "error")][-8:]


def _named(faults: Iterable[str]) -> set[str]:
    return {fault.partition(":")[0] for fault in faults}


def await_ends(line: Line, ledger: Ledger, within: float) -> bool:
    """Wait until every file has an end in the database; False when time is up before."""
    deadline = time.monotonic() + within
    while True:
        began = time.monotonic()
        if not ledger.due - ended(line.database_url):
            return True
        if time.monotonic() > deadline:
            return False
        # asking is not to be what the line is busy with
        time.sleep(max(0.2, 2 * (time.monotonic() - began)))


def ended(database_url: str) -> set[Key]:
    """Return every name and document that has come to an end."""
    try:
        return {(state.name, state.document_id) for state in file_states(database_url)}
    except Unavailable:
        return set()


def _drop_whole(line: Line, drop: Drop) -> None:
    line.drop(drop.name, drop.data)


class _Load(threading.Thread):
    """Drops files at an even pace; what is late is dropped at once."""

    def __init__(
        self,
        line: Line,
        ledger: Ledger,
        planned: Iterable[Drop],
        pause: float,
        dropping: Callable[[Line, Drop], None],
    ) -> None:
        super().__init__(daemon=True)
        self._line, self._ledger, self._planned = line, ledger, planned
        self._pause, self._dropping = pause, dropping
        self._failure: BaseException | None = None

    def run(self) -> None:
        due = time.monotonic()
        try:
            for drop in self._planned:
                time.sleep(max(0.0, due - time.monotonic()))
                due += self._pause
                self._ledger.accept(drop)
                self._dropping(self._line, drop)
        except BaseException as error:
            self._failure = error

    def join(self, timeout: float | None = None) -> None:
        super().join(timeout)
        if self._failure is not None:
            raise self._failure
