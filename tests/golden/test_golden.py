"""Every example report against the record it must give, whole, difference by difference.

`make golden` rewrites the files after a wanted change; read their difference before committing.
"""

import json
import os
from pathlib import Path

import pytest

from services.pipeline import process

EXAMPLES = sorted(
    p for p in (Path(__file__).parents[2] / "examples").iterdir() if p.name != "README.md"
)
EXPECTED = Path(__file__).parent / "records"
REWRITE = os.environ.get("GOUJI_GOLDEN") == "rewrite"


def flat(value, at=""):
    """One path a leaf, so that a difference names its place."""
    if isinstance(value, dict):
        return {p: v for k, x in value.items() for p, v in flat(x, f"{at}/{k}").items()}
    if isinstance(value, list):
        return {p: v for k, x in enumerate(value) for p, v in flat(x, f"{at}/{k}").items()}
    return {at: value}


def test_continuous_integration_never_rewrites_what_it_compares_with():
    assert not (REWRITE and os.environ.get("CI"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.name)
def test_an_example_gives_its_golden_record(example):
    line = process(example.read_bytes(), example.name).neutral()
    read = json.loads(json.dumps(line, ensure_ascii=False))
    golden = EXPECTED / f"{example.stem}.json"
    if REWRITE:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(json.dumps(read, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    found, wanted = flat(read), flat(json.loads(golden.read_text(encoding="utf-8")))
    different = {
        p: (wanted.get(p), found.get(p))
        for p in found.keys() | wanted.keys()
        if found.get(p) != wanted.get(p)
    }

    assert different == {}


def test_every_golden_file_belongs_to_an_example():
    assert {p.stem for p in EXPECTED.iterdir()} == {p.stem for p in EXAMPLES}
