"""From the tables of a TOML file to webhooks, or to everything that is wrong with them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import SecretBytes

from services.notify.core import readers
from services.notify.core.families import FAMILIES, HEADERS
from services.notify.core.faults import Fault
from services.notify.core.webhooks import Webhook

SecretText = Callable[[str, str], str]
"""Fetches the text of a secret, given `secret_file` or `secret_env` and its name; raises `Fault`."""

_SECRETS: Final = ("secret_file", "secret_env")
_READERS: Final[Mapping[str, readers.Reader]] = {
    "name": readers.name,
    "url": readers.url,
    "secret_file": readers.one_or_two,
    "secret_env": readers.one_or_two,
    "events": readers.choices(FAMILIES),
    "severities": readers.severities,
    "rules": readers.rules,
    "origins": readers.origins,
    "regions": readers.regions,
    "years": readers.years,
    "levels": readers.levels,
    "timeout": readers.timeout,
    "headers": readers.headers,
}
_REQUIRED: Final = ("name", "url", "events")
_TIMEOUT: Final = 10.0


def webhooks_of(
    document: Mapping[str, object], secret_text: SecretText
) -> tuple[tuple[Webhook, ...], list[tuple[str | None, Fault]]]:
    """Return the webhooks of a file, and its faults with the entries they are in."""
    faults: list[tuple[str | None, Fault]] = [
        (None, Fault("未知的项，可用 [[webhooks]]", "unknown; only [[webhooks]] is known", key))
        for key in document
        if key != "webhooks"
    ]
    tables = document.get("webhooks", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        fault = Fault("须写作 [[webhooks]]", "must be written [[webhooks]]", "webhooks")
        return (), [*faults, (None, fault)]
    found: list[Webhook] = []
    for number, table in enumerate(tables, 1):
        label = f"[[webhooks]] {number}{_named(table)}"
        webhook, wrong = _webhook(table, secret_text)
        if webhook is not None and any(webhook.name == other.name for other in found):
            wrong = [Fault("此名已用过", "this name is used before", "name")]
        elif webhook is not None:
            found.append(webhook)
        faults += [(label, fault) for fault in wrong]
    return tuple(found), faults


def _named(table: Mapping[str, object]) -> str:
    given = table.get("name")
    return f" ({given})" if isinstance(given, str) and given.isprintable() else ""


def _webhook(
    table: Mapping[str, object], secret_text: SecretText
) -> tuple[Webhook | None, list[Fault]]:
    values, faults = _values(table)
    faults += _contradictions(values)
    try:
        secrets = _secrets(values, secret_text)
    except Fault as fault:
        faults.append(fault)
    if faults:
        return None, faults
    return Webhook(
        name=values["name"],
        url=values["url"],
        secrets=secrets,
        families=tuple(FAMILIES[event] for event in values["events"]),
        wanted={key: values[key] for key in HEADERS if key in values},
        timeout=values.get("timeout", _TIMEOUT),
        headers=values.get("headers", {}),
    ), []


def _values(table: Mapping[str, object]) -> tuple[dict[str, Any], list[Fault]]:
    """Read every key; return what can be used and what is wrong."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, given in table.items():
        try:
            values[key] = _reader(key)(given)
        except Fault as fault:
            faults.append(fault.at(key))
    faults += [Fault("缺少", "is missing", key) for key in _REQUIRED if key not in table]
    if not any(key in table for key in (*_SECRETS, "secret")):
        faults.append(Fault("缺少", "is missing", " / ".join(_SECRETS)))
    return values, faults


def _reader(key: str) -> readers.Reader:
    if key == "secret":
        raise Fault(
            "密钥不得写在此文件中，请用 secret_file 或 secret_env",
            "a secret must not stand in this file; use secret_file or secret_env",
        )
    if key not in _READERS:
        known = ", ".join(_READERS)
        raise Fault(f"未知的项，可用 {known}", f"unknown; one of {known}")
    return _READERS[key]


def _contradictions(values: Mapping[str, Any]) -> list[Fault]:
    """Say which filters an event could never pass, as it does not say what they ask for."""
    faults = []
    for key in (key for key in HEADERS if key in values):
        for event in values.get("events", ()):
            if key not in FAMILIES[event].filters:
                fault = Fault(
                    f"事件 {event} 不能这样筛选，请为它另写一项 [[webhooks]]",
                    f"the event {event} cannot be filtered by this; give it a [[webhooks]] of its own",
                    key,
                )
                faults.append(fault)
    return faults


def _secrets(values: Mapping[str, Any], secret_text: SecretText) -> tuple[SecretBytes, ...]:
    found = []
    for key in _SECRETS:
        for source in values.get(key, ()):
            try:
                found.append(SecretBytes(readers.secret(secret_text(key, source))))
            except Fault as fault:
                raise fault.at(f"{key} {source}") from None
    if len(found) > 2:
        raise Fault("至多两个密钥", "at most two secrets", " / ".join(_SECRETS))
    return tuple(found)
