"""OFD: every way of drawing the form gives its exact cells; scans are asked for; harm is refused."""

import io
import zipfile
from collections.abc import Callable
from random import Random

import pytest

from services.normalize.core.composing import Grid, Slot, Text
from services.normalize.core.outcomes import Aids, NeedsRecognition, Recognition
from services.normalize.core.readers.ofd.drawing import deltas, shapes
from services.normalize.core.reading import read
from shared.errors import BadInput
from shared.report.document import Document
from tests.services.normalize.exact import differences
from tests.services.normalize.reading import paragraphs, rows
from tests.support.fill import fill
from tests.support.formats.ofd import VARIANTS, render

SPEC = "http://www.ofdspec.org/2016"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", range(2))
def test_every_way_of_drawing_gives_the_exact_report(variant: str, seed: int) -> None:
    truth = fill(seed * 17 + VARIANTS.index(variant))

    assert differences(render(truth, Random(seed), variant), "年报.ofd", truth) == []


def test_marks_and_blanks_stay_what_they_are() -> None:
    first, second, *_ = [a for a in fill(4).cells if a.startswith("applications")]
    truth = fill(4).with_cells({first: "blank", second: "mark"})

    assert differences(render(truth, Random(1), "plain"), "年报.ofd", truth) == []


def package(
    pages: list[str], *, files: dict[str, bytes] | None = None, resources: str = "", **other: str
) -> bytes:
    """Return an OFD of hand-written pages; `other` replaces or adds XML files by name."""
    listed = "".join(f'<Page ID="{i}" BaseLoc="Pages/{i}.xml"/>' for i in range(len(pages)))
    texts = {
        "OFD.xml": f'<OFD xmlns="{SPEC}"><DocBody><DocRoot>/Doc_0/Document.xml</DocRoot></DocBody></OFD>',
        "Doc_0/Document.xml": f'<Document xmlns="{SPEC}"><CommonData><PageArea><PhysicalBox>0 0 210 297</PhysicalBox></PageArea>'
        f"<DocumentRes>Res.xml</DocumentRes></CommonData><Pages>{listed}</Pages>{other.pop('more', '')}</Document>",
        "Doc_0/Res.xml": f'<Res xmlns="{SPEC}" BaseLoc="Res">{resources}</Res>',
        **{
            f"Doc_0/Pages/{i}.xml": f'<Page xmlns="{SPEC}"><Content><Layer>{p}</Layer></Content></Page>'
            for i, p in enumerate(pages)
        },
        **{k.replace("__", "/") + ".xml": v for k, v in other.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in texts.items():
            out.writestr(name, text)
        for name, data in (files or {}).items():
            out.writestr(name, data)
    return buffer.getvalue()


def line(text: str, y: float = 20.0, more: str = "", code: str = 'X="0" Y="4"') -> str:
    return f'<TextObject ID="1" Boundary="20 {y} 150 6" Size="4" {more}><TextCode {code}>{text}</TextCode></TextObject>'


def document(data: bytes, aids: Aids | None = None) -> Document:
    found = read(data, "年报.ofd", aids)
    assert isinstance(found, Document)
    return found


def refused(data: bytes) -> BadInput:
    with pytest.raises(BadInput) as error:
        read(data, "年报.ofd")
    assert "年报.ofd" in error.value.detail_zh
    assert "年报.ofd" in error.value.detail_en
    return error.value


def rules(found: Document) -> dict[str, str]:
    return {o.rule: o.text for o in found.observations}


@pytest.mark.parametrize(
    ("text", "most", "steps"),
    [
        ("3 3 4", 9, [3, 3, 4]),
        ("g 3 5.2", 9, [5.2] * 3),
        ("1 g 2 4 7", 9, [1, 4, 4, 7]),
        ("g 1000000 1", 4, [1] * 4),
        ("g 2", 9, [0, 2]),
        ("x nan inf 1", 9, [0, 0, 0, 1]),
        (None, 9, []),
    ],
)
def test_steps_between_characters(text: str | None, most: int, steps: list[float]) -> None:
    assert deltas(text, most) == steps


def test_strokes_of_a_path_end_where_a_curve_begins() -> None:
    assert list(shapes("M 0 0 L 5 0 L 5 5 C B 1 1 2 2 9 9 L 9 12 M 3 3 L 4")) == [
        [(0, 0), (5, 0), (5, 5), (0, 0)],
        [(9, 9), (9, 12)],
        [(3, 3), (4, 0)],
    ]


@pytest.mark.parametrize(
    "code", ['X="0" Y="4"', 'X="0" Y="4" DeltaX="g 5 4"', 'X="0" Y="4" DeltaX="4"', 'X="0" Y="4" DeltaX="6 6 6 6 6"'],
)  # fmt: skip
def test_characters_without_steps_follow_each_other(code: str) -> None:
    assert paragraphs(document(package([line("信息公开报告", code=code)]))) == ["信息公开报告"]


def test_vertical_characters_come_from_top_to_bottom() -> None:
    found = document(package([line("总计", more='ReadDirection="90"')]))

    assert "".join(paragraphs(found)) == "总计"


def test_hidden_text_and_watermarks_are_kept_apart() -> None:
    mark = line("内部资料", more='CTM="0.7 -0.7 0.7 0.7 0 0"')
    found = document(package([line("正文一段") + mark + line("看不见", 60, 'Visible="false"')]))

    assert paragraphs(found) == ["正文一段"]
    assert sorted(f.text for f in found.furniture) == ["内部资料", "看不见"]
    assert rules(found)["e_hidden_text"] == "1: 看不见"


def test_annotations_and_attachments_are_noted() -> None:
    found = document(
        package(
            [line("正文一段")],
            more="<Annotations>Annots.xml</Annotations><Attachments>Attachs.xml</Attachments>",
            Doc_0__Annots=f'<Annotations xmlns="{SPEC}"><Page PageID="0"><FileLoc>Annot_0.xml</FileLoc></Page></Annotations>',
            Doc_0__Annot_0=f'<PageAnnot xmlns="{SPEC}"><Annot Type="Stamp"><Appearance>{line("已公开")}</Appearance></Annot></PageAnnot>',
            Doc_0__Attachs=f'<Attachments xmlns="{SPEC}"><Attachment Name="明细.xlsx"/></Attachments>',
        )
    )

    assert paragraphs(found) == ["正文一段"]
    assert [f.text for f in found.furniture] == ["已公开"]
    assert rules(found)["e_attachment"] == "明细.xlsx"


IMAGE = '<ImageObject ID="3" Boundary="0 0 210 297" ResourceID="5" CTM="210 0 0 297 0 0"/>'
MEDIA = '<MultiMedias><MultiMedia ID="5" Type="Image"><MediaFile>scan.png</MediaFile></MultiMedia></MultiMedias>'


def test_a_scanned_page_is_asked_for_and_read_in_its_place() -> None:
    data = package(
        [line("第一页的正文。"), IMAGE + line("- 2 -", 280), line("第三页的正文。")],
        resources=MEDIA, files={"Doc_0/Res/scan.png": PNG},
    )  # fmt: skip

    need = read(data, "年报.ofd")
    assert isinstance(need, NeedsRecognition)
    assert [(p.page, p.data) for p in need.pictures] == [(2, PNG)]
    blocks = (Text("扫描页", page=2), Grid((Slot("规章", 0, 0), Slot("12", 0, 1))))
    seen = Recognition(blocks, 0.9, 100, 100)
    found = document(data, Aids(recognised={need.pictures[0].key: seen}))

    assert paragraphs(found) == ["第一页的正文。", "扫描页", "第三页的正文。"]
    assert rows(found) == [["规章", "12"]]
    assert found.recognised == (2,)
    assert [f.text for f in found.furniture] == ["- 2 -"]


def test_a_picture_of_a_table_is_read_where_it_stands() -> None:
    image = IMAGE.replace("0 0 210 297", "20 60 150 80")
    pages = [line("表前的正文。") + image + line("表后的正文。", 160)]
    data = package(pages, resources=MEDIA, files={"Doc_0/Res/scan.png": PNG})

    need = read(data, "年报.ofd")
    assert isinstance(need, NeedsRecognition)
    seen = Recognition((Grid((Slot("规章", 0, 0), Slot("12", 0, 1))),), 0.9, 100, 100)
    found = document(data, Aids(recognised={need.pictures[0].key: seen}))

    assert [b.kind for b in found.blocks] == ["paragraph", "table", "paragraph"]
    assert rows(found) == [["规章", "12"]]


def test_hidden_recognition_over_a_scan_is_not_taken_for_the_text() -> None:
    text = line("他人识别的文字" * 9, more='Visible="false"')
    data = package([IMAGE + text], resources=MEDIA, files={"Doc_0/Res/scan.png": PNG})

    assert isinstance(read(data, "年报.ofd"), NeedsRecognition)


def test_painted_fields_show_the_cells_where_no_rules_are_drawn() -> None:
    cells = "".join(
        f'<PathObject ID="2" Boundary="{20 + 30 * x} {40 + 10 * y} 29.8 9.8" Stroke="false" Fill="true"><FillColor Value="230 230 230"/>'
        "<AbbreviatedData>M 0 0 L 29.8 0 L 29.8 9.8 L 0 9.8 C</AbbreviatedData></PathObject>"
        f'<TextObject ID="1" Boundary="{22 + 30 * x} {43 + 10 * y} 20 6" Size="4"><TextCode X="0" Y="4">{x}{y}</TextCode></TextObject>'
        for x in range(3)
        for y in range(3)
    )

    assert rows(document(package([cells]))) == [[f"{x}{y}" for x in range(3)] for y in range(3)]


def test_a_picture_beside_text_is_noted() -> None:
    data = package([IMAGE + line("正文" * 40)], resources=MEDIA, files={"Doc_0/Res/scan.png": PNG})

    assert rules(document(data))["e_picture_skipped"] == "1: Doc_0/Res/scan.png"


def test_a_page_that_cannot_be_read_is_noted_and_the_others_are_read() -> None:
    data = package([line("第一段正文"), line("第二段正文")], Doc_0__Pages__1="<Page><Content>")

    found = document(data)

    assert paragraphs(found) == ["第一段正文"]
    assert rules(found)["e_page_lost"] == "2: Doc_0/Pages/1.xml"


def test_a_page_whose_template_is_missing_is_read_and_noted() -> None:
    page = f'<Page xmlns="{SPEC}"><Template TemplateID="4"/><Content><Layer>{line("正文一段")}</Layer></Content></Page>'

    found = document(package([""], Doc_0__Pages__0=page))

    assert paragraphs(found) == ["正文一段"]
    assert "Doc_0/Pages/0.xml" in rules(found)["e_page_lost"]


def test_old_and_missing_namespaces_are_read() -> None:
    whole = package([line("政府信息公开")])
    for other in ("http://www.ofdspec.org", ""):
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(buffer, "w") as out:
            for name in old.namelist():
                out.writestr(name, old.read(name).replace(SPEC.encode(), other.encode()))
        assert paragraphs(document(buffer.getvalue())) == ["政府信息公开"]


SELF = '<CompositeGraphicUnits><CompositeGraphicUnit ID="7"><Content>{0}</Content></CompositeGraphicUnit></CompositeGraphicUnits>'
UNIT = '<CompositeObject ID="1" Boundary="0 0 9 9" ResourceID="7"/>'
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "a unit that draws itself": (lambda: package([UNIT], resources=SELF.format(UNIT)), "hostile"),
    "a unit that draws itself often": (lambda: package([UNIT], resources=SELF.format(UNIT * 50)), "hostile"),
    "five hundred pages": (lambda: package([line("x")] * 500), "hostile"),
    "a document type": (
        lambda: package([line("x")], Doc_0__Pages__0='<!DOCTYPE a [<!ENTITY b "c">]><Page>&b;</Page>'), "hostile",
    ),
    "a page of 40 MB": (lambda: package([line("x")], Doc_0__Pages__0="<Page>" + " " * (40 << 20) + "</Page>"), "hostile"),
    "no document": (lambda: package([line("x")], OFD="<OFD/>"), "broken"),
    "no pages left": (lambda: package([line("x")], Doc_0__Pages__0="<Page"), "broken"),
    "cut off": (lambda: package([line("x")])[:-200], "broken"),
    "encrypted": (lambda: package([line("x")], Encryptions="<Encryptions/>"), "encrypted"),
    "nothing drawn": (lambda: package([""]), "no_text"),
    "shapes without codes": (lambda: package([line("\ue001\ue002\ue003\ufffd")]), "no_text"),
    "a picture that is not there": (lambda: package([IMAGE]), "broken"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_read_is_refused_with_its_reason(kind: str) -> None:
    make, reason = BAD[kind]

    assert refused(make()).reason == reason


def test_any_damage_ends_in_a_document_or_a_refusal() -> None:
    whole = render(fill(1), Random(1), "plain")
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        files = {n: opened.read(n) for n in opened.namelist()}
    rng = Random(7)
    for _ in range(25):
        name = rng.choice(sorted(files))
        data = bytearray(files[name])
        for _ in range(rng.choice((1, 3))):
            data[rng.randrange(len(data))] = rng.choice(b'<>"0 9aZ&')
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as out:
            for key, value in files.items():
                out.writestr(key, bytes(data) if key == name else value)
        try:
            read(buffer.getvalue(), "年报.ofd")
        except BadInput as error:
            assert error.reason in {"broken", "hostile", "no_text", "empty", "unsupported_format"}  # noqa: PT017
