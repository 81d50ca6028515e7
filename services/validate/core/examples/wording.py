"""Examples of one report in human words: what the made-up report holds, and what the rule answers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from services.validate.core.examples.model import Example, Told
from services.validate.core.examples.running import Answer
from services.validate.core.naming import Name, cell_name, number, row_name, split, table_name
from shared import forms
from shared.report.record import Edition

_LONGEST: Final = 60
_AS_IT_SHOULD_BE: Final = Name("报告一切如常", "the report is as it should be")
_STATES: Final = {
    "blank": Name("空白", "blank"),
    "mark": Name("符号", "a mark"),
    "unreadable": Name("无法辨认", "unreadable"),
    "absent": Name("未出现", "not there"),
}
_FIELDS: Final = {
    "agency": Name("机关", "agency"),
    "agency_as_printed": Name("标题中的机关", "agency in the title"),
    "ambiguous_places": Name("可能的所在地", "possible places"),
    "contact": Name("联系方式", "contact"),
    "kind": Name("机关类别", "kind of agency"),
    "level": Name("机关层级", "level of the agency"),
    "period": Name("统计期限", "period"),
    "place_resolved_by": Name("所在地依据", "place known by"),
    "published_on": Name("落款日期", "date"),
    "scope": Name("范围", "scope"),
    "signature": Name("落款", "signature"),
    "title": Name("标题", "title"),
    "title_raw": Name("标题原文", "title as printed"),
    "year": Name("年度", "fiscal year"),
    "years": Name("各处年份", "years given"),
    "preamble": Name("引言", "preamble"),
    "sections_order": Name("各部分顺序", "order of the sections"),
}
_VERDICTS: Final = {
    "pass": Name("通过", "passes"),
    "not_assessable": Name("无法判断", "not assessable"),
}


def described(example: Example) -> Name:
    """Return how the example differs from a clean report, in both languages."""
    today = example.today
    dated = () if today is None else (Name(f"今天是 {today}", f"today is {today}"),)
    return joined((*dated, *parts(example))) or _AS_IT_SHOULD_BE


def joined(found: Iterable[Name]) -> Name | None:
    """Return what there is to say as one text, None when it is nothing."""
    said = list(found)
    return Name("；".join(p.zh for p in said), "; ".join(p.en for p in said)) if said else None


def answered(given: Answer) -> Name:
    """Return what the rule says: its finding, or how it stays quiet."""
    if given.issues:
        first = given.issues[0]
        return Name(first.message_zh, first.message_en)
    statuses = {c.status for c in given.checks}
    status = "pass" if "pass" in statuses else next(iter(sorted(statuses)), None)
    if status is None:
        return Name("不作判断", "says nothing")
    verdict = _VERDICTS[status]
    note = next((c.note for c in given.checks if c.note and c.status == status), None)
    return Name(verdict.zh, f"{verdict.en} ({note})") if note else verdict


def parts(example: Told) -> Iterator[Name]:
    """Yield how one report differs from a clean one, in both languages."""
    yield from _of_the_whole(example)
    for address, change in example.cells.items():
        yield _cell(example, address, change)
    for name, value in example.identity.items():
        yield _field(name, value)
    for section, change in example.sections.items():
        yield _section(section, change)
    for name, value in example.record.items():
        yield from _templates(value) if name == "templates" else (_field(name, value),)
    yield from _read(example)


def _of_the_whole(example: Told) -> Iterator[Name]:
    if example.edition != Told.model_fields["edition"].default:
        yield Name(f"{example.edition} 年格式", f"{example.edition} form")
    if example.base == "zero":
        yield Name("三张表全部为 0", "the three tables hold nothing but 0")
    if example.damaged:
        yield Name("来源有损坏", "the source is damaged")
    for scope in example.arbitrated:
        yield Name(f"等式 {scope} 曾用于选定读数", f"the sum {scope} chose a reading")


def _read(example: Told) -> Iterator[Name]:
    """Yield what the text says and what was noticed while reading."""
    for said in (*example.figures, *example.claims):
        words = (said.get(name, "") for name in ("label", "value", "unit"))
        text = _short(said.get("text") or "".join(map(str, words)))
        yield Name(f"正文“{text}”", f"the text says “{text}”")
    for noted in example.observations:
        text = _short(noted.get("text", ""))
        yield Name(f"识读时注意到“{text}”", f"noticed while reading: “{text}”")
    for left in example.leftovers:
        text = _short(left.get("text", ""))
        yield Name(f"表格中多出“{text}”", f"the tables also hold “{text}”")


def _cell(example: Told, address: str, change: Any) -> Name:
    place, value = place_words(example.edition, address), _value(change)
    return Name(f"{place.zh} = {value.zh}", f"{place.en} = {value.en}")


def place_words(edition: Edition, address: str) -> Name:
    """Return the table and the place of a cell, or of a whole row."""
    table, row, _ = split(address)
    title = table_name(table)
    # an address without a column is a whole row
    if row:
        name = cell_name(edition, address)
    else:
        whole = row_name(edition, table, address.partition(".")[2])
        name = Name(f"{whole.zh}（整行）", f"{whole.en} (whole row)")
    return Name(f"{title.zh}{name.zh}", f"{title.en}, {name.en}")


def _value(change: Any) -> Name:
    if isinstance(change, Mapping):
        if change.get("state", "number") != "number":
            return _value(f"{change['state']}:{change.get('raw') or ''}")
        raw = change.get("raw")
        shown = raw if raw is not None else f"{change.get('value', '')}{change.get('unit', '')}"
        if "confidence" in change:
            sure = change["confidence"]
            return Name(f"{shown}（把握 {sure}）", f"{shown} (confidence {sure})")
        return Name(str(shown), str(shown))
    if isinstance(change, int | float):
        return Name(number(change), number(change))
    state, _, raw = str(change).partition(":")
    word = _STATES.get(state, Name(state, state))
    return Name(f"{word.zh} {raw}".strip(), f"{word.en} {raw}".strip())


def _field(name: str, value: Any) -> Name:
    field = _FIELDS.get(name, Name(name, name))
    if value is False or value == []:
        return Name(f"没有{field.zh}", f"no {field.en}")
    shown = _short(_flat(value))
    return Name(f"{field.zh}：{shown}", f"{field.en}: {shown}")


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_flat(v) for v in value.values())
    if isinstance(value, list | tuple):
        return ", ".join(_flat(v) for v in value)
    return str(value)


def _section(section: str, change: Any) -> Name:
    title = next(s.title for s in forms.load("2021").sections if str(s.number) == section)
    if change is False:
        return Name(f"没有“{title}”部分", f"no section {section}")
    whole = change if isinstance(change, Mapping) else {"text": str(change)}
    text = f"{whole.get('title', '')} {whole.get('text', '')}"
    if "repeat" in whole:
        text = f"{text.strip()} ×{whole['repeat']}"
    if not text.strip():
        return Name(f"“{title}”部分为空", f"section {section} is empty")
    return Name(f"“{title}”部分写“{_short(text)}”", f"section {section} says “{_short(text)}”")


def _templates(editions: Mapping[str, Any]) -> Iterator[Name]:
    for table in forms.TABLE_IDS:
        title, edition = table_name(table), editions.get(table)
        if edition:
            yield Name(f"{title.zh}为 {edition} 年格式", f"{title.en} of the {edition} form")
        else:
            yield Name(f"没有{title.zh}", f"no {title.en}")


def _short(text: str) -> str:
    joined = " ".join(str(text).split())
    return joined if len(joined) <= _LONGEST else f"{joined[:_LONGEST]}…"
