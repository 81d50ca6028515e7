"""Fill a national form with made-up, balanced figures and a text that agrees with them."""

from collections.abc import Callable, Mapping
from random import Random

from shared import forms
from shared.report.record import Edition
from tests.support import figures
from tests.support.agencies import Agency, choose, publication_day
from tests.support.prose import Writer
from tests.support.statements import Speaker
from tests.support.traps import lay
from tests.support.truth import Truth, Value

KINDS = ("zero", "zero", "zero", "quiet", "small", "small", "busy", "rollup")
"""Frequencies as met in life: most table threes hold nothing but zeros."""
SIZES = {"zero": 0, "quiet": 0, "small": 12, "busy": 300, "rollup": 9000}


def fill(
    seed: int, edition: Edition | None = None, *, kind: str | None = None, year: int | None = None,
    spoken: dict[str, int] | None = None, agency: Agency | None = None, traps: bool = False,
    given: Callable[[Mapping[str, Value]], dict[str, Value]] | None = None,
) -> Truth:  # fmt: skip
    """Return the made-up report of a seed: the same seed gives the same report.

    `given` returns cells that are prescribed, once it knows the drawn ones; the text agrees with them.
    `spoken` are figures the text gives in place of those of the table: a report that contradicts itself.
    With `traps` the text also says what looks like a contradiction and is none.
    """
    recipe: dict[str, object] = {
        "edition": edition, "kind": kind, "year": year, "agency": agency, "traps": traps,
    }  # fmt: skip
    rng = Random(seed)
    drawn: Edition = rng.choice(("2019", "2021"))
    edition = edition or drawn
    agency = agency or choose(rng)
    kind = kind or ("rollup" if agency.scope == "roll_up" else rng.choice(KINDS[:-1]))
    usual = (2019, 2020) if edition == "2019" else (2021, 2022, 2023, 2024)
    year = year or rng.choice(usual)
    cells, printed, units = _tables(rng, edition, kind, makes_rules=agency.makes_rules)
    if given is not None:
        changes = given(cells)
        cells = cells | changes
        printed = {a: text for a, text in printed.items() if a not in changes}
    told = cells | dict(spoken or {})
    speaker = Speaker(rng, agency, year, told)
    asides = lay(Random(f"traps {seed}"), agency, year, told) if traps else {}
    writer = Writer(rng, speaker, asides)
    preamble, parts = writer.preamble(), writer.parts()
    return Truth(
        seed=seed,
        edition=edition,
        kind=kind,
        agency=agency.full,
        printed_name=agency.printed,
        region=agency.region,
        level=agency.level,
        agency_kind=agency.kind,
        scope=agency.scope,
        year=year,
        title=f"{agency.printed}{_title(rng, year)}",
        published_on=publication_day(rng, agency, year),
        signature=agency.full,
        preamble=preamble,
        parts=parts,
        templates=dict.fromkeys(forms.TABLE_IDS, edition),
        cells=cells,
        printed=printed,
        units=units,
        figures=tuple(speaker.figures),
        told=told,
        said={**speaker.said, **{f"aside {s}": (text, ()) for s, text in asides.items()}},
        recipe=recipe,
    )


def retold(truth: Truth, spoken: dict[str, int]) -> Truth:
    """Return the same report with a text that gives other figures."""
    return fill(truth.seed, spoken=spoken, **truth.recipe)  # type: ignore[arg-type]


def _title(rng: Random, year: int) -> str:
    return rng.choice(
        (f"{year}年政府信息公开工作年度报告",) * 5
        + (f"{year}年度政府信息公开工作年度报告", f"{year}年度政府信息公开工作报告")
    )


def _tables(
    rng: Random, edition: Edition, kind: str, *, makes_rules: bool
) -> tuple[dict[str, Value], dict[str, str], dict[str, str | None]]:
    size = SIZES[kind]
    active = 0 if kind == "zero" else max(3, size // 8)
    disclosed, printed, units = figures.disclosure(rng, edition, active, makes_rules=makes_rules)
    applied = figures.applications(rng, edition, size)
    remedies = figures.remedies(rng, edition, size // 20)
    # thousands separators are rare and only met in large figures
    if kind == "rollup" and rng.random() < 0.3:
        printed |= {
            a: f"{v:,}"
            for a, v in (disclosed | applied | remedies).items()
            if a not in printed and isinstance(v, int) and v >= 1000
        }
    return disclosed | applied | remedies, printed, units
