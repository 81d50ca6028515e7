"""The steps of recognition one by one, on drawn pages: paper, straightness, rules, cells, values."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from services.normalize.adapters.ocr.cells import Box, Line, inked
from services.normalize.adapters.ocr.engine import Character, Engine, Reading
from services.normalize.adapters.ocr.paper import flat, paper, without_seals
from services.normalize.adapters.ocr.ruling import erased, frames, rulings
from services.normalize.adapters.ocr.tables import Tables
from services.normalize.adapters.ocr.values import Value, as_figure, is_figure, look, not_adding_up
from shared.errors import BadInput

UNIT = 1240


def blank(height: int = 900, ground: int = 255) -> np.ndarray:
    return np.full((height, UNIT), ground, np.uint8)


def ruled(xs: list[int], ys: list[int], thick: int = 3) -> np.ndarray:
    """Return a page with a full lattice."""
    page = blank()
    for x in xs:
        cv2.line(page, (x, ys[0]), (x, ys[-1]), 0, thick)
    for y in ys:
        cv2.line(page, (xs[0], y), (xs[-1], y), 0, thick)
    return page


def grid_of(page: np.ndarray) -> list[tuple[int, int, int]]:
    found = frames(rulings(page, UNIT), UNIT)
    return [(len(f.ys) - 1, len(f.xs) - 1, len(f.cells)) for f in found]


def reading(*characters: tuple[str, float]) -> Reading:
    return Reading(tuple(Character(c, s, "", 0.0) for c, s in characters))


class Reader(Engine):
    """Gives the answers it was told, in order."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    def read(self, crops):
        return [reading(*((c, 0.99) for c in self.answers.pop(0))) for _ in crops]


def value(text: str, pieces: int, *, tidy: bool = True) -> Value:
    crop = np.full((20, 20), 255, np.uint8)
    boxes: tuple[Box, ...] = tuple((10 * i, 0, 10 * i + 8, 15) for i in range(pieces))
    return Value(Line(0, 0, 10 * pieces, 15, boxes), (crop, crop), tidy, [(text, 0.99)])


