"""The folder with a deployment's own rules and changes: every `*.toml`, by name."""

from pathlib import Path

from services.validate.core.deployment import adapted
from services.validate.core.faults import RulebookError
from services.validate.core.rulebook import Rulebook, load


def load_for(folder: Path | None) -> Rulebook:
    """Return gouji's rulebook, adapted by the files of a folder when there is one.

    Raises `RulebookError` naming file, line and reason, also when there is no such folder.
    """
    return load() if folder is None else adapted(load(), _texts(folder))


def _texts(folder: Path) -> dict[str, str]:
    """Return the files by name; those that begin with a dot are drafts of an editor."""
    if folder.is_file():
        raise RulebookError(
            "应是文件夹，不是文件", "a folder of rules is wanted, this is a file", file=str(folder)
        )
    if not folder.is_dir():
        raise RulebookError(
            "规则文件夹不存在（GOUJI_RULES、--rules）",
            "the folder of rules does not exist (GOUJI_RULES, --rules)",
            file=str(folder),
        )
    paths = sorted((p for p in folder.glob("*.toml") if p.name[0] != "."), key=lambda p: p.name)
    return {str(path): _text(path) for path in paths}


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RulebookError(
            "无法读取", f"cannot be read: {error.strerror}", file=str(path)
        ) from error
    try:
        # some editors begin a file with a byte order mark, which TOML does not know
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RulebookError(
            "不是 UTF-8 文本", "not UTF-8 text", file=str(path), line=line
        ) from error
