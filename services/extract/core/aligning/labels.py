"""The printed vocabulary of the forms, by comparing key: which label may mean which row or title.

Answers "what could this text be?" exactly in one look-up and, where damage forbids that, by
similarity. Enumerators stay in the key: they keep 予以公开 and 不予公开 apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz.distance import Levenshtein

from shared import forms
from shared.forms import FormTable
from shared.report.characters import fold
from shared.report.record import Edition

_KEPT = re.compile(r"[^0-9A-Za-z一-鿿]+")
_CIRCLED = str.maketrans(
    {
        **{chr(0x3220 + i): "一二三四五六七八九十"[i] for i in range(10)},
        **{chr(0x2460 + i): str(i + 1) for i in range(9)},
        **{chr(0x2160 + i): "一二三四五六七八九十"[i] for i in range(10)},
    }
)
_ENUMERATOR = re.compile(r"^(?:[一二三四五六七八九十]|\d{1,2})(?=[一-鿿])")

_SHORT = 6
_LONGEST_LABEL = 200
_SURELY_ALIKE = 0.85


@dataclass(frozen=True, slots=True)
class RowKey:
    """One declared row of one table of one edition; `order` counts over the whole edition."""

    table: str
    edition: Edition
    block: int
    row: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything a table line can say, by key; `headers` are columns, furniture and groups."""

    rows: dict[str, tuple[RowKey, ...]]
    columns: dict[str, frozenset[str]]
    furniture: frozenset[str]
    groups: frozenset[str]
    headers: frozenset[str]
    edition_marks: dict[str, tuple[str, Edition]]


@lru_cache(maxsize=4096)
def label_key(text: str) -> str:
    """Return `text` reduced to what identifies a label: simplified characters, digits, letters."""
    return _KEPT.sub("", fold(text.translate(_CIRCLED)))


@lru_cache(maxsize=4096)
def leaf_key(text: str) -> str:
    """Return the key of a row label, without the spanning label that ran together with it.

    `（三）不予公开 1.属于国家秘密` in one cell names the row 1.属于国家秘密.
    """
    key = label_key(text)
    words = vocabulary()
    if key in words.rows or key in words.columns:
        return key
    for group in words.groups:
        if key.startswith(group) and key[len(group) :] in words.rows:
            return key[len(group) :]
    return key


@lru_cache(maxsize=4096)
def is_row_label(key: str) -> bool:
    """Tell whether the key is a row label, or so like one that it can be nothing else."""
    rows = vocabulary().rows
    if key in rows:
        return True
    return len(key) > _SHORT and similarity(key, tuple(rows)) >= _SURELY_ALIKE


@lru_cache(maxsize=4096)
def without_enumerator(key: str) -> str:
    """Return the key without a leading 一 / 1: what is left when automatic numbers got lost."""
    return _ENUMERATOR.sub("", key) if len(key) > 2 else key


@cache
def row_labels(table: str, edition: Edition) -> dict[str, tuple[str, ...]]:
    """Return for every row of a table the keys it may be printed with, the official one first."""
    return {
        row.id: tuple(dict.fromkeys(label_key(label) for label in row.labels))
        for block in forms.table(edition, table).blocks
        for row in block.rows
    }


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary of all editions together."""
    tables = [(form.edition, table) for form in forms.editions() for table in form.tables]
    columns = _column_keys([table for _, table in tables])
    groups = {label_key(g.label) for _, table in tables for g in table.groups}
    groups |= {without_enumerator(g) for g in groups}
    furniture = _furniture_keys([table for _, table in tables])
    return Vocabulary(
        rows=_row_keys(tables, frozenset(columns) | groups),
        columns={k: frozenset(v) for k, v in columns.items()},
        furniture=furniture,
        groups=frozenset(groups),
        headers=furniture | groups | columns.keys(),
        edition_marks=_edition_marks(tables),
    )


def _column_keys(tables: Sequence[FormTable]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table in tables:
        for column in (c for b in table.blocks for c in b.columns):
            for label in column.labels:
                found.setdefault(label_key(label), set()).add(table.id)
    return found


def _row_keys(
    tables: Sequence[tuple[Edition, FormTable]], taken: frozenset[str]
) -> dict[str, tuple[RowKey, ...]]:
    """Return rows by label key, also without enumerator where that is no other label (`taken`)."""
    found: dict[str, dict[RowKey, None]] = {}
    for edition, table in tables:
        for number, block in enumerate(table.blocks):
            for row in block.rows:
                key = RowKey(table.id, edition, number, row.id)
                for label in row.labels:
                    found.setdefault(label_key(label), {})[key] = None
    for printed in list(found):
        bare = without_enumerator(printed)
        if bare not in taken:
            found.setdefault(bare, {}).update(found[printed])
    return {k: tuple(v) for k, v in found.items()}


def _furniture_keys(tables: Sequence[FormTable]) -> frozenset[str]:
    found = {label_key("信息内容")}
    for table in tables:
        found |= {label_key(f) for f in table.furniture}
        found |= {label_key(b.caption) for b in table.blocks if b.caption}
        found |= {label_key(c.parent) for b in table.blocks for c in b.columns if c.parent}
    return frozenset(found)


def _edition_marks(
    tables: Sequence[tuple[Edition, FormTable]],
) -> dict[str, tuple[str, Edition]]:
    """Return the labels that one table of one edition alone prints."""
    titles: dict[str, set[tuple[str, Edition]]] = {}
    for edition, table in tables:
        for block in table.blocks:
            for item in (*block.columns, *block.rows):
                for label in item.labels:
                    titles.setdefault(label_key(label), set()).add((table.id, edition))
    return {k: next(iter(v)) for k, v in titles.items() if len(v) == 1}


@cache
def _printed_titles() -> tuple[str, ...]:
    words = vocabulary()
    return tuple({*words.columns, *words.furniture, *words.groups})


@lru_cache(maxsize=4096)
def is_title_piece(key: str) -> bool:
    """Tell whether the key is part of a title, caption or spanning label broken over lines."""
    return any(key in title for title in _printed_titles())


def similarity(key: str, labels: tuple[str, ...]) -> float:
    """Return how alike a key and the best of some labels are, 0..1; numbering may be lost."""
    return _similarity(key, labels) if 0 < len(key) <= _LONGEST_LABEL else 0.0


@lru_cache(maxsize=4096)
def _similarity(key: str, labels: tuple[str, ...]) -> float:
    best = 0.0
    for label in labels:
        best = max(best, Levenshtein.normalized_similarity(key, label))
        bare = without_enumerator(label)
        if bare != label:
            best = max(best, Levenshtein.normalized_similarity(key, bare) - 0.03)
    return best
