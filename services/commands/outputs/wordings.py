"""Words that workbooks and pages share: states of cells, severities, one finding as text."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

Line = Mapping[str, Any]


class Word(NamedTuple):
    """One word in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Both, the Chinese first."""
        return f"{self.zh} {self.en}"


STATES: Final = {
    "number": Word("数字", "number"),
    "blank": Word("空白", "blank"),
    "mark": Word("符号", "mark"),
    "unreadable": Word("无法辨认", "unreadable"),
    "absent": Word("缺", "absent"),
}
SEVERITIES: Final = {
    "error": Word("错误", "error"),
    "warning": Word("警告", "warning"),
    "info": Word("提示", "info"),
}
ORIGINS: Final = {
    "source": Word("报告本身有误", "the report itself"),
    "extraction": Word("识读或文件残缺所致，不归责于机关", "our reading or a damaged file"),
    "unknown": Word("不能确定", "not known"),
}
LEVELS: Final = {
    "central": Word("中央", "central"),
    "province": Word("省级", "province"),
    "prefecture": Word("市级", "prefecture"),
    "county": Word("县级", "county"),
    "township": Word("乡级", "township"),
}
VERDICTS: Final = {
    "confirm": Word("属实", "confirmed"),
    "dismiss": Word("不成立", "dismissed"),
    "reopen": Word("待定", "reopened"),
}


def heading(line: Line) -> str:
    """Return who reports on which year."""
    who = line["agency"] or "机关不明 agency unknown"
    return f"{who} {line['year']} 年度" if line["year"] else f"{who} 年度不明 year unknown"


def severity_counts(line: Line) -> dict[str, int]:
    """Return how many findings of each severity there are, those at hand only."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for issue in line["issues"]:
        counts[issue["severity"]] += 1
    return counts


def issue_text(issue: Mapping[str, Any]) -> Iterator[str]:
    """Yield one finding: severity and rule, both sentences, formula, both sides, what would mend it."""
    severity = SEVERITIES[issue["severity"]]
    yield f"{severity} · {issue['rule']}"
    yield issue["message_zh"]
    yield issue["message_en"]
    if issue["formula"]:
        yield f"公式 formula: {issue['formula']}"
    if issue["expected"] is not None or issue["observed"] is not None:
        sides = f"应为 expected: {issue['expected']}，实为 observed: {issue['observed']}"
        if issue["difference"] is not None:
            sides += f"，差 difference: {issue['difference']}"
        yield sides
    if issue["suggestion"]:
        yield f"建议 suggestion: {issue['suggestion']}"
