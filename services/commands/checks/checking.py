"""Checks files here and now: each through the same workshop as on the line, several at a time."""

import asyncio
import stat
import traceback
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from services.normalize.adapters.workshop import Workshop
from services.normalize.core.outcomes import Member, Members
from services.pipeline import MAX_BYTES, Outcome, admit, conclude
from services.validate.core.rulebook import Rulebook
from shared.errors import BadInput, Unavailable
from shared.report.document import Document
from shared.report.identity import document_id as identify
from shared.report.neutral import neutral_terminal
from shared.runtime.streams.inbox import printable_name

_EVERY_LANE: Final = ("office", "ocr")
Line = dict[str, Any]
Key = tuple[str, str]
"""Bytes by hash, and the name that they were read under: a name may tell the year."""


class Bench:
    """Where files are read and judged, each by itself.

    `known` are outcomes of files read before, which are not read again. `afterwards` is what
    is done with the outcome of every report.
    """

    def __init__(
        self,
        workshop: Workshop,
        rulebook: Rulebook | None = None,
        known: Mapping[Key, Outcome] | None = None,
        afterwards: Callable[[Outcome], Outcome] = lambda outcome: outcome,
    ) -> None:
        """Read in this workshop, judge by this rulebook; nothing is opened here."""
        self.workshop, self._rulebook = workshop, rulebook
        self._known, self._afterwards = known or {}, afterwards

    async def outcome(self, data: bytes, name: str) -> tuple[Line, tuple[Member, ...]]:
        """Return the line of one file's bytes, and what it holds if it is an archive."""
        document_id = identify(data)
        try:
            known = self._known.get((document_id, name))
            if known is not None:
                return self._afterwards(known).neutral(), ()
            admit(len(data))
            found = await self.workshop.read_fully(data, name, _EVERY_LANE)
            if isinstance(found, Document):
                judged = conclude(found, name, document_id, self._rulebook)
                return self._afterwards(judged).neutral(), ()
            assert isinstance(found, Members)
            held = tuple((f"{name}/{m.name}", identify(m.data)) for m in found.members)
            expanded = Outcome(name, document_id, members=held, skipped=found.skipped)
            return expanded.neutral(), found.members
        except BadInput as error:
            return Outcome(name, document_id, refusal=error).neutral(), ()
        except Exception as error:  # noqa: BLE001 - a defect of ours must not hide the other files
            return _defect(name, error), ()


async def check_all(files: Iterable[Path], bench: Bench, jobs: int) -> AsyncIterator[list[Line]]:
    """Yield the neutral lines of each file in the order given, `jobs` files under way at a time.

    An archive has a line of its own and one for each member.
    """
    ahead: deque[asyncio.Task[list[Line]]] = deque()
    try:
        for path in files:
            if len(ahead) >= jobs:
                yield await ahead.popleft()
            ahead.append(asyncio.create_task(check(path, bench)))
        while ahead:
            yield await ahead.popleft()
    finally:
        for task in ahead:
            task.cancel()


async def check(path: Path, bench: Bench) -> list[Line]:
    """Return the lines of one file; our own failure is a line too, never a traceback."""
    shown, own_name = printable_name(str(path)), printable_name(path.name)
    try:
        data = _content(path)
    except OSError as error:
        return [_unread(shown, error)]
    except BadInput as error:
        return [Outcome(shown, "", refusal=error).neutral() | {"document_id": None}]
    outcome, members = await bench.outcome(data, own_name)
    lines = [outcome | {"file": shown}]
    for member in members:
        name = f"{own_name}/{member.name}"
        line, _ = await bench.outcome(member.data, name)
        lines.append(line | {"file": f"{shown}/{member.name}"})
    return lines


_NOT_REGULAR: Final = "不是普通文件 not a regular file"
"""Stands in lines for programs too."""


def empty_folder(path: Path) -> Line:
    """Return the line that says that nothing was there to be checked."""
    return neutral_terminal(
        printable_name(str(path)),
        None,
        "refused",
        "missing_bytes",
        detail_zh="文件夹中没有文件",
        detail_en="no files in the folder",
    )


def _content(path: Path) -> bytes:
    """Read a regular file; a pipe would be waited for, and a huge file is refused unread."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise IsADirectoryError(0, _NOT_REGULAR)
    if found.st_size:
        admit(found.st_size, MAX_BYTES)
    return path.read_bytes()


def _unread(name: str, error: OSError) -> Line:
    return neutral_terminal(
        name,
        None,
        "refused",
        "missing_bytes",
        detail_zh=f"无法读取：{error.strerror}",
        detail_en=f"cannot be read: {error.strerror}",
    )


def _defect(name: str, error: Exception) -> Line:
    place = traceback.extract_tb(error.__traceback__)[-1]
    if isinstance(error, Unavailable):
        zh, en = "所需组件暂不可用", "what it needs is not available just now"
    else:
        zh = f"gouji 自身出错（{Path(place.filename).name}:{place.lineno}），请报告此文件"
        en = "gouji itself failed on this file; please report it"
    reason = f"{type(error).__name__}: {error}"
    return neutral_terminal(name, None, "dead", reason, detail_zh=zh, detail_en=en)
