"""The format is found by content, whatever the name says; a name that lies is noted."""

import io
import struct
import zipfile

import pytest

from services.normalize.core.sniffing import FORMATS, disguise, recognise

PAGE = "<html><head><title>年报</title></head><body><p>政府信息公开</p></body></html>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(*members: str | tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for member in members:
            name, data = member if isinstance(member, tuple) else (member, b"x" * 90)
            out.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def ole(*names: str, stream: bytes = b"") -> bytes:
    """Return an OLE file of one sector chain: header, FAT, directory, one stream named first."""
    size = max(4096, -(-len(stream) // 512) * 512)
    sectors = size // 512
    header = OLE + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIII", 0, 1, 1, 0, 4096) + struct.pack(
        "<IIII", 0xFFFFFFFE, 0, 0xFFFFFFFE, 0
    )
    header += struct.pack("<I", 0) + b"\xff" * 432
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    fat = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    entries = [_entry("Root Entry", 5, child=1, right=-1, start=0xFFFFFFFE, size=0)]
    for i, name in enumerate(names[:3]):
        right = i + 2 if i + 1 < len(names[:3]) else -1
        entries.append(_entry(name, 2, child=-1, right=right, start=2, size=size))
    directory = b"".join(entries).ljust(512, b"\0")
    return header + fat + directory + stream.ljust(size, b"\0")


def _entry(name: str, kind: int, *, child: int, right: int, start: int, size: int) -> bytes:
    wide = f"{name}\0".encode("utf-16-le")
    return (
        wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide), kind, 1)
        + struct.pack("<iii", -1, right, child) + bytes(36) + struct.pack("<IQ", start, size)
    )  # fmt: skip


def word(flags: int) -> bytes:
    return struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0, 0, flags)


