"""Loss of columns, pages and ends of a report; the truth keeps only what can still be seen."""

from dataclasses import dataclass, replace
from random import Random

from shared import forms
from tests.support.figures import T2, T3
from tests.support.render import Quirks, Rendered, render
from tests.support.truth import Truth, Value

LAYOUT = "tabs_grid"


@dataclass
class Page:
    """The lines of a plain printing with the line numbers of its tables."""

    lines: list[str]
    truth: Truth

    def rows(self) -> list[int]:
        """Return the lines that are table rows with numbers."""
        return [
            i for i, line in enumerate(self.lines) if line.count("\t") > 2 and numbers(line) > 0
        ]

    def done(self, name: str) -> Rendered:
        """Return the damaged report."""
        text = "\n".join(self.lines) + "\n"
        return Rendered(f"damage:{name}", text, text.encode(), "utf-8", self.truth, Quirks())


def numbers(line: str) -> int:
    return sum(c.strip().lstrip("+-").isdigit() for c in line.split("\t"))


def printed(truth: Truth, rng: Random) -> Page:
    plain = render(truth, LAYOUT, rng, with_quirks=Quirks(), encoding="utf-8")
    return Page(plain.text.rstrip("\n").split("\n"), truth)


def lost_column(truth: Truth, rng: Random) -> Rendered:
    """Lose one applicant column on the last page of table three (report 003).

    Where all its rows hold nothing but zeros, nobody can tell this from empty totals: then that is the truth.
    """
    text = printed(truth, rng)
    table = forms.table(truth.templates[T3], T3)
    rows = [r.id for r in table.blocks[0].rows]
    columns = [c.id for c in table.blocks[0].columns]
    lines = [i for i in text.rows() if len(text.lines[i].split("\t")) == 10]
    cut = rng.randint(len(rows) - 6, len(rows) - 3)
    gone = rng.randint(2, 5)
    for index in lines[cut:]:
        parts = text.lines[index].split("\t")
        del parts[3 + gone]
        text.lines[index] = "\t".join([*parts, ""])
    text.lines.insert(lines[cut], "")
    seen = [table.address(r, c) for r in rows[cut:] for c in columns]
    nothing = not any(truth.cells[a] for a in seen)
    changes: dict[str, Value] = {
        table.address(r, "total" if nothing else columns[gone]): "blank" if nothing else "absent"
        for r in rows[cut:]
    }
    loose = truth.loose if nothing else truth.loose | set(seen)
    text.truth = replace(truth, cells={**truth.cells, **changes}, loose=frozenset(loose))
    return text.done("lost_column")


def lost_page(truth: Truth, rng: Random) -> Rendered:
    """Lose the end of table two, the third heading and the first rows of table three."""
    text = printed(truth, rng)
    lines = [i for i in text.rows() if len(text.lines[i].split("\t")) == 10]
    header = next(i for i, line in enumerate(text.lines) if "勾稽" in line and "\t" in line)
    heading = max(i for i in range(header) if text.lines[i].startswith("三、"))
    rows = [r.id for r in forms.table(truth.templates[T3], T3).blocks[0].rows]
    kept = rng.randint(6, 10)
    start = heading - rng.randint(3, 5)
    repeated = text.lines[header : header + 3]
    lost = {
        a
        for a in truth.cells
        if a.startswith(T3) and a.split("@")[0].split(".", 1)[1] in rows[:kept]
    }
    lost |= _hidden(truth, "\n".join(text.lines[start:heading]))
    text.lines[start : lines[kept]] = ["", *repeated]
    cells = {a: "absent" if a in lost else v for a, v in truth.cells.items()}
    parts = tuple(p for p in truth.parts if p.number != 3)
    text.truth = replace(truth, cells=cells, parts=parts)
    return text.done("lost_page")


def _hidden(truth: Truth, gone: str) -> set[str]:
    table = forms.table(truth.templates[T2], T2)
    return {
        table.address(r.id, c.id)
        for b in table.blocks for r in b.rows for c in b.columns if f"\n{r.label}\t" in f"\n{gone}"
    }  # fmt: skip


def cut_in_the_middle(truth: Truth, rng: Random) -> Rendered:
    """End the file somewhere inside table three."""
    text = printed(truth, rng)
    lines = [i for i in text.rows() if len(text.lines[i].split("\t")) == 10]
    rows = [r.id for r in forms.table(truth.templates[T3], T3).blocks[0].rows]
    kept = rng.randint(3, len(rows) - 3)
    seen = set(rows[:kept])
    cells = {
        a: v
        if a.startswith(T2) or (a.startswith(T3) and a.split("@")[0].split(".", 1)[1] in seen)
        else "absent"
        for a, v in truth.cells.items()
        if not a.startswith("review_litigation")
    }
    templates = {t: e for t, e in truth.templates.items() if t != "review_litigation"}
    text.lines = text.lines[: lines[kept]]
    text.truth = replace(
        truth, cells=cells, templates=templates, published_on=None, signature=None,
        parts=truth.parts[:3],
        figures=tuple(f for f in truth.figures if f.key != "processing_fee"),
    )  # fmt: skip
    return text.done("cut_in_the_middle")
