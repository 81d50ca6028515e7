"""Every answer of docs/cookbook.md: DuckDB over real exports and SQL over the database agree."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import duckdb
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from services.cli import build
from shared.database.comparisons import ComparedIssueRow, ComparisonRow
from shared.database.engine import open_engine
from tests.support.filed import file_away, several
from tests.support.render import render
from tests.support.years import years

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
PAIRS = re.findall(r"```sql duckdb\n(.*?)```\s+```sql database\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filed(tmp_path_factory, request):
    """A database with some bodies over several years, and the three Parquet files of the page."""
    folder = tmp_path_factory.mktemp("cookbook")
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/gouji.db"
    else:
        url = request.getfixturevalue("postgres").new_database()
    steady = [
        (
            f"{seed}-{truth.year}.txt",
            render(truth, "tabs_grid", Random(seed), encoding="utf-8").data,
        )
        for seed, count in ((4, 3), (7, 2), (9, 1))
        for truth in years(seed, 2021, count)
    ]
    late = ROOT / "examples" / "05_old_form_and_late_2022.txt"
    file_away(url, [*several(9), *steady, (late.name, late.read_bytes())])
    _copy_found(url)
    for rows in ("cells", "reports", "issues"):
        ended = CliRunner().invoke(
            build(["export"]),
            ["export", "--database", url, "--format", "parquet", "--rows", rows,
             "--output", str(folder / f"{rows}.parquet")],
        )  # fmt: skip
        assert ended.exit_code == 0, ended.output
    return url, folder


def _copy_found(url):
    """Say of one report that its text is another's, as a comparison would."""
    engine = open_engine(url, writing=True)
    with Session(engine) as session, session.begin():
        report, revision = session.execute(
            text("SELECT report_id, revision_id FROM current_reports ORDER BY report_id")
        ).first()
        session.add(ComparisonRow(report_id=report, revision_id=revision, rulebook_version="1", beside=[],
                                  copied_from=None, errors=0, warnings=1, infos=0, position="1"))  # fmt: skip
        session.flush()
        session.add(ComparedIssueRow(
            report_id=report, id="c" * 32, position=0, rule="xy_duplicate_text", severity="warning",
            origin="source", addresses=[], message_zh="与上年雷同", message_en="as last year", evidence=[], repairs=[],
        ))  # fmt: skip
    engine.dispose()


def plain(value):
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | float | int) and not isinstance(value, bool):
        return round(float(value), 6)
    return value


def rows(found):
    return [tuple(map(plain, row)) for row in found]


def by_duckdb(query, folder):
    for name in ("cells", "reports", "issues"):
        query = query.replace(f"'{name}.parquet'", f"'{folder}/{name}.parquet'")
    with duckdb.connect() as connection:
        return rows(connection.execute(query).fetchall())


def by_sql(query, url):
    engine = open_engine(url, writing=False)
    try:
        with engine.connect() as connection:
            return rows(connection.execute(text(query)))
    finally:
        engine.dispose()


def test_the_page_answers_every_question_twice():
    assert len(PAIRS) >= 10
    assert len(PAIRS) == PAGE.count("```sql duckdb") == PAGE.count("```sql database")


@pytest.mark.parametrize("pair", PAIRS, ids=[str(n) for n in range(len(PAIRS))])
def test_both_answers_are_the_same_and_there_is_one(pair, filed):
    url, folder = filed
    parquet, sql = by_duckdb(pair[0], folder), by_sql(pair[1], url)

    assert sorted(parquet, key=repr) == sorted(sql, key=repr)
    assert parquet


def test_pandas_reads_the_same_totals(filed):
    url, folder = filed
    reports = pd.read_parquet(folder / "reports.parquet")
    own = reports[reports["scope"] == "own"]
    sums = own.groupby("year")["applications.received_new@total"].sum()

    wanted = by_sql(
        "SELECT year, sum(received_new) FROM applications_by_year WHERE scope = 'own' GROUP BY year",
        url,
    )
    assert {float(year): value for year, value in sums.items()} == {y: v or 0 for y, v in wanted}


def test_the_python_of_the_page_runs(filed, monkeypatch, capsys):
    _, folder = filed
    monkeypatch.chdir(folder)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "cookbook", "exec"), {})
    assert "2021" in capsys.readouterr().out


GUIDES = tuple((ROOT / "docs" / f"analyst{tongue}.md") for tongue in ("", ".zh"))


def answers_of(guide):
    return re.findall(r"```sql duckdb\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_the_queries_of_the_analysts_guide_find_something(guide, filed):
    _, folder = filed

    answers = [by_duckdb(query, folder) for query in answers_of(guide)]

    assert len(answers) == 3
    assert all(answers)
    assert all("修订" in citation for (citation,) in answers[-1])


def test_the_analysts_guide_tells_the_same_in_both_languages():
    english, chinese = map(answers_of, GUIDES)

    assert english == chinese
