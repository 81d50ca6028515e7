"""Office Open XML packages opened without trust: parts by name, relationships, XML without DTD.

Sizes are checked as declared and counted while inflating; nothing outside the package is followed.
"""

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from lxml import etree

from shared.errors import BadInput

MOST_ENTRIES: Final = 5_000
"""Members of one package; a report with all its pictures has some 50."""
LARGEST_PART: Final = 32 << 20
"""Bytes of one inflated part; the text of a long report has 1 to 4 MB."""
LARGEST_PACKAGE: Final = 96 << 20
"""Bytes inflated from one package in all."""
MOST_TAGS: Final = 400_000
"""`<` signs of one part: what bounds the memory of its tree. A long report has 100,000."""
_FREE_SIZE: Final = 2 << 20
_WORST_RATIO: Final = 200
_CHUNK: Final = 1 << 18
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
"""What zipfile raises on damage; `NotImplementedError` is a `RuntimeError`."""

_OFFICE = "http://schemas.openxmlformats.org"
W: Final = f"{{{_OFFICE}/wordprocessingml/2006/main}}"
R: Final = f"{{{_OFFICE}/officeDocument/2006/relationships}}"
_STRICT: Final = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", f"{_OFFICE}/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", f"{_OFFICE}/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/officeDocument", f"{_OFFICE}/officeDocument/2006"),
    (b"http://purl.oclc.org/ooxml/drawingml", f"{_OFFICE}/drawingml/2006"),
)
_STRICT_MARK: Final = b"purl.oclc.org/ooxml"


@dataclass(frozen=True, slots=True)
class Relation:
    """Where one part points to: the last word of the type, and a part or, when outside, an address."""

    kind: str
    target: str
    external: bool = False


class Package:
    """The parts of one file. Names are compared without case; raises `BadInput` naming the part."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read the directory at the end of the file."""
        self.name = name
        # an upper bound of what the directory can list, before anything is built from it
        if data.count(b"PK\x01\x02") > MOST_ENTRIES:
            raise self._hostile(
                f"有超过 {MOST_ENTRIES} 个成员", f"more than {MOST_ENTRIES} members"
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            raise BadInput(
                "broken",
                f"“{name}”的压缩结构不完整（末尾目录缺失或损坏，文件共 {len(data)} 字节），"
                "请重新传送或另存原文件。",
                f"{name!r} is cut off or damaged: the directory at its end cannot be read "
                f"({error}; {len(data)} bytes). Send or save the original again.",
            ) from error
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            self._infos[info.filename.replace("\\", "/").lstrip("/").lower()] = info
        self._left = LARGEST_PACKAGE

    def names(self) -> list[str]:
        """Return the names of all parts in the order of the directory, as written there."""
        return [i.filename.replace("\\", "/").lstrip("/") for i in self._infos.values()]

    def part(self, path: str, largest: int = LARGEST_PART) -> bytes | None:
        """Return the bytes of a part, None when it is not there."""
        info = self._infos.get(path.lower())
        if info is None:
            return None
        limit = min(largest, self._left)
        if info.file_size > limit:
            raise self._oversized(path, info.file_size, info.compress_size)
        if info.flag_bits & 1:
            raise BadInput(
                "encrypted",
                f"“{self.name}”中的 {path} 有密码。",
                f"{path} in {self.name!r} is locked with a password.",
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._broken(path, f"压缩方法 {info.compress_type}", "unknown compression")
        try:
            data = self._inflate(path, info, limit)
        except _DAMAGE as error:
            raise self._broken(path, "压缩数据损坏", str(error)) from error
        self._left -= len(data)
        return data

    def _inflate(self, path: str, info: zipfile.ZipInfo, limit: int) -> bytes:
        chunks: list[bytes] = []
        size = 0
        with self._zip.open(info) as member:
            while chunk := member.read(_CHUNK):
                size += len(chunk)
                chunks.append(chunk)
                if size > limit or _is_bomb(size, info.compress_size):
                    raise self._oversized(path, size, info.compress_size)
        return b"".join(chunks)

    def xml(self, path: str) -> etree._Element | None:
        """Return the root of an XML part, None when it is not there."""
        data = self.part(path)
        return None if data is None else self.tree(data, path)

    def tree(self, data: bytes, path: str) -> etree._Element:
        """Return the root of XML found in the package; a document type is refused."""
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            data = data.decode("utf-16", "replace").encode()
            parser = _parser(encoding="utf-8")
        else:
            parser = _parser()
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise self._hostile(f"的 {path} 带有文档类型声明", f"a document type in {path}")
        if data.count(b"<") > MOST_TAGS:
            raise self._too_large(path, len(data))
        if _STRICT_MARK in data:
            for strict, usual in _STRICT:
                data = data.replace(strict, usual.encode())
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise self._broken(path, "不是完整的 XML", str(error)) from error
        if root.getroottree().docinfo.doctype:
            raise self._hostile(f"的 {path} 带有文档类型声明", f"a document type in {path}")
        return root

    def relations(self, path: str) -> dict[str, Relation]:
        """Return where a part points to, by relationship id; `path` "" stands for the package."""
        folder, base = posixpath.split(path)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        found: dict[str, Relation] = {}
        for item in () if root is None else root:
            kind = str(item.get("Type", "")).rpartition("/")[2]
            target = str(item.get("Target", ""))
            external = item.get("TargetMode") == "External"
            if not external:
                target = unquote(target.replace("\\", "/"))
                joined = posixpath.normpath(posixpath.join("/", folder, target))
                target = joined.lstrip("/")
            found[str(item.get("Id", ""))] = Relation(kind, target, external)
        return found

    def main(self, usual: str, content: str) -> str:
        """Return the name of the main part: by relationship, by content type, by its usual name."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and relation.target.lower() in self._infos:
                return relation.target
        types = self.xml("[Content_Types].xml")
        for item in () if types is None else types:
            part = str(item.get("PartName", "")).lstrip("/")
            if content in str(item.get("ContentType", "")) and part.lower() in self._infos:
                return part
        if usual.lower() in self._infos:
            return usual
        raise BadInput(
            "broken",
            f"“{self.name}”缺少正文部分 {usual}，请另存原文件后重新传送。",
            f"{self.name!r} has no main part {usual}. Save the original again and send it.",
        )

    def _broken(self, path: str, zh: str, en: str) -> BadInput:
        return BadInput(
            "broken",
            f"“{self.name}”的 {path} {zh}（{en}），请另存原文件后重新传送。",
            f"{path} in {self.name!r} is damaged: {en}. Save the original again and send it.",
        )

    def _oversized(self, path: str, size: int, packed: int) -> BadInput:
        if _is_bomb(size, packed):
            return self._hostile(
                f"的 {path} 压缩比超过 {_WORST_RATIO}",
                f"{path} is packed {_WORST_RATIO} to 1 or more",
            )
        return self._too_large(path, size)

    def _too_large(self, path: str, size: int) -> BadInput:
        return BadInput(
            "too_large",
            f"“{self.name}”的 {path} 展开后有 {size} 字节，超出能读取的范围，不可能是年度报告。",
            f"{path} in {self.name!r} unpacks to {size} bytes, more than is read; no report has so much.",
        )

    def _hostile(self, zh: str, en: str) -> BadInput:
        return BadInput(
            "hostile", f"“{self.name}”{zh}，不可能是年度报告。", f"{self.name!r} is refused: {en}."
        )


def _is_bomb(size: int, packed: int) -> bool:
    return size > _FREE_SIZE and size > _WORST_RATIO * max(packed, 1)


def _parser(encoding: str | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding=encoding,
    )
