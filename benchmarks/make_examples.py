"""Write the example reports anew: `python -m benchmarks.make_examples [FOLDER]`.

Places and agencies are invented; the same script gives the same files.
"""

import sys
from dataclasses import replace
from pathlib import Path
from random import Random

from shared.report.record import AgencyKind, Level, Region, Scope
from tests.support import damage, faults
from tests.support.agencies import Agency
from tests.support.fill import fill
from tests.support.losses import lost_page
from tests.support.render import Quirks, Rendered, render
from tests.support.truth import Truth

PLAIN = Quirks()
NOTICE = """云澜市人民政府办公室关于做好2024年政府信息公开工作年度报告编制和发布工作的通知

各县（区）人民政府，市政府各部门、各直属机构：

根据《中华人民共和国政府信息公开条例》第四十九条、第五十条规定，现就做好2024年政府信息公开工作年度报告编制和发布工作有关事项通知如下：

一、报送时间
市政府各部门应于2025年1月20日前将本部门年度报告报送市政府办公室，并于2025年1月31日前向社会公布。各县（区）人民政府应于2025年3月10日前报送本地区年度报告。

二、内容要求
年度报告包括总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、政府信息公开行政复议和行政诉讼情况、存在的主要问题及改进情况、其他需要报告的事项等六个部分。表格数据应符合勾稽关系，不得缺项漏项。

三、工作要求
各单位要高度重视，明确专人负责，确保数据真实准确、前后一致，避免内容雷同。

云澜市人民政府办公室
2025年1月6日
"""


def agency(name: str, we: str, level: Level, kind: AgencyKind, scope: Scope = "own") -> Agency:
    """Return an invented agency of the invented city 云澜市."""
    return Agency(name, name, Region(), level, kind, scope, we)


FINANCE = agency("云澜市青榆区财政局", "我局", "county", "department")
EDUCATION = agency("云澜市青榆区教育局", "我局", "county", "department")
TOWN = agency("云澜市望岚县柳溪镇人民政府", "我镇", "township", "township_government")
STREET = agency("云澜市青榆区人民政府竹桥街道办事处", "我街道", "township", "subdistrict_office")
COUNTY = agency("云澜市望岚县人民政府", "我县", "county", "government", "roll_up")
WATER = agency("云澜市望岚县水利局", "我局", "county", "department")
HEALTH = agency("云澜市青榆区卫生健康局", "我局", "county", "department")
OFFICE = agency("云澜市望岚县人民政府办公室", "我办", "county", "government_office")


def _faulty(truth: Truth, *names: str) -> Truth:
    """Plant several faults one after the other."""
    for name in names:
        changed = faults.FAULTS[name](truth, Random(truth.seed))
        assert changed is not None, name
        truth = changed
    return truth


def _text_fault(seed: int, who: Agency, year: int) -> Truth:
    address = "applications.received_new@total"
    truth = fill(seed, "2019", kind="small", year=year, agency=who)
    return fill(
        seed, "2019", kind="small", year=year, agency=who,
        spoken={address: truth.number(address) + 3},
    )  # fmt: skip


def examples() -> dict[str, bytes]:
    """Return name and bytes of every example."""

    def drawn(truth: Truth, layout: str, quirks: Quirks = PLAIN, encoding: str = "utf-8") -> bytes:
        return render(truth, layout, Random(truth.seed), with_quirks=quirks, encoding=encoding).data

    first = drawn(fill(11, "2019", kind="quiet", year=2020, agency=FINANCE), "tabs_left")
    county = fill(12, "2021", kind="rollup", year=2023, agency=COUNTY)
    scan: Rendered = damage.look_alike_digits(
        fill(16, "2019", kind="zero", year=2019, agency=STREET), Random(16)
    )
    torn = lost_page(fill(17, "2021", kind="small", year=2022, agency=HEALTH), Random(17))
    return {
        "01_clean_tabs_2020.txt": first,
        "02_clean_county_rollup_2023.txt": drawn(county, "cell_per_line"),
        "03_text_against_table_2020.txt": drawn(_text_fault(13, TOWN, 2020), "pipes_both"),
        "04_sums_do_not_add_up_2022.md": drawn(
            _faulty(
                fill(14, "2021", kind="small", year=2022, agency=EDUCATION),
                "break_row_total", "break_t4",
            ),
            "markdown", replace(PLAIN, headings="hashes"),
        ),
        "05_old_form_and_late_2022.txt": drawn(
            _faulty(fill(15, "2019", kind="small", year=2022, agency=WATER), "late"), "tabs_grid",
            replace(PLAIN, pages=True),
        ),
        "06_scan_look_alikes_2019.txt": scan.data,
        "07_page_lost_2022.txt": torn.data,
        "08_pdf_columns_2021.txt": drawn(
            fill(18, "2021", kind="small", year=2021, agency=OFFICE), "layout_columns"
        ),
        "09_marks_gb18030_2024.txt": drawn(
            _faulty(fill(19, "2021", kind="zero", year=2024, agency=TOWN), "marks"),
            "plain_lines", encoding="gb18030",
        ),
        "10_notice_refused.txt": NOTICE.encode(),
        "11_same_bytes_as_01.txt": first,
    }  # fmt: skip


def main() -> None:
    """Write the files."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "examples")
    folder.mkdir(exist_ok=True)
    for name, data in examples().items():
        (folder / name).write_bytes(data)
        print(folder / name)


if __name__ == "__main__":
    main()
