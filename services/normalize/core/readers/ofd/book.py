"""The structure of an OFD file: its documents, their resources and templates, page after page."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from services.normalize.core.ooxml import Package
from services.normalize.core.readers.ofd.drawing import (
    POINTS,
    Drawing,
    Matrix,
    Painter,
    TooComplex,
    local,
    numbers,
)
from shared.errors import BadInput
from shared.report.document import Observation

PaperBox = tuple[float, float, float, float]
"""Left, top, width and height of a page in millimetres."""

_MOST_PAGES = 400
_MOST_OBJECTS = 300_000
"""Graphic objects of one file; a page of single placed characters has some 3,000."""
_A4: PaperBox = (0.0, 0.0, 210.0, 297.0)
_LONGEST_SIDE = 5_000.0


@dataclass(slots=True)
class Resources:
    """Pictures by id (the path in the package), composite units by id."""

    pictures: dict[str, str] = field(default_factory=dict)
    units: dict[str, etree._Element] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One page as drawn on its paper; `number` counts from 1 over all documents of the file."""

    number: int
    paper: PaperBox
    drawing: Drawing
    resources: Resources


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the pages of one document share; `templates` are paths by id."""

    resources: Resources
    templates: dict[str, str]
    area: PaperBox


class Book:
    """The documents of one file.

    `observations` collects what a reviewer should know, `lost` what cannot be read by page.
    """

    def __init__(self, package: Package, name: str) -> None:
        """Raise `BadInput` when the file is encrypted."""
        self.package = package
        self.name = name
        self.observations: list[Observation] = []
        self._left = _MOST_OBJECTS
        self.lost: dict[int, str] = {}
        names = {n.lower() for n in package.names()}
        if any(n.rpartition("/")[2] in ("encryptions.xml", "decryptseed.dat") for n in names):
            raise BadInput(
                "encrypted",
                f"“{name}”是加密的 OFD，请先解密后另存。",
                f"{name!r} is an encrypted OFD. Save it again without protection.",
            )

    def pages(self) -> Iterator[Drawn]:
        """Yield the pages of all documents in the file, numbered through from 1."""
        start = self._xml("OFD.xml")
        roots = [e.text for e in start.iter() if local(e) == "DocRoot" and e.text]
        if not roots:
            raise self._broken("OFD.xml 没有指出文档（DocRoot）", "OFD.xml names no DocRoot")
        number = 0
        for root in roots:
            for drawn in self._document(_join("", root), number):
                number += 1
                yield drawn
        if self.lost and number == len(self.lost):
            paths = ", ".join(self.lost.values())
            raise self._broken(f"各页均无法读取：{paths}", f"no page can be read: {paths}")

    def _document(self, root: str, before: int) -> Iterator[Drawn]:
        document = self._xml(root)
        folder = posixpath.dirname(root)
        shared = self._shared(document, folder)
        notes = self._annotations(document, folder)
        self._attachments(document, folder)
        pages = [e for e in document.iter() if local(e) == "Page" and e.get("BaseLoc")]
        if before + len(pages) > _MOST_PAGES:
            raise BadInput(
                "hostile",
                f"“{self.name}”超过 {_MOST_PAGES} 页，不可能是年度报告。",
                f"{self.name!r} has more than {_MOST_PAGES} pages; no report has.",
            )
        for number, element in enumerate(pages, before + 1):
            path = _join(folder, element.get("BaseLoc", ""))
            painter = Painter(shared.resources.units, self._left)
            box = shared.area
            try:
                box = self._paint(path, painter, shared)
                for note in notes.get(str(element.get("ID")), ()):
                    self._paint_note(note, painter)
            except BadInput as error:
                if error.reason != "broken":
                    raise
                self.lost[number] = path
            except TooComplex as error:
                raise self._hostile(path) from error
            self._left = painter.budget
            yield Drawn(number, box, painter.drawn, shared.resources)

    def _shared(self, document: etree._Element, folder: str) -> _Shared:
        """Return what the pages of a document share."""
        resources, area = Resources(), _A4
        templates: dict[str, str] = {}
        for element in document.iter():
            kind = local(element)
            if kind in ("PublicRes", "DocumentRes") and element.text:
                self._resources(_join(folder, element.text), resources)
            elif kind == "TemplatePage":
                templates[str(element.get("ID"))] = _join(folder, element.get("BaseLoc", ""))
            elif kind == "PageArea":
                area = _area(element) or area
        return _Shared(resources, templates, area)

    def _paint(self, path: str, painter: Painter, shared: _Shared) -> PaperBox:
        """Draw a page over its templates; return its box."""
        page = self._xml(path)
        for element in page.iter():
            if local(element) == "PageRes" and element.text:
                self._resources(_join(posixpath.dirname(path), element.text), shared.resources)
        box = next((b for e in page if local(e) == "Area" and (b := _area(e))), shared.area)
        place = Matrix(POINTS, 0, 0, POINTS, -box[0] * POINTS, -box[1] * POINTS)
        for element in page:
            kind = local(element)
            if kind == "Template":
                template = shared.templates.get(str(element.get("TemplateID")), "")
                background = self._optional(template)
                if background is not None:
                    painter.draw(background, place)
                else:
                    self.observations.append(Observation("e_page_lost", f"{path}: {template}"))
            elif kind == "Content":
                painter.draw(element, place)
        return box

    def _paint_note(self, path: str, painter: Painter) -> None:
        """Keep the words of annotations apart; seals and links are no part of the text."""
        notes = Painter(painter.units, painter.budget)
        for element in self._xml(path).iter():
            if local(element) == "Appearance":
                notes.draw(element, Matrix(POINTS, 0, 0, POINTS))
        painter.budget = notes.budget
        text = "".join(g.text for g in notes.drawn.glyphs).strip()
        painter.drawn.aside += [t for t in (text, *notes.drawn.aside) if t]

    def _resources(self, path: str, found: Resources) -> None:
        root = self._optional(path)
        if root is None:
            return
        folder = _join(posixpath.dirname(path), root.get("BaseLoc", ""))
        for element in root.iter():
            kind = local(element)
            if kind == "MultiMedia":
                file = next((c.text for c in element if local(c) == "MediaFile"), None)
                found.pictures[str(element.get("ID"))] = _join(folder, file or "")
            elif kind == "CompositeGraphicUnit":
                found.units[str(element.get("ID"))] = element

    def _annotations(self, document: etree._Element, folder: str) -> dict[str, list[str]]:
        """Return the annotation files of each page by the page's id."""
        found: dict[str, list[str]] = {}
        for path, root in self._listed(document, "Annotations", folder):
            for page in root.iter():
                file = next((c.text for c in page if local(c) == "FileLoc"), None)
                if local(page) == "Page" and file:
                    target = self._near(path, file)
                    if self._optional(target) is not None:
                        found.setdefault(str(page.get("PageID")), []).append(target)
        return found

    def _attachments(self, document: etree._Element, folder: str) -> None:
        for _, root in self._listed(document, "Attachments", folder):
            names = [
                str(e.get("Name") or e.get("ID")) for e in root.iter() if local(e) == "Attachment"
            ]
            if names:
                self.observations.append(Observation("e_attachment", "; ".join(names)))

    def _listed(
        self, document: etree._Element, kind: str, folder: str
    ) -> Iterator[tuple[str, etree._Element]]:
        for element in document:
            if local(element) == kind and element.text:
                path = _join(folder, element.text)
                root = self._optional(path)
                if root is not None:
                    yield path, root

    def _near(self, path: str, target: str) -> str:
        """Return a path beside a file, or from the root where a producer meant that."""
        beside = _join(posixpath.dirname(path), target)
        names = {n.lower() for n in self.package.names()}
        return beside if beside.lower() in names else _join("", target)

    def _optional(self, path: str) -> etree._Element | None:
        try:
            return self.package.xml(path)
        except BadInput as error:
            if error.reason != "broken":
                raise
            return None

    def _xml(self, path: str) -> etree._Element:
        root = self.package.xml(path)
        if root is None:
            raise self._broken(f"缺少 {path}", f"{path} is missing")
        return root

    def _broken(self, zh: str, en: str) -> BadInput:
        return BadInput(
            "broken",
            f"OFD 文件“{self.name}”不完整：{zh}。请另存后重新传送。",
            f"The OFD file {self.name!r} is damaged: {en}. Save it again and send that.",
        )

    def _hostile(self, path: str) -> BadInput:
        return BadInput(
            "hostile",
            f"“{self.name}”的 {path} 图元超过 {_MOST_OBJECTS} 个，不可能是年度报告。",
            f"{path} in {self.name!r} draws more than {_MOST_OBJECTS} objects; no report does.",
        )


def _join(folder: str, target: str) -> str:
    """Return a path of the package; a leading stroke begins at its root."""
    target = target.strip().replace("\\", "/")
    joined = posixpath.normpath(posixpath.join("/", folder, target))
    return joined.lstrip("/")


def _area(element: etree._Element) -> PaperBox | None:
    """Return left, top, width and height in millimetres of the paper."""
    text = next((c.text for c in element if local(c) == "PhysicalBox"), None)
    box = numbers(text)
    if len(box) < 4 or not all(0 < side <= _LONGEST_SIDE for side in box[2:4]):
        return None
    return box[0], box[1], box[2], box[3]
