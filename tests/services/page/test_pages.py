"""What a reader sees, on a database that the real stages filled."""

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.services.page.conftest import ALL
from tests.support.house import Filled, client_of, page_of

SUMS = "04_sums_do_not_add_up_2022.md"


def tree(answer) -> LexborHTMLParser:
    return LexborHTMLParser(answer.text)


def listed(answer) -> list[str]:
    return [a.attributes["href"].rsplit("/", 1)[1] for a in tree(answer).css("a.main-link")]


def of_file(filled: Filled, name: str) -> str:
    (row,) = filled.rows("SELECT report_id FROM revisions WHERE file = :f", f=name)
    return row["report_id"]


def test_the_list_shows_every_report_the_newest_first(filled, reader):
    rows = filled.rows("SELECT id FROM reports ORDER BY precedence DESC")
    assert listed(reader.get("/")) == [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("year=2022", "year = 2022"),
        ("level=township", "level = 'township'"),
        ("agency=教育", "agency LIKE '%教育%'"),
        ("agency=%25", "1 = 0"),
        ("region=云澜市", "city = '云澜市'"),
        ("region=云澜市/望岚县", "county = '望岚县'"),
        ("region=云澜市/望岚县/柳溪镇", "township = '柳溪镇'"),
        ("region=望岚县", "1 = 0"),
        ("state=error", "id IN (SELECT report_id FROM revisions WHERE errors > 0)"),
        ("severity=warning", "id IN (SELECT report_id FROM revisions WHERE warnings > 0)"),
        ("rule=t4_sum", "id IN (SELECT report_id FROM current_issues WHERE rule = 't4_sum')"),
        ("rule=t4_sum&severity=info", "1 = 0"),
        ("state=damaged", "id IN (SELECT report_id FROM revisions WHERE damaged)"),
        ("state=clean&year=2021", "id IN (SELECT report_id FROM revisions WHERE errors + warnings = 0) AND year = 2021"),
    ],
)  # fmt: skip
def test_filters_leave_what_was_asked_for(filled, reader, query, where):
    rows = filled.rows(f"SELECT id FROM reports WHERE {where} ORDER BY precedence DESC")
    answer = reader.get(f"/?{query}")
    assert listed(answer) == [row["id"] for row in rows]
    assert bool(rows) == (where != "1 = 0")
    assert rows or "没有符合条件" in answer.text


