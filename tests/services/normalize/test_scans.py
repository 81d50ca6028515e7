"""Recognition of whole pages, printed and spoiled in many ways, against what was printed."""

import socket
from random import Random

import cv2
import numpy as np
import pytest

from services.normalize.adapters.ocr.recognise import recognise_picture
from services.normalize.core.composing import Grid, Slot, Text
from services.normalize.core.outcomes import Recognition
from tests.support.fill import fill
from tests.support.formats import scan
from tests.support.paper import Style, print_pages
from tests.support.sheets import Box, Sheet, sheet
from tests.support.typeset import Body, Heading, Piece

CERTAIN = 0.95
STYLE = Style(table=10.0, row=20.0, margin=60.0)
SEED = 7


def spoilt(pieces: list[Piece], variant: str, style: Style = STYLE) -> bytes:
    (page,) = scan.pictures(pieces, Random(SEED), variant, style)
    return cv2.imencode(".png", page)[1].tobytes()


def recognised(pieces: list[Piece], variant: str, style: Style = STYLE) -> Recognition:
    return recognise_picture(spoilt(pieces, variant, style), threads=2)


def one_grid(found: Recognition) -> list[Slot]:
    (grid,) = [b for b in found.blocks if isinstance(b, Grid)]
    return sorted(grid.slots, key=lambda s: (s.row, s.column))


def printed(table: Sheet) -> list[Box]:
    return sorted(table.boxes, key=lambda b: (b.row, b.column))


def bare(text: str) -> str:
    return text.replace("\n", "").replace(" ", "")


def upper_rows(rows: int) -> Sheet:
    """Return the upper rows of a busy table three: enough for one look at everything."""
    return sheet(fill(SEED, "2021", kind="rollup"), "applications").fragment(0, rows, header=False)


def values_of(*texts: str) -> Sheet:
    boxes = [Box(f"第{i + 1}项", 0, i, header=True) for i in range(len(texts))]
    boxes += [Box(text, 1, i, address=f"made.up@{i}") for i, text in enumerate(texts)]
    return Sheet("review_litigation", tuple(boxes), 2, len(texts), 0, 1)


@pytest.mark.parametrize(
    "variant", ["clean150", "noise150", "fax200", "warp150", "turned150", "seal150", "dpi100"]
)
def test_every_number_of_a_spoilt_page_is_read_and_none_is_certain_and_wrong(variant):
    table = upper_rows(10)
    slots = one_grid(recognised([Heading("收到和处理政府信息公开申请情况", 1, 3), table], variant))
    boxes = printed(table)
    assert [(s.row, s.column, s.rows, s.columns) for s in slots] == [
        (b.row, b.column, b.rows, b.columns) for b in boxes
    ]
    for slot, box in zip(slots, boxes, strict=True):
        if box.address:
            assert slot.text == box.text
            assert slot.confidence >= CERTAIN


def test_a_seal_scanned_without_colour_makes_doubt_and_no_certain_error():
    table = upper_rows(16)
    slots = one_grid(
        recognised([Heading("申请情况", 1, 3), table, Body("此处盖章。")], "grey_seal150")
    )
    boxes = {(b.row, b.column): b for b in table.boxes if b.address}
    pairs = [(s, boxes[s.row, s.column]) for s in slots if (s.row, s.column) in boxes]
    assert len(pairs) == len(boxes)
    assert all(s.text == b.text for s, b in pairs if s.confidence >= CERTAIN)
    unflagged = [s.text == b.text for s, b in pairs if s.confidence >= 0.8]
    assert all(unflagged)
    assert len(unflagged) > 0.7 * len(pairs)


def test_empty_marked_signed_and_long_cells_come_as_they_are():
    texts = ("0", "", "/", "-3", "+14", "8", "1,348", "63.2", "11", "707", "", "6", "0", "5", "29")
    slots = one_grid(recognised([values_of(*texts)], "clean200"))
    shown = [s for s in slots if s.row == 1]
    assert [s.text for s in shown] == list(texts)
    # a lone stroke may be several marks, all of which say that there is no figure
    assert all(s.confidence >= CERTAIN for s in shown if s.text != "/")
    assert not any(s.unread for s in shown)


def test_a_head_of_light_writing_on_dark_ground_is_read():
    style = Style(table=10.0, row=20.0, margin=60.0, dark=True)
    table = values_of("12", "0", "7", "34", "53")
    slots = one_grid(recognised([table], "clean150", style))
    assert [bare(s.text) for s in slots] == [b.text for b in printed(table)]


def test_the_text_around_tables_comes_as_paragraphs_in_order():
    sentence = (
        "2023年，本机关严格执行《中华人民共和国政府信息公开条例》，全年共收到政府信息公开申请344件，"
        "上年结转1件，办结345件，因政府信息公开被申请行政复议23件，被提起行政诉讼9件。"
    )
    pieces: list[Piece] = [
        Heading("石壁县人民政府2023年政府信息公开工作年度报告", 0),
        Body(sentence),
        Heading("主动公开政府信息情况", 1, 2),
        values_of("12", "0", "7"),
        Heading("其他需要报告的事项", 1, 6),
        Body("无。"),
        Body("石壁县人民政府", "right"),
        Body("2024年1月26日", "right"),
    ]
    found = recognised(pieces, "skew150")
    shown = [
        bare(b.text) if isinstance(b, Text) else "table"
        for b in found.blocks
        if not (isinstance(b, Text) and b.aside)
    ]
    assert shown == [
        "石壁县人民政府2023年政府信息公开工作年度报告", sentence, "二、主动公开政府信息情况", "table",
        "六、其他需要报告的事项", "无。", "石壁县人民政府", "2024年1月26日",
    ]  # fmt: skip
    assert found.confidence > 0.9
    assert any(isinstance(b, Text) and b.aside for b in found.blocks)


def test_places_are_pixels_of_the_picture():
    style = Style(table=10.0, row=20.0, margin=60.0)
    (page,) = print_pages([values_of("12", "0", "7")], style, 100)
    found = recognise_picture(cv2.imencode(".png", np.asarray(page))[1].tobytes(), threads=2)
    (left, top, right, bottom) = one_grid(found)[3].bbox or (0, 0, 0, 0)
    assert (found.width, found.height) == page.size
    assert left == pytest.approx(60 * 100 / 72, abs=3)
    assert right - left == pytest.approx((595 - 120) / 3 * 100 / 72, abs=4)
    assert 0 < top < bottom < 200


def test_a_table_cut_out_of_its_page_is_read():
    (page,) = print_pages([values_of("12", "0", "7", "34", "53")], STYLE, 120)
    table = np.asarray(page)[90:230]
    found = recognise_picture(cv2.imencode(".png", table)[1].tobytes(), threads=2)
    assert [s.text for s in one_grid(found) if s.row == 1] == ["12", "0", "7", "34", "53"]


def test_a_photo_without_writing_has_no_blocks():
    y, x = np.mgrid[0:600, 0:800].astype(np.float32)
    photo = np.stack([128 + 90 * np.sin(x / 70 + k) * np.cos(y / 50) for k in range(3)], axis=-1)
    cv2.ellipse(photo, (400, 300), (160, 120), 0, 0, 360, (60, 90, 140), -1)
    found = recognise_picture(cv2.imencode(".jpg", photo)[1].tobytes(), threads=2)
    assert found.blocks == ()


def test_recognition_asks_nothing_of_any_network(monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", forbidden)
    found = recognised([Body("主动公开政府信息情况。")], "clean150")
    assert [bare(b.text) for b in found.blocks if isinstance(b, Text) and not b.aside] == [
        "主动公开政府信息情况。"
    ]
