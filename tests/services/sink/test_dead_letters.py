"""A dead letter makes its file dead, unless only a webhook did not take the news of it."""

from services.sink.handler import handle_dead
from shared.contracts.events import DeadLetter
from shared.runtime.work import ThreadWork
from tests.services.sink import made


class Graves:
    """A database that only counts who is buried."""

    def __init__(self) -> None:
        self.buried: list[DeadLetter] = []

    def bury(self, letter: DeadLetter) -> None:
        self.buried.append(letter)


async def test_only_what_is_lost_on_the_way_is_dead():
    graves, work = Graves(), ThreadWork(1 << 20)
    lost = made.dead(1)

    await handle_dead(lost, store=graves, work=work)
    await handle_dead(made.dead(2, service="notify"), store=graves, work=work)

    assert graves.buried == [lost]
