"""What one more report costs does not grow with how many there are: no statement looks at all of them."""

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from services.sink.adapters.database import Database
from services.validate.adapters.shelf import DatabaseShelf
from tests.services.sink import made

FEW, MANY, LOT = 20, 400, 10
EVERY = 50
"""Steps of SQLite's machine between two calls of the counter."""


@pytest.fixture
def steps():
    """Count what SQLite's machine does on every connection that is opened from now on."""
    taken = [0]

    def count():
        taken[0] += 1

    def begin(connection, _):
        connection.set_progress_handler(count, EVERY)

    event.listen(Pool, "connect", begin)
    yield lambda: taken[0]
    event.remove(Pool, "connect", begin)


def cost(steps, work, numbers):
    before = steps()
    for number in numbers:
        work(number)
    return steps() - before


def test_a_report_among_many_takes_no_more_steps_than_among_few(tmp_path, steps):
    url = f"sqlite:///{tmp_path / 'gouji.db'}"
    database, shelf = Database(url), DatabaseShelf(url)
    database.migrate()

    def record(number):
        database.record(made.validated(number))

    def look(number):
        report_id = made.validated(number).report_id
        assert shelf.concerned(report_id)[0] == report_id
        assert shelf.relatives(report_id) is not None

    for number in range(FEW):
        record(number)
    among_few = cost(steps, record, range(FEW, FEW + LOT)), cost(steps, look, range(LOT))
    for number in range(FEW + LOT, MANY):
        record(number)
    among_many = cost(steps, record, range(MANY, MANY + LOT)), cost(steps, look, range(LOT))

    assert min(among_few) > 0
    for few, many in zip(among_few, among_many, strict=True):
        assert many < 1.5 * few
    shelf.close()
    database.close()
