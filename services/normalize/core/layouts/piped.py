"""Cells parted by pipes: rows on lines, markdown tables, one pipe a line, a page in one table."""

import re

from services.normalize.core.layouts.run import Group, Loose, Run, evidence, joined, row_of, rows_of_groups
from services.normalize.core.source import Source
from services.normalize.core.vocabulary import is_running_text, is_section_heading, is_value, label_kind
from shared.report.characters import fold
from shared.report.document import Layout, Table

PIPES = "|｜│┃║"
_PIPE = re.compile(r"(?<!\\)\|")
_OTHER_PIPES = str.maketrans(PIPES[1:], "|" * (len(PIPES) - 1))
_RULE = re.compile(r"[\s|:+\-=─━═┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬]*[-─━═=][\s|:+\-=─━═┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬]*")
_WIDEST_ROW = 40
_FEW_IN_WIDE = 3
_LONGEST_TAIL = 16


def is_rule(text: str) -> bool:
    """Tell whether a line only draws: `|---|:--:|`, `+----+`, `├──┼──┤`."""
    return _RULE.fullmatch(text) is not None and sum(text.count(c) for c in "-─━═=") >= 2


class _Reading:
    """The run being read: lines split into cells, borders known."""

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.furniture: list[int] = []
        self.lines: list[tuple[int, list[str]]] = []
        self.separators = False
        for index in range(start, end):
            text = source.texts[index].translate(_OTHER_PIPES)
            if not text.strip():
                self.lines.append((index, []))
            elif is_rule(text):
                self.furniture.append(index)
                self.separators = True
            else:
                self.lines.append((index, _PIPE.split(text)))
        filled = [parts for _, parts in self.lines if parts]
        self.left = _most(not parts[0].strip() and len(parts) > 1 for parts in filled)
        self.right = _most(not parts[-1].strip() and len(parts) > 1 for parts in filled)

    def cells(self, index: int, parts: list[str]) -> Group:
        """Return the cells of a line without the borders of the table."""
        if self.left and len(parts) > 1 and not parts[0].strip():
            parts = parts[1:]
        if self.right and len(parts) > 1 and not parts[-1].strip():
            parts = parts[:-1]
        raw = self.source.raws.get(index)
        cells: Group = []
        for part in parts:
            # a line that cleaning changed keeps its raw text with its first cell
            cells.append(self.source.cell(index, len(cells), part.replace("\\|", "|"), raw))
            raw = None
        return cells


def _most(tests: "object") -> bool:
    answers = list(tests)  # type: ignore[call-overload]
    return sum(answers) * 5 >= len(answers) * 3
