"""`gouji explain RULE`: what a rule says, where the law says it, and how it judges."""

from typing import Annotated

import typer

from services.commands.wording import say, table
from services.validate.core.rulebook import Rule, load


def run(
    rule: Annotated[str | None, typer.Argument(help="规则编号，如 t3_balance · Rule id.")] = None,
) -> None:
    """解释规则 · Explain a rule; without one, list them all."""
    rulebook = load()
    if rule is None:
        for line in table([(r.id, r.severity, r.says_zh) for r in rulebook.rules]):
            say(line)
        return
    found = rulebook.get(rule)
    if found is None:
        near = [r.id for r in rulebook.rules if rule in r.id or r.id in rule]
        hint = f"; near: {', '.join(near)}" if near else "; `gouji explain` lists them"
        raise typer.BadParameter(f"没有规则 no rule {rule!r}{hint}")
    for line in _explained(found):
        say(line)


def _explained(rule: Rule) -> list[str]:
    rows = [
        ("规则 rule", f"{rule.id} (v{rule.version}, {rule.kind})"),
        ("含义 says", rule.says_zh),
        ("", rule.says_en),
        ("级别 severity", f"{rule.forced_severity or rule.severity}, origin {rule.origin}"),
        ("格式 editions", ", ".join(rule.editions)),
    ]
    if rule.legal_basis:
        rows.append(("依据 legal basis", rule.legal_basis))
    if rule.first_year or rule.last_year:
        rows.append(("年度 years", f"{rule.first_year or '…'}-{rule.last_year or '…'}"))
    if rule.needs:
        rows.append(("需要 needs", "其他报告 other reports; not run on a single one"))
    rows += [(f"参数 {name}", str(value)) for name, value in rule.parameters.items()]
    return table(rows)