def test_a_shadow_and_a_tint_become_white_and_writing_stays_dark():
    page = blank()
    cv2.putText(page, "2023", (200, 300), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    light = np.linspace(0.45, 1.0, UNIT)[None, :]
    shown = flat((page * light).astype(np.uint8))
    assert shown[600:].min() > 235
    assert (shown < 160).sum() > 0.7 * (page < 100).sum()


def test_light_writing_on_a_dark_head_is_turned_into_dark_writing():
    page = blank()
    cv2.rectangle(page, (100, 100), (1100, 160), 70, -1)
    cv2.putText(page, "2023", (200, 145), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 255, 3)
    shown = flat(page)
    assert shown[110:150, 700:1000].min() > 200
    assert (shown[110:150, 200:320] < 120).sum() > 300


def test_a_red_seal_fades_and_red_writing_stays():
    colour = np.full((900, UNIT, 3), 255, np.uint8)
    cv2.circle(colour, (600, 500), 120, (40, 40, 220), 5)
    cv2.putText(colour, "12345", (540, 510), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 3)
    cv2.putText(colour, "ABCDEFGHIJ", (200, 150), cv2.FONT_HERSHEY_SIMPLEX, 2, (40, 40, 220), 5)
    grey = without_seals(colour)
    assert grey[375:385, 560:640].min() > 190
    assert (grey[490:515, 540:640] < 60).sum() > 200
    assert (grey[100:160, 200:700] < 130).sum() > 1000


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixels_is_read_alike(mode):
    shown = np.full((400, 500), 255, np.uint8)
    shown[100:106, 100:300] = 0
    image = Image.fromarray(shown).convert("RGB").convert(mode) if mode != "I;16" else Image.fromarray(
        shown.astype(np.uint16) * 257
    )  # fmt: skip
    out = io.BytesIO()
    image.save(out, "TIFF" if mode in ("CMYK", "I;16") else "PNG")
    sheet = paper(out.getvalue())
    x, y = (round(v * sheet.scale) for v in (200, 103))
    assert sheet.grey[y, x] < 60
    assert sheet.grey[round(300 * sheet.scale), x] > 240


def test_transparent_ground_is_white():
    shown = np.zeros((400, 500, 4), np.uint8)
    shown[100:106, 100:300] = (0, 0, 0, 255)
    out = io.BytesIO()
    Image.fromarray(shown).save(out, "PNG")
    grey = paper(out.getvalue()).grey
    assert grey.mean() > 230


def test_the_turn_a_camera_notes_is_made():
    shown = np.full((600, 400), 255, np.uint8)
    shown[20:26, 20:380] = 0
    note = Image.Exif()
    note[0x0112] = 6
    out = io.BytesIO()
    Image.fromarray(shown).save(out, "JPEG", exif=note)
    sheet = paper(out.getvalue())
    assert (sheet.width, sheet.height) == (600, 400)
    assert sheet.grey[:, -round(23 * sheet.scale)].mean() < 80


def test_bytes_that_are_no_picture_are_refused():
    with pytest.raises(BadInput) as refused:
        paper(b"\x89PNG\r\n\x1a\nno picture")
    assert refused.value.reason == "broken"


def test_a_lattice_is_found_with_its_spans():
    page = ruled([100, 300, 500, 900], [100, 140, 180, 220])
    page[143:178, 298:303] = 255
    assert grid_of(page) == [(3, 3, 8)]


@pytest.mark.parametrize("gap", [2, 3])
def test_dashed_rules_are_rules(gap):
    page = ruled([100, 300, 500, 900], [100, 140, 180, 220])
    for start in range(gap):
        page[:, start::10] = np.where(page[:, start::10] == 0, 255, page[:, start::10])
    assert grid_of(page) == [(3, 3, 9)]


def test_writing_makes_no_rules():
    page = blank()
    for row in range(60, 860, 40):
        for column in range(80, 1150, 27):
            cv2.rectangle(page, (column, row), (column + 20, row + 22), 0, 2)
            cv2.line(page, (column, row + 11), (column + 20, row + 11), 0, 2)
    assert rulings(page, UNIT) == ()


def test_a_ring_of_a_seal_adds_no_column():
    page = ruled([100, 300, 500, 900], [100, 140, 180, 220, 260, 300])
    cv2.circle(page, (700, 200), 90, 90, 4)
    cv2.circle(page, (880, 260), 90, 90, 4)
    assert grid_of(page) == [(5, 3, 15)]


def test_hairlines_out_of_focus_are_rules():
    page = ruled([100, 300, 500, 900], [100, 140, 180, 220], thick=1)
    soft = cv2.GaussianBlur(page, (0, 0), 1.9)
    assert soft.min() > 120
    assert (soft[:, 380:420] > 200).mean() > 0.99
    assert grid_of(soft) == [(3, 3, 9)]


def test_a_rule_that_writing_touches_is_whole():
    page = ruled([100, 300, 500, 900], [100, 180, 260])
    for top in (128, 216):
        page[top : top + 5, 298:303] = 255
        page[top : top + 40, 293:296] = 0
        page[top : top + 40, 305:308] = 0
    assert grid_of(page) == [(2, 3, 6)]


def test_erasing_rules_leaves_what_stands_in_cells():
    page = ruled([100, 300, 500, 900], [100, 140, 180, 220])
    cv2.putText(page, "12", (180, 132), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    rules = rulings(page, UNIT)
    clean = erased(page, rules, frames(rules, UNIT), UNIT)
    assert (clean[105:136, 150:250] == page[105:136, 150:250]).all()
    assert clean[:, 380].min() > 200


def test_a_cell_is_empty_only_without_ink():
    page = ruled([100, 300, 500, 900], [100, 140, 180])
    cv2.putText(page, "0", (190, 130), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 2)
    cv2.line(page, (395, 120), (400, 120), 0, 1)
    rules = rulings(page, UNIT)
    (frame,) = frames(rules, UNIT)
    cells = inked(frame, erased(page, rules, (frame,), UNIT), UNIT)
    assert [len(c.lines) for c in cells] == [1, 0, 0, 0, 0, 0]
    assert cells[1].emptiness < cells[2].emptiness == 1.0


def test_a_cell_with_a_faded_mark_is_not_surely_empty():
    page = ruled([100, 300, 500, 900], [100, 140, 180])
    # grains of a faded digit: each too small for a stroke
    page[112:128:3, 192:204:3] = 90
    page[113:129:3, 192:204:3] = 90
    page[112:128, 192:204] = np.minimum(page[112:128, 192:204], 200)
    rules = rulings(page, UNIT)
    (frame,) = frames(rules, UNIT)
    cells = inked(frame, erased(page, rules, (frame,), UNIT), UNIT)
    assert not any(c.lines for c in cells)
    assert [c.emptiness < 0.8 for c in cells] == [True, False, False, False, False, False]


def test_printed_lines_of_a_cell_are_told_apart_and_strokes_of_a_character_are_not():
    page = ruled([100, 300, 500, 900], [100, 200, 300])
    for top in (115, 145, 175):
        for stroke in (0, 7, 14):
            cv2.line(page, (150, top + stroke), (250, top + stroke), 0, 2)
    rules = rulings(page, UNIT)
    (frame,) = frames(rules, UNIT)
    cell = inked(frame, erased(page, rules, (frame,), UNIT), UNIT)[0]
    # strokes alone tell nothing of the height of a line: three thin stretches are the usual
    assert len(cell.lines) in (3, 9)


def test_a_minus_before_a_digit_belongs_to_the_line():
    page = ruled([100, 300, 500, 900], [100, 140, 180])
    cv2.putText(page, "2", (200, 130), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 2)
    cv2.line(page, (191, 123), (195, 123), 0, 1)
    rules = rulings(page, UNIT)
    (frame,) = frames(rules, UNIT)
    (line,) = inked(frame, erased(page, rules, (frame,), UNIT), UNIT)[0].lines
    assert line.x0 <= 191
    assert len(line.pieces) == 2


def test_look_alikes_count_as_the_digit_they_look_like():
    assert as_figure(reading(("O", 0.9), ("l", 0.8))) == ("01", 0.8)
    assert as_figure(reading(("日", 0.97)))[0] == "0"


@pytest.mark.parametrize(
    ("text", "figure"),
    [("12", True), ("-2", True), ("63.2万元", True), ("1,348", True), ("/", False), ("无", False), ("12号文", False), ("", False)],
)  # fmt: skip
def test_what_is_a_figure(text, figure):
    assert is_figure(text) is figure


def test_two_agreeing_looks_are_certain():
    one = value("12", 2)
    look([one], Reader("12"))
    assert (one.text, one.confidence, one.alternatives) == ("12", 0.99, ())


def test_a_look_that_differs_leaves_both_readings_and_doubt():
    one = value("7", 1)
    look([one], Reader("1", "7", "7"))
    assert one.text == "7"
    assert one.confidence < 0.8
    assert [t for t, _ in one.alternatives] == ["1"]


def test_a_piece_of_ink_that_no_look_explains_is_doubt():
    one = value("2", 2)
    look([one], Reader("2", "2", "2"))
    assert one.confidence < 0.8


def test_ink_that_digits_do_not_leave_is_doubt_however_often_it_reads_alike():
    one = value("19000", 5, tidy=False)
    look([one], Reader("19000", "19000", "19000"))
    assert one.confidence < 0.8


def test_pieces_of_uneven_height_are_untidy_but_a_minus_is_not():
    digits: tuple[Box, ...] = ((10, 0, 18, 15), (20, 0, 28, 15))
    assert Line(0, 0, 28, 15, ((0, 7, 6, 9), *digits)).is_tidy(15)
    assert not Line(0, 0, 40, 24, (*digits, (30, 0, 38, 24))).is_tidy(15)


def test_a_mark_that_needs_more_than_two_looks_is_doubt_and_a_figure_is_likely():
    mark, figure = value("-", 1), value("8", 1)
    for one in (mark, figure):
        one.looks = [(one.text, 0.4)]
        look([one], Reader(one.text, one.text, one.text))
    assert mark.confidence < 0.8 <= figure.confidence < 0.95


def test_nothing_read_is_no_value():
    one = value("", 1)
    look([one], Reader("", "", ""))
    assert (one.text, one.confidence) == ("", 0.0)


def test_rows_that_do_not_add_up_are_named():
    right = [value(t, 1) for t in ("1", "0", "0", "2", "3")]
    wrong = [value(t, 1) for t in ("1", "0", "0", "2", "8")]
    assert not_adding_up([right]) == []
    assert not_adding_up([[*right, *wrong, *right]]) == wrong
    assert not_adding_up([wrong[:4]]) == []


def test_a_figure_with_a_leading_zero_is_doubt():
    one = value("01", 2)
    look([one], Reader("01"))
    assert one.confidence < 0.8


def test_a_figure_in_a_row_that_does_not_add_up_is_not_certain():
    one = value("41", 2)
    look([one], Reader("41"))
    one.adds_up = False
    assert 0.8 <= one.confidence < 0.95


def tables_of(page: np.ndarray) -> Tables:
    rules = rulings(page, UNIT)
    found = frames(rules, UNIT)
    return Tables(found, erased(page, rules, found, UNIT), UNIT)


def inked_page(blacks: dict[tuple[int, int], int]) -> np.ndarray:
    """Return a lattice of nine cells with a mark of two strokes in each, black but for some."""
    page = ruled([100, 300, 500, 900], [100, 140, 180, 220])
    for row, top in enumerate((110, 150, 190)):
        for column, left in enumerate((180, 380, 680)):
            page[top : top + 16, left : left + 4] = 0
            page[top : top + 16, left + 10 : left + 14] = blacks.get((row, column), 0)
    return page


def test_a_paler_stroke_beside_a_digit_is_doubt():
    tables = tables_of(inked_page({(1, 1): 120}))
    readings = [reading(("1", 0.99), ("1", 0.99))] * 9
    (grid,) = tables.grids(readings, Reader(*["11"] * 9, *["11"] * 18))
    doubtful = [(s.row, s.column) for s in grid.slots if s.confidence < 0.8]
    assert doubtful == [(1, 1)]


def test_what_stands_among_figures_and_is_none_is_never_certain():
    tables = tables_of(inked_page({}))
    readings = [reading(("1", 0.99), ("1", 0.99))] * 9
    readings[4] = reading(("公", 0.99), ("开", 0.99))
    (grid,) = tables.grids(readings, Reader(*["11"] * 8, *["11"] * 16))
    odd = [s for s in grid.slots if s.text == "公开"]
    assert [s.confidence < 0.8 for s in odd] == [True]
    assert all(s.confidence > 0.95 for s in grid.slots if s.text == "11")


def test_a_dash_as_high_as_a_digit_is_the_rest_of_a_digit():
    page = inked_page({})
    page[145:170, 388:396] = 255
    tables = tables_of(page)
    readings = [reading(("1", 0.99), ("1", 0.99))] * 9
    readings[4] = reading(("-", 0.99))
    answers = [*["11"] * 4, "-", *["11"] * 4]
    (grid,) = tables.grids(readings, Reader(*answers, *["-", "-"] * 9))
    dash = [s for s in grid.slots if s.text == "-"]
    assert [s.confidence < 0.8 for s in dash] == [True]


def test_ink_that_nobody_can_read_is_unread_and_not_empty():
    tables = tables_of(inked_page({}))
    readings = [reading(("1", 0.99), ("1", 0.99))] * 8 + [reading()]
    (grid,) = tables.grids(readings, Reader("", *["11"] * 24))
    last = max(grid.slots, key=lambda s: (s.row, s.column))
    assert (last.text, last.unread) == ("", True)
