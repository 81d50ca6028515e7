"""Markup residue, furniture and mirror damage: out of the text, never out of the record."""

import pytest

from tests.services.normalize.reading import paragraphs, read, rows, rules


@pytest.mark.parametrize(
    ("line", "text", "rule"),
    [
        ("[bookmark: _GoBack]根据条例。", "根据条例。", "e_artifact"),
        ("根据&nbsp;条例&amp;办法。", "根据\u00a0条例&办法。", "e_artifact"),
        ("根\u200b据条\ufeff例。", "根据条例。", "e_artifact"),
        ('见 HYPERLINK "http://a.example/x"网站。', "见网站。", "e_artifact"),
        ("\x13PAGE\x14根据\x15条例。", "根据条例。", None),
        ("采取措施：**一是**加强培训。", "采取措施：一是加强培训。", "e_inline_markup"),
        ("(<u>=</u>)不予公开。", "(=)不予公开。", "e_inline_markup"),
        ("见[网站](http://a.example/b)公告。", "见网站公告。", "e_inline_markup"),
        (r"1\. 减少 \-2 项。", "1. 减少 -2 项。", "e_inline_markup"),
        ("主动***息公开。", "主动***息公开。", "e_mirror_damage"),
    ],
)  # fmt: skip
def test_residue_leaves_the_text_and_stays_in_the_raw_line(
    line: str, text: str, rule: str | None
) -> None:
    document = read(line + "\n")

    assert paragraphs(document) == [text]
    assert rules(document) == ({rule} if rule else set())
    assert (document.blocks[0].raw or line) == line


def test_residue_in_a_cell_keeps_the_raw_text_of_that_cell() -> None:
    document = read("规章\t&nbsp;0\t**1**\n规范性文件\t2\t3\n")

    assert rows(document)[0] == ["规章", "0", "1"]
    first = document.blocks[0]
    assert [c.raw for c in first.rows[0].cells] == [None, "&nbsp;0", "**1**"]


@pytest.mark.parametrize(
    "line",
    [
        "-3-", "— 12 —", "第3页 共5页", "第 3 页", "Page 2 of 5", "当前位置：首页 > 政务公开 > 年报", "首页 > 政务公开",
        "字号：【大 中 小】", "打印 关闭", "大 中 小", "分享到：微信 微博", "浏览次数：123", "上一篇：某局年报", "扫一扫在手机打开当前页",
        "[下载Word] [下载PDF]", "无障碍 长者版 繁体", "我要收藏 公共资源调用站点 文章分享", "主办：某市人民政府  承办：某局",
        "粤ICP备12345678号-1", "版权所有：某市人民政府", "网站标识码：4401000001", "==========", "┌──┬──┐",
    ],
)  # fmt: skip
def test_page_furniture_is_set_aside(line: str) -> None:
    document = read(f"一、总体情况\n\n{line}\n\n我局做好工作。\n")

    assert [f.text for f in document.furniture] == [line]
    assert paragraphs(document) == ["一、总体情况", "我局做好工作。"]


@pytest.mark.parametrize(
    "line",
    [
        "首页的政府信息公开专栏已更新。", "打印机等设备采购信息全部公开。", "无障碍环境建设有序推进。", "微信公众号发布信息20条。",
        "主办单位为区政府的活动3场。", "发布日期：2021-01-20  来源：某局", "索引号：1144/2021-1  发布机构：某局", "联系我们的方式有三种。",
        "大力推进公开。", "第3页的数据已更正。", "2021-01-20", "中小学招生信息全部公开",
    ],
)  # fmt: skip
def test_text_that_only_looks_like_furniture_stays(line: str) -> None:
    document = read(f"一、总体情况\n\n{line}\n")

    assert paragraphs(document)[-1].replace("  ", " ") == line.replace("  ", " ")
    assert not document.furniture


def test_half_width_punctuation_throughout_is_reported() -> None:
    sentence = "(一)加强领导,健全机制,落实责任,明确分工:各司其职;"

    assert rules(read(sentence * 8 + "\n")) == {"e_halfwidth_punctuation"}
    assert rules(read((sentence + "，（）：，（）：，，") * 8 + "\n")) == set()


def test_a_traditional_mirror_is_read_in_mainland_words() -> None:
    document = read(
        "某區資訊局2020年政府資訊公開工作年度報告\n開展檔案局專案數量申請，請見入口網站。\n規範性檔案\t0\t1\t2\n規章\t0\t0\t0\n"
    )

    assert document.script == "traditional"
    assert paragraphs(document) == [
        "某区信息局2020年政府信息公开工作年度报告",
        "开展档案局项目数量申请，请见门户网站。",
    ]
    assert rows(document)[0] == ["规范性文件", "0", "1", "2"]
    assert document.blocks[0].raw == "某區資訊局2020年政府資訊公開工作年度報告"


def test_a_few_traditional_glyphs_do_not_make_a_mirror() -> None:
    document = read("本年增/減，本年増/減，请开展项目，规范总数，办理请求，机关处。\n")

    assert document.script == "simplified"


def test_single_foreign_glyphs_become_simplified_and_are_reported_once() -> None:
    document = read(
        "某县民政局2020年年度报告\n本年総计受理申請5件，処理5件。\n規章\t0\t増\t減\n行政许可\t1\t2\t3\n"
    )

    assert paragraphs(document)[1] == "本年总计受理申请5件，处理5件。"
    assert document.blocks[1].raw == "本年総计受理申請5件，処理5件。"
    assert rows(document)[0] == ["规章", "0", "增", "减"]
    assert [(o.rule, o.line) for o in document.observations] == [("e_ocr_substitution", 2)]


def test_rare_characters_in_the_names_of_towns_stay() -> None:
    document = read("塚镇人民政府白鷺街道濛洲2020年年度报告\n")

    assert paragraphs(document) == ["塚镇人民政府白鷺街道濛洲2020年年度报告"]
    assert document.observations == ()


def test_pinyin_behind_every_character_is_dropped() -> None:
    document = read(
        "關(guān)於政(zhèng)府(fǔ)信(xìn)息(xī)公(gōng)開(kāi)的報(bào)告(gào)，請(qǐng)按(àn)照(zhào)要求，開展項目(一)。\n"
    )

    assert paragraphs(document) == ["关于政府信息公开的报告，请按照要求，开展项目(一)。"]
    assert "e_mirror_damage" in rules(document)
