"""The Word reader on the forms in which offices write one report, and on each peculiarity alone."""

import io
import json
import struct
import zipfile
from pathlib import Path
from random import Random

import pytest

from services.extract.core.extraction import extract
from services.normalize.core.composing import Grid, Slot, Text
from services.normalize.core.outcomes import Aids, NeedsRecognition, Recognition
from services.normalize.core.readers import docx
from services.normalize.core.readers.docx.pictures import picture_size
from shared.errors import BadInput
from shared.report.document import Document, GridCell
from tests.services.normalize.exact import differences
from tests.services.normalize.reading import paragraphs, rows, rules, tables
from tests.support.fill import fill
from tests.support.formats.docx import VARIANTS, render, word_file, zipped
from tests.support.formats.xlsx import render as render_sheet
from tests.support.sheets import Sheet, sheet
from tests.support.typeset import TABLES

SAMPLES = Path(__file__).parent / "samples"
PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"


def png(width: int, height: int) -> bytes:
    head = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", width, height)
    )
    return head + bytes([8, 2, 0, 0, 0, 0, 0, 0, 0])


def para(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{para(text)}</w:tc>"


def table(*lines: str) -> str:
    return (
        "<w:tbl><w:tblPr/><w:tblGrid/>" + "".join(f"<w:tr>{x}</w:tr>" for x in lines) + "</w:tbl>"
    )


def read(body: str, parts=None, relations=(), aids: Aids | None = None) -> Document:
    found = docx.read(word_file(body, parts, relations), "made.docx", aids or Aids())
    assert isinstance(found, Document)
    return found


def refused(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        docx.read(data, "made.docx", Aids())
    assert "made.docx" in caught.value.detail_zh
    assert "made.docx" in caught.value.detail_en
    return caught.value.reason


def spans(document: Document) -> list[tuple[str, int, int]]:
    found = [c for t in tables(document) for r in t.rows for c in r.cells if not c.covered]
    return [(c.text, c.rows, c.columns) for c in found]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_way_of_writing_the_file_gives_the_exact_report(variant):
    for seed in (11, 12, 13):
        truth = fill(seed)
        assert differences(render(truth, Random(seed), variant), "made.docx", truth) == []


def test_a_file_written_by_another_office_gives_the_exact_report():
    expected = json.loads((SAMPLES / "libreoffice.json").read_text(encoding="utf-8"))
    document = docx.read((SAMPLES / "libreoffice.docx").read_bytes(), "made.docx", Aids())
    assert isinstance(document, Document)
    record = extract(document, document_id="0" * 64, file="made.docx")
    found = {c.address: c.value if c.state == "number" else c.state for c in record.cells}
    assert found == expected["cells"]
    assert str(record.identity.published_on) == expected["published_on"]
    assert [s.number for s in record.sections] == [1, 2, 3, 4, 5, 6]


# tables


def test_a_vertical_merge_is_one_cell_over_its_rows():
    restart, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    document = read(table(cell("组", restart) + cell("1"), cell("", goes_on) + cell("2")))
    assert spans(document) == [("组", 2, 1), ("1", 1, 1), ("2", 1, 1)]
    assert tables(document)[0].rows[1].cells[0].covered


def test_a_merge_that_goes_on_from_nowhere_is_a_cell_of_its_own():
    document = read(
        table(cell("乙", "<w:vMerge/>") + cell("1"), cell("", "<w:vMerge/>") + cell("2"))
    )
    assert spans(document) == [("乙", 2, 1), ("1", 1, 1), ("2", 1, 1)]


def test_a_merge_ends_where_a_row_does_not_carry_it():
    restart = '<w:vMerge w:val="restart"/>'
    lines = [
        cell("a", restart) + cell("1"),
        cell("b") + cell("2"),
        cell("c", "<w:vMerge/>") + cell("3"),
    ]
    assert [s[:2] for s in spans(read(table(*lines)))][::2] == [("a", 1), ("b", 1), ("c", 1)]


def test_old_horizontal_merges_become_spans():
    first, more = '<w:hMerge w:val="restart"/>', '<w:hMerge w:val="continue"/>'
    document = read(
        table(cell("宽", first) + cell("", more) + cell("1"), cell("2") + cell("3") + cell("4"))
    )
    assert spans(document)[0] == ("宽", 1, 2)


def test_columns_skipped_before_a_row_shift_its_cells():
    skipping = '<w:trPr><w:gridBefore w:val="1"/></w:trPr>'
    document = read(table(cell("规章") + cell("1"), skipping + cell("2")))
    assert [c.column for c in tables(document)[0].rows[1].cells] == [1]


def test_text_that_a_merge_covers_is_noted_not_read():
    restart = '<w:vMerge w:val="restart"/>'
    document = read(table(cell("a", restart) + cell("1"), cell("鬼", "<w:vMerge/>") + cell("2")))
    assert "鬼" not in str(rows(document))
    assert "鬼" in next(o.text for o in document.observations if o.rule == "e_hidden_text")


def test_a_deleted_row_is_gone_and_an_inserted_one_stays():
    gone, new = "<w:trPr><w:del w:id='1'/></w:trPr>", "<w:trPr><w:ins w:id='2'/></w:trPr>"
    document = read(
        table(cell("a") + cell("1"), gone + cell("b") + cell("2"), new + cell("c") + cell("3"))
    )
    assert rows(document) == [["a", "1"], ["c", "3"]]
    assert "e_tracked_changes" in rules(document)


def test_a_hidden_row_is_noted_not_read():
    hidden = "<w:trPr><w:hidden/></w:trPr>"
    document = read(table(cell("a") + cell("1"), hidden + cell("b") + cell("2")))
    assert rows(document) == [["a", "1"]]
    assert "e_hidden_text" in rules(document)


def test_a_table_inside_a_cell_comes_out_in_reading_order():
    inner = table(cell("规章") + cell("1"), cell("行政许可") + cell("2"))
    outer = table(f"<w:tc><w:tcPr/>{para('前言在此。')}{inner}{para('后记在此。')}</w:tc>")
    document = read(para("开头") + outer + para("结尾"))
    kinds = [b.text if b.kind == "paragraph" else "table" for b in document.blocks]
    assert kinds == ["开头", "前言在此。", "table", "后记在此。", "结尾"]


def test_two_paragraphs_of_a_cell_are_one_text():
    two = f"<w:tc><w:tcPr/>{para('本年新')}{para('制作数量')}</w:tc>"
    assert rows(read(table(two + cell("1"))))[0][0] == "本年新制作数量"


# text


@pytest.mark.parametrize(
    ("run", "printed"),
    [
        ("<w:r><w:t>甲</w:t><w:noBreakHyphen/><w:t>乙</w:t></w:r>", "甲-乙"),
        ("<w:r><w:t>甲</w:t><w:softHyphen/><w:t>乙</w:t></w:r>", "甲乙"),
        ('<w:r><w:sym w:font="Symbol" w:char="F031"/></w:r><w:r><w:t>件</w:t></w:r>', "1件"),
        ('<w:r><w:t>完成</w:t><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>', "完成√"),
        ("<w:r><w:ruby><w:rt><w:r><w:t>jiǎ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>甲</w:t></w:r></w:rubyBase></w:ruby></w:r>", "甲"),
        ('<w:customXml w:element="x"><w:r><w:t>甲</w:t></w:r></w:customXml>', "甲"),
        ("<w:unheard><w:r><w:t>甲</w:t></w:r></w:unheard>", "甲"),
        ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> eq \\o\\ac(○,3)</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>件</w:t></w:r>', "3件"),
        ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:t>没有结束的域</w:t></w:r>', "没有结束的域"),
        ('<w:r><w:t>甲</w:t></w:r><w:commentRangeStart w:id="1"/><w:r><w:commentReference w:id="1"/></w:r>', "甲"),
    ],
)  # fmt: skip
def test_what_is_printed_is_read(run, printed):
    assert paragraphs(read(f"<w:p>{run}</w:p>")) == [printed]


def test_a_line_break_inside_a_paragraph_parts_lines():
    document = read("<w:p><w:r><w:t>某县2023年</w:t><w:br/><w:t>年度报告</w:t></w:r></w:p>")
    assert paragraphs(document) == ["某县2023年", "年度报告"]


def test_paragraphs_whose_border_was_deleted_are_one():
    joined = para("甲", "<w:rPr><w:del w:id='1'/></w:rPr>") + para("乙") + para("丙")
    assert paragraphs(read(joined)) == ["甲乙", "丙"]


def test_hidden_text_is_noted_not_read():
    document = read(
        "<w:p><w:r><w:t>5</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>7</w:t></w:r></w:p>"
        + para("完。")
    )
    assert "7" not in " ".join([*paragraphs(document), *(p.text for p in document.furniture)])
    assert next(o for o in document.observations if o.rule == "e_hidden_text").text.startswith("7")


def test_the_prompt_of_an_empty_control_is_no_text():
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{para('单击此处')}</w:sdtContent></w:sdt>"
    document = read(table(f"<w:tc><w:tcPr/>{prompt}</w:tc>" + cell("1")))
    assert rows(document) == [["", "1"]]
    assert "e_hidden_text" in rules(document)


def test_a_table_of_contents_headers_and_notes_are_set_aside():
    contents = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>一、总体情况 1</w:t></w:r></w:p>'
        '<w:p><w:r><w:t>二、主动公开 2</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    parts = {
        "word/header1.xml": b"<w:hdr>" + PARAGRAPH.format("页眉文字").encode() + b"</w:hdr>",
        "word/footnotes.xml": b"<w:footnotes><w:footnote>"
        + PARAGRAPH.format("脚注文字").encode()
        + b"</w:footnote></w:footnotes>",
    }
    relations = (("a", "header", "header1.xml"), ("b", "footnotes", "footnotes.xml"))
    document = read(contents + para("一、总体情况"), parts, relations)
    assert paragraphs(document) == ["一、总体情况"]
    aside = {p.text for p in document.furniture}
    assert {"一、总体情况 1", "二、主动公开 2", "页眉文字", "脚注文字"} <= aside


def test_rows_typed_with_tabs_are_read_as_in_a_text_file():
    names = ("规章", "行政规范性文件", "行政许可", "行政处罚", "行政强制", "行政事业性收费")
    typed = "".join(
        f"<w:p><w:r><w:t>{name}</w:t><w:tab/><w:t>{i}</w:t><w:tab/><w:t>0</w:t></w:r></w:p>"
        for i, name in enumerate(names)
    )
    document = read(para("二、主动公开政府信息情况") + typed + para("三、其他"))
    assert [r[:2] for r in rows(document)] == [[name, str(i)] for i, name in enumerate(names)]
    assert document.reader == "docx"


def test_a_web_page_put_in_whole_is_read_as_a_page():
    page = f"<html><body><h1>某县2023年政府信息公开工作年度报告</h1><p>{'工作平稳有序。' * 70}</p></body></html>"
    chunk = '<w:altChunk r:id="c"/>'
    document = read(chunk, {"word/a.html": page.encode()}, (("c", "aFChunk", "a.html"),))
    assert "某县2023年政府信息公开工作年度报告" in paragraphs(document)
    beside = read(
        chunk + para("正文。"), {"word/a.html": page.encode()}, (("c", "aFChunk", "a.html"),)
    )
    assert "e_attachment" in rules(beside)


def test_a_text_box_is_read_once_after_its_paragraph():
    box, old = (f"<w:txbxContent>{para(text)}</w:txbxContent>" for text in ("框内。", "旧框。"))
    choice = f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{old}</w:pict></mc:Fallback></mc:AlternateContent>'
    document = read(f"<w:p><w:r><w:t>框外。</w:t>{choice}</w:r></w:p>" + para("其后。"))
    assert paragraphs(document) == ["框外。", "框内。", "其后。"]


# automatic numbers


def numbered(levels: str, *items: tuple[int, str], nums: str = "") -> list[str]:
    numbering = (
        f'<w:numbering><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{nums}</w:numbering>'
    )
    body = "".join(
        para(
            text,
            f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{text[:1] if nums else 1}"/></w:numPr>',
        )
        for at, text in items
    )
    return paragraphs(
        read(
            body, {"word/numbering.xml": numbering.encode()}, (("n", "numbering", "numbering.xml"),)
        )
    )


def level(at: int, form: str, text: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def test_levels_count_on_and_begin_anew_under_the_next_heading():
    levels = (
        level(0, "chineseCountingThousand", "%1、")
        + level(1, "chineseCounting", "（%2）")
        + level(2, "decimal", "%1.%3", "<w:isLgl/>")
    )
    found = numbered(
        levels, (0, "甲甲"), (1, "乙乙"), (1, "丙丙"), (2, "丁丁"), (0, "戊戊"), (1, "己己")
    )
    assert found == ["一、甲甲", "（一）乙乙", "（二）丙丙", "1.1 丁丁", "二、戊戊", "（一）己己"]


def test_an_override_begins_its_list_anew():
    again = '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    found = numbered(
        level(0, "decimal", "%1）"), (0, "1甲"), (0, "1乙"), (0, "2丙"), (0, "2丁"), nums=again
    )
    assert found == ["1）1甲", "2）1乙", "5）2丙", "6）2丁"]


def test_bullets_are_signs_not_text():
    assert numbered(level(0, "bullet", "\uf06c"), (0, "甲")) == ["甲"]


def test_a_list_tied_to_a_style_numbers_its_paragraphs():
    styles = (
        '<w:styles><w:style w:type="paragraph" w:styleId="A"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="x"/><w:basedOn w:val="A"/></w:style></w:styles>'
    )
    numbering = (
        '<w:numbering><w:abstractNum w:abstractNumId="3">'
        + level(0, "decimal", "%1.")
        + level(1, "japaneseCounting", "%2、", '<w:pStyle w:val="A"/>')
        + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="3"/></w:num></w:numbering>'
    )
    parts = {"word/styles.xml": styles.encode(), "word/numbering.xml": numbering.encode()}
    relations = (("s", "styles", "styles.xml"), ("n", "numbering", "numbering.xml"))
    body = para("总体情况", '<w:pStyle w:val="A"/>') + para(
        "不编号", '<w:pStyle w:val="A"/><w:numPr><w:numId w:val="0"/></w:numPr>'
    )
    document = read(body, parts, relations)
    assert paragraphs(document) == ["一、总体情况", "不编号"]
    assert document.blocks[0].level == 1


# pictures and embedded objects

DRAWING = '<w:p><w:r><w:drawing><a:blip r:embed="{}"/></w:drawing></w:r></w:p>'


def recognition(printed: Sheet) -> Recognition:
    slots = tuple(
        Slot(b.text, b.row, b.column, b.rows, b.columns, confidence=0.99) for b in printed.boxes
    )
    return Recognition((Grid(slots),), 0.99, 900, 500)


@pytest.mark.parametrize("pictured", [tuple(TABLES.values()), ("review_litigation",)])
def test_tables_that_are_pictures_are_asked_for_and_put_where_they_stood(pictured):
    truth = fill(21)
    pictures = {name: png(900, 500 + i) for i, name in enumerate(pictured)}
    orders = tuple(range(1, len(pictured) + 1))
    data = render(truth, Random(21), pictures=pictures)
    need = docx.read(data, "made.docx", Aids())
    assert isinstance(need, NeedsRecognition)
    assert [p.data for p in need.pictures] == list(pictures.values())
    assert tuple(p.page for p in need.pictures) == orders
    known = {
        p.key: recognition(sheet(truth, t)) for p, t in zip(need.pictures, pictures, strict=True)
    }
    document = docx.read(data, "made.docx", Aids(recognised=known))
    assert isinstance(document, Document)
    assert document.recognised == orders
    assert differences(data, "made.docx", truth, Aids(recognised=known)) == []
    pages = {c.page for t in tables(document) for r in t.rows for c in r.cells if not c.covered}
    assert pages - {None} == set(orders)


def test_pictures_beside_complete_tables_are_noted_only():
    truth = fill(22)
    data = render(truth, Random(22))
    body = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    inner = body[body.index("<w:body>") + 8 : body.index("<w:sectPr>")]
    document = read(
        inner + DRAWING.format("p"),
        {"word/media/a.png": png(1200, 800)},
        (("p", "image", "media/a.png"),),
    )
    assert "e_picture_skipped" in rules(document)
    assert document.recognised == ()


@pytest.mark.parametrize("size", [(120, 120), (600, 600)])
def test_a_seal_over_a_cell_leaves_its_row_whole(size):
    sealed = f"<w:tc><w:tcPr/>{DRAWING.format('p')}{para('2')}</w:tc>"
    body = table(cell("规章") + cell("1") + sealed, cell("行政许可") + cell("3") + cell("4"))
    data = word_file(body, {"word/media/a.png": png(*size)}, (("p", "image", "media/a.png"),))
    need = docx.read(data, "made.docx", Aids())
    known = {p.key: Recognition((), 0.0, *size) for p in getattr(need, "pictures", ())}
    document = docx.read(data, "made.docx", Aids(recognised=known))
    assert isinstance(document, Document)
    assert rows(document) == [["规章", "1", "2"], ["行政许可", "3", "4"]]


@pytest.mark.parametrize(
    ("target", "data"),
    [
        ("media/seal.png", png(120, 120)),
        ("media/a.emf", b"\x01\0\0\0" + bytes(40)),
        ("media/none.png", None),
    ],
)
def test_seals_drawings_and_missing_pictures_are_noted_only(target, data):
    parts = {f"word/{target}": data} if data else {}
    document = read(para("正文。") + DRAWING.format("p"), parts, (("p", "image", target),))
    assert paragraphs(document) == ["正文。"]
    assert "e_picture_skipped" in rules(document)


def test_what_lies_outside_the_file_is_never_followed():
    data = word_file(
        para("正文。") + '<w:p><w:r><w:drawing><a:blip r:link="p"/></w:drawing></w:r></w:p>', {}, ()
    )
    members = {
        i: zipfile.ZipFile(io.BytesIO(data)).read(i)
        for i in zipfile.ZipFile(io.BytesIO(data)).namelist()
    }
    members["word/_rels/document.xml.rels"] = members["word/_rels/document.xml.rels"].replace(
        b"></Relationships>",
        b'><Relationship Id="p" Type="x/image" Target="http://127.0.0.1/a.png" TargetMode="External"/></Relationships>',
    )
    document = docx.read(zipped(members), "made.docx", Aids())
    assert isinstance(document, Document)
    assert "http://127.0.0.1/a.png" in next(
        o.text for o in document.observations if o.rule == "e_picture_skipped"
    )


def test_an_embedded_workbook_is_read_where_it_stands_and_other_objects_are_noted():
    objects = '<w:p><w:r><w:object><o:OLEObject r:id="{}"/></w:object></w:r></w:p>'
    body = para("开头。") + objects.format("x") + objects.format("y") + para("结尾。")
    parts = {
        "word/embeddings/a.xlsx": render_sheet(fill(23), Random(23)),
        "word/embeddings/b.bin": b"\0",
    }
    document = read(
        body, parts, (("x", "package", "embeddings/a.xlsx"), ("y", "oleObject", "embeddings/b.bin"))
    )
    assert len(tables(document)) >= 3
    assert paragraphs(document)[0] == "开头。"
    assert "b.bin" in next(o.text for o in document.observations if o.rule == "e_attachment")


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (png(640, 480), (640, 480)),
        (b"GIF89a" + struct.pack("<HH", 30, 20), (30, 20)),
        (b"BM" + bytes(16) + struct.pack("<ii", 30, -20), (30, 20)),
        (
            b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x11\x08" + struct.pack(">HH", 20, 30) + bytes(9),
            (30, 20),
        ),
        (
            b"II*\0\x08\0\0\0\x02\0"
            + struct.pack("<HHIHH", 256, 3, 1, 30, 0)
            + struct.pack("<HHII", 257, 4, 1, 20),
            (30, 20),
        ),
        (b"\xff\xd8\xff\xe0", None),
        (b"II*\0\xff\xff\xff\xff", None),
        (b"<svg/>", None),
    ],
)
def test_the_size_of_a_picture_is_in_its_head(head, size):
    assert picture_size(head) == size


