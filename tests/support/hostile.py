"""Files that mean harm, made small and quickly: bombs, loops, giants and liars."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>'
)
_ROOT = (
    f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def packed(members: Mapping[str, bytes | Iterable[bytes]], level: int = 1) -> bytes:
    """Return a zip; a member may come in pieces, so that a giant needs no memory here."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members.items():
            with archive.open(name, "w", force_zip64=True) as member:
                for piece in [content] if isinstance(content, bytes) else content:
                    member.write(piece)
    return data.getvalue()


def docx(document: bytes | Iterable[bytes], **more: bytes | Iterable[bytes]) -> bytes:
    """Return a .docx around a document part."""
    parts = {"[Content_Types].xml": _TYPES.encode(), "_rels/.rels": _ROOT.encode()}
    extra = {name.replace("__", "/").replace("_dot_", "."): part for name, part in more.items()}
    return packed({**parts, "word/document.xml": document, **extra})


def body(text: str, before: str = "") -> bytes:
    """Return the XML of a Word document with this content."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<w:document xmlns:w="{WORD}" xmlns:r="{OFFICE}"><w:body>{text}</w:body></w:document>'
    ).encode()


def laughs(root: str) -> str:
    """Return a document type whose last entity expands to a billion laughs."""
    lines = ['<!ENTITY l0 "lol">']
    lines += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 11)]
    return f"<!DOCTYPE {root} [{''.join(lines)}]>"


def quadratic(root: str) -> str:
    """Return a document type with one long entity, to be named many times."""
    return f'<!DOCTYPE {root} [<!ENTITY a "{"x" * 100_000}">]>'


def outside(root: str, address: str) -> str:
    """Return a document type with an entity and a DTD from elsewhere."""
    return f'<!DOCTYPE {root} SYSTEM "{address}/a.dtd" [<!ENTITY x SYSTEM "{address}">]>'


def zeros(megabytes: int) -> Iterable[bytes]:
    """Yield so many megabytes of spaces, which pack a thousandfold."""
    piece = b" " * (1 << 20)
    return (piece for _ in range(megabytes))


def overlapping_zip(entries: int, megabytes: int) -> bytes:
    """Return a zip whose entries all lie over one and the same packed piece."""
    name = b"a.txt"
    raw = b"0" * (megabytes << 20)
    content = zlib.compress(raw, 9)[2:-4]
    crc, size = zlib.crc32(raw), len(raw)
    local = struct.pack(
        "<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0, crc, len(content), size, len(name), 0
    )
    central = b"".join(
        struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0, crc, len(content), size,
            len(shown), 0, 0, 0, 0, 0, 0,
        ) + shown
        for shown in (f"{n:04}x".encode() for n in range(entries))
    )  # fmt: skip
    start = len(local) + len(name) + len(content)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, entries, entries, len(central), start, 0)
    return local + name + content + central + end


def nested_zip(depth: int) -> bytes:
    """Return a zip in a zip in a zip, with ten copies on each level."""
    data = b"text"
    for _ in range(depth):
        data = packed({f"{n}.zip": data for n in range(10)})
    return data


def many_entries(count: int) -> bytes:
    """Return a zip with this many empty files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number in range(count):
            archive.writestr(zipfile.ZipInfo(f"{number}.txt"), b"")
    return data.getvalue()


