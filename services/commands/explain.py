"""`gouji explain RULE`: what a rule says, where the law says it, and how it judges."""

import json
from pathlib import Path
from typing import Annotated

import typer

from services.commands.talking.wording import say, table
from services.validate.adapters.rules_folder import load_for
from services.validate.core import handbook
from services.validate.core.rulebook import Rulebook


def run(
    rule: Annotated[str | None, typer.Argument(help="规则编号，如 t3_balance · Rule id.")] = None,
    rules: Annotated[
        Path | None,
        typer.Option(envvar="GOUJI_RULES", help="自订规则文件夹 · Folder with rules of your own."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="输出 JSON · Print the rule, or all, as JSON.")
    ] = False,
) -> None:
    """解释规则 · Explain a rule; without one, list them all."""
    rulebook = load_for(rules)
    try:
        if as_json:
            say(_json(rule, rulebook))
        elif rule is not None:
            for line in handbook.explain(rule, rulebook).splitlines():
                say(line)
        else:
            for line in table(handbook.listing(rulebook)):
                say(line)
    except KeyError:
        near = [r.id for r in rulebook.rules if rule and (rule in r.id or r.id in rule)]
        hint = f"; near: {', '.join(near)}" if near else "; `gouji explain` lists them"
        raise typer.BadParameter(f"没有规则 no rule {rule!r}{hint}") from None


def _json(rule: str | None, rulebook: Rulebook) -> str:
    """Return one rule, or a list of all, on one line: what a terminal must not act on is escaped."""
    ids = [rule] if rule is not None else [r.id for r in rulebook.rules]
    made = [handbook.as_data(rule_id, rulebook) for rule_id in ids]
    return json.dumps(made[0] if rule is not None else made, ensure_ascii=False)
