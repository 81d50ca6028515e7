"""Documents built by hand: a line is a paragraph, tabs make a table row."""

from shared.report.document import Document, GridCell, Paragraph, Row, Table


def document(text: str, furniture: str = "") -> Document:
    blocks: list[Paragraph | Table] = []
    rows: list[Row] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if "\t" in line:
            cells = tuple(GridCell(c.strip(), i, number) for i, c in enumerate(line.split("\t")))
            rows.append(Row(cells, number))
            continue
        if not line.strip():
            continue
        if rows:
            blocks.append(Table(tuple(rows), "tabs"))
            rows = []
        blocks.append(Paragraph(line.strip(), number))
    if rows:
        blocks.append(Table(tuple(rows), "tabs"))
    aside = tuple(Paragraph(t, None) for t in furniture.splitlines())
    return Document(tuple(blocks), "hand", furniture=aside)


OUTLINE = """一、总体情况
{year}年，我单位认真贯彻落实《中华人民共和国政府信息公开条例》，扎实推进政府信息公开工作。{body}
二、主动公开政府信息情况
三、收到和处理政府信息公开申请情况
四、政府信息公开行政复议、行政诉讼情况
五、存在的主要问题及改进情况
存在公开内容不够丰富等问题，下一步将继续改进。
六、其他需要报告的事项
无。
"""


def report(title: str, *, body: str = "", closing: str = "", year: int = 2022) -> Document:
    return document(f"{title}\n{OUTLINE.format(year=year, body=body)}{closing}")
