"""Folding brings what looks alike together and keeps apart what means different things."""

import pytest

from shared.report.characters import fold, is_space


@pytest.mark.parametrize(
    ("found", "printed"),
    [
        ("三 、本 年 度办 理 结果", "三、本年度办理结果"),
        (
            "(二) 部分公开(区分处理的, 只计这一情形, 不计其他情形)",
            "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
        ),
        ('3. 危及"三安 全一稳定"', "3.危及“三安全一稳定”"),
        ("本年増/減", "本年增/减"),
        ("總計", "总计"),
        ("**总计**", "总计"),
        ("第二十条\u3000第（一）项\u00a0", "第二十条第(一)项"),
        ("１，２３４", "1,234"),
        ("总\u200b计", "总计"),
    ],
)
def test_spellings_of_one_label_fold_to_the_same(found: str, printed: str) -> None:
    assert fold(found) == fold(printed)


@pytest.mark.parametrize(
    ("one", "other"),
    [("（一）予以公开", "（三）不予公开"), ("总计", "（七）总计"), ("1.重复", "2.重复")],
)
def test_labels_that_differ_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("name", ["乾安县", "余干县", "象征"])
def test_good_simplified_characters_are_not_changed(name: str) -> None:
    assert fold(name) == name


def test_blanks_of_every_width_are_space_and_a_figure_is_not() -> None:
    assert is_space(" \t\u00a0\u2002\u3000\u200b")
    assert not is_space(" 0 ")
