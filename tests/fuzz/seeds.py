"""What fuzzing begins with: small whole files of every kind, made here, the same every time."""

from collections.abc import Iterable
from pathlib import Path
from random import Random

import orjson

from shared.contracts.events import DeadLetter
from tests.fuzz.draws import Draws
from tests.fuzz.records import record
from tests.fuzz.whole import NOW, extracted, judged, normalized
from tests.support import hostile
from tests.support.fill import fill
from tests.support.formats import archive, docx, html, ofd, pdf, xlsx
from tests.support.render import LAYOUTS, render

Seeds = Iterable[bytes]
_RULES = """
[[rules]]
id = "own_rule"
severity = "warning"
says_zh = "本年新收不应超过 1000 件"
says_en = "No more than 1000 requests a year"
kind = "compare"
parameters = {{ left = ["applications.new_received@total"], relation = "<=", right = [], constant = {} }}

[[overrides]]
id = "t3_balance"
severity = "warning"
"""
_WEBHOOK = """
[[webhooks]]
name = "county"
url = "https://example.org/hook"
events = ["issue"]
severities = ["error"]
regions = ["33"]
years = [2024]
timeout = 5
headers = { Authorization = "x" }
"""
_AGENCIES = "机关名称,行政区划代码,级别,类型,上级机关,起始年度,截止年度\n杭州市教育局,330100,prefecture,department,杭州市人民政府,2008,\n西湖区人民政府,,,,,,\n"


def texts() -> Seeds:
    """Reports as text, in every layout and several encodings."""
    for number, layout in enumerate(LAYOUTS):
        yield render(fill(number), layout, Random(number)).data


def pages() -> Seeds:
    """Reports as web pages and saved page archives."""
    for number, variant in enumerate(html.VARIANTS):
        yield html.render(fill(number, kind="zero"), Random(number), variant)


def word_files() -> Seeds:
    """Reports as .docx."""
    for number, variant in enumerate((*docx.VARIANTS, "picture_tables")):
        yield docx.render(fill(number, kind="zero"), Random(number), variant)


def workbooks() -> Seeds:
    """Reports as .xlsx, and an .xls."""
    for number, variant in enumerate(xlsx.VARIANTS):
        yield xlsx.render(fill(number, kind="zero"), Random(number), variant)
    yield (Path(__file__).parents[1] / "services/normalize/samples/peculiar.xls").read_bytes()


def pdfs() -> Seeds:
    """Small PDF files, and reports without fonts of their own."""
    yield hostile.pdf_pages(2)
    yield hostile.pdf_drawing_itself()
    yield hostile.pdf_of_nested_forms(2)
    yield hostile.pdf_with_page_loop()
    yield hostile.pdf_with_script("http://127.0.0.1/")
    yield hostile.pdf_of_lines(50)
    for number, variant in enumerate(
        ("word", "lines", "borderless", "form_xobject", "watermark", "no_unicode")
    ):
        yield pdf.render(fill(number, kind="zero"), Random(number), variant)


def ofds() -> Seeds:
    """Reports as .ofd."""
    for number, variant in enumerate(ofd.VARIANTS):
        yield ofd.render(fill(number, kind="zero"), Random(number), variant)


def archives() -> Seeds:
    """Archives of every kind around two small texts."""
    for variant in archive.VARIANTS:
        yield archive.pack({"年报/一.txt": b"text", "b.txt": "规章\t0\t0".encode()}, variant)
    yield hostile.overlapping_zip(3, 1)
    yield hostile.nested_zip(4)


def files() -> Seeds:
    """One or two of every kind."""
    for kind in (texts, pages, word_files, workbooks, pdfs, ofds, archives):
        yield from [data for data in kind() if len(data) < 60_000][:3]
    yield hostile.png_header(10, 10)
    yield b"{\\rtf1 x}"
    yield b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024)


def choices() -> Seeds:
    """Rows of choices: for targets that build their input by drawing from the bytes."""
    for number in range(24):
        yield Random(number).randbytes(8 * number)


def events() -> Seeds:
    """Every kind of event, after the byte that says which."""
    from tests.fuzz.targets import EVENTS

    drawn = record(Draws(bytes((3, 4, 5))))
    verdict, failed, _ = judged(drawn)
    known = [extracted(drawn), verdict, *failed[:1]]
    for number, model in enumerate(EVENTS):
        yield (
            bytes((number,))
            + b'{"document_id":"'
            + b"0" * 64
            + b'","file":"a.txt","received_at":"2025-01-31T00:00:00Z"}'
        )
        for event in known:
            if type(event) is model:
                yield (
                    bytes((number,))
                    + event.model_dump_json(exclude_defaults=True).encode()[:60_000]
                )
    letter = DeadLetter(
        service="extract", document_id="0" * 64, file="a", reason="r", error_class="E", attempts=5, origin_subject="s",
        origin_stream="REPORTS", origin_sequence=1, payload="{}", failed_at=NOW, replay="gouji replay REPORTS 1",
    )  # fmt: skip
    yield bytes((EVENTS.index(DeadLetter),)) + letter.model_dump_json().encode()
    from tests.fuzz.documents import bases

    yield b"\x04" + normalized(bases()[1]).model_dump_json(exclude_defaults=True).encode()[:80_000]


def rules() -> Seeds:
    """Own rules and changes, as operators write them."""
    yield _RULES.format("1000").encode()
    own = Path(__file__).parents[2] / "services/validate/rulebook"
    for path in sorted(own.glob("*.toml"))[:4]:
        yield path.read_bytes()[:6000]


def webhooks() -> Seeds:
    """A file of webhooks."""
    yield _WEBHOOK.encode()
    yield b"webhooks = 1"


def agencies() -> Seeds:
    """A list of bodies that must report."""
    yield _AGENCIES.encode()
    yield _AGENCIES.encode("gb18030")
    yield b"agency\n" + "省教育厅".encode() * 3


def meta() -> Seeds:
    """Notices of the bucket."""
    meta = {
        "name": "0" * 64 + "/a.txt",
        "nuid": "n",
        "size": 3,
        "chunks": 1,
        "digest": "SHA-256=" + "A" * 43 + "=",
    }
    yield orjson.dumps(meta)
