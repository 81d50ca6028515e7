"""The words of the form: what is a label, a title, a value, a heading, running text.

Layout is found from cell structure first; these tests only help where structure is silent.
"""

import re
from functools import cache, lru_cache
from typing import Literal

from shared.forms import editions
from shared.forms.model import FormTable
from shared.report.characters import fold

LabelKind = Literal["caption", "opening", "head", "row", "group"]

_ENUMERATOR = re.compile(r"^(?:[一二三四五六七八九十]+,|\([一二三四五六七八九十]+\)|\d{1,2}[.,])")
_VALUE = re.compile(
    r"(?:[+\-－—–―−]{0,2}\s?[\d０-９][\d０-９,，.．]*\s?(?:万元|亿元|元|件|条|项|次|个|份|人次|宗|起)?"
    r"|[/／\-－—–―−]{1,3}|无|[UuOoQDIl|〇○零])"
)
_LONGEST_VALUE = 24
_LONGEST_LABEL = 60
_SECTION = re.compile(r"^[一二三四五六七八九十]{1,2}[,.]\S{2,40}$")
_NUMBERED_ROW = re.compile(r"[一二三四],\S{4,24}$")
_ROW_WORDS = ("新收", "结转", "办理结果", "继续办理", "结转下")
_TERMINAL = "。；！？;!?"
# 4 words in which the note above table three is recognised even when it is broken
_NOTE_WORDS = ("勾稽", "第一项加第二项", "第三项加第四项")


def bare(folded: str) -> str:
    """Return a folded label without its enumerator."""
    return _ENUMERATOR.sub("", folded)


@cache
def label_kinds() -> dict[str, LabelKind]:
    """Every folded label of every edition with what it is."""
    kinds: dict[str, LabelKind] = {}
    tables = [table for form in editions() for table in form.tables]
    for table in tables:
        for text, kind in _labels_of(table):
            # （六）其他处理 is a row of one edition and a group of the other: both may hold rows
            if kind == "group":
                kinds[fold(text)] = kind
            kinds.setdefault(fold(text), kind)
    for folded, kind in list(kinds.items()):
        kinds.setdefault(bare(folded), kind)
    return kinds


def _labels_of(table: FormTable) -> list[tuple[str, LabelKind]]:
    found: list[tuple[str, LabelKind]] = [(text, "caption") for text in table.furniture]
    for block in table.blocks:
        found += [(t, "caption") for t in (block.caption,) if t]
        found += [(t, "opening") for t in (block.title,) if t]
        found += [
            (t, "head") for column in block.columns for t in (*column.labels, column.parent) if t
        ]
        found += [
            (text, "head" if table.one_row else "row") for row in block.rows for text in row.labels
        ]
    side: LabelKind = "head" if table.one_row else "group"
    found += [(text, side) for group in table.groups for text in group.labels]
    return found


@cache
def section_titles() -> frozenset[str]:
    """Return the folded titles of the six sections, without numbers."""
    return frozenset(
        fold(text) for form in editions() for section in form.sections
        for text in (section.title, *section.aliases)
    )  # fmt: skip


@lru_cache(maxsize=4096)
def label_kind(text: str) -> LabelKind | None:
    """Return what kind of label of the form `text` is, None when it is none."""
    if not 1 < len(text) <= _LONGEST_LABEL:
        return None
    folded = fold(text)
    kind = label_kinds().get(folded)
    if kind is None and any(word in folded for word in _NOTE_WORDS) and len(folded) > 9:
        return "caption"
    if kind is None and _NUMBERED_ROW.match(folded) and any(word in folded for word in _ROW_WORDS):
        return "row"
    return kind


@lru_cache(maxsize=4096)
def is_value(text: str) -> bool:
    """Tell whether a non-empty cell holds what belongs into a number cell: figure or mark."""
    return len(text) <= _LONGEST_VALUE and _VALUE.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def is_section_heading(text: str) -> bool:
    """Tell whether a line is the heading of one of the six sections, numbered or not."""
    if not 2 <= len(text) <= _LONGEST_LABEL:
        return False
    folded = fold(text).rstrip(",.:")
    if bare(folded) in section_titles():
        return True
    if not _SECTION.match(folded) or text[-1] in _TERMINAL:
        return False
    return folded not in label_kinds() and not any(word in folded for word in _ROW_WORDS)


def is_running_text(text: str) -> bool:
    """Tell whether a line can only be a sentence or part of one, never a cell of the form."""
    if len(text) > _LONGEST_LABEL:
        return True
    if text[-1] in _TERMINAL and (len(text) > 12 or (text[-1] == "。" and not text[0].isdigit())):
        return True
    return len(text) > 30 and "，" in text and label_kind(text) is None