def sheet(*records: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<HH", r, len(d)) + d for r, d in records)


OPEN_TEXT = b"application/vnd.oasis.opendocument.text"
SAMPLES: dict[str, list[bytes]] = {
    "pdf": [b"%PDF-1.4\n1 0 obj", b"\r\n  %PDF-1.7 1 0 obj", b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n%PDF-1.5\n1 0 obj"],
    "docx": [
        zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
        zipped("word/document.xml"),
        zipped("[Content_Types].xml", "word\\document.xml"),
        zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml")[:-60],
        zipped("[Content_Types].xml", "customXml/item1.xml", "word/document.xml", "word/embeddings/a.xlsx"),
    ],
    "xlsx": [zipped("[Content_Types].xml", "xl/workbook.xml"), zipped("[Content_Types].xml", "xl/workbook.bin")],
    "pptx": [zipped("[Content_Types].xml", "ppt/presentation.xml")],
    "ofd": [zipped("OFD.xml", "Doc_0/Document.xml"), zipped("ofd.xml"), zipped("OFD.xml", "Doc_0/a")[:-40]],
    "odt": [
        zipped(("mimetype", OPEN_TEXT), "content.xml"),
        zipped("content.xml", ("META-INF/manifest.xml", b'<x media-type="%s"/>' % OPEN_TEXT)),
        zipped(("mimetype", OPEN_TEXT), "content.xml", "styles.xml")[:-50],
        b'<?xml version="1.0"?><office:document office:mimetype="%s">' % OPEN_TEXT,
    ],
    "ods": [zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), "content.xml")],
    "odp": [zipped(("mimetype", b"application/vnd.oasis.opendocument.presentation"), "content.xml")],
    "epub": [zipped(("mimetype", b"application/epub+zip"), "content.opf")],
    "zip": [
        zipped("a.txt"),
        zipped("folder/word/document.xml"),
        zipped(("年报.docx", zipped("[Content_Types].xml", "word/document.xml"))),
        zipped(("年报.docx", zipped("[Content_Types].xml", "word/document.xml")))[:-50],
        zipped(),
        b"PK\x03\x04....",
    ],
    "doc": [
        ole("WordDocument", stream=word(0)),
        ole("1Table", "WordDocument", "ObjectPool", stream=word(0x0010)),
        ole("1Table", "WordDocument")[:1500],
    ],
    "xls": [ole("Workbook", stream=sheet((0x809, bytes(16)), (0x42, b"\0\0"))), ole("Book")],
    "ppt": [ole("PowerPoint Document")],
    "msg": [ole("__properties_version1.0")],
    "ole": [ole("Contents")],
    "damaged": [OLE + b"....", ole("WordDocument")[:900], ole()],
    "encrypted": [
        ole("EncryptionInfo", "EncryptedPackage"),
        ole("WordDocument", stream=word(0x0100)),
        ole("Workbook", stream=sheet((0x809, bytes(16)), (0x2F, bytes(54)))),
        zipped(("mimetype", OPEN_TEXT), "content.xml",
               ("META-INF/manifest.xml", b"<manifest:encryption-data/>")),
    ],
    "rtf": [b"{\\rtf1 abc}", b"\xef\xbb\xbf{\\rtf1\\ansi"],
    "html": [
        PAGE.encode(),
        ("\ufeff<!DOCTYPE html>" + PAGE).encode(),
        PAGE.encode("utf-16"),
        PAGE.encode("utf-16-be"),
        PAGE.encode("gb18030"),
        ("<!-- " + "CMS 模板 " * 900 + "-->\n" + PAGE).encode(),
        b'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">',
        b'<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:spreadsheet">',
        "<div class='TRS_Editor'><p>年报</p></div>".encode(),
        b"<table><tr><td>1</td></tr></table>",
        b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">',
    ],
    "mhtml": [
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x",
        b"From: <Saved by Blink>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n",
    ],
    "wordxml": [
        b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">',
        b'<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">',
    ],
    "excelxml": [b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'],
    "uof": [b'<?xml version="1.0"?><uof:UOF xmlns:uof="http://schemas.uof.org/cn/2003/uof">'],
    "xml": [b"<?xml version='1.0'?><a/>"],
    "png": [b"\x89PNG\r\n\x1a\n...."],
    "jpeg": [b"\xff\xd8\xff\xe0...."],
    "gif": [b"GIF89a...."],
    "tiff": [b"II*\x00....", b"MM\x00*....", b"II+\x00...."],
    "bmp": [b"BM\x36\x00\x00\x00\x00\x00\x00\x00"],
    "webp": [b"RIFF\x00\x00\x00\x00WEBPVP8 "],
    "jp2": [b"\x00\x00\x00\x0cjP  \r\n\x87\n"],
    "heic": [b"\x00\x00\x00\x18ftypheic", b"\x00\x00\x00\x1cftypavif"],
    "metafile": [b"\xd7\xcd\xc6\x9a\x00\x00"],
    "rar": [b"Rar!\x1a\x07\x00....", b"Rar!\x1a\x07\x01\x00...."],
    "7z": [b"7z\xbc\xaf\x27\x1c\x00\x04"],
    "tar": [bytes(257) + b"ustar\x0000" + bytes(247)],
    "gzip": [b"\x1f\x8b\x08\x00...."],
    "packed": [b"BZh91AY&SY....", b"\xfd7zXZ\x00..", b"MSCF\x00\x00\x00\x00", b"\x22\x00-lh5-...."],
    "media": [b"\x00\x00\x00\x18ftypisom", b"RIFF\x00\x00\x00\x00WAVEfmt "],
    "program": [b"\x7fELF\x02", b"MZ\x90\x00\x03\x00\x00\x00"],
    "sqlite": [b"SQLite format 3\x00"],
}  # fmt: skip
TEXTS = [
    "某局2020年政府信息公开工作年度报告\n".encode(),
    "# 某局2020年报\n\n<table><tr><td>规章</td></tr></table>\n".encode(),
    "<某市年报>\n正文".encode(),
    "备注: 无\n".encode("gb18030"),
    "标题: 某局年报 text".encode("utf-16"),
    b"Note: this is text\nContent of the report\n",
    b"BMW is text without zeros",
    b"a -lhasa is text",
    b"",
]


CASES = [pytest.param(n, d, id=f"{n}-{i}") for n, f in SAMPLES.items() for i, d in enumerate(f)]


@pytest.mark.parametrize(("name", "data"), CASES)
def test_a_format_is_recognised_by_its_bytes(name: str, data: bytes) -> None:
    found = recognise(data)

    assert found is not None
    assert found.name == name


def test_every_known_format_has_a_sample() -> None:
    assert set(SAMPLES) == set(FORMATS)


@pytest.mark.parametrize("data", TEXTS, ids=range(len(TEXTS)))
def test_text_stays_text(data: bytes) -> None:
    assert recognise(data) is None


@pytest.mark.parametrize("name", SAMPLES)
def test_every_pair_of_suffix_and_content_that_disagrees_is_noted(name: str) -> None:
    found = recognise(SAMPLES[name][0])
    assert found is not None
    every = {s for f in FORMATS.values() for s in f.suffixes} | {"txt", "md"}
    for suffix in sorted(every):
        noted = disguise(f"年报.{suffix}", found)
        if suffix in found.suffixes:
            assert noted is None
        else:
            assert noted == f".{suffix} → {name}"
        # a second suffix in front of the last one claims nothing
        assert disguise(f"年报.{suffix}.{suffix.upper()}", found) == noted


def test_a_name_without_a_known_suffix_claims_nothing() -> None:
    page = recognise(PAGE.encode())

    assert [disguise(n, page) for n in ("年报", "年报.2020", "a.", "2021.年报")] == [None] * 4
    assert disguise("年报.pdf", None) == ".pdf → text"
    assert disguise("年报.TXT", None) is None


@pytest.mark.parametrize("name", ["docx", "ofd", "doc", "xls", "html", "mhtml", "odt"])
def test_any_cut_of_a_file_is_looked_at_without_failing(name: str) -> None:
    for data in SAMPLES[name]:
        for end in range(0, len(data), max(1, len(data) // 60)):
            recognise(data[:end])
        for at in range(0, len(data), max(1, len(data) // 60)):
            recognise(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])


def test_a_zip_of_very_many_members_is_recognised_at_once() -> None:
    import time

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for i in range(65_535):
            out.writestr(zipfile.ZipInfo(f"{i}"), b"")
    began = time.process_time()

    found = recognise(buffer.getvalue())

    assert found is not None
    assert found.name == "zip"
    assert time.process_time() - began < 1.5
