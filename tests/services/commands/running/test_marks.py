"""A damaged bus is told of, whatever the server says."""

import pytest

from services.commands.running import keeping
from services.commands.running.keeping import ServerKeeper
from services.commands.running.marks import Loss, Marks
from shared.errors import Unavailable


def test_streams_that_are_shorter_than_they_were_are_losses(tmp_path):
    marks = Marks(tmp_path)
    marks.write({"REPORTS": 60, "ISSUES": 9, "DEAD": 0})

    again = Marks(tmp_path)

    assert again.losses({"REPORTS": 30, "ISSUES": 12}) == [Loss("REPORTS", 30)]
    assert again.losses({"REPORTS": 60, "DEAD": 0}) == [Loss("ISSUES", 9)]
    assert again.losses({"REPORTS": 61, "ISSUES": 9, "DEAD": 0}) == []


def test_without_marks_or_with_damaged_ones_nothing_is_claimed(tmp_path):
    assert Marks(tmp_path).losses({}) == []
    (tmp_path / "positions.json").write_text('{"REPORTS": ')
    assert Marks(tmp_path).losses({}) == []


def test_a_stream_that_this_version_has_removed_is_no_loss(tmp_path):
    Marks(tmp_path).write({"RETRIES": 7})

    assert Marks(tmp_path).losses({}) == []


def test_after_a_restore_nothing_counts_as_lost(tmp_path):
    marks = Marks(tmp_path)
    marks.write({"REPORTS": 60})

    marks.forget()
    marks.forget()

    assert Marks(tmp_path).losses({"REPORTS": 2}) == []


def test_marks_that_cannot_be_written_stop_nobody(tmp_path):
    Marks(tmp_path / "no such folder").write({"REPORTS": 1})


class Server:
    """A server that complains as it is told."""

    def __init__(self, folder):
        self.folder = folder
        self.says: str | None = None
        self.runs = True
        self.starts = 0
        self.fails = False

    def is_running(self):
        return self.runs

    def complaint(self):
        return self.says

    def positions(self):
        return {"REPORTS": 1}

    def stop(self):
        self.runs = False

    def start(self):
        if self.fails:
            raise Unavailable("no space")
        self.starts += 1
        self.runs, self.says = True, None


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path)


@pytest.fixture
def keeper(server, monkeypatch):
    monkeypatch.setattr(keeping, "_LOOK_SECONDS", 0.0)
    return ServerKeeper(server, lambda *_: None)


async def rounds(keeper, count):
    for _ in range(count):
        await keeper.mend()


async def test_a_server_whose_stream_takes_no_writes_is_started_again(server, keeper):
    server.says = "write error: no space left on device"

    await rounds(keeper, 5)

    assert server.starts == 1


async def test_it_waits_for_space_before_that_and_says_so_once(server, keeper, monkeypatch, capsys):
    monkeypatch.setattr(keeping, "_ROOM_BYTES", 1 << 62)
    server.says = "write error: no space left on device"

    await rounds(keeper, 6)

    assert server.starts == 0
    assert capsys.readouterr().out.count("the disk of the bus is full") == 1


async def test_one_complaint_is_no_illness(server, keeper):
    for says in ("busy", None, "busy", None):
        server.says = says
        await keeper.mend()

    assert server.starts == 0


async def test_a_server_that_does_not_get_up_is_tried_again_later(server, keeper, capsys):
    server.runs, server.fails = False, True
    await rounds(keeper, 3)
    assert "did not start: no space" in capsys.readouterr().out

    server.fails = False
    keeper._start_at = 0.0
    await rounds(keeper, 1)
    assert server.starts == 1
