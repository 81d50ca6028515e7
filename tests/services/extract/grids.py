"""Small tables written as text, `|` between cells: what tests hand to the aligner."""

from shared import forms
from shared.report.document import Document, GridCell, Paragraph, Row, Table


def grid(text: str, line: int = 1) -> Table:
    rows = []
    for n, printed in enumerate(text.strip("\n").splitlines(), line):
        cells = tuple(GridCell(c.strip(), i, n) for i, c in enumerate(printed.split("|")))
        rows.append(Row(cells, n))
    return Table(tuple(rows), "pipes")


def document(*blocks: str | Table) -> Document:
    return Document(
        tuple(b if isinstance(b, Table) else Paragraph(b, 1) for b in blocks), reader="test"
    )


def table_three(edition="2019", values=None, *, header=True, change=None):
    """Rows of table three, label | seven values; `values` by row id, `change` edits (id, row text)."""
    values = values or {}
    rows = (
        ["| 自然人 | 商业企业 | 科研机构 | 社会公益组织 | 法律服务机构 | 其他 | 总计"]
        if header
        else []
    )
    for row in forms.table(edition, "applications").blocks[0].rows:
        numbers = values.get(row.id, [0] * 7)
        printed = row.label + " | " + " | ".join(str(v) for v in numbers)
        printed = change(row.id, printed) if change else printed
        if printed is not None:
            rows.append(printed)
    return "\n".join(rows)
