"""The six sections by heading, whatever became of their numbers and wording."""

import pytest

from services.extract.core.sections import read_sections
from shared import forms
from shared.report.document import Document, Paragraph
from tests.services.extract.documents import OUTLINE, document, report

TITLE = "增城区教育局2020年政府信息公开工作年度报告"
HEADINGS = [s.title for s in forms.load("2021").sections]
HAN = "一二三四五六"


def numbers(text: str | Document) -> list[int]:
    known = document(text) if isinstance(text, str) else text
    return [s.number for s in read_sections(known)[0]]


def with_headings(headings: list[str]) -> str:
    return (
        TITLE + "\n" + "\n".join(f"{h}\n这一部分的正文，说明有关情况，共若干字。" for h in headings)
    )


NUMBERINGS = {
    "one": [f"{n}、{t}" for n, t in zip(HAN, HEADINGS, strict=True)],
    "brackets": [f"（{n}）{t}" for n, t in zip(HAN, HEADINGS, strict=True)],
    "half-width brackets": [f"({n}){t}" for n, t in zip(HAN, HEADINGS, strict=True)],
    "rings": [f"{n}{t}" for n, t in zip("㈠㈡㈢㈣㈤㈥", HEADINGS, strict=True)],
    "arabic": [f"{i}、{t}" for i, t in enumerate(HEADINGS, 1)],
    "arabic with dot": [f"{i}．{t}" for i, t in enumerate(HEADINGS, 1)],
    "ordinal": [f"第{n}部分 {t}" for n, t in zip(HAN, HEADINGS, strict=True)],
    "ordinal with comma": [f"第{n}，{t}" for n, t in zip(HAN, HEADINGS, strict=True)],
    "lost": HEADINGS,
    "look-alikes": ["—、" + HEADINGS[0], "=," + HEADINGS[1], "Ξ、" + HEADINGS[2], *(f"{n}、{t}" for n, t in zip(HAN[3:], HEADINGS[3:], strict=True))],
    "trailing comma": [f"{n}、{t}、" for n, t in zip(HAN, HEADINGS, strict=True)],
    "trailing stop": [f"{n}、{t}。" for n, t in zip(HAN, HEADINGS, strict=True)],
    "markdown": [f"## **{n}、{t}**" for n, t in zip(HAN, HEADINGS, strict=True)],
    "no mark": [f"{n} {t}" for n, t in zip(HAN, HEADINGS, strict=True)],
    "spaces in words": [f"{n} 、 " + " ".join(t) for n, t in zip(HAN, HEADINGS, strict=True)],
    "half-width comma": [f"{n},{t.replace('、', ',')}" for n, t in zip(HAN, HEADINGS, strict=True)],
    "a character lost": [f"{n}、{t[:2] + t[3:]}" for n, t in zip(HAN, HEADINGS, strict=True)],
}  # fmt: skip


@pytest.mark.parametrize("style", NUMBERINGS)
def test_six_sections_are_found_in_every_numbering(style: str) -> None:
    assert numbers(with_headings(NUMBERINGS[style])) == [1, 2, 3, 4, 5, 6]


RENAMED = {
    1: ["政府信息公开总体情况", "概述", "工作概述", "工作概况", "基本情况"],
    2: ["行政机关主动公开政府信息情况"],
    3: ["行政机关收到和处理政府信息公开申请情况"],
    4: ["因政府信息公开工作被申请行政复议、提起行政诉讼情况", "政府信息公开行政复议和行政诉讼情况", "政府信息公开行政复议及行政诉讼情况"],
    5: ["政府信息公开工作存在的主要问题及改进情况", "存在问题及改进情况", "存在的主要问题和改进措施", "存在的主要问题及下一步工作情况", "存在不足和下步打算"],
    6: ["其它需要报告的事项", "其他需要汇报事项", "其他事项"],
}  # fmt: skip


@pytest.mark.parametrize(("number", "title"), [(n, t) for n, ts in RENAMED.items() for t in ts])
def test_a_renamed_section_is_found_and_keeps_its_wording(number: int, title: str) -> None:
    headings = list(NUMBERINGS["one"])
    headings[number - 1] = f"{HAN[number - 1]}、{title}"
    sections, _, _ = read_sections(document(with_headings(headings)))
    assert [s.number for s in sections] == [1, 2, 3, 4, 5, 6]
    assert sections[number - 1].title == title


