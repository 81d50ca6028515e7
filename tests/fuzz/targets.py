"""Everything that takes what strangers wrote, each as a function of bytes that raises when a promise is broken."""

import hashlib
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from services.commands.reviews.agency_bodies import bodies_of
from services.commands.reviews.agency_sheet import read_sheet
from services.commands.reviews.reviewing import Mistaken
from services.extract.core.aligning.readings import read_cell
from services.extract.core.narrative.figures import read_figures
from services.extract.core.narrative.numerals import parse_numeral
from services.extract.core.who.agency import parse_agency
from services.extract.core.who.dates import find_date
from services.extract.core.who.title import read_parts
from services.normalize.core import sniffing
from services.normalize.core.outcomes import (
    Aids,
    Members,
    NeedsConversion,
    NeedsRecognition,
    Outcome,
)
from services.normalize.core.readers import docx, html, ofd, pdf, sheet, text
from services.normalize.core.readers.archive.reader import read as read_archive
from services.normalize.core.readers.encrypted import read as read_encrypted
from services.normalize.core.reading import read
from services.notify.core.entries import webhooks_of
from services.notify.core.faults import Fault
from services.notify.core.notices import notice_of
from services.pipeline import process
from services.sink.core import reviews, rows
from services.validate.core.across.wording import wording_of
from services.validate.core.deployment import adapted
from services.validate.core.faults import RulebookError
from services.validate.core.rulebook import load
from shared.contracts.changes import IssueGone, IssuesChanged
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import REPORT_EVENTS, DeadLetter, ValidationFailed
from shared.contracts.parcel import Parcel
from shared.contracts.reviews import REVIEW_EVENTS
from shared.errors import BadInput, Undeliverable
from shared.forms import EDITIONS, TABLE_IDS, solving
from shared.forms.solving.puzzle import MOST_STEPS
from shared.report.document import Document
from shared.report.record import Section
from shared.report.stored import pack, read_gist, read_record, record_json
from shared.runtime.streams import envelope, topology
from tests.fuzz import mutators, records, seeds, words
from tests.fuzz.documents import document
from tests.fuzz.draws import Draws
from tests.fuzz.invariants import NOW, check_document, check_line, check_record, check_verdict
from tests.fuzz.whole import judged, record_of

Check = Callable[[bytes], None]

EVENTS: Final[tuple[Any, ...]] = (
    *REPORT_EVENTS,
    ValidationFailed,
    IssueGone,
    IssuesChanged,
    *REVIEW_EVENTS,
    DeadLetter,
)
"""Every model that is read off the bus, by the first byte of a fuzzed message."""


@dataclass(frozen=True)
class Target:
    """One entry point: what must hold for any bytes, what to begin with, how to change it.

    `native` says that code in C sees the bytes: such a process may die, and is started again.
    """

    check: Check
    seeds: Callable[[], Iterable[bytes]]
    mutator: mutators.Mutator | None = None
    longest: int = 4096
    native: bool = False


def _same(one: object, other: object) -> None:
    assert one == other, "read twice, and not the same"


def _is_eighth(data: bytes) -> bool:
    """Tell whether this one is read twice: one in eight is."""
    return hashlib.blake2b(data, digest_size=1).digest()[0] < 32


def check_outcome(found: Outcome) -> None:
    """Whatever reading comes to is fit for the next stage."""
    if isinstance(found, Document):
        check_document(found)
    elif isinstance(found, Members):
        names = [m.name for m in found.members]
        assert len(names) == len(set(names)), "two members of one name"
        for name in names:
            parts = name.split("/")
            assert name
            assert not name.startswith("/"), name
            assert not {"", ".", ".."} & set(parts), name
            name.encode()
    elif isinstance(found, NeedsRecognition):
        assert found.pictures
        for picture in found.pictures:
            assert picture.key == hashlib.sha256(picture.data).hexdigest()
            assert picture.page >= 1
    else:
        assert isinstance(found, NeedsConversion)
        assert found.suffix.startswith(".")


def _reader(reader: Callable[[bytes, str, Aids], Outcome], name: str) -> Check:
    def check(data: bytes) -> None:
        try:
            found = reader(data, name, Aids())
        except BadInput as refusal:
            _check_refusal(refusal)
            return
        check_outcome(found)
        if _is_eighth(data):
            _same(found, reader(data, name, Aids()))

    return check


