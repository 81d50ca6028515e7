"""Faults of the running text: figures against the tables and against each other."""

from dataclasses import replace
from random import Random

from tests.support.figures import T2, T3, T4
from tests.support.planting import ANEW, added, misstated, replaced, retell, touching
from tests.support.truth import Expected, Truth

_NEW = f"{T3}.received_new@total"
_IN = f"{T3}.carried_over_in@total"
_OUT = f"{T3}.carried_over_out@total"


@touching(ANEW, "t3", "applications")
def text_vs_table(truth: Truth, rng: Random) -> Truth | None:
    """State another number of applications received than the table."""
    if not truth.number(_NEW):
        return None
    spoken = {_NEW: truth.number(_NEW) + truth.number(_IN) + 7}
    return misstated(truth, spoken, "received", Expected("n_received", _NEW))


@touching(ANEW, "t3", "applications")
def zero_claim(truth: Truth, rng: Random) -> Truth | None:
    """Say that no application came in while the table shows some."""
    if not truth.number(_NEW):
        return None
    changed = misstated(truth, {_NEW: 0, _IN: 0}, "received", Expected("n_zero_claim", _NEW))
    if changed is None:
        said = rng.choice((
            f"{truth.year}年，未收到政府信息公开申请。",
            "本年度没有公民、法人或其他组织提出政府信息公开申请。",
            "全年未接到任何依申请公开件。", "政府信息公开申请数量为零。",
        ))  # fmt: skip
        told = retell(truth, "applications", said)
        changed = told and told.expecting(Expected("n_zero_claim", _NEW))
    return changed


@touching(ANEW, "t3", "applications")
def text_by_applicant(truth: Truth, rng: Random) -> Truth | None:
    """Count organisations among the natural persons; the sentence adds up with itself."""
    person, business = f"{T3}.received_new@natural_person", f"{T3}.received_new@business"
    more = truth.number(_IN) + rng.randint(1, 3)
    others = truth.number(_NEW) - truth.number(person)
    expected = Expected("n_received_by_applicant", person)
    if others < more:
        return None
    spoken = {person: truth.number(person) + more, business: truth.number(business) - more}
    changed = misstated(truth, spoken, "received_natural_person", expected)
    if changed is None:
        said = (
            f"{truth.year}年，共收到政府信息公开申请{truth.number(_NEW)}件，其中自然人申请"
            f"{spoken[person]}件，法人或其他组织申请{others - more}件。"
        )
        told = retell(truth, "applications", said)
        changed = told and told.expecting(expected)
    return changed


@touching(ANEW, "t3", "applications")
def text_handled(truth: Truth, rng: Random) -> Truth | None:
    """State another number of applications handled."""
    address = f"{T3}.total@total"
    if not truth.number(address):
        return None
    spoken = {address: truth.number(address) + truth.number(_IN) + rng.randint(2, 9)}
    return misstated(truth, spoken, "handled", Expected("n_handled", address))


@touching(ANEW, "t3", "applications")
def text_outcome(truth: Truth, rng: Random) -> Truth | None:
    """State another number of applications granted."""
    address = f"{T3}.granted@total"
    if not truth.number(address):
        return None
    spoken = {address: truth.number(address) + rng.randint(2, 9)}
    return misstated(truth, spoken, "granted", Expected("n_outcomes", address))


@touching(ANEW, "t3", "applications")
def text_carried(truth: Truth, rng: Random) -> Truth | None:
    """State another number of applications carried over, in or out."""
    for address, key in ((_IN, "carried_over_in"), (_OUT, "carried_over_out")):
        if not truth.number(address):
            continue
        spoken = {address: truth.number(address) + rng.randint(2, 5)}
        changed = misstated(truth, spoken, key, Expected("n_carried", address))
        # 收办 n 件（含上年结转 m 件） states the sum of both, which is wrong with it
        if changed and not any(f.key == "received_and_carried" for f in changed.figures):
            return changed
    return None


@touching("t3", "applications")
def handled_beside_zeros(truth: Truth, rng: Random) -> Truth | None:
    """Tell of applications that were dealt with beside a table of zeros."""
    if any(v for a, v in truth.cells.items() if a.startswith(T3)):
        return None
    said = f"{truth.year}年，共办结政府信息公开申请{rng.randint(2, 9)}件。"
    changed = retell(truth, "applications", said)
    return changed and changed.expecting(Expected("t3_all_zero_vs_text", f"{T3}.total@total"))


@touching(ANEW, "t4", "remedies")
def text_review(truth: Truth, rng: Random) -> Truth | None:
    """State another number of reviews."""
    address = f"{T4}.review@total"
    spoken = {address: truth.number(address) + rng.randint(2, 6)}
    return misstated(truth, spoken, "review", Expected("n_review", address))


