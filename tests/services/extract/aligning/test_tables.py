from random import Random

import pytest

from services.extract.core.aligning.tables import read_tables
from services.pipeline import process
from tests.services.extract.grids import document, grid, table_three
from tests.support.fill import fill
from tests.support.render import render

FOUR_TITLES = (
    "行政复议|||||行政诉讼\n"
    "结果维持|结果纠正|其他结果|尚未审结|总计|未经复议直接起诉|||||复议后起诉\n"
    "|||||结果维持|结果纠正|其他结果|尚未审结|总计|结果维持|结果纠正|其他结果|尚未审结|总计\n"
)
RECEIVED = "一、本年新收政府信息公开申请数量"


def cells(*blocks):
    return {c.address: c for c in read_tables(document(*blocks)).cells}


def received(text):
    shown = cells(
        grid(table_three(change=lambda i, p: f"{RECEIVED}|{text}" if i == "received_new" else p))
    )
    return [c for a, c in shown.items() if a.startswith("applications.received_new@")]


def test_a_local_subtotal_column_is_left_out_and_reported():
    header, *rows = table_three(values={"received_new": [1, 2, 0, 0, 0, 0, 3]}).splitlines()
    names = header.split("|")
    wide = ["|".join([*names[:7], "法人小计", names[7]])]
    for row in rows:
        p = row.split("|")
        wide.append("|".join([*p[:7], str(sum(int(x) for x in p[2:7])), p[7]]))

    tables = read_tables(document(grid("\n".join(wide))))

    values = [c.value for c in tables.cells if c.address.startswith("applications.received_new@")]
    assert values == [1, 2, 0, 0, 0, 0, 3]
    assert any(x.text == "2" for x in tables.leftovers)


def test_a_foreign_row_is_left_over_and_moves_nothing():
    text = table_three(
        change=lambda i, p: p + "\n小计|5|5|5|5|5|5|30" if i == "denied.admin_query" else p
    )

    tables = read_tables(document(grid(text)))

    assert [x.text for x in tables.leftovers] == ["小计 | 5 | 5 | 5 | 5 | 5 | 5 | 30"]
    assert {c.value for c in tables.cells} == {0}


def test_an_empty_cell_in_a_grid_is_blank_and_its_neighbours_stay():
    row = received("3||0|0|0|0|3")

    assert [c.state for c in row] == ["number", "blank", *["number"] * 5]
    assert [c.value for c in row] == [3, None, 0, 0, 0, 0, 3]


def test_a_mark_is_neither_zero_nor_blank():
    assert [c.state for c in received("/|-|—|无|0|0|0")] == [*["mark"] * 4, *["number"] * 3]


def test_a_word_in_a_value_cell_is_unreadable():
    row = received("见附件|0|0|0|0|0|0")

    assert row[0].state == "unreadable"
    assert [c.value for c in row[1:]] == [0] * 6


def test_a_lost_column_is_absent_and_the_total_keeps_its_place():
    row = received("5|1|0|0|0|6")

    assert row[-1].value == 6
    assert sum(c.state == "absent" for c in row) == 1
    assert all(c.confidence < 0.8 for c in row)


def test_one_number_over_merged_cells_is_doubted():
    row = received("0|||||||")

    assert all(c.confidence < 0.8 for c in row)
    assert [c.state for c in row] == ["number", *["blank"] * 6]


def stream(order):
    rows = table_three(
        values={
            "received_new": [3, 0, 0, 1, 0, 0, 4],
            "granted": [3, 0, 0, 1, 0, 0, 4],
            "total": [3, 0, 0, 1, 0, 0, 4],
        }
    ).splitlines()[1:]
    labels = "\n".join(r.split("|")[0] for r in rows)
    values = [[x.strip() for x in r.split("|")[1:]] for r in rows]
    down = "\n".join(v[c] for c in range(7) for v in values)
    across = "\n".join(x for v in values for x in v)
    return labels, down if order == "down" else across


