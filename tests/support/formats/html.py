"""Made-up reports as web pages: what offices, office programs and browsers make of them."""

import base64
import quopri
from collections.abc import Callable
from dataclasses import replace
from html import escape
from random import Random

from tests.support.breaks import paginate
from tests.support.formats.html_cells import (
    bare_cell,
    broken_cell,
    ghosted,
    libreoffice_cell,
    mso_cell,
    paired_cell,
    split_cell,
    table,
    wps_cell,
    wrapped_source,
)
from tests.support.formats.html_chrome import (
    FOOT,
    NAVIGATION,
    bars,
    crumbs,
    metadata_table,
    neighbours,
    side_list,
)
from tests.support.sheets import Box, Sheet
from tests.support.truth import Truth
from tests.support.typeset import Body, Heading, Piece, typeset

Cell = Callable[[Box, Random], str]
_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7" + "A" * 64


def render(truth: Truth, rng: Random, variant: str) -> bytes:
    """Return the page of a report; the same seed gives the same bytes."""
    pieces = typeset(truth, rng, variants=rng.random() < 0.5)
    return _RENDERERS[variant](truth, rng, pieces)


def _document(title: str, body: str, *, charset: str = "utf-8", head: str = "") -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{charset}"><title>{escape(title)}</title>{head}</head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _article(pieces: list[Piece], rng: Random, cell: Cell, *, title: bool = True) -> str:
    """Return the article with ordinary marks: h1, h2, p, table."""
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Heading):
            if piece.level or title:
                parts.append(f"<h{piece.level + 1}>{escape(piece.full)}</h{piece.level + 1}>")
        elif isinstance(piece, Body):
            align = f' style="text-align:{piece.align}"' if piece.align != "left" else ""
            parts.append(f"<p{align}>{escape(piece.text)}</p>")
        else:
            parts.append(table(piece, rng, cell))
    return "\n".join(parts)