def test_paging_by_key_visits_every_report_once_and_leads_back(filled, reader, short_pages):
    path, forth = "/", []
    while path:
        answer = reader.get(path)
        forth.append(listed(answer))
        older = tree(answer).css_first("a[rel=next]")
        back = tree(answer).css_first("a[rel=prev]")
        path = f"/{older.attributes['href']}" if older else None
    everything = [one for page in forth for one in page]
    count = filled.rows("SELECT count(*) AS n FROM reports")[0]["n"]
    assert len(everything) == len(set(everything)) == count
    before = reader.get(f"/{back.attributes['href']}")
    assert listed(before) == forth[-2]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?year=abcd", 400), ("/?nonsense=1", 400), ("/?after=%00", 400), ("/?year=2021&year=2022", 400),
        ("/?agency=%ff", 400), ("/?agency=" + "x" * 5000, 414), ("/?after=IA", 404), ("/files?state=recorded", 400),
        ("/files?after=IB9h", 400), ("/missing?year=2022&region=火星", 400), ("/statistics?rule=x", 400),
        ("/reports/0123456789abcdef", 404), ("/reports/..%2f..%2fetc", 404), ("/reports/x", 404),
        ("/documents/" + "0" * 64, 404), ("/documents/x/pages/1.png", 404), ("/static/../app.py", 404),
        ("/static/%2e%2e/settings.py", 404), ("/static//etc/passwd", 404), ("/nothing", 404), ("/login/", 307),
    ],
)  # fmt: skip
def test_what_is_not_there_or_makes_no_sense_gets_a_clear_page(reader, path, status):
    answer = reader.get(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    if status != 307 and not path.startswith("/static"):
        assert tree(answer).css_first(".said").text().strip()


def test_a_report_shows_the_form_with_failing_cells_lit_and_formulas_beside(filled, reader):
    page = tree(reader.get(f"/reports/{of_file(filled, SUMS)}"))
    assert len(page.css("table.form")) == 3
    lit = page.css("td.box-value.sev-error")
    assert len(lit) > 10
    beside = " ".join(node.text() for node in page.css("td.told"))
    assert "0 = 0 ≠ 总计 9" in beside
    assert "Δ +9" in beside
    for node in page.css("td.told a"):
        assert page.css_first(node.attributes["href"].replace("#", "[id='") + "']") is not None
    assert [h.attributes["class"] for h in page.css("h3.origin")] == [
        "origin from-source", "origin from-extraction",
    ]  # fmt: skip


def test_a_cell_that_is_chosen_shows_its_line_in_the_source(filled, reader):
    report = of_file(filled, SUMS)
    page = tree(reader.get(f"/reports/{report}?cell=applications.denied.third_party@total"))
    assert page.css_first("td.is-chosen a").text() == "✕9"
    (lit,) = page.css(".line.lit")
    assert [m.text() for m in lit.css("mark")] == ["9"]
    assert "4.保护第三方合法权益" in lit.text()
    assert page.css_first("#cell code").text() == "applications.denied.third_party@total"


def test_the_sentence_that_conflicts_is_lit(filled, reader):
    page = tree(reader.get(f"/reports/{of_file(filled, '03_text_against_table_2020.txt')}"))
    (lit, *_) = page.css(".prose a.lit.sev-warning")
    assert page.css_first(f"[id='{lit.attributes['href'][1:]}']") is not None


def test_absent_cells_carry_what_is_derived_apart_from_the_value(filled, reader):
    page = tree(reader.get(f"/reports/{of_file(filled, '07_page_lost_2022.txt')}"))
    absent = page.css("td.is-absent")
    assert absent
    assert all(node.text().startswith(("∅", "✕∅", "!∅", "i∅")) for node in absent)


@pytest.mark.parametrize("query", ["cell=applications.nothing@total", "revision=" + "0" * 32])
def test_a_cell_or_revision_that_a_report_has_not_is_not_found(filled, reader, query):
    assert reader.get(f"/reports/{of_file(filled, SUMS)}?{query}").status_code == 404


def test_pages_speak_both_languages_and_remember_which(filled, reader):
    assert 'lang="zh-CN"' in reader.get("/").text
    assert '<html lang="en">' in reader.get("/", headers={"accept-language": "en-US"}).text
    english = reader.get(f"/reports/{of_file(filled, SUMS)}?lang=en")
    assert "column total: the outcomes must add up" in english.text
    assert '<html lang="en">' in reader.get("/files").text


def test_files_that_became_no_report_say_why(reader):
    page = tree(reader.get("/files"))
    text = " ".join(page.css_first("table.list").text().split())
    assert "10_notice_refused.txt" in text
    assert "不是年报" in text
    assert listed(reader.get("/files?state=dead")) == []


def test_who_has_not_filed_is_listed_as_the_command_does(reader):
    page = tree(reader.get("/missing?year=2023"))
    assert "云澜市青榆区卫生健康局" in page.css_first("table.list").text()
    assert "请选择年度" in reader.get("/missing").text


def test_statistics_draw_what_their_tables_say(filled, reader):
    page = tree(reader.get("/statistics"))
    (row,) = filled.rows("SELECT count(*) AS n FROM current_issues WHERE rule = 't4_sum'")
    cells = [tr for tr in page.css("table.numbers tr") if "t4_sum" in tr.text()]
    assert cells[0].css("td")[0].text() == str(row["n"])
    drawn = [t.text() for t in page.css("svg.chart text.bar-label")]
    assert "t4_sum" in drawn
    assert all(svg.attributes.get("aria-label") for svg in page.css("svg.chart"))
    assert (
        "t4_sum"
        not in reader.get("/statistics?year=2019").text.split("<table", 1)[1].split("</table")[0]
    )


def test_every_page_answers_head_and_refuses_other_methods(reader):
    for path in ("/", "/files", "/statistics", "/login"):
        head = reader.head(path)
        assert (head.status_code, head.content) == (200, b"")
    assert reader.delete("/").status_code == 405
    assert reader.options("/").status_code == 405
    assert "GET" in reader.options("/").headers["allow"]
    assert reader.post("/").status_code == 405


def test_a_database_that_is_away_is_said_and_back_when_it_is(filled, tmp_path):
    absent = Filled.__new__(Filled)
    absent.url, absent.archive = f"sqlite:///{tmp_path}/later.db", filled.archive
    app, _ = page_of(absent, tmp_path)
    with client_of(app) as client:
        answer = client.get("/")
        assert (answer.status_code, client.get("/readyz").status_code) == (503, 503)
        assert "数据库" in tree(answer).css_first(".said").text()
        assert str(tmp_path) not in answer.text
        assert client.get("/livez").text == "ok"
        Filled(tmp_path, absent.url).add(ALL[0].read_bytes(), "a.txt")
        assert len(listed(client.get("/"))) == 1
        assert client.get("/readyz").text == "ok"


def test_a_defect_is_a_clear_page_and_no_traceback(filled, tmp_path, monkeypatch):
    app, _ = page_of(filled, tmp_path)
    monkeypatch.setattr("services.page.adapters.reports.found", lambda *_: 1 / 0)
    with client_of(app) as client:
        answer = client.get("/")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert "content-security-policy" in answer.headers


def test_no_page_asks_for_anything_from_elsewhere(filled, reader):
    for path in (
        "/",
        "/files",
        "/missing?year=2023",
        "/statistics",
        "/login",
        f"/reports/{of_file(filled, SUMS)}",
    ):
        page = tree(reader.get(path))
        links = [n.attributes.get(a) for a in ("href", "src", "action") for n in page.css(f"[{a}]")]
        assert [x for x in links if x and not re.match(r"[/?#]", x)] == []
        assert page.css("[style], style, script:not([src])") == []


def test_the_statistics_plot_how_much_was_corrected_and_how_it_was_decided(filled, reader):
    page = tree(reader.get("/statistics"))
    titles = [svg.attributes["aria-label"] for svg in page.css("svg.chart")]

    assert titles[:3] == ["问题：按规则", "问题：按地区", "问题：按年度"]
    assert {"未成年报的原因", "结转：上年转入与转下年", "有更正的年报占比（%）"} <= set(titles)
    (rates,) = [s for s in page.css("svg.chart") if "占比" in s.attributes["aria-label"]]
    years = filled.rows("SELECT DISTINCT year FROM reports ORDER BY year DESC")
    assert [t.text() for t in rates.css("text.bar-label")] == [str(r["year"]) for r in years]
    assert {t.text() for t in rates.css("text.bar-number")} == {"0.0"}


def test_issues_by_region_name_the_highest_division_that_is_known_and_lead_below_it(reader):
    page = tree(reader.get("/statistics"))
    (link,) = [a for a in page.css("table.numbers a") if a.text() == "云澜市"]
    below = tree(reader.get(f"/statistics{link.attributes['href']}"))
    (chart,) = [s for s in below.css("svg.chart") if s.attributes["aria-label"] == "问题：按地区"]
    assert {"青榆区", "望岚县"} <= {t.text() for t in chart.css("text.bar-label")}
