"""`gouji explain RULE`: what a rule says, where the law says it, and how it judges."""

import json
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from services.commands.reaching.options import Rules
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say, table
from services.validate.adapters.rules_folder import load_for
from services.validate.core import handbook
from services.validate.core.rulebook import Rulebook
from shared.language import language, spoken

HELP: Final = taught(
    "解释规则", "Explain a rule; without one, list them all.", "不给规则编号时列出全部规则。"
)


def run(
    rule: Annotated[
        str | None,
        typer.Argument(help=spoken("规则编号，如 t3_balance", "Rule id, such as t3_balance.")),
    ] = None,
    rules: Rules = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=spoken("输出 JSON", "Print the rule, or all, as JSON."))
    ] = False,
) -> None:
    """Print a rule, or the list of all."""
    rulebook = load_for(rules)
    try:
        if as_json:
            say(_json(rule, rulebook))
        elif rule is not None:
            for line in handbook.explain(rule, rulebook, language=language()).splitlines():
                say(line)
        else:
            for line in table(handbook.listing(rulebook, language())):
                say(line)
    except KeyError:
        near = [r.id for r in rulebook.rules if rule and (rule in r.id or r.id in rule)]
        raise typer.BadParameter(_unknown(str(rule), near)) from None


def _unknown(rule: str, near: Sequence[str]) -> str:
    """Return what to say of a rule that is not there."""
    hint = (
        f"{spoken('相近', 'near', ' ')}: {', '.join(near)}"
        if near
        else spoken("`gouji explain` 列出全部", "`gouji explain` lists them")
    )
    return f"{spoken('没有规则', 'no rule', ' ')} {rule!r}; {hint}"


def _json(rule: str | None, rulebook: Rulebook) -> str:
    """Return one rule, or a list of all, on one line: what a terminal must not act on is escaped."""
    ids = [rule] if rule is not None else [r.id for r in rulebook.rules]
    made = [handbook.as_data(rule_id, rulebook) for rule_id in ids]
    return json.dumps(made[0] if rule is not None else made, ensure_ascii=False)
