"""Cell addresses as a clerk reads them: table, row and column by their printed labels."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from shared import forms
from shared.forms import FormTable
from shared.report.record import Edition

_STEP: Final = " › "
_FEW: Final = 4
"""Cells that are still named one by one."""


def printed(address: str, edition: Edition | None = None) -> str:
    """Return the printed labels of a cell, or the address itself where no form has it.

    An address may name a whole row (`applications.total`) or a whole table.
    """
    editions = [edition] if edition is not None else list(reversed(forms.EDITIONS))
    for candidate in editions:
        found = _labels(candidate).get(address)
        if found is not None:
            return found
    return address


def together(addresses: Sequence[str], edition: Edition | None = None) -> list[str]:
    """Return where some cells are, in few words: several of one row or one column are named at once."""
    whole = [a for a in addresses if "@" in a]
    rows = set(map(_row_of, whole))
    columns = {a.partition("@")[2] for a in whole}
    tables = {a.partition(".")[0] for a in whole}
    if len(whole) < _FEW or len(whole) < len(addresses) or len(tables) > 1:
        return [printed(a, edition) for a in addresses]
    if len(rows) == 1:
        cells = [printed(a, edition).rpartition(_STEP)[2] for a in whole]
        return [_STEP.join((printed(rows.pop(), edition), "、".join(cells)))]
    if len(columns) == 1:
        column = printed(whole[0], edition).rpartition(_STEP)[2]
        table = printed(tables.pop(), edition)
        return [f"{table}{_STEP}“{column}”列，{len(whole)} 格 · column, {len(whole)} cells"]
    if len(whole) == len(rows) * len(columns):
        return [
            f"{printed(row, edition)}（整行 whole row）"
            for row in dict.fromkeys(map(_row_of, whole))
        ]
    return [printed(a, edition) for a in addresses]


def _row_of(address: str) -> str:
    return address.partition("@")[0]


@cache
def _labels(edition: Edition) -> dict[str, str]:
    labels: dict[str, str] = {}
    for table in forms.load(edition).tables:
        title = f"表{'〇一二三四五六'[table.section]}"
        labels[table.id] = title
        groups = _group_paths(table)
        for block in table.blocks:
            for row in block.rows:
                path = [title, *groups.get(row.group or "", []), row.label]
                labels[f"{table.id}.{row.id}"] = _STEP.join(path)
                for column in block.columns:
                    labels[table.address(row.id, column.id)] = _STEP.join([*path, column.label])
    return labels


def _group_paths(table: FormTable) -> dict[str, list[str]]:
    """Return the labels from the outermost group to each group."""
    by_id = {group.id: group for group in table.groups}
    paths: dict[str, list[str]] = {}
    for group in table.groups:
        path = [group.label]
        parent = group.parent
        while parent is not None and parent in by_id:
            path.insert(0, by_id[parent].label)
            parent = by_id[parent].parent
        paths[group.id] = path
    return paths
