"""Division names in a string, and what lies above them."""

import pytest

from services.extract.core.gazetteer import lookup


@pytest.mark.parametrize(("text", "name"), [
    ("广州市增城区信访局", "广州市"), ("市中区信访局", "市中区"), ("恩施州教育局", "恩施州"), ("长阳县审计局", "长阳县"),
    ("新疆维吾尔自治区人民政府", "新疆维吾尔自治区"), ("江干区", "江干区"), ("钱塘区", "钱塘区"), ("临平区", "临平区"),
])  # fmt: skip
def test_the_longest_division_name_is_found(text: str, name: str) -> None:
    found = lookup.division_at(text)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("text", ["财政局", "开发区", "苏州工业园区", "", "州"])
def test_zones_and_bodies_are_no_divisions(text: str) -> None:
    assert lookup.division_at(text) is None


def test_a_shared_name_gives_every_code() -> None:
    assert {lookup.full_name(c) for c in lookup.codes_of("市中区")} == {
        "山东省济南市市中区", "山东省枣庄市市中区", "四川省乐山市市中区", "四川省内江市市中区",
    }  # fmt: skip


@pytest.mark.parametrize(("code", "name", "level"), [
    ("440118", "广东省广州市增城区", "county"), ("110105", "北京市朝阳区", "county"), ("429004", "湖北省仙桃市", "county"),
    ("441900", "广东省东莞市", "prefecture"), ("310000", "上海市", "province"), ("659001", "新疆维吾尔自治区石河子市", "county"),
])  # fmt: skip
def test_a_region_holds_everything_above(code: str, name: str, level: str) -> None:
    assert lookup.region_of(code).full_name == name
    assert lookup.level_of(code) == level


def test_an_abolished_name_is_kept_where_its_code_went_on() -> None:
    assert lookup.region_of("130502", "桥东区").county == "桥东区"
    assert lookup.region_of("130502").county == "襄都区"


def test_townships_are_found_by_exact_name() -> None:
    assert lookup.counties_with_township("石壁街道") == ("440113",)
    assert len(lookup.counties_with_township("城关镇")) > 50
    assert lookup.counties_with_township("没有这个镇") == ()


def test_every_code_has_its_province() -> None:
    names = lookup.names()
    assert all(code[:2] + "0000" in names for code in names)
    assert len(names) > 3100