def test_numbers_printed_column_by_column_find_their_rows():
    labels, numbers = stream("down")

    shown = cells(grid(labels), grid(numbers))

    assert shown["applications.received_new@nonprofit"].value == 1
    assert shown["applications.total@total"].value == 4
    assert shown["applications.denied.third_party@total"].value == 0


def test_numbers_printed_before_their_labels_find_their_rows():
    labels, numbers = stream("across")

    shown = cells(grid(numbers), grid(labels))

    assert shown["applications.received_new@nonprofit"].value == 1


def test_fifteen_cells_with_an_empty_review_part_do_not_slide():
    shown = cells(grid(FOUR_TITLES + "|" * 5 + "|".join("0" * 10)))

    assert [shown[f"review_litigation.review@{c}"].state for c in ("maintained", "total")] == [
        "blank",
        "blank",
    ]
    assert shown["review_litigation.litigation_after_review@total"].value == 0


def test_ten_numbers_are_never_assigned_by_guess():
    tables = read_tables(document(grid(FOUR_TITLES + "|".join("1" * 10))))

    assert {c.state for c in tables.cells} == {"absent"}
    assert len(tables.leftovers) == 1


def test_table_four_turned_by_a_quarter_is_read_by_its_labels():
    shown = cells(
        grid(
            "|结果维持|结果纠正|其他结果|尚未审结|总计\n行政复议|1|0|0|0|1\n"
            "未经复议直接起诉|0|0|0|0|0\n复议后起诉|2|0|0|0|2"
        )
    )

    assert shown["review_litigation.review@maintained"].value == 1
    assert shown["review_litigation.litigation_after_review@total"].value == 2


NEW_TWO = (
    "第二十条第（一）项\n信息内容|本年制发件数|本年废止件数|现行有效件数\n规章|0|0|0\n"
    "行政规范性文件|3|1|12\n第二十条第（五）项\n信息内容|本年处理决定数量\n行政许可|1,234\n"
    "第二十条第（六）项\n信息内容|本年处理决定数量\n行政处罚|/\n行政强制|\n"
    "第二十条第（八）项\n信息内容|本年收费金额（单位：万元）\n行政事业性收费|190.457379"
)


def test_the_new_edition_is_told_by_its_labels():
    tables = read_tables(document(grid(NEW_TWO), grid(table_three("2021"))))
    shown = {c.address: c for c in tables.cells}

    assert tables.templates == {"active_disclosure": "2021", "applications": "2021"}
    assert shown["active_disclosure.licensing@decisions"].value == 1234
    assert shown["active_disclosure.penalty@decisions"].state == "mark"
    assert shown["active_disclosure.coercion@decisions"].state == "blank"
    fee = shown["active_disclosure.fees@amount_wanyuan"]
    assert (fee.value, fee.unit) == (190.457379, "万元")


def test_a_hybrid_keeps_each_table_under_its_own_edition():
    tables = read_tables(document(grid(NEW_TWO), grid(table_three("2019"))))

    assert tables.templates == {"active_disclosure": "2021", "applications": "2019"}
    assert "applications.other_processing@total" in {c.address for c in tables.cells}


def test_a_label_cut_by_a_page_break_is_one_row():
    def cut(row, printed):
        if row == "not_processed.excessive":
            return "4.无正当理由大量反复|2|0|0|0|0|0|2\n申请|||||||"
        return printed

    tables = read_tables(document(grid(table_three(change=cut))))
    shown = {c.address: c for c in tables.cells}

    assert shown["applications.not_processed.excessive@natural_person"].value == 2
    assert "e_row_label_split" in {o.rule for o in tables.observations}


def test_a_label_wrapped_around_its_numbers_is_one_row():
    def wrap(row, printed):
        if row == "denied.law_prohibited":
            return "2.其他法律行政|||||||\n|1|0|0|0|0|0|1\n法规禁止公开|||||||"
        return printed

    shown = cells(grid(table_three(change=wrap)))

    assert shown["applications.denied.law_prohibited@total"].value == 1
    assert shown["applications.denied.three_securities@total"].value == 0


