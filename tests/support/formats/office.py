"""A made-up report in the old Office formats: LibreOffice writes them from the .docx and .xlsx made here.

The same seed gives the same report; LibreOffice puts the hour into its files, so their bytes differ.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from tests.support.formats import docx, xlsx
from tests.support.sheets import Sheet
from tests.support.truth import Truth
from tests.support.typeset import Heading, Piece, typeset

VARIANTS = ("doc", "rtf", "odt", "fodt", "wps", "wordxml", "ods", "excelxml")
"""wps is a .doc by another name, as many of them are. UOF can be written too, but LibreOffice, its only
writer here, leaves out labels beside merged cells: what the file lacks no reader can be measured by."""
_FILTERS = {
    "doc": "doc:MS Word 97",
    "wps": "doc:MS Word 97",
    "rtf": "rtf:Rich Text Format",
    "odt": "odt:writer8",
    "fodt": "fodt:OpenDocument Text Flat XML",
    "wordxml": "xml:MS Word 2003 XML",
    "uof": "uot:UOF text",
    "ods": "ods:calc8",
    "xls": "xls:MS Excel 97",
}
SHEETS = ("ods", "xls")
WRITTEN = ("plain", "merged", "auto_numbered", "wps", "headers_footers", "pieces", "runs", "labels")
"""Ways of writing the .docx that LibreOffice keeps in an old format; it flattens nested tables."""


def available() -> bool:
    """Tell whether LibreOffice is installed."""
    return shutil.which("soffice") is not None


def render(truth: Truth, rng: Random, variant: str) -> bytes:
    """Return the report in an old Office format."""
    return render_all({"0": (truth, rng)}, variant)["0"]


def render_all(reports: Mapping[str, tuple[Truth, Random]], variant: str) -> dict[str, bytes]:
    """Return many reports in one format, written in one start of LibreOffice."""
    if variant == "excelxml":
        return {
            key: excel_xml(typeset(truth, rng, variants=True))
            for key, (truth, rng) in reports.items()
        }
    files = {
        key: xlsx.render(truth, rng, rng.choice(xlsx.VARIANTS))
        if variant in SHEETS
        else docx.render(truth, rng, rng.choice(WRITTEN))
        for key, (truth, rng) in reports.items()
    }
    return written(files, "xlsx" if variant in SHEETS else "docx", variant)


def written(files: Mapping[str, bytes], suffix: str, variant: str) -> dict[str, bytes]:
    """Return the given .docx or .xlsx files in another format."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        for key, data in files.items():
            (room / f"{key}.{suffix}").write_bytes(data)
        subprocess.run(
            ["soffice", f"-env:UserInstallation={(room / 'profile').as_uri()}", "--headless",
             "--convert-to", _FILTERS[variant], "--outdir", str(room / "out"),
             *(str(room / f"{key}.{suffix}") for key in files)],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        made = _FILTERS[variant].partition(":")[0]
        return {key: (room / "out" / f"{key}.{made}").read_bytes() for key in files}


def excel_xml(pieces: list[Piece]) -> bytes:
    """Return the pieces on one sheet of the XML that Excel 2003 wrote."""
    rows: list[str] = []
    for piece in pieces:
        if isinstance(piece, Sheet):
            rows += _sheet_rows(piece)
        else:
            text = piece.full if isinstance(piece, Heading) else piece.text
            rows.append(
                f'<Row><Cell ss:MergeAcross="14"><Data ss:Type="String">{escape(text)}</Data></Cell></Row>'
            )
    spreadsheet = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook xmlns="{spreadsheet}" xmlns:ss="{spreadsheet}"><Worksheet ss:Name="年报"><Table>'
        f"{''.join(rows)}</Table></Worksheet></Workbook>"
    ).encode()


def _sheet_rows(sheet: Sheet) -> list[str]:
    rows = []
    for index in range(sheet.row_count):
        cells = ""
        for box in sorted((b for b in sheet.boxes if b.row == index), key=lambda b: b.column):
            kind = "Number" if box.text.isascii() and box.text.isdigit() else "String"
            spans = f' ss:MergeAcross="{box.columns - 1}"' if box.columns > 1 else ""
            spans += f' ss:MergeDown="{box.rows - 1}"' if box.rows > 1 else ""
            data = f'<Data ss:Type="{kind}">{escape(box.text)}</Data>' if box.text else ""
            cells += f'<Cell ss:Index="{box.column + 1}"{spans}>{data}</Cell>'
        rows.append(f"<Row>{cells}</Row>")
    return rows
