"""Who reports on which year: agency, place, level, kind, year."""

import json
from pathlib import Path

import pytest

from services.extract.core.who.identity import read_identity
from services.normalize.core.reading import read_document
from tests.services.extract.documents import document, report

SHARED = Path(__file__).parents[5] / "shared"

# title | agency | region | level | kind | year
TITLES = """
广州市增城区信访局2020年政府信息公开工作年度报告|广州市增城区信访局|广东省广州市增城区|county|department|2020
广州市增城区信访局2O2O年庋攻府倍息公升二作年庋拫告|广州市增城区信访局|广东省广州市增城区|county|department|2020
广州市增城区信访局202l年度政府信恳公井工作报吿|广州市增城区信访局|广东省广州市增城区|county|department|2021
广州市增城区信访局 2020 年度 政府信息公开工作报告|广州市增城区信访局|广东省广州市增城区|county|department|2020
增城区教育局2022年政府信息公开工作年度报告|增城区教育局|广东省广州市增城区|county|department|2022
2019年上海市政府信息公开工作年度报告|上海市人民政府|上海市|province|government|2019
上海市人民政府办公厅2019年政府信息公开工作年度报告|上海市人民政府办公厅|上海市|province|government_office|2019
2024年丽水市政府信息公开工作年度报告|丽水市人民政府|浙江省丽水市|prefecture|government|2024
淮安市洪泽区人民政府2023年政府信息公开工作年度报告|淮安市洪泽区人民政府|江苏省淮安市洪泽区|county|government|2023
洪泽区政府办公室2023年政府信息公开年报|洪泽区人民政府办公室|江苏省淮安市洪泽区|county|government_office|2023
宿迁市2023年政府信息公开工作年度报告|宿迁市人民政府|江苏省宿迁市|prefecture|government|2023
2022年汇龙镇人民政府信息公开工作年度报告|汇龙镇人民政府|江苏省南通市启东市汇龙镇|township|township_government|2022
2022年度螅镇政府信息公开工作年度报告|螅镇人民政府|陕西省榆林市佳县螅镇|township|township_government|2022
自然资源部2024年政府信息公开工作报告|自然资源部||central|department|2024
国务院办公厅2022年政府信息公开工作年度报告|国务院办公厅||central|government_office|2022
国家税务总局2022年政府信息公开工作年度报告|国家税务总局||central|department|2022
国家市场监督管理总局2022年政府信息公开工作年度报告|国家市场监督管理总局||central|department|2022
国家税务总局佛山市南海区税务局2021年政府信息公开工作年度报告|国家税务总局佛山市南海区税务局|广东省佛山市南海区|county|department|2021
国家税务总局广东省税务局2021年政府信息公开工作年度报告|国家税务总局广东省税务局|广东省|province|department|2021
国家统计局广州调查队2021年政府信息公开工作年度报告|国家统计局广州调查队|广东省广州市|prefecture|department|2021
中国人民银行2022年政府信息公开工作年度报告|中国人民银行||central|department|2022
生态环境部华南督察局2022年政府信息公开工作年度报告|生态环境部华南督察局||central|department|2022
中共泗阳县委宣传部2023年政府信息公开工作年度报告|中共泗阳县委宣传部|江苏省宿迁市泗阳县|county|department|2023
2023年渝北区龙溪街道政府信息公开工作年度报告|渝北区龙溪街道办事处|重庆市渝北区龙溪街道|township|subdistrict_office|2023
成都高新区管委会2023年政府信息公开工作年度报告|成都高新区管委会|四川省成都市成都高新区|county|development_zone|2023
广州海关2021年政府信息公开工作年度报告|广州海关|广东省广州市|prefecture|department|2021
江苏宿迁高新技术产业开发区管理委员会2023年政府信息公开工作年度报告|江苏宿迁高新技术产业开发区管理委员会|江苏省宿迁市江苏宿迁高新技术产业开发区|county|development_zone|2023
宿迁市宿城生态环境局2025年政府信息公开工作年度报告|宿迁市宿城生态环境局|江苏省宿迁市宿城区|county|department|2025
国家金融监督管理总局宿迁监管分局2024年政府信息公开工作年度报告|国家金融监督管理总局宿迁监管分局|江苏省宿迁市|prefecture|department|2024
池州市公安贵池分局2020年政府信息公开年度报告|池州市公安贵池分局|安徽省池州市贵池区|county|department|2020
广州市公安局增城区分局2020年政府信息公开年度报告|广州市公安局增城区分局|广东省广州市增城区|county|department|2020
北京市朝阳区教育局2022年政府信息公开工作年度报告|北京市朝阳区教育局|北京市朝阳区|county|department|2022
东莞市虎门镇人民政府2022年政府信息公开工作年度报告|东莞市虎门镇人民政府|广东省东莞市虎门镇|township|township_government|2022
恩施州教育局2022年政府信息公开工作年度报告|恩施州教育局|湖北省恩施土家族苗族自治州|prefecture|department|2022
仙桃市人民政府2022年政府信息公开工作年度报告|仙桃市人民政府|湖北省仙桃市|county|government|2022
杭州市江干区城市管理局2020年政府信息公开工作年度报告|杭州市江干区城市管理局|浙江省杭州市江干区|county|department|2020
四川省会理县农业农村局2020年政府信息公开工作年度报告|四川省会理县农业农村局|四川省凉山彝族自治州会理县|county|department|2020
锡林郭勒盟正蓝旗人民政府2022年政府信息公开工作年度报告|锡林郭勒盟正蓝旗人民政府|内蒙古自治区锡林郭勒盟正蓝旗|county|government|2022
阿拉善盟行政公署2022年政府信息公开工作年度报告|阿拉善盟行政公署|内蒙古自治区阿拉善盟|prefecture|government|2022
广东省财政厅2022年政府信息公开工作年度报告|广东省财政厅|广东省|province|department|2022
河北省住房和城乡建设厅2022年政府信息公开工作年度报告|河北省住房和城乡建设厅|河北省|province|department|2022
平江县住房和城乡建设局2022年政府信息公开工作年度报告|平江县住房和城乡建设局|湖南省岳阳市平江县|county|department|2022
浦东新区教育局2022年政府信息公开工作年度报告|浦东新区教育局|上海市浦东新区|county|department|2022
苏州工业园区管理委员会2022年政府信息公开工作年度报告|苏州工业园区管理委员会|江苏省苏州市苏州工业园区|county|development_zone|2022
青岛市高新区管委会2022年政府信息公开工作年度报告|青岛市高新区管委会|山东省青岛市高新区|county|development_zone|2022
重庆两江新区管理委员会2022年政府信息公开工作年度报告|重庆两江新区管理委员会|重庆市重庆两江新区|county|development_zone|2022
湖南省娄底市新化县上梅街道2022年政府信息公开工作年度报告|湖南省娄底市新化县上梅街道办事处|湖南省娄底市新化县上梅街道|township|subdistrict_office|2022
新化县上梅街道办事处2022年政府信息公开工作年度报告|新化县上梅街道办事处|湖南省娄底市新化县上梅街道|township|subdistrict_office|2022
广西壮族自治区南宁市武鸣区城厢镇人民政府2022年政府信息公开工作年度报告|广西壮族自治区南宁市武鸣区城厢镇人民政府|广西壮族自治区南宁市武鸣区城厢镇|township|township_government|2022
莒县招贤镇人民政府2021年政府信息公开工作年度报告|莒县招贤镇人民政府|山东省日照市莒县招贤镇|township|township_government|2021
沙市区市场监督管理局2021年政府信息公开工作年度报告|沙市区市场监督管理局|湖北省荆州市沙市区|county|department|2021
青岚市东山区城市管理和综合执法局2021年政府信息公开工作年度报告|青岚市东山区城市管理和综合执法局|青岚市东山区|county|department|2021
云岭省青河市财政局2021年政府信息公开工作年度报告|云岭省青河市财政局|云岭省青河市|prefecture|department|2021
新疆生产建设兵团第八师2021年政府信息公开工作年度报告|新疆生产建设兵团第八师|新疆维吾尔自治区|prefecture|department|2021
新疆生产建设兵团2021年政府信息公开工作年度报告|新疆生产建设兵团|新疆维吾尔自治区|province|department|2021
石河子市人民政府2021年政府信息公开工作年度报告|石河子市人民政府|新疆维吾尔自治区石河子市|county|government|2021
增城区教育局政府信息公开工作2022年度报告|增城区教育局|广东省广州市增城区|county|department|2022
增城区教育局2022年政务公开年报|增城区教育局|广东省广州市增城区|county|department|2022
增城区教育局2022年政务信息公开年度报告|增城区教育局|广东省广州市增城区|county|department|2022
增城区教育局2022年政府信息公开工作年度报告（图片版）|增城区教育局|广东省广州市增城区|county|department|2022
关于增城区教育局2022年度政府信息公开工作情况的报告|增城区教育局|广东省广州市增城区|county|department|2022
增城区教育局关于2022年度政府信息公开工作情况的报告|增城区教育局|广东省广州市增城区|county|department|2022
二〇二一年度增城区教育局政府信息公开工作年度报告|增城区教育局|广东省广州市增城区|county|department|2021
增城区教育局2O21年政府信息公开工作年度报告|增城区教育局|广东省广州市增城区|county|department|2021
增城区教育局２０２１年政府信息公开工作年度报告|增城区教育局|广东省广州市增城区|county|department|2021
增城区教育局政府信息公开工作年度报告（2021年）|增城区教育局|广东省广州市增城区|county|department|2021
首页 > 政府信息公开 > 增城区教育局2021年政府信息公开工作年度报告|增城区教育局|广东省广州市增城区|county|department|2021
广州市增城区 信访局 2020 年 政府 信息 公开 工作 年度 报告|广州市增城区信访局|广东省广州市增城区|county|department|2020
增城区教育局（体育局）2021年政府信息公开工作年度报告|增城区教育局（体育局）|广东省广州市增城区|county|department|2021
呼和浩特市新城区民政局2021年政府信息公开工作年度报告|呼和浩特市新城区民政局|内蒙古自治区呼和浩特市新城区|county|department|2021
吉林省吉林市船营区人民政府2021年政府信息公开工作年度报告|吉林省吉林市船营区人民政府|吉林省吉林市船营区|county|government|2021
济源市水利局2021年政府信息公开工作年度报告|济源市水利局|河南省济源市|county|department|2021
长阳县审计局2021年政府信息公开工作年度报告|长阳县审计局|湖北省宜昌市长阳土家族自治县|county|department|2021
天津市滨海新区中新天津生态城管委会2021年政府信息公开工作年度报告|天津市滨海新区中新天津生态城管委会|天津市滨海新区|county|development_zone|2021
中国证券监督管理委员会福建监管局2021年政府信息公开工作年度报告|中国证券监督管理委员会福建监管局|福建省|province|department|2021
""".strip().splitlines()  # fmt: skip


