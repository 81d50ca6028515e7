"""One body is one series whatever its name is printed like; other bodies never are."""

import pytest

from shared.report.record import Identity, Region
from shared.report.series import core_name, place_of, series_of, upper_place_of

_COUNTY = Region("广东省", "广州市", "增城区", None, "440118")
_CITY = Region("吉林省", "吉林市", None, None, "220200")
_TOWN = Region("广东省", "广州市", "番禺区", "石壁街道", "440113")


def _series(agency: str | None, region: Region = _COUNTY, **more: object) -> str | None:
    return series_of(Identity(agency=agency, region=region, **{"kind": "department", **more}))


@pytest.mark.parametrize(
    "name",
    [
        "增城区信访局",
        "增城信访局",
        "区信访局",
        "广东省广州市增城区信访局",
        "廣州市增城區信訪局",
        "广州市 增城区 信访局",
        "广州市增城区信访局（群众来访接待中心）",
    ],
)
def test_spellings_of_one_name_are_one_series(name: str) -> None:
    assert _series(name) == _series("广州市增城区信访局")


@pytest.mark.parametrize("name", ["吉林市财政局", "市财政局", "吉林财政局", "吉林省吉林市财政局"])
def test_a_city_named_like_its_province_is_taken_off_whole(name: str) -> None:
    assert core_name(name, _CITY) == "财政局"


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("黄山区财政局", "财政局"), ("黄山市黄山区财政局", "财政局"), ("黄山区市场监督管理局", "市场监督管理局"),
        ("黄山区人民政府办公室", "政府办公室"), ("区政府办公室", "政府办公室"), ("黄山区人民政府", "政府"), ("黄山区", "黄山区"),
    ],
)  # fmt: skip
def test_what_is_left_is_the_body_itself(name: str, core: str) -> None:
    assert core_name(name, Region("安徽省", "黄山市", "黄山区", None, "341003")) == core


@pytest.mark.parametrize(
    "name", ["市场监督管理局", "市政管理局", "市容管理局", "区域合作局", "州委办公室"]
)
def test_words_that_begin_like_a_rank_stay_whole(name: str) -> None:
    assert core_name(name, _COUNTY) == name


@pytest.mark.parametrize(
    "other", ["广州市增城区卫生健康局", "广州市增城区信访服务中心", "广州市增城区人民政府"]
)
def test_other_bodies_of_the_place_are_other_series(other: str) -> None:
    assert _series(other) != _series("广州市增城区信访局")


def test_the_same_name_elsewhere_is_another_body() -> None:
    here = Region("广东省", "广州市", "番禺区", None, "440113")
    assert _series("番禺区信访局", here) != _series("增城区信访局")


def test_a_successor_of_another_name_is_not_joined() -> None:
    assert _series("增城区卫生和计划生育局") != _series("增城区卫生健康局")


def test_what_a_government_reports_for_all_is_apart_from_its_office() -> None:
    name = "广州市增城区人民政府"
    whole = _series(name, kind="government", scope="roll_up")
    assert whole != _series(name, kind="government", scope="own")
    assert whole != _series(f"{name}办公室", kind="government_office")


def test_a_township_is_known_by_its_place_and_kind() -> None:
    names = ("广州市番禺区人民政府石壁街道办事处", "石壁街道办事处", "石壁街道", "番禺区石壁街")
    assert len({_series(n, _TOWN, kind="subdistrict_office") for n in names}) == 1
    assert _series(names[0], _TOWN, kind="township_government") != _series(
        names[0], _TOWN, kind="subdistrict_office"
    )


def test_bodies_that_are_not_known_well_enough_are_never_joined() -> None:
    assert _series(None) is None
    assert _series("市中区信访局", ambiguous_places=("山东省枣庄市", "四川省乐山市")) is None
    assert _series("信访局", Region()) is None


def test_a_central_body_needs_no_place() -> None:
    assert _series("财政部", Region(), level="central") is not None
    assert _series("财政部", Region(), level="central") != _series(
        "水利部", Region(), level="central"
    )


@pytest.mark.parametrize(
    ("region", "place", "upper"),
    [
        (Region("广东省", "广州市", "增城区", None, "440118"), "440118", "440100"),
        (Region("广东省", "广州市", None, None, "440100"), "440100", "440000"),
        (Region("广东省", None, None, None, "440000"), "440000", None),
        (Region("北京市", "北京市", "朝阳区", None, "110105"), "110105", "110000"),
        (Region("重庆市", "重庆市", "云阳县", None, "500235"), "500235", "500000"),
        (Region("湖北省", None, "仙桃市", None, "429004"), "429004", "420000"),
        (Region("广东省", "广州市", "广州开发区", None, "440100"), "440100广州开发区", "440100"),
        (Region("江东省", "云州市", "清河县"), "江东省/云州市/清河县", "江东省/云州市"),
        (Region("江东省"), "江东省", None),
        (Region("北京市", "北京市"), "北京市", None),
        (Region(), None, None),
    ],
)  # fmt: skip
def test_the_place_and_the_one_above(region: Region, place: str | None, upper: str | None) -> None:
    assert place_of(region) == place
    assert upper_place_of(region) == upper