def test_rows_missing_in_the_middle_are_absent_and_reported_as_a_lost_page():
    lost = {"granted", "partially_granted", "denied.state_secret", "denied.law_prohibited"}
    tables = read_tables(document(grid(table_three(change=lambda i, p: None if i in lost else p))))

    absent = {c.address.split("@")[0] for c in tables.cells if c.state == "absent"}
    assert absent == {f"applications.{r}" for r in lost}
    assert "e_page_lost" in {o.rule for o in tables.observations}


def test_a_look_alike_is_read_doubted_and_settled_by_the_sums():
    row = received("U|0|0|0|0|0|0")

    assert row[0].value == 0
    assert row[0].raw == "U"
    assert "look_alike" in row[0].notes


def test_an_unreadable_label_is_placed_by_order_only_where_exactly_one_fits():
    def garble(row, printed):
        return "结公开|7.12|4|0|0|0|0|0|4" if row == "denied.law_prohibited" else printed

    shown = cells(grid(table_three(change=garble)))

    cell = shown["applications.denied.law_prohibited@natural_person"]
    assert cell.value == 4
    assert cell.confidence < 0.8


def test_the_unit_in_the_title_belongs_to_the_amount():
    shown = cells(
        grid(
            "信息内容|采购项目数量|采购总金额（万元，保留四位小数）\n政府集中采购|6|63.2\n"
            "信息内容|上一年项目数量|本年增/减|处理决定数量\n行政许可|0|0|0"
        )
    )

    amount = shown["active_disclosure.procurement@amount"]
    assert (amount.value, amount.unit) == (63.2, "万元")


def test_fifteen_numbers_without_titles_are_table_four_but_doubted():
    shown = cells(grid(table_three()), grid("|".join("0" * 14 + "3")))

    last = shown["review_litigation.litigation_after_review@total"]
    assert last.value == 3
    assert last.confidence < 0.8


def test_a_foreign_unit_in_a_money_cell_is_no_unit():
    shown = cells(
        grid(
            "信息内容|采购项目数量|采购总金额\n政府集中采购|6|63件\n"
            "信息内容|上一年项目数量|本年增/减|处理决定数量\n行政许可|0|0|0"
        )
    )

    assert shown["active_disclosure.procurement@amount"].unit is None


def test_a_unit_in_the_cell_stands_beside_another_in_the_title():
    shown = cells(
        grid(
            "信息内容|采购项目数量|采购总金额（万元）\n政府集中采购|6|632000元\n"
            "信息内容|上一年项目数量|本年增/减|处理决定数量\n行政许可|0|0|0"
        )
    )

    amount = shown["active_disclosure.procurement@amount"]
    assert (amount.unit, amount.notes) == ("元", ("header_unit:万元",))


def test_numbers_wrapped_inside_their_cells_are_not_put_together_by_guess():
    wrapped = (
        FOUR_TITLES
        + "17||8||||||||||||14\n|82||59|50|35|13|34|44|126|56|39|19|30|\n3||7|||||||||||4"
    )

    states = {c.state for c in read_tables(document(grid(wrapped))).cells}

    assert states == {"absent"}


def lost_column_page(column, values):
    """Table three whose last three rows stand on a page of their own without one column."""
    rows = table_three(values=values).splitlines()
    page = []
    for row in rows[-3:]:
        cells = row.split("|")
        del cells[1 + column]
        page.append("|".join([*cells, ""]))
    return document(grid("\n".join(rows[:-3])), grid("\n".join(page)))


