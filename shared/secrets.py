"""Secrets: read from files that nobody else can read, and kept out of everything that is printed."""

import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from shared.errors import GoujiError
from shared.language import spoken

PASSWORD_FILE: Final = "password_file"  # noqa: S105 - where it is, not what
"""The part of a database's address that names the file of its password."""

_FOR_EVERYBODY: Final = 0o007
_USERINFO: Final = re.compile(r"://[^\s,'\"]*@")


class BadSetting(GoujiError):
    """A setting cannot be used; the message names the variable and never quotes a secret."""


class Unusable(ValueError):
    """A setting has the right form and cannot be used here; the message says what would do."""


@contextmanager
def named(variable: str) -> Iterator[None]:
    """Let whatever is wrong with what a variable leads to be told as a fault of that variable."""
    try:
        yield
    except BadSetting:
        raise
    except GoujiError as error:
        raise BadSetting(f"{variable}: {error}") from error


def read_secret(path: Path, variable: str) -> str:
    """Return the text of a secret's file, without blanks around it.

    Raises `BadSetting` when the file is not there, empty, no text, or open to everybody.
    """
    require_private(path, variable)
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise _unreadable(path, variable, error) from None
    except ValueError:
        raise BadSetting(f"{variable}: {path} " + spoken("不是文本", "is not text")) from None
    if not text:
        raise BadSetting(f"{variable}: {path} " + spoken("是空的", "is empty"))
    return text


def require_private(path: Path, variable: str) -> None:
    """Raise `BadSetting` unless this is a file that is closed to everybody but owner and group."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise _unreadable(path, variable, error) from None
    if not stat.S_ISREG(mode):
        raise BadSetting(f"{variable}: {path} " + spoken("不是文件", "is no file"))
    if mode & _FOR_EVERYBODY:
        raise BadSetting(
            f"{variable}: {path} "
            + spoken("任何人都能读写，请执行 chmod o-rwx", "is open to everybody: chmod o-rwx")
        )


def require_readable(path: Path, variable: str) -> None:
    """Raise `BadSetting` unless this is a file that can be read; its content is no secret."""
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise _unreadable(path, variable, error) from None


def redacted(text: str) -> str:
    """Return a text with user and password taken out of every address in it."""
    return _USERINFO.sub("://***@", text) if "@" in text else text


def with_password_file(url: str, path: Path | None) -> str:
    """Return a database's address that also says which file its password is in.

    The address can then be handed on and written down: it holds a path, not the secret.
    """
    if path is None or f"{PASSWORD_FILE}=" in url or not url.startswith("postgres"):
        return url
    return f"{url}{'&' if '?' in url else '?'}{PASSWORD_FILE}={quote(str(path.resolve()))}"


def _unreadable(path: Path, variable: str, error: OSError) -> BadSetting:
    return BadSetting(
        f"{variable}: {path} " + spoken("读不了", "cannot be read") + f": {error.strerror}"
    )
