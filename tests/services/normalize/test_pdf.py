"""PDF: every way of drawing gives the exact report; pictures are asked for; harm is refused."""

import io
import struct
import zlib
from collections import Counter
from random import Random

import pytest
from PIL import Image, ImageDraw
from pypdfium2 import PdfDocument
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from services.normalize.core.composing import Grid, Slot, Text
from services.normalize.core.outcomes import Aids, NeedsRecognition, Recognition
from services.normalize.core.readers.pdf import drawing
from services.normalize.core.reading import read
from shared.errors import BadInput
from shared.report.document import Document
from tests.services.normalize.exact import differences
from tests.services.normalize.reading import found, paragraphs, rows, rules
from tests.support.fill import fill
from tests.support.formats.pdf import VARIANTS, render

SONG = "STSong-Light"
SENTENCE = "本年度认真贯彻落实条例，坚持以公开为常态、不公开为例外。"


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_way_of_drawing_gives_the_exact_report(variant):
    truth = fill(VARIANTS.index(variant) + 31)

    assert differences(render(truth, Random(5), variant), "年报.pdf", truth) == []


@pytest.mark.parametrize("variant", ["word", "tight", "column_rules", "pages"])
def test_marks_and_blanks_stay_what_they_are(variant):
    addresses = [a for a in fill(4).cells if a.startswith("applications")]
    states = dict.fromkeys(addresses[8:11], "blank") | dict.fromkeys(addresses[20:23], "mark")
    truth = fill(4).with_cells(states)

    assert differences(render(truth, Random(1), variant), "年报.pdf", truth) == []


def test_an_empty_place_without_any_rule_is_no_sure_blank():
    addresses = [a for a in fill(4).cells if a.startswith("applications")]
    truth = fill(4).with_cells(dict.fromkeys(addresses[8:11], "blank"))

    wrong = differences(render(truth, Random(1), "borderless"), "年报.pdf", truth)

    assert len(wrong) == 3
    assert all("true 'blank', read absent" in x and "(flagged)" in x for x in wrong)


def test_blanks_of_table_four_between_upright_rules_keep_their_columns():
    four = [a for a in fill(6).cells if a.startswith("review")]
    truth = fill(6).with_cells(dict.fromkeys(four[:5], "blank"))

    assert differences(render(truth, Random(1), "column_rules"), "年报.pdf", truth) == []


@pytest.mark.parametrize("variant", ["lines", "cut_rows", "borderless"])
def test_paragraphs_come_back_whole(variant):
    truth = fill(9)
    told = [*truth.preamble, *(p for part in truth.parts for p in (*part.before, *part.after))]

    document = read(render(truth, Random(3), variant), "年报.pdf")

    assert set(told) <= set(paragraphs(document))


@pytest.mark.parametrize("variant", ["word", "watermark", "borderless", "cut_rows"])
def test_every_character_of_the_text_layer_comes_out(variant):
    data = render(fill(12), Random(2), variant)
    document = read(data, "年报.pdf")
    assert isinstance(document, Document)

    layer = "".join(page.get_textpage().get_text_range() for page in PdfDocument(data))

    out = Counter(c for text, n in found(document).items() for c in text * n)
    assert Counter({c: n for c, n in out.items() if c.isalnum()}) == Counter(
        c for c in layer if c.isalnum()
    )


def test_the_same_file_reads_the_same_twice():
    data = render(fill(3), Random(3), "word")

    assert read(data, "年报.pdf") == read(data, "年报.pdf")


def test_cells_know_their_page_and_box():
    document = read(render(fill(3), Random(3), "lines"), "年报.pdf")
    assert isinstance(document, Document)

    cells = [c for b in document.blocks if b.kind == "table" for r in b.rows for c in r.cells]
    shown = [c for c in cells if not c.covered]

    assert all(c.page and c.bbox and c.bbox[0] < c.bbox[2] and c.bbox[1] < c.bbox[3] for c in shown)