@touching(ANEW, "t4", "remedies")
def text_litigation(truth: Truth, rng: Random) -> Truth | None:
    """State another number of lawsuits."""
    address = f"{T4}.litigation_direct@total"
    spoken = {address: truth.number(address) + rng.randint(2, 6)}
    return misstated(truth, spoken, "litigation", Expected("n_litigation", address))


@touching("t4", "remedies")
def no_reviews_claimed(truth: Truth, rng: Random) -> Truth | None:
    """Say that there was no review while the table shows some."""
    address = f"{T4}.review@total"
    if not truth.number(address):
        return None
    said = rng.choice((
        "全年未发生行政复议。", "全年没有因政府信息公开工作被申请行政复议。", "无行政复议案件发生。",
        "没有收到政府信息公开行政复议申请。", "行政复议为零。",
    ))  # fmt: skip
    changed = retell(truth, "remedies", said)
    return changed and changed.expecting(Expected("n_zero_claim", address))


@touching("t3", "applications")
def all_closed_claimed(truth: Truth, rng: Random) -> Truth | None:
    """Say that all applications were closed while some are carried over."""
    if not truth.number(_OUT):
        return None
    said = rng.choice((
        "收到的政府信息公开申请均已办结。", "政府信息公开申请办结率100%。",
        "所有政府信息公开申请均已按期办结。", "政府信息公开申请全部办理完毕。",
    ))  # fmt: skip
    changed = retell(truth, "applications", said)
    return changed and changed.expecting(Expected("n_absolute_claim", _OUT))


@touching("t4", "remedies")
def all_upheld_claimed(truth: Truth, rng: Random) -> Truth | None:
    """Say that every review was upheld while some were corrected or are pending."""
    guilty = [a for c in ("corrected", "pending") if truth.number(a := f"{T4}.review@{c}")]
    if not guilty:
        return None
    said = ("因政府信息公开引起的行政复议均获维持。", "行政复议全部维持原行政行为。")
    changed = retell(truth, "remedies", rng.choice(said))
    return changed and changed.expecting(Expected("n_absolute_claim", guilty[0]))


@touching("t2", "powers")
def text_documents(truth: Truth, rng: Random) -> Truth | None:
    """State more normative documents than any cell of the row holds."""
    row = f"{T2}.normative_documents"
    cells = [a for a in truth.cells if a.startswith(f"{row}@")]
    more = max(truth.number(a) for a in cells) + rng.randint(2, 5)
    if any(f.key == "normative_documents" for f in truth.figures):
        return None
    changed = added(truth, 1, f"全年制发行政规范性文件{more}件。")
    return changed and changed.expecting(Expected("n_normative", cells[0]))


@touching("t2", "powers")
def text_decisions(truth: Truth, rng: Random) -> Truth | None:
    """State another number of penalties than the table."""
    address = f"{T2}.penalty@decisions"
    if any(f.key == "penalty" for f in truth.figures):
        return None
    changed = added(truth, 1, f"全年作出行政处罚决定{truth.number(address) + 5}件。")
    return changed and changed.expecting(Expected("n_decisions", address))


@touching("t2", "powers")
def text_fees(truth: Truth, rng: Random) -> Truth | None:
    """State another amount of fees than the table."""
    address = f"{T2}.fees@amount_wanyuan"
    value = truth.cells.get(address)
    if isinstance(value, str) or value is None:
        return None
    changed = added(truth, 1, f"全年收取行政事业性收费{value + 11.5:.2f}万元。")
    return changed and changed.expecting(Expected("n_fee", address))


@touching("disclosed")
def breakdown_sum(truth: Truth, rng: Random) -> Truth | None:
    """Raise the stated whole of a complete list by one."""
    whole = next((f for f in truth.figures if f.key == "disclosed_items"), None)
    old = f"{whole.value}条，其中" if whole else "\0"
    told = [p for p in truth.parts[0].before if old in p and "条等" not in p]
    if whole is None or not told:
        return None
    changed = replaced(truth, old, f"{int(whole.value) + 1}条，其中")
    figures = tuple(replace(f, value=f.value + 1) if f is whole else f for f in truth.figures)
    return changed and replace(changed, figures=figures).expecting(Expected("n_breakdown_sum"))


@touching("service")
def wrong_percentage(truth: Truth, rng: Random) -> Truth | None:
    """Give a rate that its own part and whole do not give."""
    whole = rng.randint(60, 900)
    closed = whole - rng.randint(2, whole // 8)
    wrong = 100 * closed / whole - rng.uniform(1, 4)
    said = f"受理12345热线工单{whole}件，办结{closed}件，办结率{wrong:.2f}%。"
    changed = added(truth, 1, said)
    return changed and changed.expecting(Expected("n_percent"))
