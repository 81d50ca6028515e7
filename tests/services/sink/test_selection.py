"""Filters of an export: read as typed, refused when nothing could ever pass them."""

import pytest
from sqlalchemy import text

from services.sink.adapters.choosing import REPORTS, count
from services.sink.adapters.source import reading, rows
from services.sink.core.selection import Selection, Senseless, code_prefix, selection
from services.sink.core.tabular import addresses, columns_of, money_addresses
from shared import forms
from shared.database.engine import open_engine
from shared.report.record import Cell, Region
from tests.services.sink import made


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("2021", (2021, 2021)), ("2019-2025", (2019, 2025)), (" 2019 – 2025 ", (2019, 2025)), ("2019至2020", (2019, 2020))],
)  # fmt: skip
def test_years_are_one_or_a_range(typed, meant):
    assert selection(years=typed).years == meant


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"years": "2025-2019"}, "2019-2025"),
        ({"years": "last"}, "2019-2025"),
        ({"years": "0021"}, "2000 to 2100"),
        ({"levels": ["village"]}, "township"),
        ({"severities": ["fatal"]}, "error, warning, info"),
        ({"regions": ["3"]}, "2 to 12 digits"),
        ({"regions": [" "]}, "must not be empty"),
        ({"agencies": [""]}, "must not be empty"),
    ],
)
def test_a_filter_that_makes_no_sense_says_what_is_allowed(filters, told):
    with pytest.raises(Senseless, match=told):
        selection(**filters)


@pytest.mark.parametrize(
    ("typed", "prefix"),
    [("33", "33"), ("330000", "33"), ("330100", "3301"), ("330106", "330106"), ("330106000000", "330106"),
     ("330106001000", "330106001000"), ("杭州", None)],
)  # fmt: skip
def test_a_code_means_the_tree_below_it(typed, prefix):
    assert code_prefix(typed) == prefix


def test_nothing_asked_for_is_everything():
    assert selection().is_everything
    assert not selection(regions=["33"]).is_everything


@pytest.fixture
def three(database, url):
    for n, place, changes in (
        (1, Region("海东省", "江州市", code="990100"), {"year": 2021}),
        (2, Region("海东省", "江州市", "湖滨区", code="990106"), {"year": 2022, "level": "county"}),
        (3, Region("山南省", "江北市", code="980100"), {"year": 2023, "issues": ()}),
    ):
        database.record(made.validated(n, region=place, **changes))
    return url


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"years": "2022-2023"}, [2, 3]),
        ({"regions": ["99"]}, [1, 2]),
        ({"regions": ["990000"]}, [1, 2]),
        ({"regions": ["9901"]}, [1, 2]),
        ({"regions": ["990106"]}, [2]),
        ({"regions": ["海东"]}, [1, 2]),
        ({"regions": ["湖滨区", "98"]}, [2, 3]),
        ({"regions": ["海东省江州市"]}, [1, 2]),
        ({"regions": ["%"]}, []),
        ({"agencies": ["第3"]}, [3]),
        ({"agencies": ["_"]}, []),
        ({"levels": ["county"]}, [2]),
        ({"rules": ["c_blank"]}, [1, 2]),
        ({"severities": ["info"]}, []),
        ({"rules": ["c_blank"], "severities": ["error"]}, []),
        ({"rules": ["t3_balance"], "years": "2022"}, [2]),
    ],
)
def test_a_report_is_meant_when_it_passes_every_filter(three, filters, numbers):
    wanted = selection(**filters)
    with reading(three) as connection:
        found = [row["file"] for row in rows(connection, "reports", wanted)]
        assert found == [f"{n}.txt" for n in numbers]
        assert count(connection, wanted) == len(numbers)


def test_rows_of_findings_are_only_those_asked_for(three):
    with reading(three) as connection:
        found = list(rows(connection, "issues", selection(rules=["c_blank"])))
    assert [(row["file"], row["rule"]) for row in found] == [
        ("1.txt", "c_blank"),
        ("2.txt", "c_blank"),
    ]


@pytest.mark.parametrize(
    ("kind", "view"), [("cells", "current_cells"), ("issues", "current_issues")]
)
def test_rows_have_the_columns_and_the_values_of_the_view(three, kind, view):
    engine = open_engine(three, writing=False)
    with engine.connect() as connection:
        result = connection.execute(text(f"SELECT * FROM {view}"))
        names, many = list(result.keys()), len(result.all())
    engine.dispose()
    with reading(three) as connection:
        found = list(rows(connection, kind, Selection(), shows_personal=True))
    assert [c.name for c in columns_of(kind)] == names
    assert [list(row) for row in found] == [names] * many


def test_reports_carry_the_columns_of_their_view(url):
    engine = open_engine(url, writing=False)
    with engine.connect() as connection:
        names = list(connection.execute(text("SELECT * FROM current_reports")).keys())
    engine.dispose()
    assert sorted(c.name for c in REPORTS.c) == sorted(names)


def test_every_cell_of_every_edition_has_one_column_and_money_its_unit():
    declared = {a for form in forms.editions() for t in form.tables for a in t.addresses}
    assert sorted(addresses()) == sorted(declared)
    assert set(money_addresses()) == {
        "active_disclosure.fees@amount_wanyuan",
        "active_disclosure.procurement@amount",
    }
    assert len({c.name for c in columns_of("reports")}) == len(columns_of("reports"))


def test_a_report_row_never_folds_blank_into_nought(database, url):
    cells = (
        Cell("applications.granted@total", "number", 0, None, "0"),
        Cell("applications.total@total", "blank", None, None, ""),
        Cell("active_disclosure.procurement@amount", "number", 63.2, "万元", "63.2"),
    )
    database.record(made.validated(1, cells=cells))
    with reading(url) as connection:
        (row,) = rows(connection, "reports", Selection())
    assert (row["applications.granted@total"], row["applications.total@total"]) == (0, None)
    assert (row["cells_number"], row["cells_blank"], row["cells_absent"]) == (2, 1, 0)
    amount = "active_disclosure.procurement@amount"
    assert (row[amount], row[f"{amount}:unit"], row[f"{amount}:yuan"]) == (63.2, "万元", 632000)
