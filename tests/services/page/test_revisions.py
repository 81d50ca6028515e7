"""Older readings of a report, and what differs."""

from selectolax.lexbor import LexborHTMLParser

from tests.services.page.conftest import EXAMPLES
from tests.support.house import Filled, client_of, page_of

FIRST = EXAMPLES / "04_sums_do_not_add_up_2022.md"


def test_a_newer_file_stands_and_the_older_one_can_be_looked_at_and_compared(tmp_path):
    filled = Filled(tmp_path)
    text = FIRST.read_text(encoding="utf-8")
    old = filled.add(text.encode(), "第一稿.md")
    filled.add(text.replace("| 85 |", "| 86 |").replace("820余条", "830余条").encode(), "第二稿.md")
    report = filled.report_of(old)
    (was,) = filled.rows("SELECT id FROM revisions WHERE document_id = :d", d=old)
    app, _ = page_of(filled, tmp_path)

    with client_of(app) as client:
        now = client.get(f"/reports/{report}").text
        before = client.get(f"/reports/{report}?revision={was['id']}").text
        unlike = LexborHTMLParser(
            client.get(f"/reports/{report}/differences?against={was['id']}").text
        )
        nothing = client.get(f"/reports/{report}/differences?against={'0' * 32}")

    assert "第二稿.md" in now
    assert "较早的修订" in before
    assert "较早的修订" not in now
    rows = [[td.text(strip=True) for td in tr.css("td")] for tr in unlike.css("tbody tr")]
    assert rows[0][1:] == ["85", "86"]
    (changed,) = unlike.css("td.unlike")
    (gone,), (new,) = changed.css("del"), changed.css("ins")
    assert gone.text().replace("820", "830") == new.text()
    assert "820余条" in gone.text()
    assert len(changed.text()) < 250, "what is the same is not told whole"
    assert nothing.status_code == 404
