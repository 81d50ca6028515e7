"""Three years of one body through the real line: any order, restarts between, several validators."""

from pathlib import Path
from random import Random

import nats
import pytest
from sqlalchemy import text

from shared.database.engine import open_engine
from tests.support.bus import bodies
from tests.support.processes import gouji, up, wait_for
from tests.support.render import LAYOUTS, render
from tests.support.years import body, one_year

pytestmark = pytest.mark.system

CARRIED = "applications.carried_over_in@natural_person"
STOCK = "active_disclosure.normative_documents@in_force"
PLANTED = [(2022, "xy_carry_over"), (2023, "t2_2021_stock_rollforward")]


@pytest.fixture(scope="module")
def files():
    """FY2021 to FY2023 with one fault between each two, as files by name."""
    agency, made, files = body(7), None, {}
    for number, slip in enumerate(({}, {CARRIED: 3}, {STOCK: 5})):
        made = one_year(7, 2021 + number, agency, made, slip=slip)
        report = render(made, LAYOUTS[number], Random(number))
        files[f"{made.year}_{report.name}"] = report.data
    return files


def found(url):
    engine = open_engine(url, writing=False)
    query = text("SELECT year, rule, issue_id FROM current_issues WHERE across = 1 ORDER BY 1, 2")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return [row for row in rows if row[:2] in PLANTED]


@pytest.mark.long
@pytest.mark.parametrize("order", [(2, 1, 0), (1, 2, 0)], ids=str)
def test_the_line_restarted_between_arrivals_finds_the_same_in_every_order(tmp_path, files, order):
    for number in order:
        name = sorted(files)[number]
        inbox = tmp_path / "inbox"
        inbox.mkdir(exist_ok=True)
        (inbox / name).write_bytes(files[name])
        ended = gouji("up", "--until-idle", cwd=tmp_path)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    rows = found(f"sqlite:///{tmp_path}/data/gouji.db")
    assert [row[:2] for row in rows] == PLANTED
    exported = gouji("export", "--format", "jsonl", cwd=tmp_path).stdout
    assert exported.count("xy_carry_over") == 1


@pytest.mark.long
async def test_several_validators_at_once_find_and_tell_each_once(tmp_path: Path, files):
    with up(tmp_path, "--copies", "validate=3", "--copies", "sink=2") as running:
        for name, data in files.items():
            running.drop(name, data)
        url = running.line["database_url"]
        wait_for("both findings", lambda: len(found(url)) == 2)
        client = await nats.connect(running.line["nats_url"])
        events = [
            *await bodies(client.jetstream(), "gouji.v1.issue.warning.xy_carry_over"),
            *await bodies(client.jetstream(), "gouji.v1.issue.warning.t2_2021_stock_rollforward"),
        ]
        await client.close()
    assert [(e["year"], e["issue"]["rule"]) for e in events] == PLANTED
    assert [e["issue"]["id"] for e in events] == [row[2] for row in found(url)]
