"""Which reports in memory stand beside one: by body, place and text, and never itself."""

from dataclasses import replace
from random import Random

from services.validate.core.across.family import Neighbour
from services.validate.core.across.gathering import MOST_ALIKE, Neighbourhood, members_of
from services.validate.core.examples.clean import clean_record
from shared.report.record import Record, Region
from tests.support.essays import essay

RECEIVED = "applications.received_new@total"
COUNTY = Region("江东省", "云州市", "清河县")
CITY = Region("江东省", "云州市")


def _record(
    document: str, agency: str = "江东省云州市清河县财政局", *,
    region: Region = COUNTY, text: str | None = None, **identity: object,
) -> Record:  # fmt: skip
    record = clean_record()
    sections = tuple(
        replace(s, text=text) if s.number == 1 and text is not None else s for s in record.sections
    )
    who = replace(record.identity, agency=agency, region=region, **identity)
    return replace(record, document_id=document, identity=who, sections=sections)


def _with(record: Record, value: int, confidence: float = 1.0) -> Record:
    cells = tuple(
        replace(c, value=value, confidence=confidence) if c.address == RECEIVED else c
        for c in record.cells
    )
    return replace(record, cells=cells)


def _around(record: Record, **others: Record):
    neighbourhood = Neighbourhood(Neighbour(name, other) for name, other in others.items())
    return neighbourhood.around("draft", record)


def test_the_same_body_on_the_year_before_is_found_and_no_other_year():
    years = {f"y{y}": _record(f"d{y}", year=y) for y in (2020, 2021, 2022, 2024)}

    family = _around(_record("d"), **years).family

    assert family.before is not None
    assert family.before.report_id == "y2022"
    assert set(family.alike) == {1, 5}
    assert family.members is None


def test_another_body_and_the_roll_up_of_the_same_place_are_not_the_year_before():
    others = {
        "audit": _record("a", "江东省云州市清河县审计局", year=2022),
        "county": _record("b", "江东省云州市清河县人民政府", year=2022, scope="roll_up"),
        "namesake": _record("c", region=Region("江东省", "云州市", "白水县"), year=2022),
    }

    assert _around(_record("d"), **others).family.before is None


def test_texts_of_the_same_year_that_share_marks_are_alike_whoever_wrote_them():
    text, other = essay(Random(1), 600), essay(Random(2), 600)
    others = {
        "copy": _record("a", "江东省云州市清河县审计局", text=text),
        "unlike": _record("b", "江东省云州市清河县水利局", text=other),
        "older": _record("c", "江东省云州市清河县教育局", text=text, year=2022),
    }

    family = _around(_record("d", text=text), **others).family

    assert {n: [o.report_id for o in found] for n, found in family.alike.items()} == {1: ["copy"]}


def test_no_more_texts_are_compared_than_on_the_line():
    text = essay(Random(1), 600)
    others = {f"o{n}": _record(f"d{n}", f"江东省云州市清河县第{n}局", text=text) for n in range(9)}

    assert len(_around(_record("d", text=text), **others).family.alike[1]) == MOST_ALIKE


def test_a_report_is_no_neighbour_of_itself_under_another_name_or_in_another_reading():
    text = essay(Random(1), 600)
    draft = _record("d", text=text)
    same_bytes, same_report = replace(draft, file="copy.txt"), replace(draft, document_id="e")

    neighbours = (Neighbour("elsewhere", same_bytes), Neighbour("draft", same_report))
    kin = Neighbourhood(neighbours).around("draft", draft)

    assert (kin.family.before, kin.members) == (None, ())
    assert not any(kin.family.alike.values())


def test_of_two_readings_of_one_report_the_later_counts():
    first, second = (_with(_record(f"d{v}", year=2022), v) for v in (3, 4))
    neighbourhood = Neighbourhood((Neighbour("before", first), Neighbour("before", second)))

    before = neighbourhood.around("draft", _record("d")).family.before

    assert before is not None
    assert before.record == second


def test_a_roll_up_is_beside_its_own_bodies_and_the_roll_ups_right_below():
    government = "江东省云州市人民政府"
    own = _with(_record("a", "江东省云州市财政局", region=CITY), 4)
    below = _with(_record("b", "江东省云州市清河县人民政府", scope="roll_up"), 9)
    others = {
        "own": own,
        "below": below,
        "further": _with(_record("c"), 99),
        "other year": _with(_record("e", "江东省云州市财政局", region=CITY, year=2022), 99),
        "doubtful": _with(_record("f", "江东省云州市水利局", region=CITY), 77, confidence=0.5),
    }

    kin = _around(_record("d", government, region=CITY, scope="roll_up"), **others)

    assert {one.report_id for one in kin.members} == {"own", "below", "doubtful"}
    assert kin.family.members is not None
    assert kin.family.members.count == 3
    assert kin.family.members.largest[RECEIVED] == (9, "江东省云州市清河县人民政府")
    assert kin.family.members.sums == {}
    assert not kin.family.members.complete


def test_a_report_whose_year_or_body_is_not_known_has_no_neighbours():
    before = {"before": _record("b", year=2022)}

    assert _around(_record("d", year=None), **before).family.before is None
    nameless = replace(_record("d"), identity=replace(_record("d").identity, agency=None))
    assert _around(nameless, **before).family.before is None


def test_only_listed_members_are_added_up():
    figures = [("a", RECEIVED, 2), ("b", RECEIVED, 3), ("c", RECEIVED, 9)]
    agencies = {"a": "甲", "b": "乙", "c": "丙"}

    listed = members_of(agencies, figures, listed={"a", "b"}, complete=True)
    unlisted = members_of(agencies, figures)

    assert (listed.count, listed.sums, listed.known) == (2, {RECEIVED: 5}, {RECEIVED: 2})
    assert listed.largest[RECEIVED] == (9, "丙")
    assert (unlisted.count, unlisted.sums, unlisted.known) == (3, {}, {})


def test_an_office_of_a_vertical_system_is_no_member_of_the_government_at_its_place():
    whole = _record("w", "江东省云州市清河县人民政府", scope="roll_up", kind="government")
    others = {
        "bureau": _record("a", "江东省云州市清河县财政局"),
        "tax": _record("b", "国家税务总局清河县税务局"),
        "weather": _record("c", "清河县气象局"),
    }

    members = _around(whole, **others).members

    assert [m.record.identity.agency for m in members] == ["江东省云州市清河县财政局"]