@pytest.mark.parametrize("case", TITLES, ids=lambda c: c.split("|")[0])
def test_a_title_names_agency_region_level_kind_and_year(case: str) -> None:
    title, agency, region, level, kind, year = case.split("|")
    found, _ = read_identity(report(title), file="x.txt")
    assert (found.agency, found.region.full_name, found.level, found.kind, found.year) == (
        agency, region or "", level, kind, int(year),
    )  # fmt: skip


@pytest.mark.parametrize("place", ["市中区", "鼓楼区", "朝阳区", "城关区", "南山区"])
def test_a_name_shared_by_several_places_stays_open(place: str) -> None:
    found, _ = read_identity(report(f"{place}信访局2022年政府信息公开工作年度报告"), file="x.txt")
    assert len(found.ambiguous_places) > 1
    assert found.region.city is None
    assert found.region.province is None
    assert found.region.county == place


# printed title line(s) | body | closing | agency in full | region
COMPLETED = [
    ("市中区信访局2022年政府信息公开工作年度报告", "“枣庄市市中区信访局”微信平台发布信息。", "", "枣庄市市中区信访局", "山东省枣庄市市中区"),
    ("朝阳区教育局2022年政府信息公开工作年度报告", "按照长春市有关要求推进工作。", "", "长春市朝阳区教育局", "吉林省长春市朝阳区"),
    ("市财政局2022年政府信息公开工作年度报告", "", "宿迁市财政局\n2023年1月9日", "宿迁市财政局", "江苏省宿迁市"),
    ("区统计局2022年政府信息公开工作年度报告", "淮安市洪泽区统计局高度重视。", "", "淮安市洪泽区统计局", "江苏省淮安市洪泽区"),
    ("财政局2022年政府信息公开工作年度报告", "", "新化县财政局\n2023年1月9日", "新化县财政局", "湖南省娄底市新化县"),
    ("增城区教育局2022年政府信息公开工作年度报告", "", "广州市增城区教育局\n2023年1月9日", "广州市增城区教育局", "广东省广州市增城区"),
    ("增城区教育局2022年政府信息公开工作年度报告", "广州市增城区高度重视。", "", "广州市增城区教育局", "广东省广州市增城区"),
    ("广州市番禺区人民政府石壁街道办事处\n石壁街道办事处关于2022年政府信息公开工作年度报告", "", "", "广州市番禺区人民政府石壁街道办事处", "广东省广州市番禺区石壁街道"),
    ("城关镇人民政府2022年政府信息公开工作年度报告", "临泉县城关镇人民政府高度重视。", "", "临泉县城关镇人民政府", "安徽省阜阳市临泉县城关镇"),
    ("政府信息公开工作年度报告\n淮安市洪泽区水利局\n2023年1月20日", "", "", "淮安市洪泽区水利局", "江苏省淮安市洪泽区"),
    ("2022年政府信息公开工作年度报告", "", "淮安市洪泽区水利局\n2023年1月20日", "淮安市洪泽区水利局", "江苏省淮安市洪泽区"),
    ("广州市增城区信访局\n2022年政府信息公开工作年度报告", "", "", "广州市增城区信访局", "广东省广州市增城区"),
    ("广州开发区民营经济和企业服务局2022年政府信息公开工作年度报告", "落实《黄埔区、广州开发区政府门户网站管理办法》。", "", "广州开发区民营经济和企业服务局", "广东省广州市广州开发区（黄埔区）"),
    ("市财政局2022年政府信息公开工作年度报告", "认真落实工作。", "", "市财政局", ""),
    ("市财政局2022年政府信息公开工作年度报告", "宿迁市财政局、淮安市财政局共同推进。", "", "市财政局", ""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "body", "closing", "agency", "region"), COMPLETED)
