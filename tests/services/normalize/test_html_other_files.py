"""Web pages, small: attachments, viewers, pictures, archives, text files in disguise."""

import base64
import hashlib

import pytest

from services.normalize.core.composing import Grid, Slot, Text
from services.normalize.core.outcomes import Aids, NeedsRecognition, Recognition
from services.normalize.core.reading import read
from shared.report.document import Document
from tests.services.normalize.html_pages import PNG, READ, TABLE, TITLE, of, page, refusal
from tests.services.normalize.reading import paragraphs, rows, rules


def test_attachments_of_a_report_are_noted() -> None:
    document = of(
        f"<p>一、总体情况</p>{TABLE}<p><a href='/f/%E6%8A%A5%E5%91%8A.docx?x=1'>下载</a></p>"
    )
    notes = [o.text for o in document.observations if o.rule == "e_attachment"]
    assert notes == ["下载 (报告.docx)"]


def test_a_page_of_attachments_names_what_to_drop() -> None:
    caught = refusal(
        page(f"<h1>{TITLE}</h1><p><a href=/a.docx>年报.docx</a><a href=/b.pdf>年报扫描件</a></p>")
    )
    assert caught.reason == "not_a_report"
    for text in (caught.detail_zh, caught.detail_en):
        assert "年报.docx" in text
        assert "年报扫描件 (b.pdf)" in text


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("<iframe src='/viewer.html?file=/up/nb2022.pdf&p=1'></iframe>", "nb2022.pdf"),
        ("<embed src=/up/nb2022.pdf>", "nb2022.pdf"),
        ("<p><img src=/up/1.jpg><img src=/up/2.jpg></p>", "1.jpg；2.jpg"),
        ("<iframe src=/inner.html></iframe>", "/inner.html"),
    ],
)
def test_a_page_that_only_shows_other_files_says_so(body: str, named: str) -> None:
    caught = refusal(page(f"<h1>{TITLE}</h1>{body}" if "inner" not in body else body))
    assert caught.reason == "no_text"
    assert named in caught.detail_zh
    assert named in caught.detail_en


def test_a_page_of_frames_names_the_pages_they_show() -> None:
    caught = refusal(
        b"<html><frameset cols=20,80><frame src=menu.htm><frame src=report.htm></frameset></html>"
    )
    assert caught.reason == "no_text"
    assert "report.htm" in caught.detail_en


def embedded(data: bytes) -> str:
    return f"<img src='data:image/png;base64,{base64.b64encode(data).decode()}'>"


def test_a_table_given_as_a_picture_is_recognised_and_put_in_its_place() -> None:
    data = page(
        f"<p>一、总体情况</p><p>正文。</p><p>二、主动公开政府信息情况</p>{embedded(PNG)}<p>六、其他需要报告的事项</p>"
    )
    needs = read(data, "report.html")
    assert isinstance(needs, NeedsRecognition)
    assert [(p.data, p.page) for p in needs.pictures] == [(PNG, 1)]
    grid = Grid((Slot("规章", 0, 0), Slot("7", 0, 1)))
    known = {hashlib.sha256(PNG).hexdigest(): Recognition((Text("表"), grid), 0.9, 100, 50)}
    document = read(data, "report.html", Aids(recognised=known))
    assert isinstance(document, Document)
    assert [b.kind for b in document.blocks] == ["paragraph"] * 4 + ["table", "paragraph"]
    assert rows(document) == [["规章", "7"]]
    assert document.recognised == (1,)


def test_a_picture_beside_complete_tables_is_left_alone() -> None:
    assert rows(of(f"<p>二、主动公开政府信息情况</p>{TABLE}{embedded(PNG)}")) == READ


def test_a_picture_that_is_not_in_the_file_is_noted() -> None:
    document = of(
        "<p>一、总体情况</p><p>二、主动公开政府信息情况</p><img src=/up/t2.png><p>三、收到和处理政府信息公开申请情况</p>"
    )
    assert "e_picture_skipped" in rules(document)


def archive(*parts: str, kind: str = "related") -> bytes:
    head = f"From: <saved>\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=b\n\n"
    return (head + "".join(f"--b\n{p}\n" for p in parts) + "--b--\n").encode()


def test_the_page_of_a_web_archive_is_read_with_its_pictures() -> None:
    body = f"<html><body><p>一、总体情况</p>{TABLE}<p>三、收到和处理政府信息公开申请情况</p><img src='cid:t3'></body></html>"
    content = base64.encodebytes(body.encode("gb18030")).decode()
    picture = base64.encodebytes(PNG).decode()
    data = archive(
        "Content-Type: text/html\n\n<html><body>广告</body></html>",
        f"Content-Type: text/html; charset=gb2312\nContent-Transfer-Encoding: base64\n\n{content}",
        f"Content-Type: image/png\nContent-ID: <t3>\nContent-Transfer-Encoding: base64\n\n{picture}",
    )
    needs = read(data, "report.mht")
    assert isinstance(needs, NeedsRecognition)
    assert needs.pictures[0].data == PNG
    key = needs.pictures[0].key
    document = read(
        data, "report.mht", Aids(recognised={key: Recognition((Text("图"),), 0.9, 9, 9)})
    )
    assert isinstance(document, Document)
    assert rows(document) == READ


def test_an_archive_without_a_page_is_refused() -> None:
    assert refusal(archive("Content-Type: image/png\n\nx")).reason == "broken"


def test_a_text_file_in_the_clothes_of_a_page_is_read_as_text() -> None:
    table = "\n".join("\t".join(row) for row in READ)
    document = of(
        f"<div>说明</div><pre>{TITLE}\n\n一、总体情况\n\n{'情况良好。' * 20}\n\n{table}\n</pre>"
    )
    assert rows(document) == READ
    assert paragraphs(document)[:2] == ["说明", TITLE]


def test_an_empty_page_is_refused() -> None:
    assert refusal(page("<div> </div>")).reason == "empty"