def test_the_column_sums_tell_which_column_a_page_lost():
    figures = [5, 1, 2, 4, 0, 3, 15]
    rows = dict.fromkeys(("received_new", "granted", "total"), figures)

    tables = read_tables(lost_column_page(2, rows))
    shown = {c.address: c for c in tables.cells}

    total = [shown[f"applications.total@{c}"].value for c in COLUMNS]
    assert total == [5, 1, None, 4, 0, 3, 15]
    assert shown["applications.total@research"].state == "absent"
    assert shown["applications.total@nonprofit"].notes == ("column_lost",)


COLUMNS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other", "total")


def test_what_the_sums_give_for_an_absent_cell_is_derived_and_never_its_value():
    figures = [5, 1, 2, 4, 0, 3, 15]
    rows = dict.fromkeys(("received_new", "granted", "total"), figures)

    lost = {c.address: c for c in read_tables(lost_column_page(2, rows)).cells}[
        "applications.total@research"
    ]

    assert (lost.value, lost.derived) == (None, 2)
    assert "t3_row_total:total" in lost.proof


def test_a_look_alike_that_every_sum_accepts_is_settled_with_its_proof():
    row = received("O|0|0|0|0|0|0")

    assert row[0].confidence >= 0.8
    assert "t3_row_total:received_new" in row[0].proof
    assert row[0].raw == "O"


def test_a_look_alike_that_breaks_a_sum_stays_in_doubt():
    row = received("O|0|0|0|0|0|3")

    assert row[0].confidence < 0.8
    assert row[0].proof == ()


def test_numbers_behind_an_unreadable_label_are_not_given_to_the_label_after_them():
    rows = "信息内容|上一年项目数量|本年增/减|处理决定数量\n行目日可\n46\n-3\n151\n其他对外管理服务事项"
    zeros = "\n".join("0" for _ in range(12))

    shown = cells(grid(rows), grid(zeros))

    given = [c.value for a, c in shown.items() if "other_services" in a]
    assert 46 not in given


def test_a_page_number_between_the_pieces_of_a_row_is_no_value_of_it():
    shown = cells(
        grid(
            "信息内容|上一年项目数量|本年增/减|处理决定数量\n行政许可|0|0|0\n"
            "其他对外管理服|7|1|9\n2|||\n务事项|||\n行政处罚|0|0|0"
        )
    )

    row = [c for a, c in shown.items() if "other_services" in a]
    assert [c.value for c in row] == [7, 1, 9]


def test_an_empty_place_among_guessed_labels_is_absent_not_blank():
    def garble(row, printed):
        if row == "denied.law_prohibited":
            return "结公开||0|0|0|0|0|0|0"
        if row == "carried_over_in":
            return "二、上年结转政府信息公开申请数量||0|0|0|0|0|0"
        return printed

    shown = cells(grid(table_three(change=garble)))

    assert shown["applications.carried_over_in@natural_person"].state == "absent"


def test_two_readings_of_one_row_that_disagree_leave_the_cell_open():
    shown = cells(
        grid(
            "信息内容|上一年项目数量|本年增/减|处理决定数量\n行政许可|0|0|0\n"
            "其他对外管理|0|5|0\n服务事项|U|7|0\n行政处罚|0|0|0"
        )
    )

    row = {a.rpartition("@")[2]: c for a, c in shown.items() if "other_services" in a}
    assert row["prior_items"].value == 0
    assert (row["change"].state, row["change"].candidates) == ("unreadable", (5, 7))


@pytest.mark.parametrize("layout", ["column_by_column", "numbers_before_labels"])
@pytest.mark.parametrize("row", ["denied.enforcement_file", "not_processed.duplicate", "total"])
def test_numbers_parted_by_empty_lines_after_each_column_are_read_down_though_a_sum_is_wrong(
    layout, row
):
    address = f"applications.{row}@total"
    truth = fill(5, "2021", kind="zero").with_cells({address: 8})
    printed = render(truth, layout, Random(5))
    record = process(printed.data, printed.name).record
    assert [c.address for c in record.cells if c.value not in (0, truth.cells[c.address])] == []
    assert {c.address: c.value for c in record.cells}[address] == 8
