"""Places as a clerk reads them: several cells of a row or column are named together."""

from services.commands.talking.labels import together
from shared import forms

TABLE = forms.table("2021", "applications")
ROW = [a for a in TABLE.addresses if a.startswith("applications.granted@")]
COLUMN = [a for a in TABLE.addresses if a.endswith("@total")]


def test_a_few_cells_are_named_one_by_one():
    assert together(ROW[:2], "2021") == [
        "表三 › 三、本年度办理结果 › （一）予以公开 › 自然人",
        "表三 › 三、本年度办理结果 › （一）予以公开 › 商业企业",
    ]


def test_cells_of_one_row_are_named_behind_it():
    assert together(ROW[:4], "2021") == [
        "表三 › 三、本年度办理结果 › （一）予以公开 › 自然人、商业企业、科研机构、社会公益组织"
    ]


def test_cells_of_one_column_are_counted():
    assert together(COLUMN, "2021") == ["表三 › “总计”列，25 格 · column, 25 cells"]


def test_whole_rows_are_named_as_rows():
    other = [a for a in TABLE.addresses if a.startswith("applications.total@")]
    assert together([*ROW, *other], "2021") == [
        "表三 › 三、本年度办理结果 › （一）予以公开（整行 whole row）",
        "表三 › 三、本年度办理结果 › （七）总计（整行 whole row）",
    ]


def test_what_is_strewn_or_unknown_is_named_as_it_is():
    strewn = [ROW[0], ROW[1], COLUMN[0], COLUMN[1], "applications"]
    assert len(together(strewn, "2021")) == 5
    assert together(["x.y@z"], "2021") == ["x.y@z"]
