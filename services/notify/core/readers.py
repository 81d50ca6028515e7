"""Reads one value of a webhook's entry each; what cannot be used raises a `Fault`."""

import base64
import binascii
import re
from collections.abc import Callable, Collection
from typing import Final, get_args
from urllib.parse import urlsplit

from services.notify.core.faults import Fault
from shared.report.issue import Origin, Severity
from shared.report.record import Level

_TOKEN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_RULE: Final = re.compile(r"[a-z0-9_]{1,64}")
_REGION: Final = re.compile(r"[0-9]{2,12}")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_HEADER_VALUE: Final = re.compile(r"[\x20-\x7e]{0,4096}")
_OURS: Final = {"host", "connection", "content-type", "content-length", "transfer-encoding"}
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how a secret begins, not one
_SECRET_BYTES: Final = 16
_LONGEST_TIMEOUT: Final = 60
_YEARS: Final = range(2008, 2101)

Reader = Callable[[object], object]


def name(given: object) -> str:
    """Read the name of a webhook: it becomes part of the names of consumers."""
    if not isinstance(given, str) or not _TOKEN.fullmatch(given):
        raise Fault(
            "须为 1 至 32 个英文字母、数字、- 或 _，以字母或数字开头",
            "must be 1 to 32 letters, digits, - or _, a letter or digit first",
        )
    return given


def url(given: object) -> str:
    """Read an address; it is never quoted, as it may hold a token."""
    text = given if isinstance(given, str) else ""
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or parts.scheme not in ("http", "https") or re.search(r"[\x00-\x20\x7f]", text):
        raise Fault("须为 http 或 https 网址", "must be an http or https address")
    if parts.username is not None or parts.password is not None:
        raise Fault(
            "网址中不得有用户名和口令，请用 headers",
            "must not hold a user name or password; use headers",
        )
    return text


def one_or_two(given: object) -> tuple[str, ...]:
    """Read the file or variable of a secret; a second one while secrets are being changed."""
    found = [given] if isinstance(given, str) else given
    if (
        not isinstance(found, list)
        or not 1 <= len(found) <= 2
        or not all(isinstance(x, str) and x.strip() for x in found)
    ):
        raise Fault("须为一个名称，或两个名称的列表", "must be one name, or a list of two")
    return tuple(found)


def choices(allowed: Collection[str]) -> Callable[[object], tuple[str, ...]]:
    """Return a reader of a list of known words."""

    def read(given: object) -> tuple[str, ...]:
        for word in _listed(given):
            if not isinstance(word, str) or word not in allowed:
                known = ", ".join(allowed)
                raise Fault(f"未知 {word!r}，可用 {known}", f"unknown {word!r}; one of {known}")
        return _once(given)

    return read


severities: Final = choices(get_args(Severity))
levels: Final = choices(get_args(Level))
origins: Final = choices(get_args(Origin))


def rules(given: object) -> tuple[str, ...]:
    """Read a list of rule ids."""
    for word in _listed(given):
        if not isinstance(word, str) or not _RULE.fullmatch(word):
            raise Fault(f"{word!r} 不是规则编号", f"{word!r} is no rule id, such as t3_balance")
    return _once(given)


def regions(given: object) -> tuple[str, ...]:
    """Read a list of region codes as prefixes."""
    for word in _listed(given):
        if not isinstance(word, str) or not _REGION.fullmatch(word):
            raise Fault(
                f"{word!r} 不是区划代码，须为带引号的数字，如 '33'",
                f"{word!r} is no region code: digits in quotes, such as '33'",
            )
    return tuple(dict.fromkeys(region_prefix(word) for word in _once(given)))


def region_prefix(code: str) -> str:
    """Return what all codes inside a region begin with: 330000 and 33 both mean all of Zhejiang."""
    while len(code) > 2 and len(code) % 2 == 0 and code.endswith("00"):
        code = code[:-2]
    return code


def years(given: object) -> tuple[str, ...]:
    """Read a list of fiscal years."""
    for year in _listed(given):
        if isinstance(year, bool) or not isinstance(year, int) or year not in _YEARS:
            raise Fault(f"{year!r} 不是年度", f"{year!r} is no year, such as 2024")
    return _once(given)


def timeout(given: object) -> float:
    """Read how many seconds an answer may take."""
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if not number or not 0 < float(str(given)) <= _LONGEST_TIMEOUT:
        raise Fault("须为 0 以上、60 以下的秒数", "must be seconds, more than 0 and at most 60")
    return float(str(given))


def headers(given: object) -> dict[str, str]:
    """Read further headers of each request; values are never quoted."""
    if not isinstance(given, dict):
        raise Fault("须为表，如 { Authorization = '…' }", "must be a table of names and texts")
    for key, value in given.items():
        if not _HEADER_NAME.fullmatch(key):
            raise Fault(f"{key!r} 不是首部名", f"{key!r} is no name of a header")
        if key.lower() in _OURS or key.lower().startswith("webhook-"):
            raise Fault(f"{key} 由勾稽设置", f"{key} is set by gouji")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise Fault(
                f"{key} 的值须为 ASCII 文本", f"the value of {key} must be plain ASCII text"
            )
    return dict(given)


def secret(text: str) -> bytes:
    """Read a secret: `whsec_` and base64, or any other text as it is."""
    text = text.strip()
    if text.startswith(_SECRET_PREFIX):
        encoded = text.removeprefix(_SECRET_PREFIX)
        try:
            key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise Fault(
                "密钥 whsec_ 之后不是 base64", "what follows whsec_ in the secret is not base64"
            ) from None
    else:
        key = text.encode()
    if len(key) < _SECRET_BYTES:
        raise Fault(
            f"密钥过短，至少 {_SECRET_BYTES} 字节",
            f"the secret is too short: at least {_SECRET_BYTES} bytes",
        )
    return key


def _listed(given: object) -> list[object]:
    if not isinstance(given, list) or not given:
        raise Fault("须为非空列表", "must be a list that is not empty")
    return given


def _once(given: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(word) for word in _listed(given)))