def _check_refusal(refusal: BadInput) -> None:
    (refusal.detail_zh + refusal.detail_en).encode()


_NAMES = ("a.txt", "a.docx", "a.pdf", "a.xls", "年报.html", "a", ".ofd", "a.zip", "\u202e.txt")


def _door(data: bytes) -> None:
    name = _NAMES[len(data) % len(_NAMES)]
    _reader(read, name)(data)
    sniffing.disguise(name, sniffing.recognise(data))


def _office(data: bytes) -> None:
    """The containers: what a zip or an old Office file is taken for, and why one is locked."""
    shown = sniffing.recognise(data)
    if shown is not None and shown.name == "encrypted":
        _reader(read_encrypted, "a.doc")(data)


def _process(data: bytes) -> None:
    outcome = process(data, "2021年年报.txt")
    check_line(outcome.neutral())
    if outcome.record is None:
        return
    check_record(outcome.record)
    concluded, _, _ = judged(outcome.record)
    check_verdict(concluded)


def _extract(data: bytes) -> None:
    found = document(Draws(data))
    try:
        made = record_of(found)
    except BadInput:
        return
    check_record(made)
    if _is_eighth(data):
        _same(made, record_of(found))


def _judge(data: bytes) -> None:
    found = records.record(Draws(data))
    concluded, told, line = judged(found)
    check_verdict(concluded)
    check_line(line)
    for event in told:
        _check_envelope(event)
    stored = record_json(found)
    assert read_record(pack(stored)) == found
    assert wording_of("r", read_gist(pack(stored))) == wording_of("r", found)
    if _is_eighth(data):
        _same(concluded, judged(found)[0])


def _solve(data: bytes) -> None:
    draws = Draws(data)
    system = solving.system(draws.pick(EDITIONS), draws.pick(TABLE_IDS))
    values: dict[str, int | float] = {}
    fixed: dict[str, int | float] = {}
    for address in system.addresses:
        kind = draws.below(8)
        if kind == 7:
            fixed[address] = 0
        elif kind == 6:
            values[address] = words.number(draws)
        elif kind < 5:
            values[address] = draws.below(4)
    options = (
        {a: (words.number(draws), words.number(draws)) for a in values} if draws.flag() else None
    )
    puzzle = solving.Puzzle.of(system, values, system.keys, fixed=fixed, options=options)
    broken = [system.keys[e] for e in puzzle.broken]
    solutions = solving.solve(puzzle)
    assert puzzle.steps <= 20 * MOST_STEPS, puzzle.steps
    told = [key for solution in solutions for key in solution.equations]
    assert sorted(told) == sorted(broken), "an equation without a solution, or with two"
    for solution in solutions:
        for fix in solution.fixes:
            for address, old, new in fix.changes:
                assert address in values, address
                assert old == values[address]
                assert new >= 0
                assert new == int(new)


def _texts(data: bytes) -> None:
    """The small readers of words: agencies, dates, numerals, cells, titles, sentences."""
    draws = Draws(data)
    said = words.text(draws, 14)
    parse_agency(said)
    find_date(said)
    parse_numeral(said)
    read_cell(said)
    read_parts(said)
    parts = (Section(0, "", "", said), Section(1, "一、总体情况", "", words.text(draws, 40)))
    year = draws.pick((None, 2021))
    figures, claims = read_figures(parts, year)
    if _is_eighth(data):
        _same((figures, claims), read_figures(parts, year))
    for figure in figures:
        assert figure.value == figure.value, figure


def _check_envelope(event: Any) -> None:
    """What is published is a subject of ours and headers that a line can carry."""
    subject = envelope.subject(event)
    assert topology.stream_of(subject)
    assert all(
        part.isascii() and part and not {" ", "*", ">"} & set(part) for part in subject.split(".")
    ), subject
    for name, value in envelope.headers(event, source="test", now=NOW).items():
        assert value.isascii(), name
        assert value.isprintable(), name
        assert value == value.strip(), name


