"""Numbers in every spelling that reports use."""

import pytest

from services.extract.core.narrative.numerals import (
    LONGEST,
    parse_arabic,
    parse_chinese,
    parse_numeral,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("12", 12), ("1,234", 1234), ("1，234", 1234), ("12,345,678", 12345678),
        ("１２", 12), ("２．５", 2.5), ("63.2", 63.2), ("190.457379", 190.457379),
        ("2.3万", 23000), ("14万", 140000), ("3亿", 300000000), ("3百", 300),
        ("零", 0), ("〇", 0), ("三", 3), ("两", 2), ("十", 10), ("十二", 12), ("二十", 20), ("廿", 20),
        ("廿五", 25), ("卅", 30), ("四十", 40), ("一百二十三", 123), ("一百零二", 102), ("一百二", 120), ("两百", 200),
        ("三千五", 3500), ("一万二千三百", 12300), ("二十五万", 250000), ("一亿二千万", 120000000),
        ("二〇二〇", 2020), ("百分之九十五", 95), ("百分之九十五点二", 95.2), ("九十五点零五", 95.05), ("百分之百", 100),
    ],
)  # fmt: skip
def test_a_numeral_has_its_value(text: str, value: float) -> None:
    assert parse_numeral(text) == value


@pytest.mark.parametrize("text", ["", "件", "三四十", "12件", "1,23", "点五", "十点十"])
def test_what_is_no_numeral_has_none(text: str) -> None:
    assert parse_numeral(text) is None


def test_a_code_too_long_for_a_count_is_no_number() -> None:
    assert parse_arabic("1" * (LONGEST + 1)) is None
    assert parse_chinese("一" * (LONGEST + 1)) is None


def test_scaled_numbers_are_whole_where_the_scale_makes_them_so() -> None:
    assert isinstance(parse_numeral("2.3万"), int)
    assert isinstance(parse_numeral("2.3"), float)
