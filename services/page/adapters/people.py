"""Who may decide: a file of names with hashes of their passwords (Argon2id).

The file is JSON, closed to everybody but its owner, replaced whole at every change and read again when it
changes: who was removed is out at once.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Final

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import GoujiError
from shared.language import spoken
from shared.runtime.logs import log
from shared.secrets import require_private

SHORTEST: Final = 12
"""Characters of a password, as ASVS asks at least (8), and some more."""
LONGEST: Final = 128
_NAME: Final = re.compile(r"[\w.@-]{1,60}")
_AT_A_TIME: Final = 2
"""Checks of passwords at a time: each takes 64 MB."""
_SETTING: Final = "GOUJI_PAGE_USERS"


class BadUser(GoujiError):
    """A name or password that cannot be used; the message says why, and never quotes a password."""


class People:
    """The users of the page."""

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        """Use this file; none is nobody."""
        self.path = path
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(_AT_A_TIME)
        self._lock = Lock()
        self._read: tuple[tuple[int, int, int], dict[str, str]] | None = None
        self._nobody: str | None = None

    def names(self) -> list[str]:
        """Return who may decide, in order; raises `BadUser` and `BadSetting` where the file cannot be used."""
        return sorted(self._known())

    def has_any(self) -> bool:
        """Tell whether there is anybody who may decide."""
        return bool(self._trusted())

    def mark_of(self, name: str) -> str | None:
        """Return what changes with the password of a user; None for somebody who is none."""
        return self._trusted().get(name)

    def check(self, name: str, password: str) -> bool:
        """Tell whether a user has this password; takes the same time for names that nobody has."""
        found = self._trusted().get(name)
        with self._turns:
            try:
                self._hasher.verify(found or self._stranger(), password[:LONGEST])
            except (VerificationError, InvalidHashError):
                return False
        return found is not None

    def put(self, name: str, password: str) -> None:
        """Add a user, or give one a new password; raises `BadUser`."""
        if not _NAME.fullmatch(name):
            raise BadUser(
                spoken(
                    "用户名：字母、汉字、数字或 . _ @ -，至多 60 个",
                    "name: letters, digits, . _ @ -, 60 at most",
                )
                + f": {name!r}"
            )
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadUser(
                spoken(
                    f"密码：{SHORTEST} 至 {LONGEST} 个字符",
                    f"password: {SHORTEST} to {LONGEST} characters",
                )
            )
        if (
            password.casefold() in {name.casefold() * n for n in range(1, 20)}
            or len(set(password)) < 5
        ):
            raise BadUser(spoken("密码太容易猜", "the password is too easy to guess"))
        self._write({**self._known(), name: self._hasher.hash(password)})

    def remove(self, name: str) -> None:
        """Take a user out; raises `BadUser` for one who is none."""
        known = dict(self._known())
        if known.pop(name, None) is None:
            raise BadUser(spoken("没有此用户", "no such user") + f": {name!r}")
        self._write(known)

    def _stranger(self) -> str:
        """Return a hash for names that nobody has: they take as long as a wrong password."""
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody has this password")
        return self._nobody

    def _trusted(self) -> Mapping[str, str]:
        """Return who may decide; nobody while the file cannot be used, which is said in the log."""
        try:
            return self._known()
        except GoujiError as error:
            log("error", "page.failed", path=_SETTING, error=str(error))
            return {}

    def _known(self) -> Mapping[str, str]:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise BadUser(f"{_SETTING}: {self.path}: {error.strerror}") from None
        version = (found.st_mtime_ns, found.st_size, found.st_ino)
        with self._lock:
            if self._read is None or self._read[0] != version:
                self._read = (version, self._load())
            return self._read[1]

    def _load(self) -> dict[str, str]:
        require_private(self.path, _SETTING)
        try:
            users = orjson.loads(self.path.read_bytes())["users"]
            return {str(name): str(mark) for name, mark in users.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise BadUser(
                f"{_SETTING}: {self.path} " + spoken("不是用户文件", "is no file of users")
            ) from None

    def _write(self, users: Mapping[str, str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        aside.unlink(missing_ok=True)
        aside.touch(mode=0o600, exist_ok=False)
        aside.write_bytes(orjson.dumps({"users": dict(users)}, option=orjson.OPT_INDENT_2))
        aside.replace(self.path)
