"""A place that recognition misread in one character is named as the one place it can be."""

from dataclasses import replace

import pytest

from services.extract.core.who.identity import read_identity
from services.extract.core.who.misread import mend_place
from tests.services.extract.documents import report

TITLE = "{}2022年政府信息公开工作年度报告"


@pytest.mark.parametrize(("printed", "meant"), [
    ("佛山市南诲区统计局", "佛山市南海区统计局"),
    ("广东省佛山市禅成区人民政府", "广东省佛山市禅城区人民政府"),
    ("广东省韵关市浈江区财政局", "广东省韶关市浈江区财政局"),
    ("北京市海定区财政局", "北京市海淀区财政局"),
])  # fmt: skip
def test_the_one_place_that_differs_in_one_character_is_meant(printed: str, meant: str) -> None:
    found = mend_place(printed)
    assert found is not None
    assert found.name == meant


def test_of_several_places_the_one_whose_character_has_the_same_radical_is_meant() -> None:
    found = mend_place("韶关市渍江区人民政府")
    assert found is not None
    assert (found.misread, found.meant) == ("渍江区", "浈江区")


@pytest.mark.parametrize(
    "printed",
    ["韶关市茬江区统计局", "佛山市南海区统计局", "佛山市统计局", "南诲区统计局", "韶关市高新区管委会"],
)  # fmt: skip
def test_what_stays_open_or_is_right_stays_as_printed(printed: str) -> None:
    assert mend_place(printed) is None


def test_the_mended_place_is_said_and_the_printed_name_kept() -> None:
    scan = replace(report(TITLE.format("韶关市渍江区统计局")), recognised=(1,))
    found, notes = read_identity(scan, file="x.pdf")
    assert found.agency == "韶关市浈江区统计局"
    assert found.agency_as_printed == "韶关市渍江区统计局"
    assert (found.region.province, found.region.county, found.region.code) == (
        "广东省", "浈江区", "440204",
    )  # fmt: skip
    assert [(n.rule, n.text) for n in notes] == [("e_ocr_substitution", "渍江区 -> 浈江区")]


def test_two_places_it_could_be_leave_the_identity_uncertain() -> None:
    scan = replace(report(TITLE.format("韶关市茬江区统计局")), recognised=(1,))
    found, notes = read_identity(scan, file="x.pdf")
    assert (found.agency, found.region.code) == ("韶关市茬江区统计局", None)
    assert notes == ()


def test_only_a_recognised_document_is_mended() -> None:
    found, notes = read_identity(report(TITLE.format("佛山市南诲区统计局")), file="x.docx")
    assert (found.region.county, notes) == ("南诲区", ())