# files by hand


class Sheet:
    """A PDF under way; `y` counts from the top in points."""

    def __init__(self, **more):
        pdfmetrics.registerFont(UnicodeCIDFont(SONG))
        self.out = io.BytesIO()
        self.canvas = Canvas(self.out, pagesize=(595, 842), invariant=1, **more)

    def text(self, text, y, *, x=70.0, size=12.0, mode=0):
        drawn = self.canvas.beginText(x, 842 - y)
        drawn.setFont(SONG, size)
        drawn.setTextRenderMode(mode)
        drawn.textOut(text)
        self.canvas.drawText(drawn)
        return self

    def picture(self, x, y, width, height, *, grey=120):
        self.canvas.drawImage(ImageReader(png(grey)), x, 842 - y - height, width, height)
        return self

    def turn(self):
        self.canvas.showPage()
        return self

    def bytes(self):
        self.canvas.save()
        return self.out.getvalue()


def png(grey):
    """A grey picture of four pixels."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    rows = bytes([0, grey, grey, 0, grey, grey])
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + parts)


def recognised(need, text):
    """What recognition might answer."""
    return {
        p.key: Recognition((Text(f"{text}{p.page}"), Grid((Slot("0", 0, 0),))), 0.9, 100, 100)
        for p in need.pictures
    }


def reason(data):
    with pytest.raises(BadInput) as refused:
        read(data, "年报.pdf")
    assert "年报.pdf" in refused.value.detail_zh
    return refused.value.reason


def test_fonts_that_say_nothing_send_the_pages_to_recognition():
    need = read(render(fill(2), Random(2), "no_unicode"), "年报.pdf")

    assert isinstance(need, NeedsRecognition)
    assert [p.page for p in need.pictures] == list(range(1, len(need.pictures) + 1))
    assert all(p.data.startswith(b"\x89PNG") for p in need.pictures)


def test_scanned_pages_are_asked_for_few_at_a_time_and_then_read():
    sheet = Sheet()
    for page in range(14):
        sheet.picture(0, 0, 595, 842, grey=15 * page).turn()
    data = sheet.bytes()

    first = read(data, "年报.pdf")
    assert isinstance(first, NeedsRecognition)
    assert [p.page for p in first.pictures] == list(range(1, 13))
    second = read(data, "年报.pdf", Aids(recognised=recognised(first, "第一批")))
    assert isinstance(second, NeedsRecognition)
    assert [p.page for p in second.pictures] == [13, 14]
    known = recognised(first, "第一批") | recognised(second, "第二批")
    document = read(data, "年报.pdf", Aids(recognised=known))

    assert isinstance(document, Document)
    assert document.recognised == tuple(range(1, 15))
    assert paragraphs(document)[::13] == ["第一批1", "第二批14"]
    pages = [b.rows[0].cells[0].page for b in document.blocks if b.kind == "table"]
    assert pages == list(range(1, 15))


def test_a_sentence_over_two_scanned_pages_is_one():
    data = Sheet().picture(0, 0, 595, 842).turn().picture(0, 0, 595, 842, grey=9).turn().bytes()
    need = read(data, "年报.pdf")
    assert isinstance(need, NeedsRecognition)
    halves = (Text(SENTENCE[:22]), Text("- 1 -", aside=True)), (Text(SENTENCE[22:]),)
    known = {
        p.key: Recognition(half, 0.9, 9, 9) for p, half in zip(need.pictures, halves, strict=True)
    }

    document = read(data, "年报.pdf", Aids(recognised=known))

    assert isinstance(document, Document)
    assert paragraphs(document) == [SENTENCE]


def test_of_a_mixed_file_only_the_scanned_page_is_recognised():
    sheet = Sheet().text(SENTENCE, 100).turn().picture(0, 0, 595, 842).turn().text("附页。", 100)
    data = sheet.bytes()

    need = read(data, "年报.pdf")
    assert isinstance(need, NeedsRecognition)
    document = read(data, "年报.pdf", Aids(recognised=recognised(need, "图上的字")))

    assert isinstance(document, Document)
    assert paragraphs(document) == [SENTENCE, "图上的字2", "附页。"]
    assert document.recognised == (2,)


def test_somebody_elses_invisible_recognition_is_not_trusted():
    sheet = Sheet().picture(0, 0, 595, 842).text(SENTENCE, 100, mode=3)

    need = read(sheet.bytes(), "年报.pdf")

    assert isinstance(need, NeedsRecognition)


def test_invisible_text_beside_shown_text_is_set_aside_and_told():
    document = read(Sheet().text(SENTENCE, 100).text("看不见", 200, mode=3).bytes(), "年报.pdf")

    assert isinstance(document, Document)
    assert paragraphs(document) == [SENTENCE]
    assert "e_hidden_text" in rules(document)


def test_a_table_pasted_as_a_picture_is_recognised_in_its_place():
    sheet = Sheet().text("一、总体情况", 80).text(SENTENCE, 100).picture(70, 150, 450, 300)
    data = sheet.text("五、存在的主要问题及改进情况", 500).text(SENTENCE, 520).bytes()

    need = read(data, "年报.pdf")
    assert isinstance(need, NeedsRecognition)
    document = read(data, "年报.pdf", Aids(recognised=recognised(need, "表")))

    assert isinstance(document, Document)
    assert [b.kind for b in document.blocks[2:5]] == ["paragraph", "table", "paragraph"]
    assert paragraphs(document)[2] == "表1"


def test_a_seal_over_text_asks_for_nothing():
    document = read(Sheet().text(SENTENCE, 100).picture(350, 80, 110, 110).bytes(), "年报.pdf")

    assert isinstance(document, Document)
    assert paragraphs(document) == [SENTENCE]


def test_empty_pages_are_nothing_and_only_empty_pages_are_refused():
    document = read(Sheet().turn().text(SENTENCE, 100).turn().turn().bytes(), "年报.pdf")

    assert isinstance(document, Document)
    assert document.pages == 3
    assert reason(Sheet().turn().turn().bytes()) == "no_text"


def test_a_dash_at_the_end_of_a_line_is_kept():
    sheet = Sheet().text(SENTENCE, 100)
    for i, mark in enumerate(("-", "－", "/", "abc-")):
        sheet.text(mark, 130 + 30 * i)

    document = read(sheet.text("定义", 250).bytes(), "年报.pdf")

    assert isinstance(document, Document)
    assert {"-", "－", "/", "abc-"} <= set(paragraphs(document))


def test_struck_out_text_is_left_out_and_told():
    sheet = Sheet().text("收到申请70", 100).text("8件。", 100, x=130)
    sheet.canvas.line(118, 842 - 96, 130, 842 - 96)

    document = read(sheet.bytes(), "年报.pdf")

    assert isinstance(document, Document)
    assert "70" not in "".join(paragraphs(document))
    assert "e_tracked_changes" in rules(document)


def test_sideways_labels_read_forwards():
    sheet = Sheet().text(SENTENCE, 100)
    sheet.canvas.saveState()
    sheet.canvas.translate(100, 400)
    sheet.canvas.rotate(90)
    sheet.canvas.setFont(SONG, 12)
    sheet.canvas.drawString(0, 0, "本年度办理结果")
    sheet.canvas.restoreState()

    document = read(sheet.bytes(), "年报.pdf")

    assert isinstance(document, Document)
    assert "本年度办理结果" in "".join(paragraphs(document))


def test_what_was_filled_into_a_form_is_read():
    sheet = Sheet().text("申请总数", 100)
    sheet.canvas.acroForm.textfield(name="n", value="1234", x=200, y=700, width=90, height=20)

    document = read(sheet.bytes(), "年报.pdf")

    assert isinstance(document, Document)
    assert "1234" in "".join(paragraphs(document))


def test_radicals_in_a_font_are_read_as_characters():
    document = read(Sheet().text("⼀、总体情况", 100).text(SENTENCE, 130).bytes(), "年报.pdf")

    assert isinstance(document, Document)
    assert paragraphs(document)[0] == "一、总体情况"


def test_a_password_is_refused_but_an_empty_one_opens():
    locked = Sheet(encrypt=StandardEncryption("geheim", "owner")).text(SENTENCE, 100).bytes()
    free = Sheet(encrypt=StandardEncryption("", "owner")).text(SENTENCE, 100).bytes()

    assert reason(locked) == "encrypted"
    assert isinstance(read(free, "年报.pdf"), Document)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_file_cut_off_is_broken(share):
    data = render(fill(3), Random(3), "lines")

    assert reason(data[: int(len(data) * share)]) == "broken"


def test_a_header_alone_is_broken():
    assert reason(b"%PDF-1.7\nnothing\nstartxref\n0\n%%EOF\n") == "broken"


def test_more_pages_than_any_report_has_are_refused():
    sheet = Sheet()
    for _ in range(501):
        sheet.turn()

    assert reason(sheet.bytes()) == "too_large"


def test_a_page_of_endless_shapes_is_hostile(monkeypatch):
    monkeypatch.setattr(drawing, "MOST_OBJECTS", 50)
    sheet = Sheet().text(SENTENCE, 100)
    for i in range(60):
        sheet.canvas.line(10, i, 200, i)

    assert reason(sheet.bytes()) == "hostile"


def test_an_outer_form_of_forms_is_read_through():
    sheet = Sheet()
    sheet.canvas.beginForm("inner")
    sheet.text(SENTENCE, 100)
    sheet.canvas.endForm()
    sheet.canvas.beginForm("outer")
    sheet.canvas.doForm("inner")
    sheet.canvas.endForm()
    sheet.canvas.doForm("outer")

    document = read(sheet.bytes(), "年报.pdf")

    assert isinstance(document, Document)
    assert paragraphs(document) == [SENTENCE]


def test_the_rows_of_a_table_come_in_order():
    document = read(render(fill(6), Random(6), "cellwise"), "年报.pdf")
    assert isinstance(document, Document)

    labels = ["".join(row[:3]) for row in rows(document)]

    assert labels.index("一、本年新收政府信息公开申请数量") < labels.index("四、结转下年度继续办理")


@pytest.mark.parametrize(("red", "mode"), [(True, "RGB"), (False, "L")])
def test_a_page_with_red_writing_is_recognised_in_colour(red, mode):
    sheet = Image.new("RGB", (600, 800), (250, 248, 240))
    ImageDraw.Draw(sheet).rectangle((100, 100, 500, 130), fill=(200, 20, 30) if red else 0)
    file = io.BytesIO()
    sheet.save(file, "PDF", resolution=72)

    need = read(file.getvalue(), "红头.pdf")

    assert isinstance(need, NeedsRecognition)
    shown = Image.open(io.BytesIO(need.pictures[0].data))
    assert shown.mode == mode
    place = shown.getpixel((shown.width // 2, round(shown.height * 115 / 800)))
    assert place[0] - place[1] > 100 if red else place < 40


def test_dashes_are_put_together_while_they_are_read():
    file = io.BytesIO()
    sheet = Canvas(file, pagesize=(300, 300))
    for i in range(50):
        sheet.rect(20 + 4 * i, 100, 2, 0.5, stroke=0, fill=1)
    for i in range(50):
        sheet.rect(20, 100 + 3 * i, 0.5, 1.5, stroke=0, fill=1)
    sheet.save()
    document = PdfDocument(file.getvalue())

    shown = document[0]
    rules = drawing.drawing_of(shown.raw).rules

    assert len(rules) < 10
    assert max(r.x1 - r.x0 for r in rules) == pytest.approx(198, abs=0.5)
