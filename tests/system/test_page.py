"""The review page in a real browser, over a real line: upload, list, report, cell, decision."""

import os
import signal
import socket
import subprocess
import urllib.request
from base64 import b64encode
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from shared.database.reading import reading
from tests.support.browser import browsing
from tests.support.corpus import report
from tests.support.formats import pdf
from tests.support.processes import GOUJI, QUICK, gouji, up, wait_for

pytestmark = [pytest.mark.system, pytest.mark.long]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SUMS = EXAMPLES / "04_sums_do_not_add_up_2022.md"
NAME, PASSWORD = "李审", "a long phrase 勾稽"


@contextmanager
def serving(folder: Path):
    """Run `gouji serve` beside the line of a folder; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    added = subprocess.run(
        [GOUJI, "serve", "--add-user", NAME], cwd=folder, input=f"{PASSWORD}\n", text=True, timeout=60,
        capture_output=True, check=False,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    with (folder / "page.log").open("wb") as output:
        process = subprocess.Popen(
            [GOUJI, "serve", "--port", str(port)], cwd=folder, env={**os.environ, **QUICK}, stdout=output,
            stderr=output,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for("the page", lambda: answers(f"{address}/livez"))
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in {0, -signal.SIGTERM}, (folder / "page.log").read_text()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.parametrize("locks", [(), ("--keys", "keys")], ids=["open", "locked"])
def test_the_page_in_a_browser_over_a_real_line(tmp_path, locks):
    with up(tmp_path, *locks) as running:
        url = running.line["database_url"]
        wait_for("the database", (tmp_path / "data" / "gouji.db").exists)
        with serving(tmp_path) as address:
            a_reviewer_uploads_finds_the_cell_and_decides(address, url, tmp_path)
            without_scripts_on_a_phone_everything_is_there_and_fits(address)
    assert "not allow" not in (tmp_path / "page.log").read_text()


def a_reviewer_uploads_finds_the_cell_and_decides(address, url, folder):
    with browsing() as page:
        page.goto(f"{address}/login")
        page.fill("input[name=user]", NAME)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button")

        page.goto(f"{address}/")
        page.wait_for_selector(".live.is-alive", timeout=30_000)
        gouji("drop", str(EXAMPLES / "01_clean_tabs_2020.txt"), cwd=folder)
        page.wait_for_selector(".arrivals li.is-recorded", timeout=60_000)
        assert "云澜市青榆区财政局" in page.text_content(".arrivals")

        page.goto(f"{address}/upload")
        page.set_input_files("input[type=file]", [SUMS, EXAMPLES / "10_notice_refused.txt"])
        page.click("#drop button")
        page.wait_for_selector("#progress .tag.is-recorded", timeout=60_000)
        page.wait_for_selector("#progress .tag.is-refused", timeout=60_000)

        drag_onto(page, "#drop", "年报.pdf", pdf.render(report(1), Random(1), "ruled"))
        ended = "#progress li:has(.file:text-is('年报.pdf')) .tag.is-recorded"
        page.wait_for_selector(ended, timeout=60_000)
        page.click("#progress a:text-is('年报.pdf')")
        page.click("td.box-value:not(.is-absent) a >> nth=-1")
        page.wait_for_selector(".sheet .box")
        assert is_in_view(page, ".sheet .box")

        page.goto(f"{address}/?state=error")
        page.click("a.main-link")
        page.focus("td.box-value.sev-error a >> nth=0")
        page.keyboard.press("Enter")
        page.wait_for_url("**#cell")
        assert page.is_visible(".line.lit mark")
        finding = ".issue:has(code:text-is('t4_sum'))"
        page.fill(f"{finding} input[name=note]", "第2页无误")
        page.click(f"{finding} button[value=confirm]")
        page.wait_for_selector(".notice")
        assert "属实" in page.text_content(f"{finding} .verdict-confirm")
        assert page.complaints == []
    with reading(url) as reader:
        (row,) = reader.rows('SELECT verdict, "by" AS who, note FROM decisions')
    assert (row["verdict"], row["who"], row["note"]) == ("confirm", NAME, "第2页无误")


def drag_onto(page, place: str, name: str, data: bytes) -> None:
    """Let a file fall onto a part of the page, as from a folder of the desktop."""
    carried = page.evaluate_handle(
        """([name, text]) => {
            const carried = new DataTransfer();
            const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
            carried.items.add(new File([bytes], name));
            return carried;
        }""",
        [name, b64encode(data).decode()],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(place, event, {"dataTransfer": carried})


def is_in_view(page, place: str) -> bool:
    """Tell whether a part of the page can be seen without scrolling in the column that it is in."""
    return page.evaluate(
        """(place) => {
            const box = document.querySelector(place).getBoundingClientRect();
            const column = document.querySelector(".right").getBoundingClientRect();
            return box.bottom <= column.bottom && box.top >= column.top;
        }""",
        place,
    )


def without_scripts_on_a_phone_everything_is_there_and_fits(address):
    with browsing(width=390, height=840, scripts=False) as page:
        page.goto(f"{address}/?state=error")
        page.keyboard.press("Tab")
        assert page.locator(":focus").get_attribute("class") == "skip"
        page.click("a.main-link")
        assert page.locator("table.form").count() == 3
        page.click("td.box-value.sev-error a >> nth=0")
        assert page.is_visible("#cell")
        assert page.locator("main").bounding_box()["width"] <= 390
        for path in ("/", "/files", "/missing?year=2023", "/statistics", "/login"):
            page.goto(address + path)
            # only tables in boxes of their own are wider than the screen
            assert page.locator("main").bounding_box()["width"] <= 390