def pdf(objects: Mapping[int, bytes], *, root: int = 1, trailer: bytes = b"") -> bytes:
    """Return a PDF of these objects with a correct cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, content in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start, count = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count
    for number in range(1, count):
        place = places.get(number)
        out += b"%010d 00000 n \n" % place if place else b"0000000000 00000 f \n"
    out += b"trailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (
        count,
        root,
        trailer,
        start,
    )
    return bytes(out)


def stream(content: bytes, entries: bytes = b"", *, packed: bool = False) -> bytes:
    """Return a PDF stream object."""
    if packed:
        entries += b"/Filter/FlateDecode"
        content = zlib.compress(content, 1)
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def pdf_pages(count: int) -> bytes:
    """Return a PDF of so many pages that share their content."""
    kids = b" ".join(b"%d 0 R" % n for n in range(10, 10 + count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 3 0 R>>>>>>"
    return pdf({
        1: _CATALOG,
        2: b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids),
        3: _FONT,
        4: stream(b"BT /F 12 Tf 72 720 Td (page) Tj ET"),
        **{10 + n: page for n in range(count)},
    })  # fmt: skip


def _one_page(
    content: bytes, resources: bytes, more: Mapping[int, bytes], box: bytes = b"595 842"
) -> bytes:
    return pdf({
        1: _CATALOG,
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %s]/Contents 4 0 R/Resources<<%s>>>>" % (box, resources),
        4: content,
        **more,
    })  # fmt: skip


def pdf_drawing_itself() -> bytes:
    """Return a PDF whose form draws itself."""
    form = stream(
        b"/X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>"
    )
    return _one_page(stream(b"/X Do"), b"/XObject<</X 5 0 R>>", {5: form})


def pdf_of_nested_forms(levels: int = 9) -> bytes:
    """Return a PDF whose forms each draw the next one ten times."""
    forms = {}
    for level in range(levels):
        inside = b"/X Do " * 10 if level < levels - 1 else b"0 0 1 1 re f"
        uses = b"/Resources<</XObject<</X %d 0 R>>>>" % (6 + level)
        forms[5 + level] = stream(inside, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]" + uses)
    return _one_page(stream(b"/X Do"), b"/XObject<</X 5 0 R>>", forms)


def pdf_bomb(megabytes: int) -> bytes:
    """Return a PDF whose page content unpacks to this size."""
    packer = zlib.compressobj(1)
    content = b"".join(packer.compress(piece) for piece in zeros(megabytes)) + packer.flush()
    return _one_page(stream(content, b"/Filter/FlateDecode"), b"", {})


def pdf_with_image(side: int) -> bytes:
    """Return a PDF with nothing but a huge black and white picture, unpacked from very little."""
    row = bytes((side + 7) // 8)
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    entries = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 1"
        b"/Filter/FlateDecode" % (side, side)
    )
    return _one_page(
        stream(b"595 0 0 842 0 0 cm /I Do"), b"/XObject<</I 5 0 R>>", {5: stream(content, entries)}
    )


def pdf_of_giant_page() -> bytes:
    """Return a PDF with one page of 200,000 by 200,000 points that shows only a picture."""
    entries = (
        b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
    )
    draw = stream(b"200000 0 0 200000 0 0 cm /I Do")
    return _one_page(draw, b"/XObject<</I 5 0 R>>", {5: stream(b"\x80", entries)}, b"200000 200000")


def pdf_with_page_loop() -> bytes:
    """Return a PDF whose page tree leads back to itself."""
    return pdf({1: _CATALOG, 2: b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>"})


def pdf_with_deep_pages(depth: int) -> bytes:
    """Return a PDF whose page tree is a long chain."""
    chain = {n: b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (n + 1) for n in range(2, depth)}
    return pdf({1: _CATALOG, **chain, depth: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"})


def pdf_with_table_loop() -> bytes:
    """Return a PDF whose cross-reference table names itself as the earlier one."""
    data = pdf_pages(1)
    start = data.rindex(b"startxref\n") + 10
    place = data[start:].split()[0]
    return data.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %s>>" % place)


def pdf_of_lines(count: int) -> bytes:
    """Return a PDF with so many short lines on one page."""
    drawn = b"".join(
        b"%d %d m %d %d l S\n" % (n % 595, n % 842, n % 500, n % 700) for n in range(count)
    )
    return _one_page(stream(drawn, packed=True), b"", {})


def pdf_with_script(address: str) -> bytes:
    """Return a PDF that would run a script, launch a program and fetch an address when opened."""
    act = b"<</S/JavaScript/JS(app.launchURL('%s'))>>" % address.encode()
    uri = b"<</S/URI/URI(%s)>>" % address.encode()
    return pdf({
        1: b"<</Type/Catalog/Pages 2 0 R/OpenAction 6 0 R/AA<</WC 7 0 R>>>>",
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/AA<</O 7 0 R>>"
           b"/Resources<</Font<</F 5 0 R>>>>>>",
        4: stream(b"BT /F 12 Tf 72 720 Td (hello) Tj ET"),
        5: _FONT, 6: act, 7: uri,
    })  # fmt: skip


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims this size and holds a few bytes of it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(4096))) + chunk(b"IEND", b"")
    )  # fmt: skip


def png_bomb(side: int) -> bytes:
    """Return a whole grey PNG of this side; a few hundred kilobytes of file, gigabytes of picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    packer = zlib.compressobj(1)
    row = bytes(side + 1)
    content = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", content)
        + chunk(b"IEND", b"")
    )


def html(inside: str) -> bytes:
    """Return a web page."""
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{inside}</body></html>'.encode()


def xlsx(sheet: str) -> bytes:
    """Return a workbook with this sheet content."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>'
    )

    def relation(part: str, target: str) -> bytes:
        return (
            f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/{part}" '
            f'Target="{target}"/></Relationships>'
        ).encode()

    book = f'<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
    return packed({
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": relation("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{sheet}</worksheet>'.encode(),
    })  # fmt: skip


def ofd(document: bytes) -> bytes:
    """Return an .ofd around a document part."""
    root = (
        b'<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0" DocType="OFD">'
        b"<ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )
    return packed({"OFD.xml": root, "Doc_0/Document.xml": document})
