"""The office converter: LibreOffice, started afresh for every file and ended with it.

A resident server would save half a second a file and let one bad file take others with it. Every
run has its own folder and profile; it sees no network, runs no macros and follows no links.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from services.normalize.adapters import office_jail
from services.normalize.core.sniffing import recognise
from shared.errors import BadInput

_PLACES: Final = (
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/opt/libreoffice*/program",
    "/snap/libreoffice/current/lib/libreoffice/program",
    "/Applications/LibreOffice.app/Contents/MacOS",
)
_SHEETS: Final = frozenset([".ods", ".fods", ".xls", ".et"])
_RESTART: Final = 81
"""What LibreOffice ends with when it has laid out a fresh profile and wants to be started again."""
_LARGEST_RESULT: Final = 64 << 20
_TELLING: Final = 300
_STARVED: Final = ("bad_alloc", "Thread::create failed")
"""What it says when it gets no more memory."""

_SETTINGS: Final = (
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "CheckDocumentEvents", "true"),
    ("Common/Misc", "UseOpenCL", "false"),
    ("Java/VirtualMachine", "Enable", "false"),
    ("Writer/Content/Update", "Link", "0"),
    ("Writer/Content/Update", "Field", "false"),
    ("Calc/Content/Update", "Link", "1"),
    ("Recovery/RecoveryInfo", "Enabled", "false"),
    ("Recovery/AutoSave", "Enabled", "false"),
)
"""No macros, no links, no Java, no recovery; fields keep the text that was last shown."""


def convert(
    data: bytes,
    suffix: str,
    *,
    name: str,
    seconds: float,
    memory_bytes: int,
    program: Path | None = None,
) -> bytes:
    """Return an old Office file as .docx, a spreadsheet as .xlsx.

    `suffix` is that of its true format. Takes at most `seconds` and `memory_bytes`; raises
    `BadInput` when LibreOffice is missing, cannot read the file, or outgrows its bounds.
    """
    office = find_office(program)
    if office is None:
        raise _missing(name, suffix)
    found = recognise(data)
    target = "xlsx" if suffix in _SHEETS or (found and found.name == "excelxml") else "docx"
    with tempfile.TemporaryDirectory(prefix="gouji-office-") as folder:
        room = Path(folder)
        source = room / f"file{suffix}"
        source.write_bytes(data)
        said = _run(_command(office, room, source, target), room, name, seconds, memory_bytes)
        result = room / "out" / f"file.{target}"
        # it ends with 0 and writes nothing when it could not read the file
        if not result.is_file():
            raise _unread(name, said)
        if result.stat().st_size > _LARGEST_RESULT:
            raise BadInput(
                "too_large",
                f"“{name}”转换后超过 {_LARGEST_RESULT} 字节，不可能是年度报告。",
                f"{name!r} converts to more than {_LARGEST_RESULT} bytes; no report does.",
            )
        converted = result.read_bytes()
    shown = recognise(converted)
    if shown is None or shown.name != target:
        raise _unread(name, said)
    return converted


def find_office(program: Path | None = None) -> Path | None:
    """Return LibreOffice's program: the one named, else on the PATH or where it usually lies.

    The inner program is preferred to the script around it: it is one process, which the kernel
    ends with its parent.
    """
    for candidate in _candidates(program):
        inner = candidate.resolve().with_name("soffice.bin")
        for found in (inner, candidate):
            if found.is_file() and os.access(found, os.X_OK):
                return found
    return None


def _candidates(program: Path | None) -> Iterator[Path]:
    if program is not None:
        yield program
        return
    for command in ("soffice", "libreoffice"):
        on_path = shutil.which(command)
        if on_path:
            yield Path(on_path)
    for place in _PLACES:
        for folder in sorted(Path("/").glob(place.lstrip("/")), reverse=True):
            yield folder / "soffice"


def _command(office: Path, room: Path, source: Path, target: str) -> list[str]:
    profile = room / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_registry(), encoding="utf-8")
    return [
        str(office),
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--invisible",
        "--norestore",
        "--nologo",
        "--nodefault",
        "--nolockcheck",
        "--convert-to",
        target,
        "--outdir",
        str(room / "out"),
        str(source),
    ]


def _registry() -> str:
    items = "".join(
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" '
        f'oor:op="fuse"><value>{value}</value></prop></item>\n'
        for path, name, value in _SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n{items}</oor:items>\n'
    )


def _run(command: list[str], room: Path, name: str, seconds: float, memory_bytes: int) -> str:
    """Run the converter to its end; return what it said. Raises `BadInput` when it takes too long.

    The time goes over both starts that a fresh profile takes.
    """
    jail = [
        sys.executable, "-I", "-S", office_jail.__file__,
        str(os.getpid()), str(int(seconds) + 1), str(memory_bytes),
    ]  # fmt: skip
    log = room / "said"
    for _ in range(2):
        with log.open("wb") as output:
            child = subprocess.Popen(  # noqa: S603 - the operator names the program
                [*jail, *command],
                cwd=room,
                env=_environment(room),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            try:
                code = child.wait(seconds)
            except subprocess.TimeoutExpired as error:
                raise BadInput(
                    "timed_out",
                    f"转换“{name}”超过 {seconds:g} 秒，请另存为 .docx 后重新传送。",
                    f"Converting {name!r} took more than {seconds:g} s. Save it as .docx and send that.",
                ) from error
            finally:
                _end(child)
        if code != _RESTART:
            break
    said = log.read_bytes().decode("utf-8", "replace").replace(f"{room}/", "").strip()[:_TELLING]
    _refuse_deaths(code, name, said, memory_bytes)
    return said


def _refuse_deaths(code: int, name: str, said: str, memory_bytes: int) -> None:
    if code == -signal.SIGXCPU:
        raise BadInput(
            "timed_out",
            f"转换“{name}”用尽了处理器时间，请另存为 .docx 后重新传送。",
            f"Converting {name!r} used up its processor time. Save it as .docx and send that.",
        )
    starved = code == -signal.SIGKILL or any(word in said for word in _STARVED)
    if code < 0 or starved:
        raise BadInput(
            "out_of_memory" if starved else "reader_crashed",
            f"转换“{name}”时 LibreOffice 中止（信号 {-code}，内存上限 {memory_bytes >> 20} MB），"
            "请另存为 .docx 后重新传送。",
            f"LibreOffice died on {name!r} (signal {-code}, memory limit {memory_bytes >> 20} MB). "
            "Save it as .docx and send that.",
        )


def _environment(room: Path) -> dict[str, str]:
    """Return an environment without anything of ours: no settings, no proxies, no home."""
    kept = {k: v for k in ("PATH", "LD_LIBRARY_PATH", "LANG") if (v := os.environ.get(k))}
    return {
        **kept,
        "HOME": str(room),
        "TMPDIR": str(room),
        "LC_ALL": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
        "SAL_DISABLE_OPENCL": "1",
    }


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and all it started: they share its session."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _missing(name: str, suffix: str) -> BadInput:
    return BadInput(
        "needs_extra",
        f"读取“{name}”（{suffix}）需要 LibreOffice，本机没有。请运行 tools/office.sh，或安装 "
        "libreoffice-writer-nogui 和 libreoffice-calc-nogui，或用 GOUJI_SOFFICE 指明程序位置，"
        "或另存为 .docx 后重新传送。",
        f"Reading {name!r} ({suffix}) needs LibreOffice, which is not installed. Run "
        "tools/office.sh, or install libreoffice-writer-nogui and libreoffice-calc-nogui, or name "
        "the program in GOUJI_SOFFICE, or save the file as .docx and send that.",
    )


def _unread(name: str, said: str) -> BadInput:
    return BadInput(
        "broken",
        f"LibreOffice 打不开“{name}”，文件可能不完整（{said or '没有输出'}）。请另存后重新传送。",
        f"LibreOffice cannot open {name!r}; it may be cut off ({said or 'nothing written'}). "
        "Save it again and send that.",
    )