def test_a_short_name_is_completed_only_from_what_the_document_says(
    title: str, body: str, closing: str, agency: str, region: str
) -> None:
    found, _ = read_identity(report(title, body=body, closing=closing), file="x.txt")
    assert (found.agency, found.region.full_name) == (agency, region)


def test_many_townships_of_one_name_are_listed_and_not_chosen_from() -> None:
    found, _ = read_identity(report("城关镇人民政府2022年政府信息公开工作年度报告"), file="x.txt")
    assert len(found.ambiguous_places) > 10
    assert found.region.full_name == "城关镇"


def test_the_printed_agency_is_kept_beside_the_full_one() -> None:
    found, _ = read_identity(
        report("市中区信访局2022年政府信息公开工作年度报告", body="枣庄市市中区信访局。"),
        file="x.txt",
    )
    assert found.agency_as_printed == "市中区信访局"
    assert found.place_resolved_by == "body"


@pytest.mark.parametrize("brand", ["澳门新葡京", "乐鱼体育官网", "皇冠体育app", "bet365"])
def test_an_agency_is_never_read_from_a_gambling_brand(brand: str) -> None:
    found, _ = read_identity(report(f"{brand}2022年政府信息公开工作年度报告"), file="x.txt")
    assert found.agency is None
    assert found.region.full_name == ""


