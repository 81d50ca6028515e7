"""What `gouji check` tells a clerk about one file, as lines of text."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from services.commands.talking.labels import printed
from services.commands.talking.wording import STATES, counts_text, issue_lines, painted

_ADDRESSES_SHOWN = 6
_FILES_SHOWN = 3
_RELATIONS: Final = {
    "year_before": "上年报告 last year's report",
    "member": "所属机关报告 reports of members",
    "shared_text": "有相同文句的报告 reports that share passages",
}


def text_lines(line: dict[str, Any]) -> Iterable[str]:
    """Yield what a clerk reads about one file."""
    status = line["status"]
    sign, zh, en = STATES[status]
    head = painted(f"{sign} {zh} {en}", status)
    if status == "expanded":
        count = len(line["members"])
        yield f"{head}  {line['file']}  内有 {count} 个文件 · {count} files inside"
        return
    if status != "recorded":
        yield f"{head}  {line['file']}  {line['reason']}: {line['detail_zh']} · {line['detail_en']}"
        return
    who = " · ".join(
        str(x) for x in (line["agency"] or "机关不明 agency unknown", line["year"]) if x
    )
    counts: dict[str, int] = {}
    for issue in line["issues"]:
        counts[issue["severity"]] = counts.get(issue["severity"], 0) + 1
    yield f"{head}  {line['file']}  {who}  {counts_text(counts)}"
    if "beside" in line:
        yield from _beside(line["beside"])
    for issue in line["issues"]:
        for shown in (*issue_lines(issue), *_grounds(issue, line["template"])):
            yield f"  {shown}"


def _beside(named: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what the report was judged beside, so that nobody takes silence for agreement."""
    if not named:
        yield "  对照 beside: 没有可对照的报告 · nothing to compare with"
    for relation, words in _RELATIONS.items():
        files = [one["file"] for one in named if one["relation"] == relation]
        if files:
            more = f" …（{len(files)}）" if len(files) > _FILES_SHOWN else ""
            yield f"  对照 beside: {words}: {', '.join(files[:_FILES_SHOWN])}{more}"


def _grounds(issue: dict[str, Any], edition: Any) -> Iterable[str]:
    """Yield where it is, the formula, both sides, and what would mend it."""
    addresses = issue["addresses"]
    for address in addresses[:_ADDRESSES_SHOWN]:
        yield f"      位置 at: {printed(address, edition)}  [{address}]"
    if len(addresses) > _ADDRESSES_SHOWN:
        yield f"      … 共 {len(addresses)} 格 · {len(addresses)} cells in all"
    if issue["formula"]:
        yield f"      公式 formula: {issue['formula']}"
    if issue["expected"] is not None or issue["observed"] is not None:
        sides = f"应为 expected: {issue['expected']}   实为 observed: {issue['observed']}"
        if issue["difference"] is not None:
            sides += f"   差 difference: {issue['difference']}"
        yield f"      {sides}"
    if issue["suggestion"]:
        yield f"      建议 suggestion: {issue['suggestion']}"
