"""The five real reports against what a careful auditor wrote down about them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.pipeline import process

SHARED = Path(__file__).resolve().parents[2] / "shared"
REPORTS = sorted((SHARED / "reports").glob("*.txt"))
TABLES = ("active_disclosure", "applications")
LITIGATION = ("review", "litigation_direct", "litigation_after_review")
EMPTY_STATES = {"blank", "mark", "unreadable", "absent"}

if not REPORTS:
    pytest.skip("this checkout has no ../shared/reports beside it", allow_module_level=True)

pytestmark = pytest.mark.parametrize("path", REPORTS, ids=[p.stem.split("_")[0] for p in REPORTS])
_LINES: dict[Path, dict[str, Any]] = {}


def line_of(path: Path) -> dict[str, Any]:
    if path not in _LINES:
        _LINES[path] = process(path.read_bytes(), path.name).neutral()
    return _LINES[path]


def expected_of(path: Path) -> dict[str, Any]:
    return json.loads((SHARED / "expected" / f"{path.stem}.json").read_text(encoding="utf-8"))


def expected_cells(expected: dict[str, Any]) -> dict[str, Any]:
    """Return every expected cell by its address: a number, a value with unit, or None."""
    rows = [(f"{t}.{row}", cells) for t in TABLES for row, cells in expected[t].items()]
    rows += [(f"review_litigation.{row}", expected[row]) for row in LITIGATION]
    return {
        f"{row}@{column}": value for row, cells in rows for column, value in cells.items() if row
    }


def found_cell(cells: dict[str, Any], address: str) -> Any:
    """Return a cell; the amount of fees stands under its own column in the 2019 form."""
    return cells.get(address) or cells.get(address.replace("@amount", "@amount_wanyuan"))


def test_every_cell_has_the_expected_value(path):
    cells = line_of(path)["cells"]
    wrong = {}
    for address, value in expected_cells(expected_of(path)).items():
        cell = found_cell(cells, address)
        found = None if cell is None else cell["value"]
        wanted = value["value"] if isinstance(value, dict) else value
        if found != wanted or (isinstance(value, dict) and cell["unit"] != value["unit"]):
            wrong[address] = (found, wanted)
    assert wrong == {}


def test_a_cell_without_a_number_says_why(path):
    cells = line_of(path)["cells"]
    expected = expected_cells(expected_of(path))
    states = {a: found_cell(cells, a)["state"] for a, value in expected.items() if value is None}
    assert {a: s for a, s in states.items() if s not in EMPTY_STATES} == {}


def test_no_number_is_invented(path):
    expected = expected_cells(expected_of(path))
    numbers = {a for a, c in line_of(path)["cells"].items() if c["state"] == "number"}
    assert {
        a for a in numbers if a not in expected and a.replace("_wanyuan", "") not in expected
    } == set()


@pytest.mark.parametrize("field", ["agency", "year", "title", "published_on", "template"])
def test_the_identity_is_the_expected_one(path, field):
    assert line_of(path)[field] == expected_of(path)[field]


def test_the_region_is_the_expected_one(path):
    region = line_of(path)["region"]
    parts = ("province", "city", "county", "township")
    assert "".join(region[p] or "" for p in parts) == expected_of(path)["region"]


def test_level_and_kind_are_the_expected_ones(path):
    line, expected = line_of(path), expected_of(path)
    assert (line["agency_level"], line["agency_kind"]) == (expected["level"], expected["org_kind"])


def test_every_narrative_figure_is_found_and_no_other(path):
    found = Counter((f["value"], f["unit"]) for f in line_of(path)["narrative_figures"])
    wanted = Counter((f["value"], f["unit"]) for f in expected_of(path)["narrative_figures"])
    assert found == wanted


def test_the_compulsory_sections_are_found(path):
    found = sorted(s["number"] for s in line_of(path)["sections"])
    assert found == sorted(expected_of(path)["sections_found"])


def test_the_serious_findings_are_the_expected_ones(path):
    assert serious(line_of(path)["issues"]) == serious(expected_of(path)["issues"])


def serious(issues: list[dict[str, Any]]) -> Counter[tuple[str, str, str]]:
    return Counter(
        (i["rule"], i["severity"], i["origin"])
        for i in issues
        if i["severity"] in ("error", "warning")
    )