def _event(data: bytes) -> None:
    if not data:
        return
    model = EVENTS[data[0] % len(EVENTS)]
    try:
        event = model.model_validate_json(data[1:])
    except ValidationError as error:
        error.errors(include_input=False, include_url=False, include_context=False)
        return
    body = event.model_dump_json(exclude_defaults=True)
    assert model.model_validate_json(body) == event, "another event after a trip"
    _check_envelope(event)
    _use(event)


_USES: Final[dict[str, Callable[[Any], object]]] = {
    "ReportNormalized": lambda e: record_of(e.document),
    "ReportExtracted": lambda e: judged(e.record),
    "ReportValidated": rows.recorded,
    "ReportCompared": rows.compared,
    "ReportRefused": rows.refused,
    "ReportDuplicate": rows.duplicate,
    "ReportExpanded": rows.expanded,
    "DeadLetter": rows.dead,
    "IssueDecided": reviews.decision,
    "CellCorrected": reviews.correction,
    "AgenciesListed": lambda e: (
        reviews.agency_list(e),
        tuple(reviews.agencies(e)),
        reviews.parents(e),
    ),
}


def _use(event: Any) -> None:
    """Do with an event what its consumer does; only a refusal may come of it."""
    use = _USES.get(type(event).__name__)
    if use is None:
        return
    try:
        use(event)
    except BadInput as refusal:
        _check_refusal(refusal)


def _meta(data: bytes) -> None:
    try:
        dropped = DroppedObject.model_validate_json(data)
    except ValidationError:
        return
    assert dropped.sha256 is None or len(dropped.sha256) == 64
    dropped.file.encode()
    try:
        notice_of(Parcel({"ce-type": "a", "ce-id": "b.c", "ce-time": "c"}, data))
    except Undeliverable:
        return


def _rules(data: bytes) -> None:
    try:
        adapted(load(), {"a.toml": data.decode("utf-8", "replace")})
    except RulebookError as error:
        str(error).encode("utf-8", "backslashreplace")


def _webhooks(data: bytes) -> None:
    try:
        found = tomllib.loads(data.decode("utf-8", "replace"))
    except tomllib.TOMLDecodeError:
        return
    webhooks_of(found, _no_secret)


def _no_secret(key: str, source: str) -> str:
    raise Fault("未设", f"{key} not there")


def _agencies(data: bytes) -> None:
    try:
        listed = read_sheet(data)
    except Mistaken:
        return
    bodies_of(listed.rows)


TARGETS: Final[dict[str, Target]] = {
    "door": Target(_door, seeds.files, mutators.markup, 60_000, native=True),
    "text": Target(_reader(text.read, "a.txt"), seeds.texts, mutators.cells, 30_000),
    "html": Target(_reader(html.read, "a.html"), seeds.pages, mutators.markup, 60_000, native=True),
    "docx": Target(
        _reader(docx.read, "a.docx"), seeds.word_files, mutators.container, 60_000, native=True
    ),
    "sheet": Target(
        _reader(sheet.read, "a.xlsx"), seeds.workbooks, mutators.container, 60_000, native=True
    ),
    "pdf": Target(_reader(pdf.read, "a.pdf"), seeds.pdfs, mutators.pdf, 120_000, native=True),
    "ofd": Target(_reader(ofd.read, "a.ofd"), seeds.ofds, mutators.container, 60_000, native=True),
    "archive": Target(_reader(read_archive, "a.zip"), seeds.archives, None, 8192, native=True),
    "containers": Target(_office, seeds.files, None, 30_000),
    "process": Target(_process, seeds.texts, mutators.cells, 30_000),
    "extract": Target(_extract, seeds.choices, None, 400),
    "judge": Target(_judge, seeds.choices, None, 400),
    "solve": Target(_solve, seeds.choices, None, 700),
    "words": Target(_texts, seeds.choices, None, 400),
    "event": Target(_event, seeds.events, None, 90_000),
    "meta": Target(_meta, seeds.meta, None, 2000),
    "rules": Target(_rules, seeds.rules, mutators.cells, 8000),
    "webhooks": Target(_webhooks, seeds.webhooks, mutators.cells, 4000),
    "agencies": Target(_agencies, seeds.agencies, mutators.cells, 4000),
}
"""All entry points by name."""