def test_a_wrong_number_does_not_move_a_section() -> None:
    headings = list(NUMBERINGS["one"])
    headings[4] = "四、存在的主要问题及改进情况"
    sections, _, _ = read_sections(document(with_headings(headings)))
    assert [(s.number, s.matched_by) for s in sections][3:5] == [
        (4, "number_and_title"),
        (5, "title"),
    ]


def test_duplicates_and_disorder_are_kept_for_the_judge() -> None:
    one = NUMBERINGS["one"]
    assert numbers(with_headings([one[0], one[1], one[1], one[4], one[3], one[5]])) == [
        1,
        2,
        2,
        5,
        4,
        6,
    ]


@pytest.mark.parametrize("missing", range(6))
def test_a_missing_heading_gives_no_section(missing: int) -> None:
    headings = [h for i, h in enumerate(NUMBERINGS["one"]) if i != missing]
    assert numbers(with_headings(headings)) == [n for n in range(1, 7) if n != missing + 1]


def test_the_preamble_that_lists_all_headings_is_not_split() -> None:
    listing = "本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、政府信息公开行政复议、行政诉讼情况、存在的主要问题及改进情况、其他需要报告的事项等六个部分组成。"
    text = f"{TITLE}\n{listing}\n{OUTLINE.format(year=2020, body='')}"
    sections, preamble, notes = read_sections(document(text))
    assert [s.number for s in sections] == [1, 2, 3, 4, 5, 6]
    assert preamble == listing
    assert [n.rule for n in notes] == ["e_preamble_before_heading"]


def test_a_numbered_list_in_the_preamble_is_not_split() -> None:
    listing = "本报告包括一、总体情况，二、主动公开政府信息情况，三、收到和处理政府信息公开申请情况，共六个部分，现予公布。"
    assert numbers(f"{TITLE}\n{listing}\n{OUTLINE.format(year=2020, body='')}") == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]


def test_a_list_of_contents_gives_no_sections() -> None:
    contents = "\n".join(NUMBERINGS["one"])
    text = f"{TITLE}\n{contents}\n{OUTLINE.format(year=2020, body='')}"
    sections, _, _ = read_sections(document(text))
    assert [s.number for s in sections] == [1, 2, 3, 4, 5, 6]
    assert sections[0].text.startswith("2020年")


@pytest.mark.parametrize("glue", ["。", "：", ":", " ", ""])
def test_a_heading_glued_to_its_paragraph_is_cut_off(glue: str) -> None:
    text = f"{TITLE}\n一、总体情况{glue}2020年，我局认真落实条例，主动公开政府信息49条，收到申请3件，均已办结。\n二、主动公开政府信息情况\n"
    sections, _, _ = read_sections(document(text))
    assert [s.number for s in sections] == [1, 2]
    assert sections[0].text.startswith("2020年，我局")


def test_headings_inside_one_long_paragraph_are_cut() -> None:
    text = (
        f"{TITLE}\n一、总体情况。2020年，我局认真落实条例，主动公开政府信息49条，收到申请3件，均已办结，群众满意。"
        "二、主动公开政府信息情况。本年无规章。三、收到和处理政府信息公开申请情况。收到3件。"
    )
    sections, _, _ = read_sections(document(text))
    assert [s.number for s in sections] == [1, 2, 3]
    assert sections[1].text == "本年无规章。"


def test_rows_of_table_three_are_no_headings() -> None:
    rows = "一、本年新收政府信息公开申请数量\n二、上年结转政府信息公开申请数量\n三、本年度办理结果\n四、结转下年度继续办理"
    text = with_headings(NUMBERINGS["one"]).replace("四、政府信息公开", f"{rows}\n四、政府信息公开")
    assert numbers(text) == [1, 2, 3, 4, 5, 6]


def test_topics_of_section_one_are_no_sections() -> None:
    topics = "（一）主动公开政府信息情况\n公开49条。\n（二）收到和处理政府信息公开申请情况\n收到3件。\n（三）基本情况\n良好。"
    text = f"{TITLE}\n{OUTLINE.format(year=2020, body='')}".replace(
        "二、主动", f"{topics}\n二、主动"
    )
    assert numbers(text) == [1, 2, 3, 4, 5, 6]