@pytest.mark.parametrize("name", ["XX局", "××市财政局", "（单位名称）"])
def test_a_placeholder_is_no_agency(name: str) -> None:
    found, _ = read_identity(report(f"{name}2022年政府信息公开工作年度报告"), file="x.txt")
    assert found.agency is None


def test_a_word_broken_over_two_lines_is_one_title() -> None:
    title = "韶关市浈江区人民政府办公室2020年政府\n信息公开工作年度报告"
    found, notes = read_identity(report(title), file="x.txt")
    assert found.title == title.replace("\n", "")
    assert found.title_raw == title
    assert [n.rule for n in notes] == ["e_title_split"]


def test_a_title_broken_into_four_lines_is_one_title() -> None:
    title = "增城区教育\n局2021年政府信息公\n开工作年度报\n告"
    found, _ = read_identity(report(title), file="x.txt")
    assert found.title == title.replace("\n", "")
    assert found.agency == "增城区教育局"


def test_a_title_of_clean_lines_is_not_called_split() -> None:
    _, notes = read_identity(
        report("广州市增城区信访局\n2022年政府信息公开工作年度报告"), file="x.txt"
    )
    assert not notes


def test_the_title_survives_in_the_furniture_when_the_page_lost_it() -> None:
    text = "一、总体情况\n2022年，我局认真落实条例，主动公开政府信息工作有序推进。"
    crumbs = "当前位置：首页 > 增城区教育局2022年政府信息公开工作年度报告"
    found, _ = read_identity(document(text, crumbs), file="x.txt")
    assert (found.agency, found.year) == ("增城区教育局", 2022)


