"""Fuzz the entry points in turn: `python -m tests.fuzz.run [TARGET…] [--seconds N] [--rounds N] [--folder .fuzz]`.

The corpus in the folder grows from run to run, so that a later one goes on where this one ended. A
process that dies (a crash of code in C, no memory, a hang) is started again; how it died is kept beside
what it died of. One line for each target says what was done, and `ledger.jsonl` keeps it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.fuzz.targets import TARGETS

KEPT = Path(__file__).parent / "corpus"
_STATUS = re.compile(r"#(\d+)\t\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/")
_FATAL = re.compile(r"ERROR: libFuzzer: ([\w-]+)|(Segmentation fault)|ERROR: \w+: ([\w-]+)")
_HANG_SECONDS = 30
_MEMORY_MB = 2500
_PAUSE = 0.5


@dataclass
class Run:
    """What one run on one target came to."""

    target: str
    seconds: float = 0.0
    executions: int = 0
    coverage_first: int = 0
    coverage_last: int = 0
    corpus: int = 0
    deaths: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def fuzz(name: str, folder: Path, seconds: int) -> Run:
    """Fuzz one target for so long, starting again as often as its process dies."""
    corpus, findings, started = (
        folder / "corpus" / name,
        folder / "findings" / name,
        folder / "seeds" / name,
    )
    for made in (corpus, findings, started):
        made.mkdir(parents=True, exist_ok=True)
    for seed in TARGETS[name].seeds():
        (started / sha256(seed).hexdigest()[:16]).write_bytes(seed)
    known = {p.name for p in findings.iterdir()}
    run = Run(name)
    begun = time.monotonic()
    while (left := seconds - (time.monotonic() - begun)) > 1:
        death = _once(name, findings, [corpus, started, *_kept(name)], int(left), run)
        if death is None:
            break
        run.deaths.append(death)
        time.sleep(_PAUSE)
    run.seconds = round(time.monotonic() - begun, 1)
    run.findings = sorted({p.name for p in findings.iterdir() if p.suffix != ".txt"} - known)
    return run


def _kept(name: str) -> list[Path]:
    folder = KEPT / name
    return [folder] if folder.is_dir() else []


def _once(name: str, findings: Path, corpora: Sequence[Path], seconds: int, run: Run) -> str | None:
    """Run one process; return how it died, None when it ended in time."""
    command = [
        sys.executable, "-m", "tests.fuzz.child", name, str(findings),
        f"-max_total_time={seconds}", f"-timeout={_HANG_SECONDS}", f"-rss_limit_mb={_MEMORY_MB}",
        f"-max_len={TARGETS[name].longest}", f"-artifact_prefix={findings}/native-", "-print_final_stats=1",
        *map(str, corpora),
    ]  # fmt: skip
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(p for p in ("", os.environ.get("PYTHONPATH", "")) if p)
        or ".",
    }
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
                               errors="replace", env=environment)  # fmt: skip
    assert process.stderr is not None
    last, first, tail = (0, 0, 0), None, ["?"]
    for line in process.stderr:
        if match := _STATUS.match(line):
            last = (int(match[1]), int(match[2]), int(match[4]))
            first = first or last
        elif line.strip():
            tail = [*tail[-400:], line.rstrip()]
        if line.startswith("FOUND"):
            print(f"{name}: {line.strip()}", flush=True)
    code = process.wait()
    run.executions += last[0]
    run.coverage_first = run.coverage_first or (first or last)[1]
    run.coverage_last, run.corpus = max(run.coverage_last, last[1]), max(run.corpus, last[2])
    if code == 0:
        return None
    told = next((m[1] or m[2] or m[3] for line in tail if (m := _FATAL.search(line))), None)
    (findings / f"death-{int(time.time())}.txt").write_text(
        "\n".join(tail), "utf-8", errors="backslashreplace"
    )
    return told or f"exit {code}: {tail[-1][:120]}"


def main() -> None:
    """Fuzz what was asked for, all targets in turn by default."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("targets", nargs="*", default=[])
    asked.add_argument("--seconds", type=int, default=60, help="for each target and round")
    asked.add_argument("--rounds", type=int, default=1)
    asked.add_argument("--folder", type=Path, default=Path(".fuzz"))
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for _ in range(given.rounds):
        for name in given.targets or TARGETS:
            run = fuzz(name, given.folder, given.seconds)
            with (given.folder / "ledger.jsonl").open("a", encoding="utf-8") as ledger:
                ledger.write(json.dumps(asdict(run)) + "\n")
            print(
                f"{name:11} {run.executions:>9} executions in {run.seconds:g} s, branches {run.coverage_first}→"
                f"{run.coverage_last}, corpus {run.corpus}, findings {len(run.findings)}, deaths {run.deaths}", flush=True,
            )  # fmt: skip
            wrong += len(run.findings) + len(run.deaths)
    sys.exit(min(wrong, 1))


if __name__ == "__main__":
    main()
