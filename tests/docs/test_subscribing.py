"""The Python that the guides give to subscribers hears of the failures of a running line."""

import re
import subprocess
import sys

import pytest

from tests.docs.commands import ROOT
from tests.support.processes import up, wait_for

pytestmark = [pytest.mark.system, pytest.mark.long]

OPEN_BUS = "nats://127.0.0.1:4222"
PAGES = ("README.md", "docs/subscribers.md", "docs/subscribers.zh.md")
FAULTY = ROOT / "examples" / "04_sums_do_not_add_up_2022.md"


def programs(page):
    """Return the programs of a page that ask an open bus."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    return [block for block in blocks if OPEN_BUS in block]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of the bus of a line that has found three errors."""
    folder = tmp_path_factory.mktemp("line")
    with up(folder) as line:
        line.drop(FAULTY.name, FAULTY.read_bytes())
        wait_for("the file", lambda: sum(line.states().values()) == 1, 120)
        yield re.search(r"nats://[\d.]+:\d+", (folder / "up.out").read_text("utf-8")).group()


@pytest.mark.parametrize("page", PAGES)
def test_the_program_hears_of_the_failures(page, address, tmp_path):
    (program,) = programs(page)
    # the one of docs/subscribers.md asks for one region and year; the file is of no known region
    wanted = program.replace(OPEN_BUS, address).replace('startswith("33")', 'startswith("")')
    wanted = wanted.replace('== "2024"', '== "2022"')
    heard = tmp_path / "heard.txt"
    with heard.open("wb") as output:
        listening = subprocess.Popen(
            [sys.executable, "-u", "-c", wanted], stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for("a failure", lambda: "复议" in heard.read_text("utf-8"), 30)
    finally:
        listening.kill()
        listening.wait()

    assert "Traceback" not in heard.read_text("utf-8")
