"""Cell addresses as a clerk reads them: table, row and column by their printed labels."""

from functools import cache

from shared import forms
from shared.forms import FormTable
from shared.report.record import Edition


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
                labels[f"{table.id}.{row.id}"] = " › ".join(path)
                for column in block.columns:
                    labels[table.address(row.id, column.id)] = " › ".join([*path, column.label])
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
