"""Writing a line never ends what the line is about."""

import json
import subprocess
import sys
from pathlib import Path

from shared.runtime.logs import Forgiving

PROGRAM = """
from shared.runtime import logs
from shared.runtime.logs import log
logs.configure("extract", style="json", level="INFO")
for number in range(2000):
    log("info", "message.handled", number=number)
print("went on")
"""


def run(stderr):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, stderr=stderr, text=True, check=False,
    )  # fmt: skip


def test_a_full_disk_under_the_log_stops_nobody():
    with Path("/dev/full").open("wb") as full:
        ended = run(full)

    assert ended.stdout == "went on\n"


def test_every_line_is_there_when_there_is_room(tmp_path):
    with (tmp_path / "log").open("wb") as file:
        run(file)

    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["number"] for line in lines] == list(range(2000))


def test_a_stream_that_was_closed_stops_nobody(tmp_path):
    stream = (tmp_path / "log").open("w")
    stream.close()

    forgiving = Forgiving(stream)

    assert forgiving.write("a line\n") == 0
    forgiving.flush()
