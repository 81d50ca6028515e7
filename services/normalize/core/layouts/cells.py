"""One cell a line, opened by a tab; an empty line ends the row (what Tika and docx2txt print).

A line without a tab directly below a cell is a second line of that cell.
"""

from services.normalize.core.layouts.run import Group, Run, evidence, joined, rows_of_groups
from services.normalize.core.source import Source
from services.normalize.core.vocabulary import is_running_text, is_section_heading
from shared.report.document import Table


def read(source: Source, kinds: str, start: int, end: int) -> Run | None:
    """Read the lines `start` to `end` (cells, their continuations, empty lines)."""
    groups: list[Group] = [[]]
    stop = start
    texts = source.texts
    for index in range(start, end):
        kind = kinds[index]
        if kind == "b":
            if groups[-1]:
                groups.append([])
            continue
        group = groups[-1]
        found = texts[index]
        if kind == "x":
            if not group:
                break
            group[-1] = joined([group[-1], source.cell(index, 0, found, source.raws.get(index))])
        elif kind == "t":
            for part, raw in source.parts(index, "\t")[found[0] == "\t" :]:
                group.append(source.cell(index, len(group), part, raw))
        elif not group and _ends_table(found.strip()):
            break
        else:
            group.append(source.cell(index, len(group), found[1:], source.raws.get(index)))
        stop = index + 1
    if not evidence([cell.text for group in groups for cell in group]):
        return None
    rows, layout = rows_of_groups(groups, parted=True)
    return Run((Table(tuple(rows), layout),), stop)


def _ends_table(text: str) -> bool:
    """Tell whether a tab only indents: a heading or a paragraph that begins a row."""
    return bool(text) and (is_section_heading(text) or is_running_text(text))
