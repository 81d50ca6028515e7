"""What `gouji up` does with children that end: soon back where they lived well, ever later where not."""

import sys
import time
from pathlib import Path

import pytest

from services.commands.running import supervising
from services.commands.running.supervising import Supervisor
from tests.support.processes import wait_for

HEALTHY = "import os, pathlib, time; pathlib.Path(os.environ['GOUJI_HEALTH_FILE']).touch(); time.sleep(60)"
SLOW = "import time; time.sleep(60)"
BROKEN = "raise SystemExit(3)"


class Ends:
    """The delays that were told, and a supervisor of one program."""

    def __init__(self, folder: Path, program: str) -> None:
        self.delays: list[float] = []
        self.supervisor = Supervisor(folder, {}, lambda *told: self.delays.append(told[2]))
        self.supervisor.start("one", [sys.executable, "-c", program])

    @property
    def child(self):
        return self.supervisor._children[0]

    def until(self, deaths: int) -> list[float]:
        def reached() -> bool:
            self.supervisor.mend()
            return len(self.delays) >= deaths

        wait_for(f"{deaths} ends", reached)
        return self.delays

    def until_it_runs(self) -> None:
        def runs() -> bool:
            self.supervisor.mend()
            return self.child.process.poll() is None

        wait_for("it runs", runs)

    def live(self, seconds: float) -> None:
        """Mend until the program has been healthy for so long."""

        def lived() -> bool:
            self.supervisor.mend()
            since = self.child.healthy_since
            return since is not None and time.monotonic() - since > seconds

        wait_for("healthy", lived)


@pytest.fixture
def ends(tmp_path, monkeypatch, request):
    monkeypatch.setattr(supervising, "_FIRST_DELAY", 0.01)
    monkeypatch.setattr(supervising, "_KILLED_DELAY", 0.015)
    monkeypatch.setattr(supervising, "_FORGIVEN_AFTER", 0.2)
    made = Ends(tmp_path, request.param)
    yield made
    made.supervisor.stop(5)


@pytest.mark.parametrize("ends", [HEALTHY], indirect=True)
def test_a_healthy_program_that_is_killed_again_and_again_comes_back_at_once(ends):
    for deaths in range(1, 5):
        ends.live(0.3)
        ends.child.process.kill()
        ends.until(deaths)

    assert ends.delays == [0.01] * 4
    assert ends.supervisor.hopeless() == []


@pytest.mark.parametrize("ends", [SLOW], indirect=True)
def test_a_program_that_is_killed_before_it_is_healthy_comes_back_soon_but_is_given_up(ends):
    for deaths in range(1, 31):
        ends.child.process.kill()
        ends.until(deaths)
        ends.until_it_runs()

    assert set(ends.delays) == {supervising._KILLED_DELAY}
    assert ends.supervisor.hopeless() == ["one"]


@pytest.mark.parametrize("ends", [BROKEN], indirect=True)
def test_a_program_that_ends_whenever_it_starts_comes_back_ever_later(ends):
    assert ends.until(6)[:6] == [0.01 * 2**n for n in range(6)]
    assert ends.supervisor.hopeless() == ["one"]


@pytest.mark.parametrize("ends", [HEALTHY], indirect=True)
def test_health_of_an_earlier_life_forgives_nothing_in_the_next(ends):
    ends.live(0.3)
    ends.child.process.kill()
    ends.until(1)
    ends.child.argv = [sys.executable, "-c", BROKEN]

    assert ends.until(4) == [0.01, 0.01, 0.02, 0.04]
