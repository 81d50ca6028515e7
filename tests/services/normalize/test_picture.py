"""The reader of image files: which pictures it asks for, and what it makes of the answers."""

import io
import zlib

import pytest
from PIL import Image, ImageDraw

from services.normalize.core.composing import Grid, Slot, Text
from services.normalize.core.outcomes import Aids, NeedsRecognition, Recognition
from services.normalize.core.readers.picture import cuts, read
from shared.errors import BadInput
from shared.report.document import Document, Paragraph, Table

TITLE = Text("石壁县人民政府2023年政府信息公开工作年度报告")


def page(width: int = 300, height: int = 400, colour: int = 255) -> Image.Image:
    return Image.new("L", (width, height), colour)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def lined(width: int, height: int, white: tuple[range, ...]) -> Image.Image:
    """Return a picture full of print but for some white bands."""
    image = page(width, height, 0)
    for band in white:
        ImageDraw.Draw(image).rectangle((0, band.start, width, band.stop - 1), fill=255)
    return image


def recognised(*blocks: Text | Grid) -> Recognition:
    return Recognition(tuple(blocks), 0.99, 300, 400)


def needed(data: bytes, aids: Aids | None = None) -> NeedsRecognition:
    found = read(data, "a.png", aids or Aids())
    assert isinstance(found, NeedsRecognition)
    return found


def helped(data: bytes, *answers: Recognition) -> Document:
    """Answer every request in order until the document is there."""
    known: dict[str, Recognition] = {}
    given = iter(answers)
    while True:
        found = read(data, "a.png", Aids(recognised=dict(known)))
        if isinstance(found, Document):
            return found
        assert isinstance(found, NeedsRecognition)
        known |= {p.key: next(given) for p in found.pictures}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"])
def test_a_single_picture_goes_to_recognition_as_it_is(kind):
    data = saved(page(), kind)
    (picture,) = needed(data).pictures
    assert (picture.page, picture.data) == (1, data)


def test_the_frames_of_a_tiff_come_in_batches_of_four_with_their_page_numbers():
    pages = [page(colour=200 + n) for n in range(6)]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    first = needed(data).pictures
    assert [p.page for p in first] == [1, 2, 3, 4]
    known = {p.key: recognised(TITLE) for p in first}
    second = needed(data, Aids(recognised=known)).pictures
    assert [p.page for p in second] == [5, 6]
    assert Image.open(io.BytesIO(second[1].data)).getpixel((0, 0)) == 205


def test_keys_are_the_same_every_time_and_differ_between_frames():
    pages = [page(), page()]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    keys = [p.key for p in needed(data).pictures]
    assert keys == [p.key for p in needed(data).pictures]
    assert len(set(keys)) == 2


def test_a_long_picture_is_cut_in_its_widest_white_gaps_and_nowhere_else():
    gaps = (range(190, 194), range(230, 250), range(470, 500))
    assert cuts(lined(100, 700, gaps)) == [240, 485]


def test_a_table_longer_than_a_strip_stays_whole():
    assert cuts(lined(100, 700, (range(600, 620),))) == [610]


def test_strips_hold_every_row_of_the_picture_once():
    image = lined(100, 700, (range(230, 250), range(470, 500)))
    strips = [Image.open(io.BytesIO(p.data)) for p in needed(saved(image, "PNG")).pictures]
    glued = b"".join(s.convert("L").tobytes() for s in strips)
    assert glued == image.tobytes()


def test_answers_become_a_document_with_pages_and_confidence():
    pages = [page(), page()]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    cells = Grid(
        (Slot("行政许可", 0, 0), Slot("12", 0, 1, confidence=0.7, alternatives=(("72", 0.4),)))
    )
    document = helped(data, recognised(TITLE), recognised(cells))
    assert document.recognised == (1, 2)
    assert document.pages == 2
    title, table = document.blocks
    assert isinstance(title, Paragraph)
    assert isinstance(table, Table)
    number = table.rows[0].cells[1]
    assert (number.page, number.confidence, number.alternatives) == (2, 0.7, (("72", 0.4),))


def test_a_sentence_cut_by_the_end_of_a_page_is_one_paragraph_again():
    pages = [page(), page()]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    upper = (
        TITLE,
        Text("2023年，我县共收到政府信息公开申请12件，其中自然人"),
        Text("- 1 -", aside=True),
    )
    document = helped(data, recognised(*upper), recognised(Text("申请10件，法人申请2件。")))
    texts = [b.text for b in document.blocks if isinstance(b, Paragraph)]
    assert "2023年，我县共收到政府信息公开申请12件，其中自然人申请10件，法人申请2件。" in texts


@pytest.mark.parametrize(
    "after", ["（二）依申请公开。共收到申请12件。", "三、收到和处理政府信息公开申请情况"]
)
def test_what_begins_a_page_as_a_heading_does_not_go_on(after):
    pages = [page(), page()]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    upper = (TITLE, Text("全年共主动公开政府信息三百余条并持续完善平台建设"))
    document = helped(data, recognised(*upper), recognised(Text(after)))
    assert after in [b.text for b in document.blocks if isinstance(b, Paragraph)]


def test_a_picture_without_writing_is_refused_as_such():
    with pytest.raises(BadInput) as refused:
        helped(saved(page(), "PNG"), recognised(Text("猫")))
    assert refused.value.reason == "no_text"


def test_a_picture_that_breaks_off_is_refused_under_its_name():
    noisy = Image.effect_noise((600, 600), 80)
    data = saved(noisy, "PNG")
    with pytest.raises(BadInput) as refused:
        read(data[: len(data) // 2], "半张.png", Aids())
    assert refused.value.reason == "broken"
    assert "半张.png" in refused.value.detail_zh


def test_a_picture_of_fifty_thousand_pixels_a_side_is_refused_before_it_is_decoded():
    data = bytearray(saved(page(8, 8), "PNG"))
    data[16:24] = (50_000).to_bytes(4, "big") * 2
    # the checksum of the header must fit the new size
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    with pytest.raises(BadInput) as refused:
        read(bytes(data), "巨图.png", Aids())
    assert refused.value.reason == "too_large"
    assert "2500000000" in refused.value.detail_en
