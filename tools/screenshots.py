"""Take the pictures of README.md from a running line: `python -m tools.screenshots [FOLDER]`.

Only the made-up reports of examples/ are shown. Needs Chromium (`tools/chromium.sh`).
"""

import html
import io
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image
from playwright.sync_api import Page

from tests.support.browser import browsing
from tests.support.processes import GOUJI, gouji, up, wait_for
from tests.system.test_page import NAME, PASSWORD, serving

ROOT: Final = Path(__file__).parents[1]
EXAMPLES: Final = ROOT / "examples"
SUMS: Final = EXAMPLES / "04_sums_do_not_add_up_2022.md"
LARGEST: Final = 200_000
"""Bytes of one picture."""
COLOURS: Final = 96
_HEARS_WITHIN: Final = 3000.0
"""Milliseconds."""
_STYLE: Final = """
    body { font: 11pt "Noto Serif CJK SC", serif; margin: 0 }
    table { border-collapse: collapse; margin: 1em 0; width: 100% }
    td { border: 1px solid; padding: 2px 4px; font-size: 8pt }
"""


def main() -> None:
    """Write every picture into a folder, docs/images unless another is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="gouji-pictures-") as name:
        desk = Path(name)
        with up(desk):
            wait_for("the database", (desk / "data" / "gouji.db").exists)
            with serving(desk) as address, browsing(width=1440, height=900) as page:
                _drop(page, desk)
                _review_page(page, address, folder)
                _check(page, desk, folder)


def _drop(page: Page, desk: Path) -> None:
    """Drop the examples, one of them printed as a PDF of another bureau."""
    printed = desk / "printed.pdf"
    page.set_content(_as_page(SUMS.read_text(encoding="utf-8").replace("教育局", "水利局")))
    page.pdf(
        path=printed, format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm")
    )
    files = [path for path in sorted(EXAMPLES.iterdir()) if path.name[:2].isdigit()]
    gouji("drop", "--wait", *map(str, files), str(printed), cwd=desk)


def _as_page(text: str) -> str:
    """Return Markdown of paragraphs and tables as HTML."""
    parts: list[str] = []
    for line in text.splitlines():
        is_row = line.startswith("|")
        was_row = bool(parts) and parts[-1].endswith("</tr>")
        if is_row != was_row:
            parts.append("<table>" if is_row else "</table>" if was_row else "")
        if is_row and not set(line) <= set("|-: "):
            cells = "".join(
                f"<td>{html.escape(cell.strip())}</td>" for cell in line.strip("| ").split("|")
            )
            parts.append(f"<tr>{cells}</tr>")
        elif not is_row and line.strip():
            parts.append(f"<p>{html.escape(line.strip('#* '))}</p>")
    return f"<meta charset=utf-8><style>{_STYLE}</style>{''.join(parts)}"


def _review_page(page: Page, address: str, folder: Path) -> None:
    page.goto(f"{address}/login")
    page.fill("input[name=user]", NAME)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.goto(f"{address}/")
    # the line below the filters says that the page hears of news
    page.wait_for_timeout(_HEARS_WITHIN)
    _take(page, folder / "list.png")
    page.goto(f"{address}/?state=error&agency=教育局")
    page.click("a.main-link")
    page.locator("td.box-value.sev-error").first.scroll_into_view_if_needed()
    _take(page, folder / "report.png")
    page.goto(f"{address}/?state=error&agency=水利局")
    page.click("a.main-link")
    page.click("td.box-value.sev-error a >> nth=0")
    page.wait_for_load_state("networkidle")
    page.locator("rect.box").first.scroll_into_view_if_needed()
    _take(page, folder / "source.png")
    page.goto(f"{address}/statistics")
    _take(page, folder / "statistics.png")


def _check(page: Page, desk: Path, folder: Path) -> None:
    checked = desk / "check.html"
    # it ends with 1: it finds what the example is there for
    words = [GOUJI, "check", SUMS.name, "--format", "html", "--output", str(checked)]
    subprocess.run(words, cwd=EXAMPLES, check=False)
    page.goto(checked.as_uri())
    _take(page, folder / "check.png")


def _take(page: Page, path: Path) -> None:
    """Write what the browser shows, with few colours; raises ValueError where it is too large all the same."""
    page.wait_for_timeout(300)
    shown = Image.open(io.BytesIO(page.screenshot()))
    shown.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size >= LARGEST:
        raise ValueError(f"{path}: {path.stat().st_size} bytes, fewer than {LARGEST} wanted")
    print(path)


if __name__ == "__main__":
    main()
