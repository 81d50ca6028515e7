"""Everything a gouji database holds, as bytes: equal databases give equal dumps.

Left out is what tells the story and not the state: the log of changes, when a comparison was caused, and which
reports it looked at (one that came later and shares nothing wakes nobody).
"""

import json

from sqlalchemy import select

from shared.database.engine import open_engine
from shared.database.schema import METADATA

LOGS = {"changes"}
MOMENTS = {("comparisons", "position"), ("comparisons", "beside")}


def dump(database_url: str) -> bytes:
    """Return every row of every table, in the order of their keys."""
    engine = open_engine(database_url, writing=False)
    lines: list[str] = []
    try:
        with engine.connect() as connection:
            for table in METADATA.sorted_tables:
                if table.name in LOGS:
                    continue
                state = [c for c in table.columns if (table.name, c.name) not in MOMENTS]
                rows = connection.execute(select(*state)).mappings()
                found = (json.dumps(dict(row), default=repr, ensure_ascii=False) for row in rows)
                lines += [f"{table.name} {line}" for line in sorted(found)]
    finally:
        engine.dispose()
    return "\n".join(lines).encode()