def test_numbered_paragraphs_inside_a_section_are_no_sections() -> None:
    inner = "1、加强组织领导\n2、主动公开\n3、平台建设\n1.基层政务公开专业人才缺乏，参与政务公开的专职工作人员少。"
    text = f"{TITLE}\n{OUTLINE.format(year=2020, body='')}".replace(
        "二、主动", f"{inner}\n二、主动"
    )
    assert numbers(text) == [1, 2, 3, 4, 5, 6]


def test_a_heading_in_a_table_cell_is_found() -> None:
    text = with_headings(NUMBERINGS["one"]).replace("三、收到和处理", "x\ty\n\t三、收到和处理")
    assert numbers(text) == [1, 2, 3, 4, 5, 6]


def test_lost_numbers_are_reported_once() -> None:
    headings = [*HEADINGS[:2], *NUMBERINGS["one"][2:]]
    _, _, notes = read_sections(document(with_headings(headings)))
    assert [(n.rule, n.text, n.line) for n in notes] == [
        ("e_heading_number_lost", "总体情况 / 主动公开政府信息情况", 2)
    ]


def test_mixed_heading_levels_are_reported_and_bound_nothing() -> None:
    blocks = tuple(
        Paragraph(h, i, level=2 if i < 4 else 4) for i, h in enumerate(NUMBERINGS["one"], 1)
    )
    sections, _, notes = read_sections(Document(blocks, "hand"))
    assert len(sections) == 6
    assert [n.rule for n in notes] == ["e_heading_style"]


def test_a_clean_report_gives_no_notes() -> None:
    assert read_sections(report(TITLE))[1:] == ("", ())


def test_section_text_is_what_stands_between_the_headings() -> None:
    sections, _, _ = read_sections(report(TITLE, closing="增城区教育局\n2021年1月9日"))
    assert sections[4].text == "存在公开内容不够丰富等问题，下一步将继续改进。"
    assert sections[5].text == "无。"
    assert sections[5].heading_raw == "六、其他需要报告的事项"


@pytest.mark.parametrize(
    "debris",
    [
        "├────┼────┤",
        "3",
        "- 3 -",
        "结果维持 结果纠正 其他结果 尚未审结 总计",
        "未经复议直接起诉 复议后起诉",
    ],
)
def test_debris_of_tables_is_not_section_text(debris: str) -> None:
    text = with_headings(NUMBERINGS["one"]).replace("五、存在", f"{debris}\n五、存在")
    sections, _, _ = read_sections(document(text))
    assert sections[3].text == "这一部分的正文，说明有关情况，共若干字。"


HEAD = "佛山市南海区统计局2023年政府信息公开工作年度报告"
LINES = (
    "佛山市南海区统计局根据《中华人民共和国政府信息公开条例》（以下简称《条",
    "例》）要求编制本报告。本报告由总体情况等六部分组成，所列数据的统计期限",
    "自2023年1月1日起至2023年12月31日止。如有疑问，请与本局联系，电话：8123456",
    "7。",
)


@pytest.mark.parametrize("first", [0, 1, 2])
def test_no_line_of_a_preamble_broken_into_lines_vanishes(first: int) -> None:
    text = f"{HEAD}\n" + "\n".join(LINES[first:]) + "\n" + OUTLINE.format(year=2023, body="")
    _, preamble, _ = read_sections(document(text))
    assert preamble == "\n".join(LINES[first:])


@pytest.mark.parametrize("line", [
    "佛山市南海区统计局", "2024年1月20日", "来源：南海区统计局办公室信息公开科", "佛山市南海区统计局 2024-01-20",
    "首页>政府信息公开>政府信息公开年报>部门年报", "南统〔2024〕1号关于公布年度报告",
])  # fmt: skip
def test_a_line_of_its_own_under_the_title_is_no_part_of_the_preamble(line: str) -> None:
    text = f"{HEAD}\n{line}\n{LINES[1]}\n{OUTLINE.format(year=2023, body='')}"
    _, preamble, _ = read_sections(document(text))
    assert preamble == LINES[1]
