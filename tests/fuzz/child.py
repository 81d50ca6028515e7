"""One fuzzing process: coverage-guided, on one target, until its time is over or the code in C ends it.

    python -m tests.fuzz.child TARGET FINDINGS [flags of libFuzzer] CORPUS…

An exception of ours does not end it: the first input for each place is kept among the findings, and
the search goes on. Started by `tests.fuzz.run`; needs `pip install 'gouji[fuzz]'`.
"""

import hashlib
import sys
import time
import traceback
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["services", "shared"]):
    from tests.fuzz.targets import TARGETS, Target

_SLOW_SECONDS = 3.0
_PLACE = Path(__file__).resolve().parents[2]


def main() -> None:
    """Fuzz until told to stop."""
    name, findings = sys.argv[1], Path(sys.argv[2])
    target = TARGETS[name]
    findings.mkdir(parents=True, exist_ok=True)
    found = _Findings(findings, target)
    mutator = _mutator(target)
    extra = {} if mutator is None else {"custom_mutator": mutator}
    atheris.Setup([sys.argv[0], *sys.argv[3:]], found.look, **extra)
    atheris.Fuzz()


class _Findings:
    """Runs the check and keeps what breaks it: one input for each place, the first one."""

    def __init__(self, folder: Path, target: Target) -> None:
        self._folder = folder
        self._check = target.check
        self._known = {path.name.partition("~")[0] for path in folder.iterdir()}

    def look(self, data: bytes) -> None:
        """Check one input."""
        begun = time.process_time()
        try:
            self._check(data)
        except Exception as error:
            self._keep(
                _place_of(error), data, "".join(traceback.format_exception(error, limit=-12))
            )
        spent = time.process_time() - begun
        if spent > _SLOW_SECONDS:
            self._keep(f"slow-{spent:.0f}s", data, f"{spent:.1f} s of processor time")

    def _keep(self, label: str, data: bytes, told: str) -> None:
        if label in self._known:
            return
        self._known.add(label)
        path = self._folder / f"{label}~{hashlib.sha256(data).hexdigest()[:10]}"
        path.write_bytes(data)
        path.with_name(f"{path.name}.txt").write_text(told, "utf-8", errors="backslashreplace")
        print(f"FOUND {path.name}", file=sys.stderr, flush=True)


def _place_of(error: BaseException) -> str:
    """Name the kind of a failure by its class and our innermost line."""
    ours = [
        f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(str(_PLACE))
    ]
    frame = ours[-1] if ours else None
    where = f"{Path(frame.filename).stem}-{frame.lineno}" if frame else "elsewhere"
    return f"{type(error).__name__}-{where}"


def _mutator(target: Target):
    if target.mutator is None:
        return None
    change = target.mutator

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        if Random(seed).randrange(5) == 0:
            return atheris.Mutate(data, most)
        return change(bytes(data), most, seed, atheris.Mutate)

    return mutate


if __name__ == "__main__":
    main()
