"""The line as `gouji up` runs it: what can be told without one."""

from services.commands.running.line import _first
from shared.errors import Unavailable


def test_the_error_that_ended_the_tasks_is_told_however_deep_it_lies():
    cause = Unavailable("the bus is away")
    inner = ExceptionGroup("tasks", [cause, OSError("later")])

    assert _first(ExceptionGroup("tasks", [inner, OSError("another")])) is cause
