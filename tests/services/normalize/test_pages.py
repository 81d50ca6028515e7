"""From characters and rules on pages to paragraphs and grids."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from services.normalize.core.composing import Grid, Text
from services.normalize.core.pages import lattice as lattices
from services.normalize.core.pages.assembling import blocks_of
from services.normalize.core.pages.lattice import lattice
from services.normalize.core.pages.lines import lines_of
from services.normalize.core.pages.page import Glyph, Page, Ruling
from services.normalize.core.pages.strikes import struck_out
from services.normalize.core.radicals import without_radicals

SIZE = 10.0


def typed(text, x, y, *, size=SIZE, piece=0, width=1.0):
    """Characters of one line from `x` on, their top at `y`; ASCII is half as wide."""
    glyphs = []
    for char in text:
        step = size * width * (0.5 if char.isascii() else 1.0)
        if char != " ":
            glyphs.append(Glyph(char, x, y, x + step, y + size, piece=piece))
        x += step
    return glyphs


def boxed(xs, ys):
    """Rules of a whole grid, every side of every field drawn by itself."""
    rules = []
    for top, bottom in pairwise(ys):
        for left, right in pairwise(xs):
            rules += [
                Ruling(left, top, right, top), Ruling(left, bottom, right, bottom),
                Ruling(left, top, left, bottom), Ruling(right, top, right, bottom),
            ]  # fmt: skip
    return rules


def page(glyphs, rulings=(), *, number=1, width=400.0, height=600.0):
    return Page(number, width, height, tuple(glyphs), tuple(rulings))


def spans(frame):
    return [cell[:4] for cell in frame.cells]


def texts_of(grid):
    return {(s.row, s.column): s.text for s in grid.slots}


def paragraphs(blocks, *, aside=False):
    return [b.text for b in blocks if isinstance(b, Text) and b.aside is aside]


# frames


def test_fields_of_a_grid_are_cells():
    (frame,) = lattice(boxed([10, 60, 110], [20, 40, 60]), tolerance=3)

    assert spans(frame) == [(0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1)]
    assert frame.box == (10, 20, 110, 60)


def test_a_missing_wall_merges_fields_into_one_cell():
    rules = [r for r in boxed([10, 60, 110], [20, 40, 60]) if r != Ruling(60, 20, 60, 40)]

    (frame,) = lattice(rules, tolerance=3)

    assert spans(frame) == [(0, 0, 1, 2), (1, 0, 1, 1), (1, 1, 1, 1)]


def test_two_strokes_close_together_are_one_rule():
    rules = boxed([10, 60, 110], [20, 40, 60]) + boxed([11.5, 61.5, 111.5], [21.5, 41.5, 61.5])

    (frame,) = lattice(rules, tolerance=3)

    assert len(frame.cells) == 4


def test_dashes_make_a_rule():
    across = [Ruling(x, y, x + 2, y) for y in (20, 40, 60) for x in range(10, 110, 4)]
    down = [Ruling(x, y, x, y + 2) for x in (10, 60, 110) for y in range(20, 60, 4)]

    (frame,) = lattice(across + down, tolerance=3)

    assert len(frame.cells) == 4


def test_open_sides_are_closed_where_the_rules_end():
    rules = [Ruling(10, y, 110, y) for y in (20, 40, 60)] + [Ruling(60, 20, 60, 60)]

    (frame,) = lattice(rules, tolerance=3)

    assert frame.box == (10, 20, 110, 60)
    assert len(frame.cells) == 4


def test_an_underline_in_a_cell_makes_no_row():
    rules = [*boxed([10, 60, 110], [20, 60, 100]), Ruling(10, 40, 30, 40)]

    (frame,) = lattice(rules, tolerance=3)

    assert len(frame.cells) == 4
    assert frame.ys == (20, 60, 100)


def test_tables_that_do_not_touch_are_frames_of_their_own():
    rules = boxed([10, 60, 110], [20, 40]) + boxed([10, 60, 110], [80, 100])

    assert [f.ys for f in lattice(rules, tolerance=3)] == [(20, 40), (80, 100)]


def test_a_line_alone_is_no_frame():
    assert lattice([Ruling(10, 20, 110, 20)], tolerance=3) == ()


def test_a_drawing_of_very_many_lines_is_no_table(monkeypatch):
    monkeypatch.setattr(lattices, "_MOST_LINES", 5)

    assert lattice(boxed([10, 60, 110], [20, 40, 60]), tolerance=3) == ()


# cells


def test_wrapped_lines_of_a_cell_stay_apart():
    glyphs = typed("法律服务", 12, 22) + typed("机构", 12, 33) + typed("0", 80, 28)

    (grid,) = blocks_of([page(glyphs, boxed([10, 60, 110], [20, 50]))])

    assert texts_of(grid) == {(0, 0): "法律服务\n机构", (0, 1): "0"}


def test_a_number_wider_than_its_cell_stays_whole_in_it():
    glyphs = typed("1234567", 52, 28) + typed("8", 100, 28)

    (grid,) = blocks_of([page(glyphs, boxed([10, 55, 85, 115], [20, 45]))])

    assert texts_of(grid) == {(0, 0): "", (0, 1): "1234567", (0, 2): "8"}


def test_a_number_over_the_edge_of_its_table_loses_no_digit():
    glyphs = typed("0", 30, 28) + typed("552", 104, 28)

    (grid,) = blocks_of([page(glyphs, boxed([10, 55, 110], [20, 45]))])

    assert texts_of(grid) == {(0, 0): "0", (0, 1): "552"}


def test_numbers_that_touch_at_a_rule_are_two():
    glyphs = typed("1234", 35, 28) + typed("5678", 55, 28)

    (grid,) = blocks_of([page(glyphs, boxed([33, 55, 77], [20, 45]))])

    assert texts_of(grid) == {(0, 0): "1234", (0, 1): "5678"}


def test_what_was_drawn_in_one_go_is_not_parted_at_a_rule():
    glyphs = typed("12345", 56, 28, piece=7)

    (grid,) = blocks_of([page(glyphs, boxed([10, 56, 76, 120], [20, 45]))])

    assert texts_of(grid)[0, 1] == "12345"


def test_a_number_broken_for_want_of_room_is_one_number():
    glyphs = typed("1059", 57, 22) + typed("9", 64, 33) + typed("3", 100, 28)

    (grid,) = blocks_of([page(glyphs, boxed([55, 79, 120], [20, 45]))])

    assert texts_of(grid)[0, 0] == "10599"


def test_numbers_below_each_other_with_room_to_spare_are_not_joined():
    glyphs = typed("12", 57, 22) + typed("9", 57, 33) + typed("3", 100, 28)

    (grid,) = blocks_of([page(glyphs, boxed([55, 90, 120], [20, 45]))])

    assert texts_of(grid)[0, 0] == "12\n9"


def test_a_watermark_over_a_table_is_no_text_of_its_cells():
    ys = [20 + 20 * i for i in range(11)]
    glyphs = [g for y in ys[:-1] for g in typed("予以公开12", 12, y + 5)]
    glyphs += typed("内部资料", 15, 100, size=40)

    blocks = blocks_of([page(glyphs, boxed([10, 100, 190], ys))])

    (grid,) = [b for b in blocks if isinstance(b, Grid)]
    assert {s.text for s in grid.slots} == {"予以公开12", ""}
    assert paragraphs(blocks, aside=True) == ["内部资料"]


# lines


def test_a_character_drawn_twice_for_bold_counts_once():
    glyphs = typed("总计", 10, 10) + typed("总计", 10.3, 10)

    assert [x.text for x in lines_of(glyphs)] == ["总计"]


def test_equal_digits_side_by_side_both_count():
    assert [x.text for x in lines_of(typed("11", 10, 10))] == ["11"]


@pytest.mark.parametrize(
    ("glyphs", "text"),
    [
        (typed("12", 10, 10) + typed("34", 24, 10), "12 34"),
        (typed("公开", 10, 10) + typed("条例", 32, 10), "公开条例"),
        (typed("公开", 10, 10) + typed("条例", 60, 10), "公开 条例"),
        ([g for i, c in enumerate("年度报告") for g in typed(c, 10 + 15 * i, 10)], "年度报告"),
        ([g for i in range(5) for g in typed("0", 10 + 30 * i, 10)], "0 0 0 0 0"),
    ],
)
def test_only_wide_gaps_show_as_blanks(glyphs, text):
    assert [x.text for x in lines_of(glyphs)] == [text]


def test_struck_out_text_is_told_by_a_rule_of_its_length():
    glyphs = typed("70", 20, 20) + typed("0", 30, 20)
    strike = Ruling(20, 25.8, 30, 25.8)

    assert struck_out(glyphs, [strike]) == {0, 1}


@pytest.mark.parametrize(
    "rule",
    [Ruling(20, 30, 30, 30), Ruling(0, 25.8, 60, 25.8), Ruling(25, 10, 25, 40)],
    ids=["underline", "rule of a table", "upright"],
)
def test_other_rules_strike_nothing(rule):
    assert struck_out(typed("70", 20, 20), [rule]) == set()


def test_radicals_are_put_back_as_characters():
    assert without_radicals("⼀、⽂⻚⺠12") == "一、文页民12"


# running text

LONG = "本年度认真贯彻落实条例坚持以公开为常态不公开为例外扎实推进各项工作取得新的进展"


def prose(*lines, x=50.0, y=100.0, first=2):
    """Lines of running text, the first one indented."""
    glyphs = []
    for i, line in enumerate(lines):
        glyphs += typed(line, x + (first * SIZE if i == 0 else 0), y + 16 * i)
    return glyphs


def test_wrapped_lines_become_one_paragraph_and_an_indent_begins_another():
    glyphs = prose(LONG[:28], LONG[:30], LONG[:9] + "。") + prose("其次" + LONG[:12], y=148)

    assert paragraphs(blocks_of([page(glyphs)])) == [
        LONG[:28] + LONG[:30] + LONG[:9] + "。",
        "其次" + LONG[:12],
    ]


def test_a_number_that_did_not_fit_goes_on_in_the_next_line():
    glyphs = prose(LONG[:28], LONG[:27], "2019年1月1日起。") + prose(LONG[:28], LONG[:30], y=160)

    assert paragraphs(blocks_of([page(glyphs)]))[0].endswith("2019年1月1日起。")


def test_a_paragraph_goes_on_over_the_page_end():
    first = page([*prose(LONG[:28], LONG[:30], y=540), *typed("- 1 -", 190, 580)])
    second = page([*prose(LONG[:30], LONG[:9], y=60, first=0), *typed("- 2 -", 190, 580)], number=2)

    blocks = blocks_of([first, second])

    assert paragraphs(blocks) == [LONG[:28] + LONG[:30] + LONG[:30] + LONG[:9]]
    assert paragraphs(blocks, aside=True) == ["-1-", "-2-"]


def test_heads_that_run_over_the_pages_stand_aside():
    pages = [
        page([*typed("某局年度报告", 50, 20), *prose(f"{LONG[n:20]}。")], number=n)
        for n in (1, 2, 3)
    ]

    blocks = blocks_of(pages)

    assert paragraphs(blocks, aside=True) == ["某局年度报告"] * 3
    assert len(paragraphs(blocks)) == 3


def test_figures_at_the_foot_of_a_page_are_no_page_number():
    row = [g for i in range(15) for g in typed("0", 50 + 20 * i, 560)]
    first = page([*typed("结果维持 结果纠正 其他结果", 50, 540), *row, *typed("1", 190, 585)])
    second = page([*prose(LONG[:20]), *typed("2", 190, 585)], number=2)

    grids = [b for b in blocks_of([first, second]) if isinstance(b, Grid)]

    assert sum(s.text == "0" for g in grids for s in g.slots) == 15


# tables without a frame


def test_rows_of_figures_without_rules_are_a_grid():
    rows = [
        ("一、本年新收政府信息公开申请数量", "12 3 0 0 0 1 16"),
        ("（七）总计", "1 0 0 7 0 0 8"),
    ]
    glyphs = []
    for i, (label, figures) in enumerate(rows):
        glyphs += typed(label, 20, 100 + 20 * i)
        for j, figure in enumerate(figures.split()):
            glyphs += typed(figure, 200 + 25 * j, 100 + 20 * i)

    (grid,) = blocks_of([page(glyphs)])

    assert [s.text for s in grid.slots] == [t for a, b in rows for t in (a, *b.split())]


def test_an_empty_cell_between_figures_keeps_its_place():
    glyphs = typed("（七）总计", 20, 100) + typed("一、本年新收政府信息公开申请数量", 20, 120)
    for j in range(7):
        glyphs += typed("5", 200 + 25 * j, 100)
        glyphs += typed("6", 200 + 25 * j, 120) if j != 3 else []

    (grid,) = blocks_of([page(glyphs)])

    assert [s.text for s in grid.slots if s.row == 1][1:] == ["6", "6", "6", "", "6", "6", "6"]


def test_prose_with_figures_is_no_table():
    glyphs = prose("全年公开信息 12 条，" + LONG[:16], LONG[:30], LONG[:9] + "。")

    assert all(isinstance(b, Text) for b in blocks_of([page(glyphs)]))


def test_figures_of_rows_that_wrapped_are_not_trusted():
    glyphs = []
    for i, label in enumerate(
        ("一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量")
    ):
        glyphs += typed(label, 20, 100 + 40 * i)
        for j in range(5):
            glyphs += typed("3", 220 + 25 * j, 100 + 40 * i)
        glyphs += typed("7", 20, 120 + 40 * i) + typed("9", 60, 120 + 40 * i)

    (grid,) = blocks_of([page(glyphs)])

    figures = [s for s in grid.slots if s.text in ("3", "7", "9", "")]
    assert len(figures) > 10
    assert all(s.confidence < 0.8 for s in figures)


def test_two_figures_in_one_column_are_neither_one_number_nor_sure():
    glyphs = []
    for i in range(3):
        glyphs += typed("（七）总计", 20, 100 + 20 * i)
        glyphs += typed("123456" if i == 2 else "1", 200, 100 + 20 * i)
        glyphs += typed("2", 225, 100 + 20 * i) if i < 2 else []

    (grid,) = blocks_of([page(glyphs)])

    shared = [s for s in grid.slots if s.text == "1 2"]
    assert len(shared) == 2
    assert all(s.confidence < 0.8 for s in shared)


def test_columns_between_upright_rules_are_known_where_cells_are_empty():
    xs = [20 + 40 * i for i in range(10)]
    glyphs = [g for i in range(4, 9) for g in typed(str(i), xs[i] + 15, 100)]
    for i, x in enumerate(xs[:9]):
        glyphs += typed("总计" if i in (4, 8) else "结果维持", x + 2, 80, size=8.0)
    rulings = [Ruling(x, 70, x, 120) for x in xs]

    (grid,) = blocks_of([page(glyphs, rulings)])

    values = {s.column: (s.text, s.confidence) for s in grid.slots if s.row == 1}
    empty = dict.fromkeys(range(4), ("", 1.0))
    assert values == empty | {i: (str(i), 1.0) for i in range(4, 9)}


def test_the_label_of_a_group_in_the_middle_of_its_rows_parts_no_table():
    labels = ("8.属于行政查询事项", "3.补正后申请内容仍不明确")
    glyphs = typed("三、本年度", 20, 111) + typed("办理结果", 20, 127)
    glyphs += typed("1.本机关不掌握相关政", 90, 120) + typed("府信息", 120, 134)
    for label, y in ((labels[0], 100), (labels[1], 150)):
        glyphs += typed(label, 90, y)
    for y in (100, 127, 150):
        for j in range(7):
            glyphs += typed(str(j), 250 + 20 * j, y)

    (grid,) = blocks_of([page(glyphs)])

    rows = {}
    for slot in grid.slots:
        rows.setdefault(slot.row, []).append(slot.text)
    figures = list("0123456")
    assert ["办理结果", "1.本机关不掌握相关政\n府信息", *figures] in rows.values()


def test_the_label_of_a_group_over_many_lines_takes_no_row_away():
    glyphs = []
    for i, part in enumerate(("三、", "本年", "度办", "理结", "果")):
        glyphs += typed(part, 20, 88 + 12 * i)
    for y, label in ((106, "8.属于行政查询事项"), (118, "1.本机关不掌握相关政府信息")):
        glyphs += typed(label, 90, y) + [g for j in range(7) for g in typed("3", 250 + 20 * j, y)]

    (grid,) = blocks_of([page(glyphs)])

    shown = [s.text for s in grid.slots]
    assert "8.属于行政查询事项" in shown
    assert "1.本机关不掌握相关政府信息" in shown
    assert shown.count("3") == 14


def test_a_label_cut_by_the_page_end_is_whole():
    figures = [g for j in range(7) for g in typed("4", 250 + 20 * j, 560)]
    first = page(typed("5.要求行政机关确认或", 40, 560) + figures)
    after = [g for j in range(7) for g in typed("6", 250 + 20 * j, 140)]
    second = page(
        typed("重新出具已获取信息", 40, 120) + typed("（七）总计", 40, 140) + after, number=2
    )

    blocks = blocks_of([first, second])

    assert [type(b) for b in blocks] == [Grid, Grid]
    assert blocks[0].slots[0].text == "5.要求行政机关确认或\n重新出具已获取信息"


# columns of the page

LINKS = [f"市{x}局公开年报" for x in ("财政", "教育", "民政", "水利", "司法", "审计", "统计")]


@pytest.mark.parametrize(("links", "article"), [(300, 20), (20, 130)])
@pytest.mark.parametrize("offset", [0, 3, 9])
def test_links_beside_the_article_stand_aside(links, article, offset):
    lines = [LONG[:24], LONG[24:48], LONG[:24], LONG[24:47] + "。"] * 3
    glyphs = [g for i, x in enumerate(lines) for g in typed(x, article, 100 + 18 * i)]
    for i, link in enumerate(LINKS):
        glyphs += typed(link, links, 100 + offset + 18 * i)

    blocks = blocks_of([page(glyphs)])

    assert paragraphs(blocks, aside=True) == LINKS
    assert not any("公开年报" in x for x in paragraphs(blocks))


def test_text_in_two_columns_is_read_one_column_after_the_other():
    left = [LONG[:16], LONG[16:32], LONG[:16], LONG[16:32], LONG[:16], "左栏完。"]
    right = [LONG[8:24], LONG[24:40], LONG[8:24], LONG[24:40], LONG[8:24], "右栏完。"]
    glyphs = [g for i, x in enumerate(left) for g in typed(x, 20, 100 + 18 * i)]
    glyphs += [g for i, x in enumerate(right) for g in typed(x, 210, 100 + 18 * i)]

    text = "".join(paragraphs(blocks_of([page(glyphs)])))

    assert text == "".join(left + right)


def test_keys_and_values_beside_each_other_are_no_columns_of_the_page():
    pairs = [("索引号：", "主题分类："), ("发布机构：", "发文日期："), ("文号：", "有效性：")] * 2
    glyphs = []
    for i, (a, b) in enumerate(pairs):
        glyphs += typed(a + "某某", 20, 100 + 18 * i) + typed(b + "某某", 220, 100 + 18 * i)

    for i in range(6):
        glyphs += typed(LONG[:36], 20, 240 + 18 * i)

    text = "".join(paragraphs(blocks_of([page(glyphs)])))

    assert text.startswith("".join(f"{a}某某{b}某某" for a, b in pairs))


# nothing vanishes


@pytest.mark.parametrize("seed", range(12))
def test_every_character_of_a_page_comes_out(seed):
    rng = Random(seed)
    glyphs, rules = [], []
    for _ in range(rng.randrange(1, 40)):
        text = "".join(rng.choice("公开条例12345，。/-一") for _ in range(rng.randrange(1, 12)))
        glyphs += typed(text, rng.uniform(0, 380), rng.uniform(0, 590), piece=rng.randrange(5))
    for _ in range(rng.randrange(6)):
        xs = sorted(rng.uniform(0, 400) for _ in range(rng.randrange(2, 6)))
        rules += boxed(xs, sorted(rng.uniform(0, 600) for _ in range(rng.randrange(2, 6))))
    rng.shuffle(rules)
    shown = Counter(g.text for line in lines_of([]) for g in line) + Counter(g.text for g in glyphs)

    found = Counter()
    for block in blocks_of([page(glyphs, rules)]):
        parts = [block.text] if isinstance(block, Text) else [s.text for s in block.slots]
        found.update(c for part in parts for c in part if not c.isspace())

    # the same character on top of itself may count once
    assert set(found) == set(shown)
    assert found.total() >= 0.9 * shown.total()
    assert not found - shown
