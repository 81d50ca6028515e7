"""Faults of the frame: sections, tables, rows, editions, title, and what section six must say."""

from dataclasses import replace
from random import Random

from tests.support.figures import APPLICANTS, T2, T3, T4
from tests.support.fill import fill
from tests.support.planting import ANEW, replaced, silent, touching, with_part
from tests.support.truth import Expected, Truth


@touching("s5", "s6", "fee", "contact")
def missing_section(truth: Truth, rng: Random) -> Truth | None:
    """Leave out section five or six."""
    gone = rng.choice((5, 6))
    parts = tuple(p for p in truth.parts if p.number != gone)
    kept = truth if gone == 5 else silent(truth, "fee")
    return replace(kept, parts=parts).expecting(Expected("s_section_missing"))


@touching("s5")
def empty_section(truth: Truth, rng: Random) -> Truth | None:
    """Print the heading of section five and nothing under it."""
    return with_part(truth, 5, before=()).expecting(Expected("s_section_empty"))


@touching("s1", "opening", "disclosed", "service", "powers", "applications", "remedies", "preamble")
def only_legal_preamble(truth: Truth, rng: Random) -> Truth | None:
    """Say nothing in section one but by which law the report is made."""
    text = "根据《中华人民共和国政府信息公开条例》第五十条的规定，现将本年度政府信息公开工作情况报告如下。"
    changed = silent(truth, "disclosed", "powers", "applications", "remedies", "service")
    return with_part(changed, 1, before=(text,)).expecting(Expected("s_section_empty"))


@touching("s5", "s6", "fee", "contact")
def sections_swapped(truth: Truth, rng: Random) -> Truth | None:
    """Print section six before section five."""
    parts = list(truth.parts)
    if [p.number for p in parts[-2:]] != [5, 6]:
        return None
    parts[-2:] = parts[:-3:-1]
    return replace(truth, parts=tuple(parts)).expecting(Expected("s_section_order"))


@touching("s5")
def section_twice(truth: Truth, rng: Random) -> Truth | None:
    """Print section five twice."""
    parts = tuple(q for p in truth.parts for q in ((p, p) if p.number == 5 else (p,)))
    return replace(truth, parts=parts).expecting(Expected("s_section_duplicate"))


@touching("s5")
def section_renamed(truth: Truth, rng: Random) -> Truth | None:
    """Head section five in words of one's own."""
    title = rng.choice(
        ("存在的主要问题和改进措施", "存在问题及下一步工作情况", "工作中存在的主要问题及改进情况")
    )
    return with_part(truth, 5, title=title).expecting(Expected("s_section_renamed"))


@touching("s5")
def no_problems(truth: Truth, rng: Random) -> Truth | None:
    """Say that there are no problems, or only what is planned."""
    text = rng.choice(("无。", f"{truth.year + 1}年，将继续加强学习，做好政府信息公开各项工作。"))
    return with_part(truth, 5, before=(text,)).expecting(Expected("s_problems_not_stated"))


@touching("s1", "opening", "disclosed", "service", "powers", "applications", "remedies")
def topic_missing(truth: Truth, rng: Random) -> Truth | None:
    """Say nothing in section one on applications and supervision."""
    text = (
        f"{truth.year}年，本单位坚持以公开为常态，通过门户网站及时发布信息，"
        "做好信息审核和动态更新，规范栏目设置。"
    )
    changed = silent(truth, "disclosed", "powers", "applications", "remedies", "service")
    return with_part(changed, 1, before=(text,)).expecting(Expected("s_topic_missing"))


@touching("s1", "opening", "disclosed", "service", "powers", "applications", "remedies", "year")
def generic_text(truth: Truth, rng: Random) -> Truth | None:
    """Fill section one with words that would fit any body."""
    text = (
        "部分地区和单位高度重视政府信息公开，主动公开各类信息，认真办理依申请公开事项，"
        "加强信息审核管理，推进网站平台建设，健全监督保障机制，一些地方还创新了公开方式，取得积极成效。"
    )
    changed = silent(truth, "disclosed", "powers", "applications", "remedies", "service")
    return with_part(changed, 1, before=(text,)).expecting(Expected("l_generic_text"))


@touching("t4", "remedies", "section4")
def missing_table(truth: Truth, rng: Random) -> Truth | None:
    """Leave out table four."""
    return _without_four(truth).expecting(Expected("s_table_missing"))


@touching("t4", "remedies", "section4")
def table_as_prose(truth: Truth, rng: Random) -> Truth | None:
    """Tell in a sentence what table four should show."""
    review = truth.number(f"{T4}.review@total")
    said = f"本年度因政府信息公开引起的行政复议{review}件，行政诉讼0件。"
    changed = with_part(_without_four(truth), 4, before=(said,))
    return changed.expecting(Expected("s_table_as_prose"))


def _without_four(truth: Truth) -> Truth:
    return replace(
        truth,
        lost_tables=frozenset({T4}),
        cells={a: v for a, v in truth.cells.items() if not a.startswith(T4)},
        templates={t: e for t, e in truth.templates.items() if t != T4},
    )


@touching("t3", "applications")
def row_missing(truth: Truth, rng: Random) -> Truth | None:
    """Leave a row of table three out of the form."""
    rows = ("denied.three_securities", "denied.enforcement_file", "not_processed.publication")
    row = f"{T3}.{rng.choice(rows)}"
    cells = [f"{row}@{c}" for c in (*APPLICANTS, "total")]
    if any(truth.cells[a] for a in cells):
        return None
    changed = truth.with_cells(dict.fromkeys(cells, "absent"), Expected("s_row_missing", cells[0]))
    return replace(changed, omitted=frozenset({row}))


