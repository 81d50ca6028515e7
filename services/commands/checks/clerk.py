"""What `gouji check` tells a clerk about one file, as lines of text."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from services.commands.talking.labels import printed
from services.commands.talking.wording import (
    counts_text,
    detail_text,
    issue_lines,
    painted,
    state_text,
    who_text,
)
from shared.language import spoken

_ADDRESSES_SHOWN = 6
_FILES_SHOWN = 3
_RELATIONS: Final = {
    "year_before": spoken("上年报告", "last year's report", " "),
    "member": spoken("所属机关报告", "reports of members", " "),
    "shared_text": spoken("有相同文句的报告", "reports that share passages", " "),
}


def text_lines(line: dict[str, Any]) -> Iterable[str]:
    """Yield what a clerk reads about one file."""
    status = line["status"]
    head = painted(state_text(status), status)
    if status == "expanded":
        count = len(line["members"])
        yield f"{head}  {line['file']}  " + spoken(f"内有 {count} 个文件", f"{count} files inside")
        return
    if status != "recorded":
        detail = detail_text(line["detail_zh"], line["detail_en"])
        yield f"{head}  {line['file']}  {line['reason']}: {detail}"
        return
    who = who_text(line["agency"], line["year"])
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
    head = f"  {spoken('对照', 'beside', ' ')}: "
    if not named:
        yield head + spoken("没有可对照的报告", "nothing to compare with")
    for relation, words in _RELATIONS.items():
        files = [one["file"] for one in named if one["relation"] == relation]
        if files:
            more = f" … ({len(files)})" if len(files) > _FILES_SHOWN else ""
            yield f"{head}{words}: {', '.join(files[:_FILES_SHOWN])}{more}"


def _grounds(issue: dict[str, Any], edition: Any) -> Iterable[str]:
    """Yield where it is, the formula, both sides, and what would mend it."""
    addresses = issue["addresses"]
    for address in addresses[:_ADDRESSES_SHOWN]:
        yield f"      {spoken('位置', 'at', ' ')}: {printed(address, edition)}  [{address}]"
    if len(addresses) > _ADDRESSES_SHOWN:
        yield "      … " + spoken(f"共 {len(addresses)} 格", f"{len(addresses)} cells in all")
    if issue["formula"]:
        yield f"      {spoken('公式', 'formula', ' ')}: {issue['formula']}"
    if issue["expected"] is not None or issue["observed"] is not None:
        sides = [
            (spoken("应为", "expected", " "), issue["expected"]),
            (spoken("实为", "observed", " "), issue["observed"]),
        ]
        if issue["difference"] is not None:
            sides.append((spoken("差", "difference", " "), issue["difference"]))
        yield "      " + "   ".join(f"{name}: {value}" for name, value in sides)
    if issue["suggestion"]:
        yield f"      {spoken('建议', 'suggestion', ' ')}: {_advice(issue['suggestion'])}"


def _advice(both: str) -> str:
    """Return a suggestion, which holds both languages, in the one that is wanted.

    It may quote the report: where the parting is not plain all of it is shown.
    """
    zh, parting, en = both.partition(" / ")
    return spoken(zh, en, " / ") if parting and " / " not in en else both
