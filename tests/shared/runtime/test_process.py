"""A service that cannot start says so in one line of the log."""

import pytest

from shared.errors import Unavailable
from shared.runtime import process


class Away:
    async def run(self):
        raise Unavailable("database: database is locked")


def test_what_does_not_answer_at_the_start_is_one_line_and_no_traceback(monkeypatch):
    told = []
    monkeypatch.setattr(process, "log", lambda _, name, **fields: told.append((name, fields)))
    monkeypatch.setattr(process, "calm_collector", lambda: None)
    # else whatever stops in this process later would end it: it is pytest's, not a service's
    monkeypatch.setattr(process, "own_the_process", lambda: None)
    with pytest.raises(SystemExit) as ended:
        process.run(Away())
    assert ended.value.code == 1
    assert told == [("service.not_started", {"error": "database: database is locked"})]
