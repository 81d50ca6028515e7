"""The rulebook for people: docs/rules.md and the text of `gouji explain RULE`."""

from collections.abc import Iterator
from typing import Any, Final

from services.validate.core.examples.model import AnyExample
from services.validate.core.examples.own import own_examples, unshown
from services.validate.core.examples.running import Answer, answer
from services.validate.core.examples.wording import answered
from services.validate.core.examples.wording_families import described
from services.validate.core.kinds import Compare, Kind
from services.validate.core.naming import Name, number, row_name
from services.validate.core.rule import Refusal, Rule
from services.validate.core.rulebook import Rulebook, load
from shared import forms
from shared.forms.model import EquationFamily, FormTable
from shared.language import Language, worded
from shared.report.issue import Severity
from shared.report.record import Edition

_SEVERITY_ZH: dict[Severity, str] = {"error": "错误", "warning": "警告", "info": "提示"}
_ORIGIN_ZH = {"source": "报告本身", "extraction": "识读", "unknown": "不能确定"}
_FINDS: Final = Name("例：发现", "example, finds")
_QUIET: Final = Name("例：不发现", "example, quiet")
_NONE: Final = Name("没有例子", "no example")
_NO_RULE: Final = Name("不是规则", "not a rule")
_WORDS_SHOWN: Final = 6
_SPELT_OUT: Final[tuple[Kind, ...]] = ("compare", "equation")
"""Kinds whose parameters are shown as formulas."""
_GROUPS = (
    ("t3_", "表三 收到和处理申请 / Table three, applications"),
    ("t4_", "表四 复议诉讼 / Table four, review and litigation"),
    ("t2_", "表二 主动公开 / Table two, active disclosure"),
    ("n_", "文字与表格 / Text against tables"),
    ("d_", "日期与年度 / Dates and years"),
    ("i_", "机关 / The reporting body"),
    ("p_", "个人信息 / Personal data"),
    ("s_", "结构 / Structure"),
    ("c_", "单元格 / Cells"),
    ("f_", "信息处理费 / Processing fee"),
    ("l_", "文字 / Wording"),
    ("e_", "识读说明（不归责于机关） / Notes on the reading (never charged to the agency)"),
    ("xy_", "跨年度 / Across years"),
    ("h_", "跨机关 / Across agencies"),
)


def explain(rule_id: str, rulebook: Rulebook | None = None, *, language: Language = "both") -> str:
    """Return what a rule says, with an example that it finds and a quiet one.

    Raises KeyError when there is no such rule.
    """
    book = rulebook or load()
    rule = book.get(rule_id)
    if rule is None:
        refusal = _refusal(book, rule_id)
        says = worded(language, f"{refusal.says_zh}。", f"{refusal.says_en}.", "\n")
        return f"{refusal.id}{_aside(_NO_RULE, language)}\n{says}\n"
    level = Name(_SEVERITY_ZH[rule.level], rule.level)
    lines = [
        f"{rule.id}{_aside(level, language)}",
        worded(language, f"{rule.says_zh}。", f"{_sentence(rule.says_en)}.", "\n"),
    ]
    lines += [f"{_told(name, language)}: {_told(value, language)}" for name, value in _facts(rule)]
    lines += list(_equation_lines(rule))
    lines += [_told(why, language) for why in _why_unshown(rule)]
    for example in shown_examples(rule, book):
        sign, given = _outcome(example, book)
        what = _told(described(example), language)
        says = worded(language, *answered(given), " ")
        lines += [f"{_told(sign, language)}: {what}", f"  ⇒ {says}"]
    return "\n".join(lines) + "\n"


def _told(name: Name, language: Language = "both") -> str:
    return name.zh if name.zh == name.en else worded(language, name.zh, name.en, " / ")


def _aside(name: Name, language: Language) -> str:
    """Return a text in brackets, as the language writes them."""
    return f" ({name.en})" if language == "en" else f"（{_told(name, language)}）"


