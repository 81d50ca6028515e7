"""Numbers of automatic lists as Word prints them."""

import pytest

from services.normalize.core.readers.docx.numerals import numeral


@pytest.mark.parametrize(
    ("form", "number", "printed"),
    [
        ("decimal", 12, "12"), ("decimalZero", 7, "07"), ("none", 3, ""), ("bullet", 3, ""),
        ("chineseCounting", 10, "十"), ("chineseCounting", 21, "二十一"), ("chineseCounting", 105, "一〇五"),
        ("chineseCountingThousand", 6, "六"), ("chineseCountingThousand", 19, "十九"),
        ("chineseCountingThousand", 105, "一百零五"), ("chineseCountingThousand", 120, "一百二十"),
        ("chineseCountingThousand", 1005, "一千零五"), ("taiwaneseCounting", 11, "十一"),
        ("taiwaneseCountingThousand", 30, "三十"), ("japaneseCounting", 14, "十四"),
        ("ideographDigital", 10, "一〇"), ("taiwaneseDigital", 20, "二○"),
        ("chineseLegalSimplified", 16, "壹拾陆"), ("ideographLegalTraditional", 3, "參"),
        ("ideographTraditional", 2, "乙"), ("ideographZodiac", 12, "亥"),
        ("ideographZodiacTraditional", 11, "甲戌"), ("decimalFullWidth", 15, "１５"),
        ("decimalEnclosedCircle", 20, "⑳"), ("decimalEnclosedCircleChinese", 21, "㉑"),
        ("decimalEnclosedParen", 3, "⑶"), ("decimalEnclosedFullstop", 1, "⒈"),
        ("ideographEnclosedCircle", 10, "㊉"), ("upperRoman", 14, "XIV"), ("lowerRoman", 9, "ix"),
        ("upperLetter", 28, "BB"), ("lowerLetter", 26, "z"), ("numberInDash", 4, "- 4 -"),
        ("unheardOf", 8, "8"), ("chineseCounting", 12_345, "12345"), ("lowerLetter", 0, "0"),
    ],
)  # fmt: skip
def test_a_number_is_printed_as_word_prints_it(form, number, printed):
    assert numeral(number, form) == printed


def test_every_form_prints_every_number_a_list_can_reach():
    forms = ("chineseCountingThousand", "ideographLegalTraditional", "upperRoman", "lowerLetter")
    for form in forms:
        assert len({numeral(n, form) for n in range(1, 1200)}) == 1199
