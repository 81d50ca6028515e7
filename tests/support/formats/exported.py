"""Made-up reports as other programs write them: LibreOffice and Chromium export what we made.

No code here draws a page or a table, so that readers are tried on producers that nobody here wrote.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from random import Random

from tests.support.formats import docx, html, xlsx
from tests.support.truth import Truth

_BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
_EXPORTS = {
    "word_pdf": ("docx", "pdf:writer_pdf_Export"),
    "word_html": ("docx", "html:HTML (StarWriter)"),
    "word_xhtml": ("docx", "xhtml:XHTML Writer File"),
    "word_docx": ("docx", "docx:MS Word 2007 XML"),
    "web_pdf": ("html", "pdf:writer_web_pdf_Export"),
    "web_docx": ("html", "docx:MS Word 2007 XML"),
    "sheet_html": ("xlsx", "html:HTML (StarCalc)"),
    "sheet_xlsx": ("xlsx", "xlsx:Calc MS Excel 2007 XML"),
}
"""By variant: what is exported, and the filter of LibreOffice."""
VARIANTS = (*_EXPORTS, *(("browser_pdf",) if _BROWSER else ()))
_SOURCES = {
    "docx": (docx, ("plain", "merged", "auto_numbered", "wps", "headers_footers", "pieces",
                    "nested", "runs", "labels", "hmerge")),
    "html": (html, ("plain", "wps", "divs", "pieces", "head_title", "css_tables")),
    "xlsx": (xlsx, ("one_sheet", "sheet_per_table")),
}  # fmt: skip
"""What is exported, in variants that fit on the paper of the exporting program."""


def render(truth: Truth, rng: Random, variant: str) -> bytes:
    """Return the report as exported by another program."""
    return render_all({"0": (truth, rng)}, variant)["0"]


def render_all(reports: Mapping[str, tuple[Truth, Random]], variant: str) -> dict[str, bytes]:
    """Return many reports in one variant, exported in one start of the program where it allows that."""
    kind, how = _EXPORTS.get(variant, ("html", ""))
    module, variants = _SOURCES[kind]
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        sources = []
        for key, (truth, rng) in reports.items():
            sources.append(room / f"{key}.{kind}")
            sources[-1].write_bytes(module.render(truth, rng, rng.choice(variants)))
        if how:
            _export(room, sources, how)
        else:
            for source in sources:
                _print(room, source)
        ending = how.partition(":")[0] or "pdf"
        return {k: (room / "out" / f"{k}.{ending}").read_bytes() for k in reports}


def _export(room: Path, sources: list[Path], how: str) -> None:
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(room / 'profile').as_uri()}", "--headless",
         "--convert-to", how, "--outdir", str(room / "out"), *map(str, sources)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip


def _print(room: Path, source: Path) -> None:
    (room / "out").mkdir(exist_ok=True)
    subprocess.run(
        [str(_BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={room / 'browser'}", f"--print-to-pdf={room / 'out' / source.stem}.pdf",
         source.as_uri()],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
