"""A made-up report as a Word file, its XML written here: what Word, WPS and offices make of one form."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from xml.sax.saxutils import escape

from tests.support.breaks import paginate
from tests.support.sheets import Box, Sheet
from tests.support.truth import Truth
from tests.support.typeset import Body, Heading, Piece, typeset

VARIANTS = (
    "plain", "auto_numbered", "merged", "ghost_columns", "pieces", "text_box", "tracked", "controls",
    "nested", "runs", "wps", "strict", "headers_footers", "hmerge", "hidden", "contents", "fields",
    "labels",
)  # fmt: skip
"""Every way of writing the file that keeps all tables as text; `picture_tables` comes besides."""

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_REL = "http://schemas.openxmlformats.org/package/2006/relationships"
_ROOT = (
    f'xmlns:w="{_W}" xmlns:r="{_R}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:wpsCustomData="http://www.wps.cn/officeDocument/2013/wpsCustomData" '
    'mc:Ignorable="w14 wpsCustomData"'
)
_FONT = '<w:rPr><w:rFonts w:ascii="宋体" w:eastAsia="宋体" w:hAnsi="宋体" w:hint="eastAsia"/><w:sz w:val="21"/></w:rPr>'
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right")
)
_ENUMERATED = re.compile(r"(\d)[.．、]\s?(?=\D)")
_WIDTH = 9000


def render(
    truth: Truth, rng: Random, variant: str = "plain", pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """Return the .docx bytes; with `pictures` (PNG by table id) those tables are pictures."""
    writer = _Writer(rng, variant, dict(pictures or {}))
    pieces = typeset(truth, rng, variants=variant == "labels")
    return writer.package(pieces)


def _run(text: str, properties: str = _FONT) -> str:
    parts = escape(text).split("\n")
    inner = "<w:br/>".join(f'<w:t xml:space="preserve">{p}</w:t>' for p in parts)
    return f"<w:r>{properties}{inner}</w:r>"


class _Writer:
    def __init__(self, rng: Random, variant: str, pictures: dict[str, bytes]) -> None:
        self.rng = rng
        self.variant = variant
        self.pictures = pictures
        self.media: list[bytes] = []
        self.starts: list[tuple[int, int]] = []
        self.last_number = 0
        self.text: Callable[[str], str] = {
            "runs": self._many_runs, "tracked": self._tracked, "hidden": self._with_hidden,
            "fields": self._as_field, "controls": self._controlled_run,
        }.get(variant, _run)  # fmt: skip
        self.by_style = rng.random() < 0.5
        self.format = rng.choice(
            ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographDigital",
             "taiwaneseCountingThousand")
        )  # fmt: skip

    # paragraphs

    def paragraph(self, text: str, properties: str = "") -> str:
        inner = self.text(text) if text else ""
        props = f"<w:pPr>{properties}</w:pPr>" if properties else ""
        return f"<w:p>{props}{inner}</w:p>"

    def heading(self, piece: Heading) -> str:
        if piece.level == 0:
            return self.paragraph(piece.full, '<w:jc w:val="center"/>')
        if self.variant == "auto_numbered" and piece.number:
            if self.by_style:
                return self.paragraph(piece.text, '<w:pStyle w:val="1"/>')
            numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
            return self.paragraph(piece.text, numbered)
        if self.variant == "plain":
            return self.paragraph(piece.full, '<w:pStyle w:val="2"/>')
        return self.paragraph(piece.full, '<w:outlineLvl w:val="0"/>')

    def body(self, piece: Body) -> str:
        if self.variant == "tracked" and self.rng.random() < 0.3:
            return self._tracked_paragraph(piece)
        if self.variant == "controls" and self.rng.random() < 0.3:
            return _control(self.paragraph(piece.text))
        align = {"right": '<w:jc w:val="right"/>', "center": '<w:jc w:val="center"/>'}
        return self.paragraph(piece.text, align.get(piece.align, '<w:ind w:firstLine="420"/>'))

    def _many_runs(self, text: str) -> str:
        out: list[str] = []
        at = 0
        while at < len(text):
            step = self.rng.randint(1, 4)
            run = _run(text[at : at + step], self.rng.choice((_FONT, "", "<w:rPr><w:b/></w:rPr>")))
            out.append(self.rng.choice((
                run, run, f'<w:proofErr w:type="spellStart"/>{run}<w:proofErr w:type="spellEnd"/>',
                f'<w:bookmarkStart w:id="{at}" w:name="_Toc{at}"/>{run}<w:bookmarkEnd w:id="{at}"/>',
                f'<w:smartTag w:uri="urn:x" w:element="place">{run}</w:smartTag>',
                f'<w:hyperlink w:anchor="_Toc{at}">{run}</w:hyperlink>',
                run.replace("<w:t ", "<w:lastRenderedPageBreak/><w:t ", 1),
            )))  # fmt: skip
            at += step
        return "".join(out)

    def _tracked(self, text: str) -> str:
        cut = self.rng.randint(0, len(text))
        who = 'w:id="9" w:author="某某" w:date="2024-01-10T09:00:00Z"'
        gone = str(self.rng.randint(1, 99))
        old = f"<w:del {who}><w:r><w:delText>{gone}</w:delText></w:r></w:del>"
        return self.rng.choice((
            _run(text),
            f"{_run(text[:cut])}{old}<w:ins {who}>{_run(text[cut:])}</w:ins>",
            f"<w:moveFrom {who}>{_run(gone)}</w:moveFrom><w:moveTo {who}>{_run(text)}</w:moveTo>",
        ))  # fmt: skip

    def _tracked_paragraph(self, piece: Body) -> str:
        who = 'w:id="8" w:author="某某" w:date="2024-01-10T09:00:00Z"'
        cut = len(piece.text) // 2
        gone = f"<w:p><w:pPr><w:rPr><w:del {who}/></w:rPr></w:pPr><w:del {who}><w:r><w:delText>删去的话。</w:delText></w:r></w:del></w:p>"
        if self.rng.random() < 0.5:
            # the paragraph was in two parts; their border was deleted
            mark = f"<w:rPr><w:del {who}/></w:rPr>"
            return self.paragraph(piece.text[:cut], mark) + self.paragraph(piece.text[cut:])
        return gone + f"<w:ins {who}>{self.paragraph(piece.text)}</w:ins>"

    def _with_hidden(self, text: str) -> str:
        extra = str(self.rng.randint(1, 99))
        hidden = self.rng.choice((
            _run(extra, "<w:rPr><w:vanish/></w:rPr>"),
            _run(extra, '<w:rPr><w:rStyle w:val="Secret"/></w:rPr>'),
            _run("", '<w:rPr><w:vanish w:val="0"/></w:rPr>'),
        ))  # fmt: skip
        return _run(text, '<w:rPr><w:vanish w:val="false"/></w:rPr>') + hidden

    def _as_field(self, text: str) -> str:
        def mark(kind: str) -> str:
            return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

        code = (
            '<w:r><w:instrText xml:space="preserve"> QUOTE 77 \\* MERGEFORMAT </w:instrText></w:r>'
        )
        whole = f"{mark('begin')}{code}{mark('separate')}{_run(text)}{mark('end')}"
        return self.rng.choice((
            _run(text), whole, f'<w:fldSimple w:instr=" DOCPROPERTY 年度 ">{_run(text)}</w:fldSimple>',
            f"{mark('begin')}{code}{whole}{mark('separate')}{_run(text)}{mark('end')}",
        ))  # fmt: skip

    def _controlled_run(self, text: str) -> str:
        return _control(_run(text)) if self.rng.random() < 0.5 else _run(text)

    # tables

    def sheet(self, sheet: Sheet) -> str:
        if sheet.table_id in self.pictures:
            return self._picture(self.pictures[sheet.table_id])
        if self.variant == "pieces":
            parts = paginate(sheet, self.rng)
            between = self.rng.choice(("", "<w:p/>", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'))
            return between.join(self.table(p) for p in parts) + "<w:p/>"
        if self.variant == "text_box" and sheet.table_id == "review_litigation":
            return _text_box(self.table(sheet))
        if self.variant == "controls" and self.rng.random() < 0.5:
            return _control(self.table(sheet)) + "<w:p/>"
        if self.variant == "nested" and self.rng.random() < 0.5:
            return _frame([self.table(sheet) + "<w:p/>"]) + "<w:p/>"
        return self.table(sheet) + "<w:p/>"

    def table(self, sheet: Sheet) -> str:
        if self.variant == "merged":
            sheet = replace(sheet, boxes=(*sheet.boxes, Box("", sheet.row_count, 0, sheet.column_count)),
                            row_count=sheet.row_count + 1)  # fmt: skip
        ghosts = self._ghosts(sheet) if self.variant == "ghost_columns" else {}
        width = _WIDTH // sheet.column_count
        slivers = {column for _, column in ghosts}
        columns = "".join(
            f'<w:gridCol w:w="{width}"/>' + ('<w:gridCol w:w="1"/>' if column in slivers else "")
            for column in range(sheet.column_count)
        )
        rows = "".join(self._row(sheet, index, ghosts) for index in range(sheet.row_count))
        look = '<w:tblPr><w:tblStyle w:val="a3"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
        return f"<w:tbl>{look}<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"

    def _ghosts(self, sheet: Sheet) -> dict[tuple[int, int], bool]:
        """Choose columns after which a sliver stands, and for each row the side that takes it."""
        after = self.rng.sample(range(sheet.column_count - 1), min(2, sheet.column_count - 1))
        return {(row, c): self.rng.random() < 0.5 for c in after for row in range(sheet.row_count)}

    def _row(self, sheet: Sheet, index: int, ghosts: dict[tuple[int, int], bool]) -> str:
        boxes = sheet.row(index)
        sizes = [b.columns for b in boxes]
        for (row, column), rightward in ghosts.items():
            if row == index:
                _give(boxes, sizes, column, rightward=rightward)
        cells = "".join(
            self._cell(box, size, covered=box.row != index)
            for box, size in zip(boxes, sizes, strict=True)
        )
        properties = "<w:trPr><w:tblHeader/></w:trPr>" if index < sheet.header_rows else ""
        row = f"<w:tr>{properties}{cells}</w:tr>"
        if self.variant == "controls" and self.rng.random() < 0.2:
            row = _control(row)
        if self.variant == "tracked" and self.rng.random() < 0.1:
            who = 'w:id="7" w:author="某某"'
            row += f"<w:tr><w:trPr><w:del {who}/></w:trPr>{cells}</w:tr>"
        return row

    def _cell(self, box: Box, columns: int, *, covered: bool) -> str:
        span = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
        more = ""
        if self.variant == "hmerge" and columns > 1:
            span = '<w:hMerge w:val="restart"/>'
            rest = '<w:vMerge w:val="restart"/>' if box.rows > 1 and not covered else ""
            rest = "<w:vMerge/>" if covered else rest
            more = f"<w:tc><w:tcPr><w:hMerge/>{rest}</w:tcPr><w:p/></w:tc>" * (columns - 1)
        merge = '<w:vMerge w:val="restart"/>' if box.rows > 1 else ""
        merge = "<w:vMerge/>" if covered else merge
        inner = "<w:p/>" if covered else self._content(box)
        borders = f"<w:tcBorders>{_BORDERS}</w:tcBorders>"
        width = f'<w:tcW w:w="{box.columns * 600}" w:type="dxa"/>'
        cell = f"<w:tc><w:tcPr>{width}{span}{merge}{borders}</w:tcPr>{inner}</w:tc>"
        if self.variant == "controls" and self.rng.random() < 0.1:
            cell = _control(cell)
        return cell + more

    def _content(self, box: Box) -> str:
        label = _ENUMERATED.match(box.text) if box.address is None else None
        if self.variant == "auto_numbered" and label:
            return self.paragraph(box.text[label.end() :], self._numbered(int(label[1])))
        if (
            box.text
            and box.address is None
            and self.rng.random() < 0.1
            and self.variant == "merged"
        ):
            cut = len(box.text) // 2
            return self.paragraph(box.text[:cut]) + self.paragraph(box.text[cut:])
        return self.paragraph(box.text, '<w:jc w:val="center"/>')

    def _numbered(self, number: int) -> str:
        """Number a label by a list that begins anew wherever the printed number does not go on."""
        if self.last_number + 1 != number or not self.starts:
            self.starts.append((len(self.starts) + 10, number))
        self.last_number = number
        return f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{self.starts[-1][0]}"/></w:numPr>'

    def _picture(self, data: bytes) -> str:
        self.media.append(data)
        return (
            '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="5400000" cy="3000000"/>'
            '<wp:docPr id="1" name="图片 1"/><a:graphic><a:graphicData><pic:pic><pic:blipFill>'
            f'<a:blip r:embed="rIdMedia{len(self.media)}"/></pic:blipFill></pic:pic>'
            "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
        )

    # package

    def document(self, pieces: list[Piece]) -> str:
        parts: list[str] = []
        if self.variant == "contents":
            parts.append(self._contents(pieces))
        for piece in pieces:
            if isinstance(piece, Heading):
                parts.append(self.heading(piece))
            elif isinstance(piece, Body):
                parts.append(self.body(piece))
            else:
                parts.append(self.sheet(piece))
        if self.variant == "nested":
            parts = [_frame(parts) if self.rng.random() < 0.5 else _frame(["".join(parts)])]
        around = ""
        if self.variant == "headers_footers":
            around = '<w:headerReference w:type="default" r:id="rIdHead"/><w:footerReference w:type="default" r:id="rIdFoot"/>'
        end = f'<w:sectPr>{around}<w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
        if self.variant == "wps":
            parts.append('<w:p><w:pPr><wpsCustomData:x wpsCustomData:y="1"/></w:pPr></w:p>')
        return f"<w:document {_ROOT}><w:body>{''.join(parts)}{end}</w:body></w:document>"

    def _contents(self, pieces: list[Piece]) -> str:
        heads = [p for p in pieces if isinstance(p, Heading) and p.level]
        begin = (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TO</w:instrText></w:r>'
            '<w:r><w:instrText>C \\o "1-3" </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        lines = [
            f"<w:p>{begin if i == 0 else ''}{_run(head.full)}<w:r><w:tab/><w:t>{i + 1}</w:t></w:r></w:p>"
            for i, head in enumerate(heads)
        ]
        return "".join(lines) + '<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'

    def package(self, pieces: list[Piece]) -> bytes:
        document = self.document(pieces)
        if self.variant == "wps":
            document = re.sub(r"(</?|\s|xmlns:)w:", r"\1ns0:", document).replace(
                "xmlns:w=", "xmlns:ns0="
            )
        if self.variant == "strict":
            document = document.replace(
                _W, "http://purl.oclc.org/ooxml/wordprocessingml/main"
            ).replace(_R, "http://purl.oclc.org/ooxml/officeDocument/relationships")
        parts: dict[str, bytes] = {
            "[Content_Types].xml": _TYPES.encode(),
            "_rels/.rels": _relations([("rId1", "officeDocument", "word/document.xml")]),
            "word/_rels/document.xml.rels": self._document_relations(),
            "word/document.xml": _HEAD + document.encode(),
            "word/styles.xml": _HEAD + self._styles().encode(),
            "word/numbering.xml": _HEAD + self._numbering().encode(),
        }
        for i, data in enumerate(self.media, 1):
            parts[f"word/media/image{i}.png"] = data
        if self.variant == "headers_footers":
            parts["word/header1.xml"] = (
                _HEAD + f"<w:hdr {_ROOT}><w:p>{_run('内部资料 注意保存')}</w:p></w:hdr>".encode()
            )
            number = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>3</w:t></w:r></w:fldSimple>'
            foot = _text_box(f"<w:p>{_run('— ')}{number}{_run(' —')}</w:p>")
            parts["word/footer1.xml"] = _HEAD + f"<w:ftr {_ROOT}>{foot}</w:ftr>".encode()
        return zipped(parts)

    def _document_relations(self) -> bytes:
        items = [
            ("rIdStyles", "styles", "styles.xml"),
            ("rIdNumbers", "numbering", "numbering.xml"),
        ]
        items += [
            (f"rIdMedia{i}", "image", f"media/image{i}.png") for i in range(1, len(self.media) + 1)
        ]
        if self.variant == "headers_footers":
            items += [
                ("rIdHead", "header", "header1.xml"),
                ("rIdFoot", "footer", "/word/footer1.xml"),
            ]
        return _relations(items)

    def _styles(self) -> str:
        number = (
            '<w:numPr><w:numId w:val="1"/></w:numPr>' if self.variant == "auto_numbered" else ""
        )
        return (
            f'<w:styles {_ROOT}><w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>'
            f'<w:style w:type="paragraph" w:styleId="0"><w:name w:val="章"/><w:basedOn w:val="a"/><w:pPr>{number}<w:outlineLvl w:val="0"/></w:pPr></w:style>'
            '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="章标题"/><w:basedOn w:val="0"/></w:style>'
            '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 1"/><w:basedOn w:val="a"/></w:style>'
            '<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
            "</w:styles>"
        )

    def _numbering(self) -> str:
        def level(form: str, text: str) -> str:
            return f'<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:suff w:val="nothing"/><w:lvlText w:val="{text}"/></w:lvl>'

        abstract = (
            f'<w:abstractNum w:abstractNumId="0">{level(self.format, "%1、")}</w:abstractNum>'
        )
        abstract += f'<w:abstractNum w:abstractNumId="1">{level("decimal", "%1.")}</w:abstractNum>'
        nums = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        for number, start in self.starts:
            nums += (
                f'<w:num w:numId="{number}"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
                f'<w:startOverride w:val="{start}"/></w:lvlOverride></w:num>'
            )
        return f"<w:numbering {_ROOT}>{abstract}{nums}</w:numbering>"


def _give(boxes: list[Box], sizes: list[int], column: int, *, rightward: bool) -> None:
    """Let the sliver after a column belong to one of the two cells that meet there."""
    for i, box in enumerate(boxes):
        last = box.column + box.columns - 1
        if box.column <= column < last:
            sizes[i] += 1
            return
        if last == column:
            following = boxes[i + 1] if i + 1 < len(boxes) else None
            free = following is not None and box.rows == 1 and following.rows == 1
            sizes[i + 1 if rightward and free else i] += 1
            return


def _control(inner: str) -> str:
    return (
        f'<w:sdt><w:sdtPr><w:id w:val="5"/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>'
    )


def _frame(contents: list[str]) -> str:
    rows = "".join(f"<w:tr><w:tc><w:tcPr/>{c}</w:tc></w:tr>" for c in contents)
    return f'<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="{_WIDTH}"/></w:tblGrid>{rows}</w:tbl>'


def _text_box(content: str) -> str:
    drawing = (
        '<w:drawing><wp:anchor><wp:docPr id="3" name="文本框 2"/><a:graphic><a:graphicData>'
        f"<wps:wsp><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx></wps:wsp>"
        "</a:graphicData></a:graphic></wp:anchor></w:drawing>"
    )
    vml = f"<w:pict><v:shape><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict>"
    return (
        f'<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps">{drawing}</mc:Choice>'
        f"<mc:Fallback>{vml}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>'
    '<Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>'
    '<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>'
    '<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>'
    "</Types>"
)


def _relations(items: list[tuple[str, str, str]]) -> bytes:
    inner = "".join(
        f'<Relationship Id="{i}" Type="{_R}/{kind}" Target="{target}"/>'
        for i, kind, target in items
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_REL}">{inner}</Relationships>'.encode()


def zipped(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def word_file(
    body: str,
    parts: Mapping[str, bytes] | None = None,
    relations: tuple[tuple[str, str, str], ...] = (),
) -> bytes:
    """Return a .docx of hand-written body XML; `relations` are (id, kind, target) of the document.

    `parts` are further members; one whose bytes begin with `<w:` gets the namespaces.
    """
    members = {
        "[Content_Types].xml": _TYPES.encode(),
        "_rels/.rels": _relations([("rId1", "officeDocument", "word/document.xml")]),
        "word/_rels/document.xml.rels": _relations(list(relations)),
        "word/document.xml": f"<w:document {_ROOT}><w:body>{body}</w:body></w:document>".encode(),
    }
    for name, data in (parts or {}).items():
        root, cut, rest = data.partition(b">")
        declared = root + b" " + _ROOT.encode() + cut + rest if data.startswith(b"<w:") else data
        members[name] = declared
    return zipped(members)
