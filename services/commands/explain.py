"""`gouji explain RULE`: what a rule says, where the law says it, and how it judges."""

from typing import Annotated

import typer

from services.commands.wording import say, table
from services.validate.core import handbook
from services.validate.core.rulebook import load


def run(
    rule: Annotated[str | None, typer.Argument(help="规则编号，如 t3_balance · Rule id.")] = None,
) -> None:
    """解释规则 · Explain a rule; without one, list them all."""
    rulebook = load()
    if rule is None:
        for line in table([(r.id, r.severity, r.says_zh) for r in rulebook.rules]):
            say(line)
        return
    try:
        say(handbook.explain(rule).rstrip())
    except KeyError:
        near = [r.id for r in rulebook.rules if rule in r.id or r.id in rule]
        hint = f"; near: {', '.join(near)}" if near else "; `gouji explain` lists them"
        raise typer.BadParameter(f"没有规则 no rule {rule!r}{hint}") from None
