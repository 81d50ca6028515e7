"""The reader of web pages and saved web archives: bytes to text and grids as a browser shows them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from services.normalize.core import decoding
from services.normalize.core.composing import Block, Grid, Text, compose
from services.normalize.core.outcomes import Aids, NeedsRecognition, Outcome
from services.normalize.core.readers.html.archive import is_archive, unpack
from services.normalize.core.readers.html.article import Article, article_of, is_form_table
from services.normalize.core.readers.html.cut import mark_cut
from services.normalize.core.readers.html.guard import guard, strip_raw
from services.normalize.core.readers.html.head import Head, read_head
from services.normalize.core.readers.html.pictures import Pictured, Store, put_pictures
from services.normalize.core.readers.html.tree import Line, Page
from services.normalize.core.readers.html.values import file_of, is_file, viewed
from services.normalize.core.readers.html.walk import walk
from services.normalize.core.readers.html.words import is_report_title
from services.normalize.core.readers.text import read as read_text
from services.normalize.core.vocabulary import label_kind
from shared.errors import BadInput
from shared.report.document import Document, Observation, Paragraph

_SHORTEST_REPORT = 400
"""Characters; a page with less text and no part of the form only leads to the report."""
_HARDLY_ANY = 50
_LONGEST_PAGE = 1_000_000
"""Characters shown; the longest real report has fewer than 100,000."""
_DATED = re.compile(r"(?:日期|时间|時間)\s*[】\])）]?\s*[:：]\s*\S*\d")
_SOURCED = re.compile(r"(?:来源|來源|发布机构|发文机关|公开机构|责任单位)\s*[】\])）]?\s*[:：]")
_CELL_END = re.compile(r"[\t|｜]|\s{2,}")
_FEWEST_LABELS = 6
_NAMED = 5
_SHOWN = 80
_WANTED_AT_ONCE = 4


def read(data: bytes, name: str, aids: Aids) -> Outcome:
    """Return the document in a web page or archive, or the pictures that must be recognised first."""
    store = Store()
    if is_archive(data):
        archived = unpack(data, name)
        data, store.files = archived.page, archived.files
    decoded = decoding.decode(strip_raw(data, store.embedded), name)
    markup = guard(decoded.text, name)
    parser = _parsed(markup, name)
    body = parser.body
    if body is None:
        raise _only_frames(parser, name)
    cut = mark_cut(markup, body)
    page, article, observations = _shown(parser, name)
    if cut is not None:
        observations.append(cut)
    if decoded.damage:
        observations.append(Observation("e_mirror_damage", decoded.damage, 1))
    head = read_head(parser.head)
    pictured = put_pictures(article.blocks, store, aids)
    is_text = _is_text(pictured.blocks)
    if pictured.wanted and not is_text:
        return NeedsRecognition(tuple(pictured.wanted[:_WANTED_AT_ONCE]))
    _refuse_without_report(page, article, pictured, head, name)
    blocks = [*_heading(head, pictured.blocks), *pictured.blocks, *_kept_apart(page)]
    observations += _notes(page, pictured)
    if is_text:
        return _as_text(blocks, name, decoded.encoding, observations)
    return compose(
        blocks, name, reader="html", encoding=decoded.encoding,
        observations=observations, recognised=tuple(pictured.recognised),
    )  # fmt: skip


def _parsed(text: str, name: str) -> LexborHTMLParser:
    try:
        return LexborHTMLParser(text)
    except (SelectolaxError, UnicodeError) as error:
        raise BadInput(
            "broken",
            f"网页“{name}”无法解析，请在浏览器中打开后重新保存。",
            f"The web page {name!r} cannot be parsed; open it in a browser and save it again.",
        ) from error


def _shown(parser: LexborHTMLParser, name: str) -> tuple[Page, Article, list[Observation]]:
    """Return what the page shows; where only its hidden part holds the report, that part too."""
    assert parser.body is not None
    page = walk(parser.body, name)
    article = article_of(page.root)
    if page.root.size > _LONGEST_PAGE:
        raise BadInput(
            "too_large",
            f"网页“{name}”有 {page.root.size} 个字符，超出上限 {_LONGEST_PAGE}，不可能是年度报告。",
            f"The web page {name!r} shows {page.root.size} characters, more than {_LONGEST_PAGE}.",
        )
    if article.is_form:
        return page, article, []
    whole = walk(parser.body, name, heed_hidden=False)
    revealed = article_of(whole.root)
    if not revealed.is_form:
        return page, article, []
    unshown = [*page.hidden, *page.struck]
    return (
        whole,
        revealed,
        [Observation("e_hidden_text", _sample(unshown) if unshown else "noscript")],
    )


def _is_text(blocks: Sequence[Block]) -> bool:
    """Tell whether the tables of a page are no tables: text files, cells as paragraphs.

    What the text says then decides what is a table, as it does in a text file.
    """
    if any(isinstance(block, Grid) and is_form_table(block) for block in blocks):
        return False
    texts = [b.text for b in blocks if isinstance(b, Text) and not b.aside]
    cells = ["".join(cell.split()) for text in texts for cell in _CELL_END.split(text)]
    labels = {cell for cell in cells if label_kind(cell) is not None}
    return len(labels) >= _FEWEST_LABELS or any("<td" in text for text in texts)


def _as_text(
    blocks: Sequence[Block], name: str, encoding: str, observations: Sequence[Observation]
) -> Document:
    """Return the document that the text reader makes of the lines of a page."""
    texts = [b for b in blocks if isinstance(b, Text)]
    lines = [line for b in blocks for line in _printed(b)]
    document = read_text("\n".join(lines).encode(), name, Aids())
    around = tuple(Paragraph(t.text.strip()) for t in texts if t.aside and t.text.strip())
    return replace(
        document,
        reader="html",
        encoding=encoding,
        furniture=(*document.furniture, *around),
        observations=(*observations, *document.observations),
    )


def _printed(block: Block) -> list[str]:
    """Return the lines of a block in a text file, cells parted by tabs."""
    if isinstance(block, Text):
        return [] if block.aside else [block.text]
    rows: dict[int, list[str]] = {}
    for slot in sorted(block.slots, key=lambda s: (s.row, s.column)):
        rows.setdefault(slot.row, []).append(" ".join(slot.text.split()))
    return ["\t".join(cells) for cells in rows.values()]


def _heading(head: Head, blocks: Sequence[Block]) -> list[Text]:
    """Return what only the head of the page says: title, date, source. A note tells whence."""
    texts = [b for b in blocks if isinstance(b, Text)]
    added: list[Text] = []
    if head.title and not any(is_report_title(t.text) and not t.aside for t in texts):
        added.append(Text(head.title, level=1))
        added.append(Text(f"标题取自网页头部（{head.title_from}）", aside=True))
    if head.published and not any(_DATED.search(t.text) for t in texts):
        added.append(Text(f"发布日期：{head.published}", aside=True))
    if head.source and not any(_SOURCED.search(t.text) for t in texts):
        added.append(Text(f"信息来源：{head.source}", aside=True))
    if head.whole_title and not added:
        added.append(Text(head.whole_title, aside=True))
    return added


def _kept_apart(page: Page) -> list[Text]:
    return [Text(line.text, aside=True) for line in (*page.hidden, *page.struck)]


def _notes(page: Page, pictured: Pictured) -> list[Observation]:
    notes: list[Observation] = []
    if page.hidden:
        notes.append(Observation("e_hidden_text", _sample(page.hidden)))
    if page.struck:
        notes.append(Observation("e_tracked_changes", _sample(page.struck)))
    if names := _attached(page):
        notes.append(Observation("e_attachment", "; ".join(names)))
    notes += [
        Observation("e_picture_skipped", _short(i.alt or i.source))
        for i in pictured.skipped[:_NAMED]
    ]
    return notes


def _sample(lines: Sequence[Line]) -> str:
    return f"{_short(lines[0].text)} ×{len(lines)}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _attached(page: Page) -> list[str]:
    """Return the files the page links to or shows in a viewer, as people know them."""
    names = [
        link.text
        if file_of(link.target) in link.text
        else f"{_short(link.text)} ({file_of(link.target)})"
        for link in page.links
    ]
    names += [file_of(viewed(address)) for address in page.viewers if is_file(viewed(address))]
    return list(dict.fromkeys(names))


def _refuse_without_report(
    page: Page, article: Article, pictured: Pictured, head: Head, name: str
) -> None:
    """Refuse a page that only leads to the report, naming the files to drop instead."""
    if article.is_form or pictured.recognised or article.text_size >= _SHORTEST_REPORT:
        return
    names = _attached(page)
    if not names and article.text_size < _HARDLY_ANY:
        names = [_short(address) for address in page.viewers]
    listed = "；".join(names[:_NAMED]) + (f" 等{len(names)}个" if len(names) > _NAMED else "")
    if page.viewers and names:
        raise BadInput(
            "no_text",
            f"网页“{name}”没有报告正文，只嵌入了其他文件；请改为上传：{listed}。",
            f"The web page {name!r} only shows other files and holds no report text; drop instead: {listed}.",
        )
    if names:
        raise BadInput(
            "not_a_report",
            f"网页“{name}”没有报告正文，只有附件；请改为上传附件：{listed}。",
            f"The web page {name!r} holds no report text, only attachments; drop these instead: {listed}.",
        )
    titled = head.title or any(
        isinstance(b, Text) and is_report_title(b.text) for b in article.blocks
    )
    if pictured.skipped and titled:
        shown = "；".join(_short(file_of(i.source) or i.source) for i in pictured.skipped[:_NAMED])
        raise BadInput(
            "no_text",
            f"网页“{name}”的报告只有图片，且图片不在文件中；请改为上传图片：{shown}。",
            f"The report on {name!r} is only pictures, which are not in the file; drop instead: {shown}.",
        )


def _only_frames(parser: LexborHTMLParser, name: str) -> BadInput:
    frames = [node.attributes.get("src") or "" for node in parser.css("frame")]
    listed = "；".join(filter(None, frames[:_NAMED]))
    return BadInput(
        "no_text",
        f"网页“{name}”只有框架，没有正文；请改为上传框架中的网页：{listed}。",
        f"The web page {name!r} holds frames and no text; drop the pages they show instead: {listed}.",
    )
