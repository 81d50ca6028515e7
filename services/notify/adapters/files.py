"""The file of webhooks, and the files and variables their secrets are in."""

import os
import tomllib
from functools import partial
from pathlib import Path

from services.notify.core.entries import webhooks_of
from services.notify.core.faults import Fault, FaultyWebhooks
from services.notify.core.webhooks import Webhook


def load(path: Path) -> tuple[Webhook, ...]:
    """Return the webhooks of a TOML file; raises `FaultyWebhooks` with all that is wrong."""
    try:
        document = tomllib.loads(_text(path))
    except Fault as fault:
        raise FaultyWebhooks(str(path), [(None, fault)]) from None
    except tomllib.TOMLDecodeError as error:
        broken = Fault("不是 TOML", f"not readable as TOML: {error}")
        raise FaultyWebhooks(str(path), [(None, broken)]) from None
    webhooks, faults = webhooks_of(document, partial(_secret, path.parent))
    if faults:
        raise FaultyWebhooks(str(path), faults)
    return webhooks


def _secret(folder: Path, key: str, source: str) -> str:
    """Return the text of a secret; a file is looked for beside the file of webhooks."""
    if key == "secret_file":
        return _text(folder / source)
    text = os.environ.get(source)
    if text is None:
        raise Fault("未设此环境变量", "this environment variable is not set")
    return text


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Fault("读不了", f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise Fault("不是 UTF-8 文本", "not UTF-8 text") from None
