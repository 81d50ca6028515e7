"""The reader of archives: what is inside, nested archives opened too, under names fit to be shown.

Nothing is ever written under a member's name, and nothing outgrows its bounds: entries, bytes and
depth are counted over all nested archives together, while they are unpacked.
"""

import io
import re
import unicodedata
from typing import Final

from services.normalize.core.outcomes import Aids, Member, Members
from services.normalize.core.readers.archive.opening import Entry, Locked, Spoilt, entries_of
from services.normalize.core.sniffing import recognise
from shared.errors import BadInput

MOST_MEMBERS: Final = 2_000
"""Entries of an archive and all those inside it; a province sends some hundred."""
LARGEST_MEMBER: Final = 64 << 20
"""Bytes of one unpacked member, the same as for a file dropped alone."""
LARGEST_TOTAL: Final = 96 << 20
"""Bytes of everything unpacked: it is held in memory at once."""
DEEPEST: Final = 3
"""Archives inside archives that are opened, the outermost counted."""
_FREE: Final = 4 << 20
_WORST_RATIO: Final = 200
_LONGEST_NAME: Final = 200

ARCHIVES: Final = frozenset(["zip", "rar", "7z", "tar", "gzip", "packed"])
_DEBRIS = re.compile(
    r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$|\.~)", re.IGNORECASE
)
_DRIVE = re.compile(r"^[A-Za-z]:")


def read(data: bytes, name: str, _: Aids) -> Members:
    """Return the files inside an archive; raises `BadInput` when none of them can be had."""
    work = _Unpacking(name)
    work.unpack(data, name, "", 1)
    if not work.members:
        raise work.nothing()
    return Members(tuple(work.members), tuple(work.skipped))


class _Unpacking:
    """One archive being unpacked, with what has been spent on it and all those inside."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.members: list[Member] = []
        self.skipped: list[str] = []
        self.locked = 0
        self.spoilt: str | None = None
        self._names: set[str] = set()
        self._entries = 0
        self._bytes = 0

    def unpack(self, data: bytes, name: str, folder: str, depth: int) -> None:
        """Keep what an archive holds under `folder`, and what archives in it hold."""
        if depth > DEEPEST:
            raise self._hostile(
                f"里的压缩包套了超过 {DEEPEST} 层", f"nests archives more than {DEEPEST} deep"
            )
        for entry in entries_of(data, name, MOST_MEMBERS - self._entries):
            self._entries += 1
            if self._entries > MOST_MEMBERS:
                raise self._too_large(
                    f"有超过 {MOST_MEMBERS} 个文件", f"holds more than {MOST_MEMBERS} files"
                )
            shown = folder + shown_name(entry.name)
            if entry.is_folder or _DEBRIS.search(shown):
                self.skipped.append(shown)
            elif entry.is_link:
                self.skipped.append(f"{shown}: 链接 link")
            else:
                self._keep(entry, self._unique(shown), depth)

    def nothing(self) -> BadInput:
        """Return why no file at all came out."""
        if self.locked:
            return BadInput(
                "encrypted",
                f"压缩包“{self.name}”有密码，请解压后放入其中的文件。",
                f"The archive {self.name!r} is locked with a password. Unpack it and drop its files.",
            )
        if self.spoilt is not None:
            return BadInput(
                "broken",
                f"压缩包“{self.name}”已损坏（{self.spoilt}），请重新打包或重新传送。",
                f"The archive {self.name!r} is damaged ({self.spoilt}). Pack or send it again.",
            )
        return BadInput(
            "empty", f"压缩包“{self.name}”里没有文件。", f"The archive {self.name!r} holds no file."
        )

    def _keep(self, entry: Entry, shown: str, depth: int) -> None:
        try:
            data = self._bytes_of(entry)
        except Locked:
            self.locked += 1
            self.skipped.append(f"{shown}: 有密码 password")
            return
        except Spoilt as error:
            self.spoilt = f"{shown}: {error}"
            self.skipped.append(f"{shown}: 已损坏 damaged ({error})")
            return
        found = recognise(data)
        if found is None or found.name not in ARCHIVES:
            self.members.append(Member(shown, data))
            return
        before = len(self.members), len(self.skipped)
        try:
            self.unpack(data, shown, f"{shown}/", depth + 1)
        except BadInput as error:
            if error.reason in ("hostile", "too_large"):
                raise
            # the inner archive comes to its own end, with its own reason
            del self.members[before[0] :]
            del self.skipped[before[1] :]
            self.members.append(Member(shown, data))

    def _bytes_of(self, entry: Entry) -> bytes:
        self._bound(entry.size or 0)
        before = self._bytes
        held = io.BytesIO()
        for chunk in entry.chunks:
            held.write(chunk)
            self._bytes = before + held.tell()
            self._bound(held.tell())
            if entry.packed is not None and held.tell() > max(_FREE, _WORST_RATIO * entry.packed):
                raise self._hostile(
                    f"里有压缩比超过 {_WORST_RATIO} 的文件",
                    f"holds a file packed more than {_WORST_RATIO} to 1",
                )
        return held.getvalue()

    def _bound(self, size: int) -> None:
        """Refuse a member of this size, as declared or as unpacked so far."""
        if size > LARGEST_MEMBER or max(self._bytes, size) > LARGEST_TOTAL:
            raise self._too_large(
                f"解开后超过 {LARGEST_TOTAL} 字节（单个文件上限 {LARGEST_MEMBER}）",
                f"unpacks to more than {LARGEST_TOTAL} bytes (one file: {LARGEST_MEMBER})",
            )

    def _unique(self, shown: str) -> str:
        found, count = shown, 1
        while found in self._names:
            count += 1
            stem, dot, suffix = shown.rpartition(".")
            found = f"{stem} ({count}).{suffix}" if dot else f"{shown} ({count})"
        self._names.add(found)
        return found

    def _too_large(self, zh: str, en: str) -> BadInput:
        return BadInput(
            "too_large",
            f"压缩包“{self.name}”{zh}，请分成几个。",
            f"The archive {self.name!r} {en}. Split it.",
        )

    def _hostile(self, zh: str, en: str) -> BadInput:
        return BadInput(
            "hostile",
            f"压缩包“{self.name}”{zh}，不予解压。",
            f"The archive {self.name!r} {en} and is not unpacked.",
        )


def shown_name(name: str) -> str:
    """Return a member's name fit to be shown: no way out of its folder, no control characters."""
    plain = "".join("_" if _is_control(c) else c for c in name.replace("\\", "/"))
    parts = [p.strip() for p in _DRIVE.sub("", plain).split("/")]
    whole = "/".join(p for p in parts if p not in ("", ".", "..")) or "_"
    if len(whole) <= _LONGEST_NAME:
        return whole
    # the end tells more: the file's own name and its suffix
    return f"…{whole[1 - _LONGEST_NAME :]}"


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
