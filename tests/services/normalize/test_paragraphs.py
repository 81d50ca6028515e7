"""Running text: wrapped lines, cut sentences, and what must never be joined."""

from tests.services.normalize.reading import paragraphs, read, rules

WRAPPED = """某市某某区司法局2022年政府信息公开
工作年度报告

    一、总体情况
    2022年，我局坚持以习近平新时代中国特色社会主义思想
为指导，认真贯彻落实《中华人民共和国政府信息公开条例》
（以下简称《条例》），现将有关情况报告如下。本年度共
主动公开信息120条，其中工作动态100条，通知公告20
条。
    （一）主动公开情况。全年通过政府网站公开政府信息100
条，通过政务新媒体公开信息20条，回应公众关切12次，

- 2 -

办理网民留言30条。
    （二）依申请公开情况。无。
    某市某某区司法局
    2023年1月10日
"""


def test_hard_wrapped_text_becomes_paragraphs_again() -> None:
    document = read(WRAPPED)

    assert paragraphs(document) == [
        "某市某某区司法局2022年政府信息公开",
        "工作年度报告",
        "一、总体情况",
        "2022年，我局坚持以习近平新时代中国特色社会主义思想为指导，认真贯彻落实《中华人民共和国政府信息公开条例》（以下简称《条例》），现将有关情况报告如下。本年度共主动公开信息120条，其中工作动态100条，通知公告20条。",
        "（一）主动公开情况。全年通过政府网站公开政府信息100条，通过政务新媒体公开信息20条，回应公众关切12次，办理网民留言30条。",
        "（二）依申请公开情况。无。",
        "某市某某区司法局",
        "2023年1月10日",
    ]
    assert [f.text for f in document.furniture] == ["- 2 -"]
    assert rules(document) == {"e_paragraph_split"}


def test_a_short_heading_above_a_paragraph_is_not_swallowed() -> None:
    text = "1.加强组织领导，健全公开机制\n\n2014年成立公开工作领导小组以来，积极做好表率作用，形成工作机制。\n"

    assert len(paragraphs(read(text))) == 2
    assert len(paragraphs(read(text.replace("\n\n", "\n")))) == 2


def test_a_list_item_after_an_open_sentence_begins_anew() -> None:
    text = "我局全面推进公开工作。下一步将从以下方面加以改进，\n\n（一）强化管理，明确责任。\n"

    assert len(paragraphs(read(text))) == 2


def test_signature_and_date_stay_apart_from_the_text() -> None:
    text = "特此报告我局本年度政府信息公开工作的各项情况，请予审阅。欢迎提出意见建议\n\n某市某某局\n\n2021年1月9日\n"

    assert paragraphs(read(text))[1:] == ["某市某某局", "2021年1月9日"]


def test_heading_marks_are_taken_off_and_mixed_styles_reported() -> None:
    document = read(
        "# 某局2020年政府信息公开工作年度报告\n\n## 一、总体情况\n\n我局做好工作。\n\n#### **六、其他需要报告的事项**\n\n无。\n"
    )

    assert [(p, b.level) for p, b in zip(paragraphs(document), document.blocks, strict=True)] == [
        ("某局2020年政府信息公开工作年度报告", 1), ("一、总体情况", 2), ("我局做好工作。", None),
        ("六、其他需要报告的事项", 4), ("无。", None),
    ]  # fmt: skip
    assert rules(document) == {"e_heading_style"}


def test_bullets_and_quotes_marks_are_taken_off_but_kept_raw() -> None:
    document = read("- (一)继续完善公开基础设施，做好修缮维护工作。\n> 引用一句话。\n")

    assert paragraphs(document) == ["(一)继续完善公开基础设施，做好修缮维护工作。", "引用一句话。"]
    assert document.blocks[0].raw == "- (一)继续完善公开基础设施，做好修缮维护工作。"


def test_a_number_torn_by_a_wrapped_line_is_whole_again() -> None:
    text = "全区各级各部门坚持以公开为常态、不公开为例外，全年共主动公开政府信息12\n34条，其中规范性文件5件，其他信息1229条，均在网站及时发布并定期做更新。\n"

    assert "1234条" in paragraphs(read(text))[0]
