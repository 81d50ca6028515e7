"""Rules that ask whether the report states something at all."""

from collections.abc import Iterable, Iterator

from services.validate.core.facts import Facts, passed
from services.validate.core.rulebook import Rule
from services.validate.core.verdicts import Verdict
from shared.report.issue import Origin


def judge_presence(facts: Facts, rules: Iterable[Rule]) -> Iterator[Verdict]:
    """Yield the verdicts of `present` rules: a field of the identity that must not be empty."""
    for rule in rules:
        if getattr(facts.record.identity, str(rule.parameters["field"])) is not None:
            yield passed(rule.id)
            continue
        origin: Origin | None = None
        if rule.parameters.get("may_go_with_page") and facts.page_lost:
            origin = "unknown"
        yield Verdict(
            rule.id, "", "fail",
            message_zh=f"{rule.says_zh}。", message_en=f"{rule.says_en}.", origin=origin,
        )  # fmt: skip
