"""What the page asks is answered alike by SQLite and PostgreSQL."""

import pytest

from services.page.adapters import files, one, reports
from services.page.adapters.shelf import Shelf
from services.page.adapters.tallies import Tallies
from services.page.core.questions import STATES, Files, Reports, Sums
from services.sink.adapters.database import Database
from services.sink.adapters.reviews import Reviews
from shared.errors import Unavailable
from shared.report.record import Region
from tests.services.sink import deciding, made

COUNT = 7


@pytest.fixture
def shelf(database_url):
    store, reviews = Database(database_url), Reviews(database_url)
    store.migrate()
    known = {}
    for n in range(COUNT):
        event = made.validated(
            n, year=2020 + n % 2, region=Region("海东省", f"市{n % 3}", code="990100")
        )
        store.record(event)
        known[n] = {"issue_id": event.issues[0].id, "report_id": event.report_id}
        if n < 2:
            store.compare(made.compared(event, made.issue(event.report_id, "xy_carry_over")))
    store.record(made.validated(20, of=1, year=2021, region=Region("海东省", "市1", code="990100")))
    for n in range(100, 105):
        store.refuse(made.refused(n))
    store.bury(made.dead(None))
    store.bury(made.dead(300))
    store.alias(made.duplicate(1, "抄本.txt"))
    store.expand(made.expanded(400, "a.docx"))
    reviews.decide(deciding.decided(3, "confirm", **known[3]))
    reviews.decide(deciding.decided(4, "dismiss", **known[4]))
    reviews.correct(deciding.corrected(3, 7))
    store.close()
    reviews.close()
    made_shelf = Shelf(database_url)
    yield made_shelf
    made_shelf.close()


def agencies(shelf, **question):
    return [row["agency"] for row in reports.found(shelf, Reports(**question)).rows]


def test_lists_follow_their_filters_and_the_newest_revision_stands_for_its_report(shelf):
    assert agencies(shelf) == [f"江州市第{n}局" for n in (1, 6, 5, 4, 3, 2, 0)]
    assert agencies(shelf, year=2020) == [f"江州市第{n}局" for n in (6, 4, 2, 0)]
    assert agencies(shelf, region=("海东省", "市0")) == [f"江州市第{n}局" for n in (6, 3, 0)]
    assert agencies(shelf, agency="第3") == ["江州市第3局"]
    assert agencies(shelf, rule="t3_balance", severity="error", year=2020, level="prefecture") != []
    assert agencies(shelf, rule="t3_balance", severity="info") == []
    assert agencies(shelf, rule="xy_carry_over") == ["江州市第1局", "江州市第0局"]
    assert agencies(shelf, severity="info") == []


@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_asked_for(shelf, state):
    expected = {"error": 7, "warning": 7, "clean": 0, "extraction": 0, "damaged": 0, "open": 5}
    assert len(agencies(shelf, state=state)) == expected[state]


def test_files_are_listed_the_latest_first_page_by_page(shelf, short_pages):
    seen, after = [], None
    while True:
        found = files.found(shelf, Files(after=after))
        seen += [(row["state"], row["name"]) for row in found.rows]
        after = found.older
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 9
    assert sorted({state for state, _ in seen}) == ["dead", "duplicate", "expanded", "refused"]
    assert files.counts(shelf)["refused"] == 5
    assert [r["name"] for r in files.found(shelf, Files(state="expanded", name="400")).rows] == [
        "400.zip"
    ]


def test_one_report_comes_whole(shelf):
    event = made.validated(3)
    whole = one.whole(shelf, reports.found(shelf, Reports(agency="第3局")).rows[0]["report_id"])
    assert whole.record.identity.agency == event.record.identity.agency
    assert whole.is_current
    assert [r["value"] for r in whole.corrections] == [7]
    first = one.whole(shelf, reports.found(shelf, Reports(agency="第1局")).rows[0]["report_id"])
    assert len(first.revisions) == 2
    older = one.whole(shelf, first.row["report_id"], first.revisions[1]["id"])
    assert (older.is_current, older.record.file) == (False, "1.txt")
    assert one.whole(shelf, "0" * 32) is None
    assert one.whole(shelf, first.row["report_id"], "0" * 32) is None


def test_sums_count_what_stands(shelf):
    now = [0.0]
    found = Tallies(shelf, lambda: now[0]).all_of(Sums())
    assert sum(row["reports"] for row in found["reports"]) == COUNT
    counted = {}
    for row in found["issues"]:
        counted[row["rule"]] = counted.get(row["rule"], 0) + row["issues"]
    assert counted == {"t3_balance": 7, "c_blank": 7, "xy_carry_over": 2}
    assert {(r["state"], r["files"]) for r in found["refusals"]} == {("refused", 5), ("dead", 2)}
    assert sum(row["reports"] for row in found["broken"]) == 2
    assert sum(row["cells"] for row in found["corrected"]) == 1
    reviewed = {(r["rule"], r["verdict"]): r["issues"] for r in found["reviewed"]}
    assert reviewed == {("t3_balance", "confirm"): 1, ("t3_balance", "dismiss"): 1}
    assert Tallies(shelf, lambda: 0.0).all_of(Sums(year=2020, province="海东省", rule="t3_balance"))
    tree = reports.tree(shelf)
    assert (tree["reports"], tree["below"]["海东省"]["below"]["市0"]["reports"]) == (COUNT, 3)


def test_what_was_counted_is_kept_for_a_while(shelf):
    now, asked = [0.0], []
    tallies = Tallies(shelf, lambda: now[0])
    for now[0] in (0.0, 59.0, 61.0):
        assert tallies.kept("key", lambda: asked.append(1) or "value") == "value"
    assert len(asked) == 2


def test_a_database_that_is_not_migrated_is_unavailable(tmp_path):
    (tmp_path / "empty.db").touch()
    shelf = Shelf(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(Unavailable):
        shelf.is_there()
    shelf.close()


def test_a_division_is_found_by_its_path_whichever_levels_are_not_known(shelf, database_url):
    store = Database(database_url)
    places = {
        30: Region("直辖市", None, "一区"), 31: Region(None, "海州市", "一区"),
        32: Region(None, None, "一区"), 33: Region("海东省", "海州市", "一区"),
    }  # fmt: skip
    for n, region in places.items():
        store.record(made.validated(n, region=region))
    store.close()

    def found(*path: str) -> set[str]:
        return {row["file"] for row in reports.found(shelf, Reports(region=path)).rows}

    assert found("直辖市", "一区") == {"30.txt"}
    assert found("海州市") == found("海州市", "一区") == {"31.txt"}
    assert found("一区") == {"32.txt"}
    assert found("海东省", "海州市") == {"33.txt"}
    assert found("海州市", "二区") == set()
