"""What was noticed while reading becomes findings: how far the record itself can be relied on."""

from collections.abc import Iterator

from services.validate.core.facts import Facts
from services.validate.core.verdicts import Verdict
from shared.report.document import Observation, Place
from shared.report.issue import Evidence, Origin, Severity

_LONGEST = 300
_SHOWN = 10


def judge_observations(facts: Facts) -> Iterator[Verdict]:
    """Yield one finding per kind of observation, whatever the number of places."""
    groups: dict[tuple[str, Severity, Origin], list[Observation]] = {}
    for seen in facts.record.observations:
        entry = facts.rulebook.get(seen.rule)
        if entry is None or seen.rule not in facts.active:
            continue
        severity = seen.severity or entry.severity
        origin = seen.origin or entry.origin
        groups.setdefault((seen.rule, severity, origin), []).append(seen)
    for (rule, severity, origin), group in groups.items():
        yield _finding(facts, rule, severity, origin, group)


def _finding(
    facts: Facts, rule: str, severity: Severity, origin: Origin, group: list[Observation]
) -> Verdict:
    entry = facts.rulebook.rule(rule)
    texts = [" ".join(o.text.split())[:_LONGEST] for o in group]
    lines = [o.line for o in group if o.line is not None]
    at_zh = f"（第 {'、'.join(str(n) for n in lines[:_SHOWN])} 行）" if lines else ""
    at_en = f" (line {', '.join(str(n) for n in lines[:_SHOWN])})" if lines else ""
    quoted = "；".join(dict.fromkeys(t for t in texts if t))[:_LONGEST]
    return Verdict(
        rule, f"{severity}:{origin}", "fail",
        addresses=tuple(dict.fromkeys(a for o in group for a in o.addresses)),
        evidence=tuple(
            Evidence(t, None, Place(line=o.line)) for t, o in zip(texts, group, strict=True)
        ),
        message_zh=f"{entry.says_zh}{at_zh}{f'：{quoted}' if quoted else ''}{_stop(quoted, '。')}",
        message_en=f"{entry.says_en}{at_en}{f': {quoted}' if quoted else ''}{_stop(quoted, '.')}",
        severity=severity, origin=origin,
    )  # fmt: skip


def _stop(quoted: str, sign: str) -> str:
    return "" if quoted.endswith(("。", ".", "…", "！", "？", "；")) else sign
