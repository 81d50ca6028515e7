from sqlalchemy import text

from shared.database.engine import open_engine
from tests.services.sink import made


def mappings(url, statement):
    engine = open_engine(url, writing=False)
    with engine.connect() as connection:
        found = [dict(row) for row in connection.execute(text(statement)).mappings()]
    engine.dispose()
    return found


def test_applications_by_year_sums_groups_and_never_takes_a_blank_for_zero(database, url):
    database.record(made.validated(1))
    [row] = mappings(url, "SELECT * FROM applications_by_year")
    assert (row["agency"], row["year"], row["province"]) == ("江州市第1局", 2021, "海东省")
    assert (row["received_new"], row["granted"], row["denied"]) == (5, 2, 1)
    assert row["other_processing"] == -2
    # one of its two cells is blank
    assert row["unavailable"] is None
    # the document does not show the cell; what the equations give is no reading
    assert row["total"] is None
    # no such row in this report
    assert row["not_processed"] is None


def test_current_issues_carry_agency_and_place(database, url):
    database.record(made.validated(1))
    found = mappings(url, "SELECT * FROM current_issues ORDER BY position")
    assert [(r["rule"], r["severity"], r["expected"], r["observed"]) for r in found] == [
        ("t3_balance", "error", "5", "6.5"),
        ("c_blank", "warning", "a number", None),
    ]
    assert {r["region_code"] for r in found} == {"990100"}


def test_current_figures_are_those_of_the_current_revision(database, url):
    database.record(made.validated(1, of=1))
    database.record(made.validated(2, of=1))
    found = mappings(url, "SELECT file, label FROM current_figures ORDER BY position")
    assert [(r["file"], r["label"]) for r in found] == [("2.txt", "公开信息"), ("2.txt", "办结率")]


def test_a_cell_is_counted_once_however_many_revisions_there_are(database, url):
    for n in range(3):
        database.record(made.validated(n, of=1))
    assert len(mappings(url, "SELECT * FROM current_cells")) == len(made.cells())