@touching("t4", "remedies")
def group_missing(truth: Truth, rng: Random) -> Truth | None:
    """Print table four without suits after review."""
    row = f"{T4}.litigation_after_review"
    cells = [a for a in truth.cells if a.startswith(f"{row}@")]
    changed = truth.with_cells(
        dict.fromkeys(cells, "absent"), Expected("t4_group_missing", cells[0])
    )
    # of ten numbers nobody can tell for sure which group they are
    loose = truth.loose | {a for a in truth.cells if a.startswith(T4)}
    return replace(changed, omitted=frozenset({row}), loose=loose)


@touching("t2")
def extra_row(truth: Truth, rng: Random) -> Truth | None:
    """Add a row of one's own to table two."""
    after = f"{T2}.normative_documents"
    count = str(rng.randint(2, 80))
    row = ("其他主动公开文件", count, "0", count)
    return replace(truth, added=((after, row),)).expecting(Expected("s_extra_row"))


@touching(ANEW, "t2", "t3", "year")
def old_template(truth: Truth, rng: Random) -> Truth | None:
    """Use the tables of 2019 for a later year."""
    recipe = {**truth.recipe, "edition": "2019", "year": rng.choice((2021, 2022, 2023))}
    changed = fill(truth.seed, **recipe)  # type: ignore[arg-type]
    return changed.expecting(*truth.expected, Expected("s_template_outdated"))


@touching(ANEW, "t2", "t3", "year")
def new_template_early(truth: Truth, rng: Random) -> Truth | None:
    """Use the tables of 2021 for a year before them."""
    recipe = {**truth.recipe, "edition": "2021", "year": 2020}
    changed = fill(truth.seed, **recipe)  # type: ignore[arg-type]
    return changed.expecting(*truth.expected, Expected("s_template_outdated"))


@touching(ANEW, "t2", "t3", "year")
def hybrid(truth: Truth, rng: Random) -> Truth | None:
    """Put the one-row 其他处理 of 2019 into a report of the 2021 edition."""
    new = fill(truth.seed, **{**truth.recipe, "edition": "2021", "year": None})  # type: ignore[arg-type]
    cells = {a: v for a, v in new.cells.items() if ".other_processing." not in a}
    for column in (*APPLICANTS, "total"):
        cells[f"{T3}.other_processing@{column}"] = sum(
            new.number(f"{T3}.other_processing.{r}@{column}")
            for r in ("no_correction", "fee_unpaid", "other")
        )
    printed = {a: t for a, t in new.printed.items() if a in cells}
    return replace(
        new,
        cells=cells,
        told=cells,
        printed=printed,
        templates={**new.templates, T3: "2019"},
    ).expecting(*truth.expected, Expected("s_template_hybrid"))


@touching("title")
def odd_title(truth: Truth, rng: Random) -> Truth | None:
    """Head the report in another form."""
    name, year = truth.printed_name, truth.year
    title = rng.choice((
        f"{name}关于{year}年政府信息公开工作年度报告",
        f"{name}{year}年度政府信息公开工作年度报告",
        f"{name}{year}年政府信息公开工作报告",
    ))  # fmt: skip
    return replace(truth, title=title).expecting(Expected("s_title_form"))


@touching("preamble", "year")
def old_instrument(truth: Truth, rng: Random) -> Truth | None:
    """Cite the instrument that does not govern the year."""
    number = "〔2019〕60号" if truth.year > 2020 else "〔2021〕30号"
    year = truth.year
    text = (
        f"按照国务院办公厅政府信息与政务公开办公室有关格式要求（国办公开办函{number}）编制本报告。"
        f"本报告所列数据的统计期限为{year}年1月1日至{year}年12月31日。"
    )
    return replace(truth, preamble=(text,)).expecting(Expected("s_legal_basis_outdated"))


@touching("s6", "fee", "contact", "applications")
def fee_not_stated(truth: Truth, rng: Random) -> Truth | None:
    """Say nothing on the processing fee in a year that asks for it."""
    if truth.year < 2021 or "6" not in {str(p.number) for p in truth.parts}:
        return None
    changed = with_part(silent(truth, "fee"), 6, before=("无其他需要报告的事项。",))
    changed = replaced(changed, "所有申请均未收取费用。", "") or changed
    return changed.expecting(Expected("f_fee_not_stated"))


@touching("s6", "fee", "contact", "t2")
def fee_off_the_grid(truth: Truth, rng: Random) -> Truth | None:
    """State a processing fee that no tariff gives."""
    if truth.year < 2021:
        return None
    amount = 10 * rng.randint(3, 400) + rng.randint(1, 9)
    text = f"{truth.year}年收取信息处理费{amount}元。无其他需要报告的事项。"
    changed = with_part(silent(truth, "fee"), 6, before=(text,))
    return changed.expecting(Expected("f_fee_grid"))


@touching("s6", "fee", "contact", "t2")
def fee_parts_do_not_add_up(truth: Truth, rng: Random) -> Truth | None:
    """List parts of the processing fee that do not make its total."""
    if truth.year < 2021:
        return None
    parts = [10 * rng.randint(3, 90) for _ in range(3)]
    names = ("财政局", "教育局", "民政局")
    wrong = sum(parts) + 100
    if rng.random() < 0.5:
        listed = "，".join(f"{n}{p}元" for n, p in zip(names, parts, strict=True))
        text = f"{truth.year}年共收取信息处理费{wrong}元，其中：{listed}。"
    else:
        listed = "，".join(f"{n}2件{p}元" for n, p in zip(names, parts, strict=True))
        text = f"依申请提供政府信息收取信息处理费6件{wrong}元，其中{listed}。"
    changed = with_part(silent(truth, "fee"), 6, before=(text,))
    return changed.expecting(Expected("f_fee_breakdown"))