def listing(book: Rulebook, language: Language = "both") -> list[tuple[str, str, str, str]]:
    """Return id, severity in force, on or off, and sentence of every rule.

    The sentence is Chinese, as the reports are, unless English alone is wanted.
    """
    return [
        (r.id, r.level, "on" if r.enabled else "off", r.says_en if language == "en" else r.says_zh)
        for r in book.rules
    ]


def as_data(rule_id: str, book: Rulebook) -> dict[str, Any]:
    """Return a rule, or what is none, as plain data; KeyError when there is no such rule."""
    rule = book.get(rule_id)
    if rule is None:
        return _refusal(book, rule_id).model_dump(mode="json") | {"kind": "not_a_rule"}
    examples = [e.model_dump(mode="json", exclude_unset=True) for e in examples_of(rule_id, book)]
    known = rule.model_dump(mode="json", exclude={"forced_severity"})
    known |= {"severity": rule.level, "rulebook": book.version, "examples": examples}
    why = unshown().get(rule_id)
    return known if why is None else known | {"no_example": why.model_dump(exclude={"rule"})}


def examples_of(rule_id: str, book: Rulebook) -> tuple[AnyExample, ...]:
    """Return every example of a rule, those of the deployment last."""
    return tuple(e for e in (*own_examples(), *book.examples) if e.rule == rule_id)


def shown_examples(rule: Rule, book: Rulebook) -> list[AnyExample]:
    """Return one example where the rule finds and one where it stays quiet, as far as there are."""
    every = examples_of(rule.id, book)
    return [e for finds in (True, False) for e in [x for x in every if x.finds is finds][:1]]


def _outcome(example: AnyExample, book: Rulebook) -> tuple[Name, Answer]:
    """Judge the example by the rulebook in force: a deployment's parameters may change the answer."""
    if not book.rule(example.rule).enabled:
        example = example.model_copy(update={"enable": True})
    given = answer(example, book)
    return _FINDS if given.issues else _QUIET, given


def _why_unshown(rule: Rule) -> Iterator[Name]:
    """Yield why there is no example, for the few rules that none can show."""
    one = unshown().get(rule.id)
    if one is not None:
        yield Name(f"{_NONE.zh}：{one.why_zh}", f"{_NONE.en}: {one.why_en}")


def _refusal(book: Rulebook, rule_id: str) -> Refusal:
    refusal = next((r for r in book.refusals if r.id == rule_id), None)
    if refusal is None:
        raise KeyError(rule_id)
    return refusal


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _facts(rule: Rule) -> Iterator[tuple[Name, Name]]:
    """Yield what is known of a rule: what it is called, and what it is."""
    yield Name("归因", "origin"), Name(_ORIGIN_ZH[rule.origin], rule.origin)
    if rule.legal_basis:
        yield Name("依据", "legal basis"), _same(rule.legal_basis)
    if len(rule.editions) == 1:
        yield Name("适用格式", "edition"), _same(rule.editions[0])
    if rule.first_year or rule.last_year:
        years = f"FY{rule.first_year or ''}–{rule.last_year or ''}"
        yield Name("适用年度", "fiscal years"), _same(years)
    if rule.needs:
        yield Name("需要", "needs"), Name("其他报告", "other reports")
    if not rule.enabled:
        yield Name("开关", "switched"), Name("关闭", "off")
    shown = ", ".join(_parameters(rule))
    if shown and rule.kind not in _SPELT_OUT:
        yield Name("参数", "parameters"), _same(shown)
    yield Name("版本", "version"), _same(str(rule.version))


def _same(text: str) -> Name:
    """Return what is written alike in both languages."""
    return Name(text, text)