def test_the_file_name_names_the_agency_when_nothing_else_does() -> None:
    text = "一、总体情况\n2022年，我局认真落实条例，主动公开政府信息工作有序推进。"
    found, _ = read_identity(document(text), file="增城区教育局2022年政府信息公开工作年度报告.txt")
    assert (found.agency, found.title) == ("增城区教育局", None)


@pytest.mark.parametrize(
    ("title", "scope"),
    [
        ("宿迁市人民政府2022年政府信息公开工作年度报告", "roll_up"),
        ("宿迁市2022年政府信息公开工作年度报告", "roll_up"),
        ("宿迁市人民政府办公室2022年政府信息公开工作年度报告", "own"),
        ("宿迁市财政局2022年政府信息公开工作年度报告", "own"),
        ("莒县招贤镇人民政府2022年政府信息公开工作年度报告", "own"),
    ],
)
def test_only_a_governments_own_title_is_a_roll_up(title: str, scope: str) -> None:
    found, _ = read_identity(report(title), file="x.txt")
    assert found.scope == scope


def test_every_year_a_report_gives_for_itself_is_kept() -> None:
    body = "本报告统计期限为2021年1月1日至2021年12月31日。"
    found, _ = read_identity(
        report(
            "增城区教育局2022年政府信息公开工作年度报告",
            body=body,
            closing="2023年1月9日",
            year=2020,
        ),
        file="增城区教育局2019年报.txt",
    )
    assert {(m.source, m.year) for m in found.years} == {
        ("title", 2022), ("period", 2021), ("opening", 2020), ("signature", 2023), ("file_name", 2019),
    }  # fmt: skip
    assert found.year == 2022


@pytest.mark.parametrize("name", ["000_9faed5e766202005.txt", "2021-01-29.txt", "a2020b.txt"])
def test_digits_in_a_file_name_are_not_always_a_year(name: str) -> None:
    found, _ = read_identity(report("增城区教育局2022年政府信息公开工作年度报告"), file=name)
    assert "file_name" not in {m.source for m in found.years}


@pytest.mark.parametrize(
    ("body", "closing", "year"),
    [
        ("数据统计期限自2021年1月1日起至2021年12月31日止。", "", 2021),
        ("", "增城区教育局\n2022年1月9日", 2021),
    ],
)
def test_a_title_without_year_takes_it_from_period_then_date(
    body: str, closing: str, year: int
) -> None:
    text = f"增城区教育局政府信息公开工作年度报告\n一、总体情况\n我局认真落实条例各项要求，推进公开工作。{body}\n{closing}"
    found, _ = read_identity(document(text), file="x.txt")
    assert found.year == year


@pytest.mark.skipif(
    not SHARED.exists(), reason="the five real reports are not beside this checkout"
)
@pytest.mark.parametrize("path", sorted(SHARED.glob("reports/*.txt")), ids=lambda p: p.stem[:3])
def test_the_five_real_reports_are_who_they_are(path: Path) -> None:
    expected = json.loads((SHARED / "expected" / f"{path.stem}.json").read_text("utf-8"))
    document = read_document(path.read_bytes(), path.name)
    found, _ = read_identity(document, file=path.name)
    assert {
        "agency": found.agency,
        "region": found.region.full_name,
        "level": found.level,
        "org_kind": found.kind,
        "year": found.year,
        "title": found.title,
        "title_raw": found.title_raw,
        "published_on": found.published_on.isoformat() if found.published_on else None,
        "signature": found.signature,
        "period": found.period,
    }.items() <= expected.items()
    contact = expected["contact"] or {}
    assert (found.contact.name if found.contact else None) == contact.get("name")
    assert (found.contact.phone if found.contact else None) == contact.get("phone")


def test_a_place_that_the_body_decides_still_says_between_what_it_decided():
    from services.extract.core.who.identity import read_identity
    from tests.services.extract.grids import document

    who, _ = read_identity(
        document(
            "市中区民政局2020年政府信息公开工作年度报告",
            "一、总体情况",
            "济南市市中区民政局通过济南市市中区民政局网站公开信息。",
        ),
        file="x.txt",
    )

    assert who.agency == "济南市市中区民政局"
    assert who.place_resolved_by == "body"
    assert len(who.ambiguous_places) > 1
