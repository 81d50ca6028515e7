"""Styles and automatic numbers of a Word document: what Word prints but does not write as text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from services.normalize.core.ooxml import W
from services.normalize.core.readers.docx.numerals import numeral

_VAL = f"{W}val"
_NUMBER = re.compile("-?[0-9]{1,9}")
_PLACEHOLDER = re.compile(r"%([1-9])")
_LEVELS = 9
_LONGEST_CHAIN = 20
_BODY_LEVEL = 9
_HEADING = re.compile(r"(?:heading|标题) ?([1-9])", re.IGNORECASE)
_CHINESE = re.compile("[\u4e00-\u9fff]")
_OFF = frozenset({"0", "false", "off"})


def is_on(node: etree._Element | None) -> bool:
    """Tell whether a switch such as `w:vanish` is there and not turned off."""
    return node is not None and node.get(_VAL) not in _OFF


def number_of(node: etree._Element | None, default: int | None = None) -> int | None:
    """Return the `w:val` of an element as a number, `default` when it holds none."""
    value = "" if node is None else str(node.get(_VAL, ""))
    return int(value) if _NUMBER.fullmatch(value) else default


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says about text: list, outline level, hidden; None where it inherits."""

    based_on: str | None = None
    list_id: int | None = None
    list_level: int | None = None
    level: int | None = None
    hidden: bool | None = None
    is_contents: bool = False


class Styles:
    """The styles of one document, by id, with what they inherit.

    `hiding` are the ids of styles that hide text, `marks_plain` tells whether the default
    style numbers or hides.
    """

    def __init__(self, root: etree._Element | None) -> None:
        """Read the part `styles.xml`; None is a document without styles."""
        self._own: dict[str, Style] = {}
        self._resolved: dict[str | None, Style] = {}
        self._default: str | None = None
        for node in () if root is None else root.iterchildren(f"{W}style"):
            name = str(node.get(f"{W}styleId", ""))
            self._own[name] = _style(node)
            if node.get(f"{W}type") == "paragraph" and node.get(f"{W}default") in ("1", "true"):
                self._default = name
        self.hiding = tuple(name for name, style in self._own.items() if style.hidden)
        plain = self.of(None)
        self.marks_plain = bool(plain.list_id or plain.hidden)

    def of(self, name: str | None) -> Style:
        """Return a paragraph style with everything inherited; None is the default style."""
        if name not in self._resolved:
            self._resolved[name] = self._resolve(name if name in self._own else self._default)
        return self._resolved[name]

    def _resolve(self, name: str | None) -> Style:
        list_id = list_level = level = hidden = None
        contents = False
        for _ in range(_LONGEST_CHAIN):
            own = self._own.get(name or "")
            if own is None:
                break
            list_id = own.list_id if list_id is None else list_id
            list_level = own.list_level if list_level is None else list_level
            level = own.level if level is None else level
            hidden = own.hidden if hidden is None else hidden
            contents = contents or own.is_contents
            name = own.based_on
        return Style(None, list_id, list_level, level, hidden, contents)


def _style(node: etree._Element) -> Style:
    name = node.find(f"{W}name")
    called = "" if name is None else str(name.get(_VAL, ""))
    based = node.find(f"{W}basedOn")
    level = outline_level(node.find(f"{W}pPr/{W}outlineLvl"))
    heading = _HEADING.fullmatch(called)
    if level is None and heading:
        level = int(heading[1])
    vanish = node.find(f"{W}rPr/{W}vanish")
    return Style(
        based_on=None if based is None else str(based.get(_VAL, "")),
        list_id=number_of(node.find(f"{W}pPr/{W}numPr/{W}numId")),
        list_level=number_of(node.find(f"{W}pPr/{W}numPr/{W}ilvl")),
        level=level,
        hidden=None if vanish is None else is_on(vanish),
        is_contents=called.lower().startswith("toc "),
    )


def outline_level(node: etree._Element | None) -> int | None:
    """Return the heading level (from 1) that an outline level means, None for body text."""
    found = number_of(node)
    return found + 1 if found is not None and 0 <= found < _BODY_LEVEL else None


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    apart: bool = True
    style: str | None = None


@dataclass(slots=True)
class _List:
    """A numbering instance: the abstract list it counts in, and what it overrides."""

    abstract: int
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, _Level] = field(default_factory=dict)