# odd and hostile packages


def repacked(change: dict[str, bytes | None]) -> bytes:
    data = word_file(para("正文。"))
    members = {
        n: zipfile.ZipFile(io.BytesIO(data)).read(n)
        for n in zipfile.ZipFile(io.BytesIO(data)).namelist()
    }
    members |= {k: v for k, v in change.items() if v is not None}
    return zipped({k: v for k, v in members.items() if k not in change or change[k] is not None})


def test_the_main_part_is_found_under_another_name():
    data = word_file(para("正文。"))
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        members = {
            n: old.read(n).replace(b"word/document.xml", b"word/document2.xml")
            for n in old.namelist()
        }
    members["word\\document2.xml"] = members.pop("word/document.xml")
    for absent in ("", "_rels/.rels"):
        found = docx.read(
            zipped({k: v for k, v in members.items() if k != absent}), "made.docx", Aids()
        )
        assert isinstance(found, Document)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"word/document.xml": None}, "broken"),
        ({"word/document.xml": b"<a/>"}, "broken"),
        ({"word/document.xml": b"<w:document"}, "broken"),
        ({"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "hostile"),
        ({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16")}, "hostile"),
        ({"word/styles.xml": b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x"><a/>', "word/_rels/document.xml.rels": b'<R><r Id="s" Type="x/styles" Target="styles.xml"/></R>'}, "hostile"),
        ({"word/document.xml": bytes(3 << 20)}, "hostile"),
        ({f"word/{i}": b"" for i in range(6000)}, "hostile"),
    ],
)  # fmt: skip
def test_damage_and_attacks_are_refused_with_the_reason(change, reason):
    assert refused(repacked(change)) == reason


def test_what_a_part_claims_about_its_size_is_not_believed():
    data = bytearray(repacked({"word/document.xml": bytes(40 << 20)}))
    at = data.index(b"PK\x01\x02")
    while at >= 0:
        # claim one byte in every entry of the directory
        struct.pack_into("<I", data, at + 24, 1)
        at = data.find(b"PK\x01\x02", at + 4)
    assert refused(bytes(data)) in {"broken", "hostile"}


def test_compression_that_nobody_knows_is_damage():
    data = bytearray(word_file(para("正文。")))
    at = data.index(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 0x20  # the flag of patched data
        at = data.find(b"PK\x01\x02", at + 4)
    assert refused(bytes(data)) == "broken"


def test_deep_nesting_is_refused_and_shallow_nesting_read():
    deep = "<w:tbl><w:tr><w:tc>" * 200 + para("x") + "</w:tc></w:tr></w:tbl>" * 200
    assert refused(word_file(deep)) == "broken"
    shallow = "<w:tbl><w:tr><w:tc>" * 75 + para("深处。") + "</w:tc></w:tr></w:tbl>" * 75
    assert paragraphs(read(shallow)) == ["深处。"]


def test_every_cut_and_every_changed_byte_is_refused_or_read():
    data = render(fill(24), Random(24))
    rng = Random(24)
    reasons: set[str] = set()
    for _ in range(40):
        cut = data[: rng.randrange(len(data))]
        changed = bytearray(data)
        for _ in range(3):
            changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        for damaged in (cut, bytes(changed)):
            try:
                docx.read(damaged, "made.docx", Aids())
            except BadInput as error:
                reasons.add(error.reason)
    assert reasons <= {"broken", "hostile", "empty", "encrypted", "too_large"}


def test_the_same_cell_keeps_the_blank_and_the_zero_apart():
    document = read(table(cell("规章") + cell("0") + cell("") + cell("/")))
    assert tables(document)[0].rows[0].cells[2] == GridCell("", 2, 1)
    assert rows(document) == [["规章", "0", "", "/"]]


def test_text_outside_any_paragraph_is_kept():
    assert paragraphs(read("<w:r><w:t>散落的字。</w:t></w:r>" + para("正文。"))) == [
        "散落的字。",
        "正文。",
    ]


def test_blocks_given_by_recognition_may_be_text():
    body = para("开头。") + DRAWING.format("p") + para("结尾。")
    parts, relations = {"word/media/a.png": png(900, 400)}, (("p", "image", "media/a.png"),)
    need = docx.read(word_file(body, parts, relations), "made.docx", Aids())
    assert isinstance(need, NeedsRecognition)
    known = {need.pictures[0].key: Recognition((Text("图中的话。"),), 0.9, 900, 400)}
    document = read(body, parts, relations, Aids(recognised=known))
    assert paragraphs(document) == ["开头。", "图中的话。", "结尾。"]
    assert document.blocks[1].page == 1
