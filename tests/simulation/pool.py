"""The files of the simulation: a handful of made-up reports that are kin, and what is none, each read once and for all.

Reading is measured elsewhere; here a file's reading is a value that the stand-in of the workshop returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from random import Random
from typing import Literal

from services.normalize.core.outcomes import (
    Member,
    Members,
    NeedsConversion,
    NeedsRecognition,
    Outcome,
)
from services.normalize.core.reading import read_document
from services.validate.core.rule import Override
from services.validate.core.rulebook import Rulebook, load
from shared.errors import BadInput
from shared.report.document import Document
from shared.report.identity import document_id
from shared.report.record import Region
from tests.support.agencies import Agency
from tests.support.fill import fill
from tests.support.render import render

Fate = Literal["recorded", "refused", "expanded", "poison"]
Poison = Literal["defect", "killer"]


@dataclass(frozen=True)
class Specimen:
    """One file: its bytes, what reading it comes to, and what must become of it.

    `lane` is the help that it needs. `poison` says how reading it fails until somebody mends it.
    """

    name: str
    data: bytes
    fate: Fate
    outcome: Outcome | BadInput | None
    lane: Literal["office", "ocr"] | None = None
    poison: Poison | None = None

    @property
    def document_id(self) -> str:
        return document_id(self.data)


_COUNTY = Region("江苏省", "宿迁市", "沭阳县", code="321322")


def _agency(name: str, *, roll_up: bool = False) -> Agency:
    return Agency(
        full=f"沭阳县{name}", printed=f"沭阳县{name}", region=_COUNTY, level="county",
        kind="government" if roll_up else "department", scope="roll_up" if roll_up else "own",
        we="我县" if roll_up else "我局",
    )  # fmt: skip


def _text(seed: int, agency: Agency, year: int) -> bytes:
    truth = fill(
        seed,
        "2021",
        year=year,
        agency=agency,
        kind="rollup" if agency.scope == "roll_up" else "small",
    )
    return render(truth, "markdown", Random(seed), encoding="utf-8").data


def _wrong(data: bytes) -> bytes:
    """Spoil figures, so that there is something to tell."""
    text = data.decode()
    for digit, other in (("1 |", "7 |"), ("2 |", "5 |")):
        place = text.rfind(digit)
        if place > 0:
            text = text[:place] + other + text[place + len(digit) :]
    return text.encode()


def _read(name: str, data: bytes) -> Document:
    return read_document(data, name)


def _report(name: str, data: bytes, lane: Literal["office", "ocr"] | None = None) -> Specimen:
    document = _read(name, data)
    # in the lanes the bytes are of another format: what counts is what reading them comes to
    shown = data if lane is None else f"{lane}:".encode() + data
    return Specimen(name, shown, "recorded", document, lane)


@cache
def specimens() -> Mapping[str, Specimen]:
    """Return all files by name."""
    finance, water, county = _agency("财政局"), _agency("水利局"), _agency("人民政府", roll_up=True)
    schools, health = _agency("教育局"), _agency("卫生健康局")
    made = [
        _report("finance-2022.txt", _text(1, finance, 2022)),
        _report("finance-2023.txt", _wrong(_text(2, finance, 2023))),
        _report("finance-2023-corrected.txt", _text(2, finance, 2023)),
        _report("water-2023.txt", _wrong(_text(3, water, 2023))),
        _report("schools-2023.doc", _text(4, schools, 2023), "office"),
        _report("health-2023.pdf", _text(5, health, 2023), "ocr"),
        _report("county-2023.txt", _text(6, county, 2023)),
    ]
    # the same text under another body's name
    copied = _text(3, water, 2023).decode().replace("水利局", "审计局").encode()
    made.append(_report("audit-2023.txt", copied))
    inside = (
        _report("water-2022.txt", _text(7, water, 2022)),
        _report("health-2022.txt", _text(8, health, 2022)),
    )
    members = Members(tuple(Member(one.name, one.data) for one in inside), ("Thumbs.db",))
    made += [
        *inside,
        Specimen("year.zip", b"PK\x03\x04 two reports", "expanded", members),
        Specimen("letter.txt", "关于停水的通知\n请做好准备。\n".encode() * 20, "refused",
                 BadInput("not_a_report", "不是年报。", "This is no annual report.")),
        Specimen("locked.pdf", b"%PDF-1.7 locked", "refused", BadInput("encrypted", "文件已加密。", "It is encrypted.")),
        Specimen("empty.txt", b"", "refused", None),
        Specimen("defect.txt", b"a file that meets a defect", "poison", None, poison="defect"),
        Specimen("killer.pdf", b"%PDF-1.7 ends its process", "poison", None, poison="killer"),
    ]  # fmt: skip
    return {one.name: one for one in made}


@cache
def by_bytes() -> Mapping[bytes, Specimen]:
    return {one.data: one for one in specimens().values()}


@cache
def by_document() -> Mapping[str, Specimen]:
    return {one.document_id: one for one in specimens().values()}


@lru_cache(maxsize=256)
def need_of(specimen: Specimen) -> NeedsConversion | NeedsRecognition:
    return NeedsConversion(".doc") if specimen.lane == "office" else NeedsRecognition(())


def read(specimen: Specimen) -> Outcome:
    """Return what is in a file whose needs are met; raises its refusal."""
    if specimen.outcome is None:
        raise BadInput("empty", "没有内容。", "It is empty.")
    if isinstance(specimen.outcome, BadInput):
        raise specimen.outcome
    return specimen.outcome


@cache
def rulebooks() -> tuple[Rulebook, Rulebook]:
    """Return the rulebook in force and the next one, by which some findings are graver and some none."""
    old = load()
    graver = {r.id: Override(severity="warning") for r in old.rules if r.severity == "info"}
    chosen = dict(sorted(graver.items())[::2])
    chosen["t3_balance"] = Override(enabled=False)
    return old, old.overridden(chosen)
