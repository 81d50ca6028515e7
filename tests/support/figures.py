"""Made-up figures for the three tables that satisfy every equation of the form."""

from random import Random

from shared import forms
from shared.report.record import Edition
from tests.support.truth import Value, plain

APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other")
T3 = "applications"
T4 = "review_litigation"
T2 = "active_disclosure"


def applications(rng: Random, edition: Edition, size: int) -> dict[str, Value]:
    """Return table three for about `size` applications (0: a year without any)."""
    table = forms.table(edition, T3)
    rows = [r.id for r in table.blocks[0].rows]
    cells: dict[str, Value] = {table.address(r, c): 0 for r in rows for c in (*APPLICANTS, "total")}
    if size:
        outcomes = rows[2 : rows.index("total")]
        for column in APPLICANTS:
            _one_applicant(rng, cells, column, size, outcomes)
    for row in rows:
        cells[table.address(row, "total")] = sum(
            int(cells[table.address(row, c)]) for c in APPLICANTS
        )
    return cells


def _one_applicant(
    rng: Random, cells: dict[str, Value], column: str, size: int, outcomes: list[str]
) -> None:
    share = {"natural_person": 1.0, "business": 0.15}.get(column, 0.04)
    if column != "natural_person" and rng.random() > (0.35 if size < 50 else 0.8):
        return
    new = max(1, round(size * share * rng.uniform(0.6, 1.2))) if rng.random() < 0.97 else 0
    carried = rng.randint(0, max(1, new // 12)) if rng.random() < 0.5 else 0
    left = rng.randint(0, max(0, (new + carried) // 10)) if rng.random() < 0.5 else 0
    total = new + carried - left

    def put(row: str, value: int) -> None:
        cells[f"{T3}.{row}@{column}"] = value

    put("received_new", new)
    put("carried_over_in", carried)
    put("carried_over_out", left)
    put("total", total)
    chosen = rng.sample(outcomes, min(len(outcomes), 2 if size < 50 else rng.randint(6, 16)))
    for row, part in zip(chosen, _split(rng, total, len(chosen)), strict=True):
        put(row, part)


def _split(rng: Random, total: int, parts: int) -> list[int]:
    cuts = sorted(rng.randint(0, total) for _ in range(parts - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]


def remedies(rng: Random, edition: Edition, size: int) -> dict[str, Value]:
    """Return table four; `size` is about the number of reviews."""
    table = forms.table(edition, T4)
    cells: dict[str, Value] = dict.fromkeys(table.addresses, 0)
    for row, share in (
        ("review", 1.0),
        ("litigation_direct", 0.3),
        ("litigation_after_review", 0.3),
    ):
        counts = [rng.randint(0, max(0, round(size * share / 2))) for _ in range(4)]
        for column, count in zip(
            ("maintained", "corrected", "other", "pending"), counts, strict=True
        ):
            cells[table.address(row, column)] = count
        cells[table.address(row, "total")] = sum(counts)
    return cells


def disclosure(
    rng: Random, edition: Edition, size: int, *, makes_rules: bool
) -> tuple[dict[str, Value], dict[str, str], dict[str, str | None]]:
    """Return table two: cells, cells printed with a sign or unit, and units of money."""
    table = forms.table(edition, T2)
    cells: dict[str, Value] = dict.fromkeys(table.addresses, 0)
    if edition == "2021":
        return _disclosure_2021(rng, cells, size, makes_rules=makes_rules)
    return _disclosure_2019(rng, cells, size, makes_rules=makes_rules)


def _disclosure_2021(
    rng: Random, cells: dict[str, Value], size: int, *, makes_rules: bool
) -> tuple[dict[str, Value], dict[str, str], dict[str, str | None]]:
    kinds = ["normative_documents"] + (["regulations"] if makes_rules else [])
    for row in kinds if size else []:
        issued = rng.randint(0, max(1, size // 20))
        repealed = rng.randint(0, issued)
        cells[f"{T2}.{row}@issued"] = issued
        cells[f"{T2}.{row}@repealed"] = repealed
        cells[f"{T2}.{row}@in_force"] = issued + rng.randint(0, size)
    for row in ("licensing", "penalty", "coercion") if size else ():
        cells[f"{T2}.{row}@decisions"] = rng.choice([0, rng.randint(1, size * 40)])
    fee = f"{T2}.fees@amount_wanyuan"
    if size and rng.random() < 0.6:
        cells[fee] = round(rng.uniform(0.1, size * 3), rng.choice((1, 2, 4, 6)))
    printed = {fee: _text(cells[fee])}
    return cells, printed, {fee: "万元"}


def _disclosure_2019(
    rng: Random, cells: dict[str, Value], size: int, *, makes_rules: bool
) -> tuple[dict[str, Value], dict[str, str], dict[str, str | None]]:
    printed: dict[str, str] = {}
    for row in (["normative_documents"] + (["regulations"] if makes_rules else [])) if size else []:
        made = rng.randint(0, max(1, size // 20))
        disclosed = rng.randint(0, made + 1)
        for column, value in (
            ("newly_made", made),
            ("newly_disclosed", disclosed),
            ("total_disclosed", disclosed + rng.randint(0, size)),
        ):
            cells[f"{T2}.{row}@{column}"] = value
    for row in ("licensing", "other_services", "penalty", "coercion", "fees") if size else ():
        if rng.random() < 0.4:
            continue
        prior, change = rng.randint(5, 60), rng.randint(-4, 5)
        cells[f"{T2}.{row}@prior_items"] = prior
        cells[f"{T2}.{row}@change"] = change
        if change and rng.random() < 0.3:
            printed[f"{T2}.{row}@change"] = f"{change:+d}"
        if row != "fees":
            cells[f"{T2}.{row}@decisions"] = prior + change + rng.randint(1, size * 40)
    money = f"{T2}.procurement@amount"
    units: dict[str, str | None] = {money: None}
    if rng.random() < 0.7:
        cells[f"{T2}.procurement@projects"] = rng.randint(1, 9 + size)
        units[money] = unit = rng.choice(("万元", "元"))
        amount = (
            round(rng.uniform(2, 90 + size), 2) if unit == "万元" else rng.randint(9_000, 990_000)
        )
        cells[money] = amount
        printed[money] = f"{_text(amount)}{rng.choice(('', ' '))}{unit}"
    return cells, printed, units


def _text(value: Value) -> str:
    return value if isinstance(value, str) else plain(value)