def _plain(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    return _document(truth.title, _article(pieces, rng, bare_cell)).encode()


def _cms(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    head, foot = _closing_apart(pieces) if rng.random() < 0.3 else (pieces, [])
    content = _article(head, rng, rng.choice((bare_cell, paired_cell)), title=False)
    sign = _article(foot, rng, bare_cell)
    day = truth.published_on
    source = f"来源：{truth.printed_name}" if rng.random() < 0.5 else "来源：本网"
    stated = f"发布时间：{day.isoformat()} 09:{rng.randrange(10, 60)} " if day else ""
    title = (
        f"<h1>{escape(truth.title)}</h1>"
        if rng.random() < 0.7
        else f'<div class="tit">{escape(truth.title)}</div>'
    )
    main = (
        f'<div class="article">{metadata_table(truth, rng)}{title}'
        f'<div class="info"><span>{stated}</span><span>{source}</span>{bars(rng)}</div>'
        f'<div id="zoom" class="TRS_Editor">{content}</div>'
        + (f'<div class="sign">{sign}</div>' if sign else "")
        + '<p><a href="/att/2024/P0202401.docx">附件：年度报告.docx</a></p>'
        + f"{neighbours(rng)}</div>"
    )
    layout = rng.choice(("<table width=100%><tr><td valign=top>{0}</td><td width=200>{1}</td></tr></table>", '<div class="wrap"><div class="con">{0}</div><div class="side">{1}</div></div>'))  # fmt: skip
    body = f'{NAVIGATION}{crumbs(truth, rng)}{layout.format(main, side_list(rng))}{FOOT}<div style="display:none">网站支持IPv6 <input value="搜索"></div>'
    return _document(f"{truth.title}_门户网站", body).encode(rng.choice(("utf-8", "utf-8", "gb18030")), "xmlcharrefreplace")  # fmt: skip


def _closing_apart(pieces: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    count = sum(1 for p in pieces[-2:] if isinstance(p, Body) and p.align == "right")
    return (pieces[:-count], pieces[-count:]) if count else (pieces, [])


def _word(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    parts = ["<div class=WordSection1 style='layout-grid:15.6pt'>"]
    for piece in pieces:
        if isinstance(piece, Sheet):
            parts.append(table(ghosted(piece, rng), rng, mso_cell, sizing_row=True))
        else:
            text = piece.full if isinstance(piece, Heading) else piece.text
            tag = "h1" if isinstance(piece, Heading) and rng.random() < 0.3 else "p"
            name = f'<a name="_Toc{rng.randrange(10**6)}">' if isinstance(piece, Heading) else ""
            inner = wrapped_source(escape(text), rng)
            parts.append(f"<{tag} class=MsoNormal style='text-indent:32.0pt'>{name}<span\nstyle='font-size:16.0pt;font-family:仿宋_GB2312'>{inner}</span>{'</a>' if name else ''}<span lang=EN-US><o:p></o:p></span></{tag}>")  # fmt: skip
    parts.append("<p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>\n<span style='mso-spacerun:yes'>&nbsp;</span>䶮</div>")  # fmt: skip
    head = (
        '<meta name=Generator content="Microsoft Word 15">\n<!--[if gte mso 9]><xml><o:DocumentProperties><o:Author>user</o:Author>'
        "</o:DocumentProperties></xml><![endif]-->\n<style>\n<!--\n p.MsoNormal {margin:0cm;}\n-->\n</style>"
    )
    page = (
        f'<html xmlns:o="urn:schemas-microsoft-com:office:office">\n<head>\n<meta http-equiv=Content-Type content="text/html; charset=gb2312">'
        f"\n{head}<title>{escape(truth.title)}</title></head>\n<body lang=ZH-CN>\n{''.join(parts)}\n</body></html>"
    )
    return page.encode("gb18030")


def _libreoffice(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Sheet):
            parts.append(table(ghosted(piece, rng), rng, libreoffice_cell, columns=True))
        else:
            text = piece.full if isinstance(piece, Heading) else piece.text
            tag = "h1" if isinstance(piece, Heading) else "p"
            parts.append(f'<{tag} class="western" lang="en-US" style="line-height: 100%">\n<font face="仿宋"><font size="4" style="font-size: 16pt">{wrapped_source(escape(text), rng)}</font></font></{tag}>')  # fmt: skip
    head = '<meta http-equiv="content-type" content="text/html; charset=utf-8"/><title></title><meta name="generator" content="LibreOffice 7.4.7.2 (Linux)"/>'
    return f'<!DOCTYPE html>\n<html><head>{head}</head>\n<body lang="zh-CN" dir="ltr">{chr(10).join(parts)}\n</body></html>'.encode()


def _broken(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    parts = [f"<div class=con><font size=3><center>{escape(truth.title)}</center>"]
    for piece in pieces[1:]:
        if isinstance(piece, Sheet):
            parts.append(table(piece, rng, broken_cell, closed=False))
        else:
            text = piece.full if isinstance(piece, Heading) else piece.text
            parts.append(
                f"<p align={getattr(piece, 'align', 'left')}><font color=#{rng.randrange(0x1000000):06x}>{escape(text)}"
            )
    wide = rng.random() < 0.5
    said, meant = ("gb2312", "utf-8") if wide else ("utf-8", "gb18030")
    page = f"<html><head><meta http-equiv=content-type content='text/html; charset={said}'><title>x</title><body>{''.join(parts)}</div></font><p>版权所有 "
    return page.encode(meant) + b"\xff" + "某单位</html>".encode(meant)


def _wps(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Sheet):
            parts.append(table(piece, rng, wps_cell))
        else:
            text = piece.full if isinstance(piece, Heading) else piece.text
            cut = rng.randrange(len(text) + 1)
            runs = "".join(f"<span style=\"mso-spacerun:'yes';font-family:仿宋_GB2312;font-size:16.0000pt;\" ><font face=\"仿宋_GB2312\" >{escape(t)}</font></span>" for t in (text[:cut], text[cut:]))  # fmt: skip
            parts.append(
                f'<p class=MsoNormal  style="text-indent:32.0000pt;" >{runs}<span style="font-size:16.0000pt;" ><o:p></o:p></span></p>'
            )
    head = '<META HTTP-EQUIV="Content-Type"  CONTENT="text/html; charset=UTF-8" ><META NAME="Generator"  CONTENT="Kingsoft" ><STYLE>p.MsoNormal{margin:0pt;}</STYLE><title></title>'
    return f'<HTML xmlns:o="urn:schemas-microsoft-com:office:office" ><HEAD>{head}</HEAD><BODY style="tab-interval:21pt;" ><!--StartFragment--><DIV class="Section0" >{"".join(parts)}</DIV><!--EndFragment--></BODY></HTML>'.encode()


def _nested(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    day = f"发布日期：{truth.published_on.isoformat()}" if truth.published_on else ""
    article = _article(pieces, rng, bare_cell, title=False)
    rows = (
        f"<tr><td align=center class=title>{escape(truth.title)}</td></tr>"
        f"<tr><td align=center>{day}&nbsp;&nbsp;【字体：大 中 小】</td></tr><tr><td><hr></td></tr>"
        f"<tr><td><table width=100%><tr><td>{article}</td></tr></table></td></tr>"
        "<tr><td align=right>【打印本页】【关闭窗口】</td></tr>"
    )
    menu = "".join(
        f"<tr><td><a href=/{w}/>{w}</a></td></tr>"
        for w in ("政府信息公开指南", "政府信息公开制度", "规章", "政府信息公开年报")
    )
    return _document(
        truth.title,
        f"<table width=1000 align=center><tr><td colspan=2><img src=banner.jpg></td></tr><tr><td width=200 valign=top><table>{menu}</table></td>"
        f"<td><table width=800>{rows}</table></td></tr><tr><td colspan=2 align=center>主办：某市人民政府　备案号：某ICP备00000000号</td></tr></table>",
    ).encode(rng.choice(("utf-8", "gb18030")))


def _browser_saved(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    noise = "".join(f".c{i}{{margin:{i}px;padding:{i}px}}\n" for i in range(3000))
    head = f"<style>{noise}</style><script>var t='<table><tr><td>总计</td></tr></table>';</script>"
    body = (
        f'<noscript>请启用脚本</noscript><header class="top"><a href="https://www.example.gov.cn/">首页</a></header>{crumbs(truth, rng)}'
        f'<img src="{_PIXEL}"><main><article><h1>{escape(truth.title)}</h1>{bars(rng)}<section>{_article(pieces, rng, paired_cell, title=False)}</section></article></main>'
        f'<aside>{side_list(rng)}</aside><footer>{FOOT}</footer><iframe src="./page_files/stat.html"></iframe><script>count("<p>3</p>")</script>'
    )
    page = "<!-- saved from url=(0042)https://www.example.gov.cn/art/2024/1/20.html -->\n" + _document(f"{truth.title}-某市人民政府", body, head=head)  # fmt: skip
    return page.encode(rng.choice(("utf-8", "gb18030")))


def _divs(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    parts = [f'<div align="center"><font size="5"><b>{escape(truth.title)}</b></font></div>']
    for piece in pieces[1:]:
        if isinstance(piece, Sheet):
            parts.append(table(piece, rng, split_cell))
        elif isinstance(piece, Heading):
            parts.append(f"<strong>　　{escape(piece.full)}</strong><br>")
        else:
            parts.append(
                f"<font face=宋体>&nbsp;&nbsp;&nbsp;&nbsp;{escape(piece.text)}</font><br/>\n"
            )
    return _document(truth.title, f'<div id="content">{"".join(parts)}</div>').encode()


def _mhtml(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    page = rng.choice((_cms, _plain, _word))(truth, rng, pieces)
    if rng.random() < 0.5:
        encoding, content = "quoted-printable", quopri.encodestring(page)
    else:
        encoding, content = "base64", base64.encodebytes(page)
    line = "------=_NextPart_01DA"
    parts = (
        (b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://www.example.gov.cn/a.html\r\nSubject: =?utf-8?Q?x?=\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----=_NextPart_01DA"\r\n\r\n\r\n'),
        f"{line}\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: {encoding}\r\nContent-Location: https://www.example.gov.cn/a.html\r\n\r\n".encode(),
        content,
        f"\r\n{line}\r\nContent-Type: text/css\r\n\r\np {{margin:0}}\r\n{line}\r\nContent-Type: text/html\r\n\r\n<html><body>广告</body></html>\r\n{line}--\r\n".encode(),
    )  # fmt: skip
    return b"".join(parts)


def _pieces(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    """Return a paged document exported: each table in several, page numbers between them."""
    cut: list[Piece] = []
    for piece in pieces:
        if not isinstance(piece, Sheet) or piece.table_id == "review_litigation":
            cut.append(piece)
            continue
        for number, part in enumerate(paginate(piece, rng), 1):
            cut += [Body(f"- {number} -")] if number > 1 else []
            cut.append(part)
    return _document(truth.title, _article(cut, rng, paired_cell)).encode()


def _head_title(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    """Return a page whose article has no title: only the head of the page and crumbs name it."""
    metas = f'<meta name="ArticleTitle" content="{escape(truth.title)}"><meta name="ContentSource" content="本网">'
    if truth.published_on:
        metas += f'<meta name="PubDate" content="{truth.published_on.isoformat()} 10:00">'
    named = rng.random() < 0.5
    head = metas if named else ""
    title = f"{truth.title} - 某市人民政府门户网站" if not named else "某市人民政府门户网站"
    body = f"{NAVIGATION}{crumbs(truth, rng)}<div class=content>{_article(pieces, rng, bare_cell, title=False)}</div>{FOOT}"
    return _document(title, body, head=head).encode()


def _css_tables(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    """Return a page in UTF-16 whose one-row tables are drawn with styles instead of table marks."""
    parts: list[str] = []
    for piece in pieces:
        plain = isinstance(piece, Sheet) and all(b.rows == b.columns == 1 for b in piece.boxes)
        if isinstance(piece, Sheet) and plain:
            rows = "".join(
                '<div style="display: table-row">' + "".join(f'<div style="display:table-cell; border:1px">{escape(b.text)}</div>' for b in piece.row(i)) + "</div>"
                for i in range(piece.row_count)
            )  # fmt: skip
            parts.append(f'<div style="display:table">{rows}</div>')
        else:
            parts.append(_article([piece], rng, bare_cell))
    return _document(truth.title, "".join(parts)).encode("utf-16")


def _signed_date_lost(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    """Return a page whose date stands only in the metadata table (no signature in the text)."""
    body = [p for p in pieces if not (isinstance(p, Body) and p.align == "right")]
    content = _article(body, rng, bare_cell)
    return _document(
        truth.title,
        f"{NAVIGATION}{metadata_table(replace(truth, signature=None), rng)}<div>{content}</div>{side_list(rng)}{FOOT}",
    ).encode()


def _excel(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    """Return a spreadsheet saved as a page: one wide table holds title, paragraphs and tables."""
    merged = rng.random() < 0.5
    rows = ["<tr height=0 style='display:none'>" + "<td width=64></td>" * 15 + "</tr>"]
    for piece in pieces:
        if isinstance(piece, Sheet):
            inner = table(piece, rng, bare_cell)
            inner = inner[inner.index("<tr>") : inner.rindex("</table>")]
            rest = 15 - piece.column_count
            filler = (
                f"<td colspan={rest} style='mso-ignore:colspan'></td></tr>" if rest else "</tr>"
            )
            rows.append(inner.replace("</tr>", filler))
        else:
            text = piece.full if isinstance(piece, Heading) else piece.text
            spread = (
                "<td colspan=15 class=xl65>{}</td>"
                if merged
                else "<td>{}</td>" + "<td><br></td>" * 14
            )
            rows.append(f"<tr height=19>{spread.format(escape(text))}</tr>")
    body = f"<table border=0 cellpadding=0 cellspacing=0 width=960>{''.join(rows)}</table>"
    return _document(
        "", body, charset="gb2312", head="<meta name=Generator content='Microsoft Excel 15'>"
    ).encode("gb18030")


def _text_file(truth: Truth, rng: Random, pieces: list[Piece]) -> bytes:
    """Return a text file that a browser saved as a page: tabs between cells, all preformatted."""
    lines: list[str] = []
    for piece in pieces:
        if isinstance(piece, Sheet):
            for row in range(piece.row_count):
                cells = [""] * piece.column_count
                for box in piece.row(row):
                    cells[box.column] = box.text if box.row == row else ""
                lines.append("\t".join(escape(c) for c in cells))
        else:
            lines.append(escape(piece.full if isinstance(piece, Heading) else piece.text))
        lines.append("")
    return _document("", f'<pre style="word-wrap: break-word">{chr(10).join(lines)}</pre>').encode()


_RENDERERS: dict[str, Callable[[Truth, Random, list[Piece]], bytes]] = {
    "plain": _plain, "cms": _cms, "word": _word, "libreoffice": _libreoffice, "broken": _broken, "wps": _wps,
    "nested": _nested, "browser_saved": _browser_saved, "divs": _divs, "mhtml": _mhtml, "pieces": _pieces,
    "head_title": _head_title, "css_tables": _css_tables, "metadata_date": _signed_date_lost, "excel": _excel,
    "text_file": _text_file,
}  # fmt: skip
VARIANTS = tuple(_RENDERERS)
"""Kinds of web pages; `render` draws the report as each of them."""
