"""Reports written by hand in the manner of officials: what must be found in them, and nothing else.

Every other corpus of the tests comes from a generator; this one does not. `manifest.toml` says of each report who
speaks, for whom, and every finding that may be raised, alone and with all the others of the folder as neighbours.
"""

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from services.pipeline import Outcome, process, report_of, set_beside
from services.validate.core.across.family import Neighbour
from services.validate.core.across.gathering import Neighbourhood

HERE = Path(__file__).parent
MANIFEST = tomllib.loads((HERE / "manifest.toml").read_text(encoding="utf-8"))
REPORTS = MANIFEST["reports"]
NOTES = frozenset(MANIFEST["notes_of_form"])
LARGEST = 200_000
each_report = pytest.mark.parametrize("wanted", REPORTS, ids=lambda w: w["file"])


@cache
def alone() -> dict[str, Outcome]:
    return {
        w["file"]: process((HERE / "reports" / w["file"]).read_bytes(), w["file"]) for w in REPORTS
    }


@cache
def together() -> dict[str, Outcome]:
    """Every report beside all others, as a province would have them."""
    outcomes = alone()
    neighbours = [Neighbour(report_of(o.record), o.record) for o in outcomes.values()]
    neighbourhood = Neighbourhood(neighbours)
    return {file: set_beside(o, neighbourhood) for file, o in outcomes.items()}


def findings(outcome):
    return Counter(
        f"{i.severity} {i.rule}"
        for i in outcome.judgement.issues
        if i.severity != "info" or i.rule not in NOTES
    )


@each_report
def test_a_report_alone_has_the_findings_of_the_manifest_and_no_other(wanted):
    assert findings(alone()[wanted["file"]]) == Counter(wanted.get("finds", []))


@each_report
def test_a_report_among_all_others_has_the_findings_of_the_manifest_and_no_other(wanted):
    expected = Counter(wanted.get("finds", [])) + Counter(wanted.get("beside", []))

    assert findings(together()[wanted["file"]]) == expected


@each_report
def test_a_report_is_that_of_its_body_for_its_year_and_scope(wanted):
    who = alone()[wanted["file"]].record.identity

    found = (who.agency, who.region.full_name, who.year, who.level, who.kind, who.scope)

    assert found == tuple(wanted[k] for k in ("agency", "place", "year", "level", "kind", "scope"))


@each_report
def test_a_report_stands_beside_its_own_last_year_and_its_own_members(wanted):
    kin = together()[wanted["file"]].kin

    before = kin.family.before.record.file if kin.family.before else None

    assert before == wanted.get("before")
    assert sorted(m.record.file for m in kin.members) == wanted.get("members", [])


@each_report
def test_the_figures_of_a_text_mean_what_they_say(wanted):
    figures = alone()[wanted["file"]].record.figures
    known = {(f.key, f.value) for f in figures if not f.comparison and f.subject != "represented"}

    assert set(wanted.get("figures", {}).items()) <= known


@each_report
def test_a_finding_tells_a_clerk_in_both_languages(wanted):
    for issue in together()[wanted["file"]].judgement.issues:
        assert issue.message_zh.endswith(("。", "）", "”", "…"))
        assert issue.message_en


def test_every_file_has_an_entry_and_all_of_them_are_small():
    files = list((HERE / "reports").iterdir())

    assert sorted(p.name for p in files) == sorted(w["file"] for w in REPORTS)
    assert sum(p.stat().st_size for p in files) < LARGEST