class Numbering:
    """Counts the paragraphs of automatic lists in reading order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        """Read the part `numbering.xml`; None is a document without lists."""
        self._levels: dict[int, dict[int, _Level]] = {}
        self._lists: dict[int, _List] = {}
        self._counts: dict[int, list[int | None]] = {}
        self._started: set[tuple[int, int]] = set()
        links: dict[int, str] = {}
        for node in () if root is None else root.iterchildren(f"{W}abstractNum"):
            key = _id(node, "abstractNumId")
            self._levels[key] = dict(_levels(node.iterchildren(f"{W}lvl")))
            link = node.find(f"{W}numStyleLink")
            if link is not None:
                links[key] = str(link.get(_VAL, ""))
        for node in () if root is None else root.iterchildren(f"{W}num"):
            self._lists[_id(node, "numId")] = _list(node)
        for key, style in links.items():
            linked = self._lists.get(styles.of(style).list_id or 0)
            if linked is not None and linked.abstract not in links:
                self._levels[key] = self._levels.get(linked.abstract, {})

    def level_of_style(self, list_id: int, style: str | None) -> int | None:
        """Return the level of a list that is tied to a paragraph style."""
        found = self._lists.get(list_id)
        if found is None or style is None:
            return None
        levels = self._levels.get(found.abstract, {})
        return next((at for at, level in levels.items() if level.style == style), None)

    def count(self, list_id: int, at: int) -> str:
        """Count one more paragraph of a list and return the number printed before its text."""
        found = self._lists.get(list_id)
        if found is None or not 0 <= at < _LEVELS:
            return ""
        levels = {**self._levels.get(found.abstract, {}), **found.levels}
        level = levels.get(at)
        if level is None:
            return ""
        counts = self._counts.setdefault(found.abstract, [None] * _LEVELS)
        if at in found.starts and (list_id, at) not in self._started:
            counts[at] = None
        self._started.add((list_id, at))
        now = counts[at]
        counts[at] = found.starts.get(at, level.start) if now is None else now + 1
        for deeper in range(at + 1, _LEVELS):
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or at < restart:
                counts[deeper] = None
        return self._printed(found, levels, level, counts)

    @staticmethod
    def _printed(
        found: _List, levels: dict[int, _Level], level: _Level, counts: list[int | None]
    ) -> str:
        if level.form == "bullet":
            return level.text if _CHINESE.search(level.text) else ""

        def one(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            of = levels.get(at, level)
            now = counts[at]
            number = found.starts.get(at, of.start) if now is None else now
            return numeral(number, "decimal" if level.legal else of.form)

        text = _PLACEHOLDER.sub(one, level.text)
        return f"{text} " if level.apart and text[-1:].isalnum() else text


def _id(node: etree._Element, name: str) -> int:
    value = str(node.get(f"{W}{name}", ""))
    return int(value) if _NUMBER.fullmatch(value) else -1


def _levels(nodes: Iterable[etree._Element]) -> Iterable[tuple[int, _Level]]:
    for node in nodes:
        # a custom format stands in an alternative whose fallback names a usual one
        forms = [str(n.get(_VAL, "")) for n in node.iter(f"{W}numFmt")]
        text = node.find(f"{W}lvlText")
        suffix = node.find(f"{W}suff")
        style = node.find(f"{W}pStyle")
        yield (
            _id(node, "ilvl"),
            _Level(
                start=number_of(node.find(f"{W}start")) or 0,
                form=next((f for f in reversed(forms) if f != "custom"), "decimal"),
                text="" if text is None else str(text.get(_VAL, "")),
                restart=number_of(node.find(f"{W}lvlRestart")),
                legal=is_on(node.find(f"{W}isLgl")),
                apart=suffix is None or suffix.get(_VAL) != "nothing",
                style=None if style is None else str(style.get(_VAL, "")),
            ),
        )


def _list(node: etree._Element) -> _List:
    found = _List(number_of(node.find(f"{W}abstractNumId"), -1) or 0)
    for override in node.iterchildren(f"{W}lvlOverride"):
        at = _id(override, "ilvl")
        start = number_of(override.find(f"{W}startOverride"))
        if start is not None:
            found.starts[at] = start
        found.levels.update(_levels(override.iterchildren(f"{W}lvl")))
    return found
