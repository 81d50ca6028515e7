"""A sink of its own: writes the made events in its own order. Run as `python -m … URL SEED COUNT`."""

import random
import sys

from services.sink.adapters.database import Database
from shared.errors import Unavailable
from tests.services.sink import made


def deliveries(count: int):
    for n in range(count):
        # three documents are readings of the same report, so that writers meet on one row
        yield "record", made.validated(n, of=n % 5)
        yield "record", made.validated(n, of=n % 5, rulebook="2")
        yield "refuse", made.refused(n + 1000)
        yield "alias", made.duplicate(n, f"copy of {n}.txt")
        yield "expand", made.expanded(n + 3000, "a.docx", "b.txt")
        yield "bury", made.dead(n + (0 if n % 2 else 2000))


def main() -> None:
    url, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    events = list(deliveries(count)) * 2
    random.Random(seed).shuffle(events)
    database = Database(url)
    database.migrate()
    for method, event in events:
        while True:
            try:
                getattr(database, method)(event)
            except Unavailable:
                continue
            break
    database.close()


if __name__ == "__main__":
    main()