def _parameters(rule: Rule) -> Iterator[str]:
    """Yield what the rule is told; long lists of words are left to the file and to JSON."""
    for name, value in rule.parameters.items():
        if not isinstance(value, list | tuple):
            yield f"{name} = {value}"
        elif len(value) <= _WORDS_SHOWN:
            yield f"{name} = {' | '.join(map(str, value))}"


def _equation_lines(rule: Rule) -> Iterator[str]:
    told = rule.compiled
    if isinstance(told, Compare):
        for one in told.comparisons:
            sides = (_terms(one.left), _terms(one.right))
            name = f"{one.row}: " if one.row else ""
            yield f"  {name}{sides[0]} {told.relation} {sides[1]}"
    if rule.kind != "equation":
        return
    for form in forms.editions():
        for table in form.tables:
            for family in table.equations:
                if family.rule == rule.id:
                    many = sum(e.rule == rule.id for e in table.expanded)
                    yield f"  {form.edition}（{many}）: {_family(form.edition, table, family)}"


def _terms(terms: tuple[tuple[str, int], ...]) -> str:
    text = ""
    for address, sign in terms:
        mark = " - " if sign < 0 else " + " if text else ""
        text += mark + address
    return text or number(0)


def _family(edition: Edition, table: FormTable, family: EquationFamily) -> str:
    columns = {c.id: c.label for c in table.blocks[0].columns}

    def name(term: str) -> str:
        return columns[term] if family.over == "rows" else row_name(edition, table.id, term).zh

    left, right = (" + ".join(name(t) for t in side) for side in (family.left, family.right))
    return f"{left} = {right}"


def render(rulebook: Rulebook | None = None) -> str:
    """Return docs/rules.md."""
    book = rulebook or load()
    counts = {f.edition: sum(len(t.expanded) for t in f.tables) for f in forms.editions()}
    lines = [
        "# 规则 / Rules",
        "",
        "<!-- generated from services/validate/rulebook/*.toml by make docs; do not edit -->",
        "",
        "每条规则的结论为通过、不通过或无法判断；只有不通过才成为问题。",
        "空白、符号、无法辨认和缺失的单元格不当作 0：相关规则无法判断，除非已知部分已经违反。",
        "",
        "Every rule ends as pass, fail or not assessable; only a failure becomes an issue. Cells that are",
        "blank, marked, unreadable or absent are never taken for 0: the rule is not assessable, unless the",
        "known part alone already breaks it.",
        "",
        "例子都从一份完整平衡的报告改起，规则的回答是真实运行的结果。长文字有删节。",
        "Examples start from a complete balanced report; what the rule answers was really judged.",
        "Long texts are shortened.",
        "",
        "由表格本身得出的等式 / equations that follow from the form: "
        + ", ".join(f"{e}: {n}" for e, n in counts.items()),
    ]
    for prefix, title in _GROUPS:
        rules = [r for r in book.rules if r.id.startswith(prefix)]
        if rules:
            lines += ["", f"## {title}"]
            for rule in rules:
                lines += _section(rule, book)
    lines += ["", "## 不是规则 / Not rules", ""]
    lines += [f"- `{r.id}`: {r.says_zh}。 {_sentence(r.says_en)}." for r in book.refusals]
    return "\n".join(lines) + "\n"


def _section(rule: Rule, book: Rulebook) -> list[str]:
    lines = [
        "",
        f"### `{rule.id}` · {rule.level}",
        "",
        f"{rule.says_zh}。{_sentence(rule.says_en)}.",
        "",
    ]
    lines += [f"- {_told(name)}: {_told(value)}" for name, value in _facts(rule)]
    lines += [f"- {line.strip()}" for line in _equation_lines(rule)]
    lines += [f"- {_told(why)}" for why in _why_unshown(rule)]
    for example in shown_examples(rule, book):
        sign, given = _outcome(example, book)
        what, says = described(example), answered(given)
        lines.append(f"- {sign.zh} / {sign.en}: {what.zh} / {what.en} ⇒ {says.zh} {says.en}")
    return lines
