"""Print a made-up report as a text file in any of the layouts and encodings met in life."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from random import Random

import opencc

from tests.support import columns, layouts
from tests.support.agencies import chinese_date
from tests.support.breaks import page_end, paginate
from tests.support.layouts import Draw
from tests.support.sheets import Sheet, sheet
from tests.support.truth import Part, Truth
from tests.support.wordings import full_width_digits, split_titles, vary_labels

DRAWERS: dict[str, Draw] = {
    "tabs_grid": layouts.tabs_grid,
    "tabs_left": layouts.tabs_left,
    "tabs_ragged": layouts.tabs_ragged,
    "tabs_wide": layouts.tabs_wide,
    "cell_per_line": layouts.cell_per_line,
    "cell_and_blank": layouts.cell_and_blank,
    "lines_rows_apart": layouts.lines_rows_apart,
    "plain_lines": layouts.plain_lines,
    "pipes_right": layouts.pipes_right,
    "pipes_both": layouts.pipes_both,
    "pipes_between": layouts.pipes_between,
    "pipes_spans": layouts.pipes_spans,
    "markdown": layouts.markdown,
    "markdown_filled": layouts.markdown_filled,
    "markdown_empty_header": layouts.markdown_empty_header,
    "pipe_lines": layouts.pipe_lines,
    "page_table": layouts.page_table,
    "layout_columns": columns.layout_columns,
    "column_by_column": columns.column_by_column,
    "numbers_before_labels": columns.numbers_before_labels,
    "spaces": layouts.spaces,
    "tabs_apart": layouts.tabs_apart,
    "box_drawing": layouts.box_drawing,
    "html_table": layouts.html_table,
}
LAYOUTS = tuple(DRAWERS)
PAGED = frozenset(
    {
        "tabs_grid",
        "tabs_left",
        "tabs_ragged",
        "tabs_wide",
        "markdown",
        "pipes_both",
        "layout_columns",
    }
)
"""Layouts that come from page-wise formats and may be cut by page ends."""
BLANKS_INVISIBLE = frozenset(
    {
        "cell_and_blank",
        "lines_rows_apart",
        "plain_lines",
        "column_by_column",
        "numbers_before_labels",
        "spaces",
        "layout_columns",
        "pipe_lines",
    }
)
"""Layouts in which an empty cell cannot be told from no cell: its row is then open to doubt."""
SPLITS_TITLES = frozenset({"tabs_grid", "tabs_left", "pipes_both", "markdown", "html_table"})
"""Layouts whose converters turn a title of two lines into two rows."""
ENCODINGS = ("utf-8",) * 8 + ("utf-8-sig", "gb18030", "utf-16", "big5")


@dataclass(frozen=True)
class Quirks:
    """What is peculiar about one printing, all of it harmless to a human reader."""

    pages: bool = False
    headings: str = "plain"
    title_lines: int = 1
    blank_between: bool = True
    furniture: bool = False
    signature: str = "both"
    captions: bool = True
    residue: bool = False
    labels: str = "official"
    split_titles: bool = False
    full_width: bool = False
    title_form: str = "one"


@dataclass(frozen=True)
class Rendered:
    """A printed report: text, bytes, and the truth of what can be seen in it."""

    layout: str
    text: str
    data: bytes
    encoding: str
    truth: Truth
    quirks: Quirks

    @property
    def name(self) -> str:
        """A file name for it."""
        return f"{self.truth.seed:06d}_{self.layout}.txt"


def quirks(rng: Random, layout: str) -> Quirks:
    """Return some peculiarities that go with a layout."""
    return Quirks(
        pages=layout in PAGED and rng.random() < 0.3,
        headings=rng.choice(("plain",) * 8 + ("hashes", "bold", "arabic", "lost")),
        title_lines=2 if rng.random() < 0.2 else 1,
        blank_between=rng.random() < 0.6,
        furniture=rng.random() < 0.15,
        signature=rng.choice(("both", "both", "both", "date_right", "one_line")),
        captions=rng.random() > 0.05,
        residue=rng.random() < 0.1,
        labels="variants" if rng.random() < 0.3 else "official",
        split_titles=layout in SPLITS_TITLES and rng.random() < 0.15,
        full_width=rng.random() < 0.04,
        title_form=rng.choice(("one",) * 8 + ("twice", "agency_above")),
    )


def render(
    truth: Truth, layout: str, rng: Random, *, with_quirks: Quirks | None = None,
    encoding: str | None = None,
) -> Rendered:  # fmt: skip
    """Print the report in a layout; quirks and encoding are drawn from `rng` unless given."""
    chosen = with_quirks or quirks(rng, layout)
    if not chosen.captions:
        chosen = replace(
            chosen, captions="active_disclosure" in truth.lost_tables or layout == "plain_lines"
        )
    lines = _Printer(truth, layout, rng, chosen).lines()
    text = "\n".join(lines) + "\n"
    encoding = encoding or rng.choice(ENCODINGS)
    data, encoding = encode(text, encoding)
    return Rendered(layout, text, data, encoding, _visible(truth, layout), chosen)


def encode(text: str, encoding: str) -> tuple[bytes, str]:
    """Return the bytes; big5 means a Traditional mirror, utf-8 when a character has no code."""
    if encoding != "big5":
        return text.encode(encoding), encoding
    traditional = _traditional().convert(text)
    try:
        return traditional.encode("big5"), "big5"
    except UnicodeEncodeError:
        return traditional.encode("utf-8"), "utf-8 traditional"


@cache
def _traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _visible(truth: Truth, layout: str) -> Truth:
    """Open to doubt: rows with empty cells where the layout does not show emptiness."""
    if layout not in BLANKS_INVISIBLE:
        return truth
    rows = {a.split("@")[0] for a, v in truth.cells.items() if v == "blank"}
    if any(r.startswith("review_litigation") for r in rows):
        rows |= {a.split("@")[0] for a in truth.cells if a.startswith("review_litigation")}
    loose = {a for a in truth.cells if a.split("@")[0] in rows}
    if layout in {"column_by_column", "numbers_before_labels"} and any(
        a.startswith("applications") for a in loose
    ):
        loose |= {a for a in truth.cells if a.startswith("applications")}
    return replace(truth, loose=truth.loose | loose)


class _Printer:
    """Writes one report line by line."""

    def __init__(self, truth: Truth, layout: str, rng: Random, chosen: Quirks) -> None:
        self.truth, self.layout, self.rng, self.quirks = truth, layout, rng, chosen
        self.page = 1
        self.gap = [""] if chosen.blank_between or layout == "markdown" else []

    def lines(self) -> list[str]:
        """Return all lines of the file."""
        body: list[str] = []
        if self.quirks.furniture:
            body += [
                "当前位置：首页 > 政府信息公开 > 政府信息公开年报",
                "字号：大 中 小  打印  分享到：",
                "",
            ]
        body += self._title()
        for paragraph in self.truth.preamble:
            body += [self._paragraph(paragraph), *self.gap]
        for part in self.truth.parts:
            body += self._part(part)
        body += self._ending()
        if self.quirks.residue:
            body[1] = "[bookmark: _GoBack]" + body[1]
        return body

    def _title(self) -> list[str]:
        title = self.truth.title
        if self.quirks.title_form == "twice":
            return [title, "", title, ""]
        if self.quirks.title_form == "agency_above":
            name = self.truth.printed_name
            return [name, title.removeprefix(name), ""]
        prefix = "# " if self.quirks.headings == "hashes" else ""
        if self.quirks.title_lines == 2:
            cut = self.rng.choice((len(title) - 11, title.index("年") + 1))
            return [prefix + title[:cut], prefix + title[cut:], ""]
        return [prefix + title, ""]

    def _paragraph(self, text: str) -> str:
        if self.layout == "page_table":
            return f"| {text} {'|' * self.rng.randint(1, 9)}"
        return text

    def _part(self, part: Part) -> list[str]:
        lines = [self._heading(part), *self.gap]
        for paragraph in part.before:
            lines += [self._paragraph(paragraph), *self.gap]
        table = {2: "active_disclosure", 3: "applications", 4: "review_litigation"}.get(part.number)
        if table and table not in self.truth.lost_tables:
            lines += self._table(table)
        for paragraph in part.after:
            lines += [self._paragraph(paragraph), *self.gap]
        return lines

    def _heading(self, part: Part) -> str:
        number = "一二三四五六"[part.number - 1]
        plain = f"{number}、{part.title}"
        styles: dict[str, str] = {
            "hashes": f"## {plain}",
            "bold": f"**{plain}**",
            "arabic": f"{part.number}、{part.title}",
            "lost": part.title if part.number < 3 else plain,
        }
        return self._paragraph(styles.get(self.quirks.headings, plain))

    def _table(self, table: str) -> list[str]:
        whole = sheet(self.truth, table)
        if not self.quirks.captions and table == "active_disclosure":
            whole = without_first_caption(whole)
        if self.quirks.labels == "variants":
            whole = vary_labels(whole, self.rng)
        if self.quirks.full_width:
            whole = full_width_digits(whole, self.rng)
        if self.quirks.split_titles:
            whole = split_titles(whole, self.rng)
        draw: Callable[[Sheet, Random], list[str]] = DRAWERS[self.layout]
        parts = paginate(whole, self.rng) if self.quirks.pages else [whole]
        lines: list[str] = []
        for index, part in enumerate(parts):
            if index:
                self.page += 1
                lines += page_end(self.rng, self.page)
            lines += draw(part, self.rng)
        return [*lines, ""]

    def _ending(self) -> list[str]:
        if self.truth.published_on is None:
            return []
        day = chinese_date(self.truth.published_on, self.rng)
        name = self.truth.signature or ""
        if self.quirks.signature == "one_line":
            return ["", f"{name}  {day}".strip()]
        pad = " " * 20 if self.quirks.signature == "date_right" else ""
        return ["", *([pad + name, ""] if name else []), pad + day]


def without_first_caption(whole: Sheet) -> Sheet:
    """Drop the first caption row of table two, as some converters do."""
    return whole.fragment(1, whole.row_count, header=False)
