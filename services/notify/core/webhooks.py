"""A webhook as configured: where it is, how it is signed for, and which events it wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from pydantic import SecretBytes

from services.notify.core.families import HEADERS, Family
from shared.contracts.parcel import ONLY_FOR


@dataclass(frozen=True, slots=True)
class Webhook:
    """One subscriber by HTTP.

    `wanted` holds the values of each filter that is set; `timeout` is in seconds. Address and headers
    may hold tokens, so that they are no more shown than the secrets.
    """

    name: str
    url: str = field(repr=False)
    secrets: tuple[SecretBytes, ...] = field(repr=False)
    families: tuple[Family, ...]
    wanted: Mapping[str, tuple[str, ...]]
    timeout: float
    headers: Mapping[str, str] = field(repr=False)


def subjects(webhook: Webhook) -> tuple[str, ...]:
    """Return the subjects the bus shall deliver; severity and rule are filtered there."""
    found: list[str] = []
    for family in webhook.families:
        if not family.by_rule:
            found.append(family.event.subject)
            continue
        severities = webhook.wanted.get("severities", ("*",))
        rules = webhook.wanted.get("rules", ("*",))
        found += [f"{family.event.subject}.{s}.{r}" for s, r in product(severities, rules)]
    return tuple(found)


def wants(webhook: Webhook, consumer: str, headers: Mapping[str, str]) -> bool:
    """Tell from the headers alone whether a message is for this webhook.

    What does not say its region, year or level is for nobody who asks for certain ones. A message
    that was put back is for the consumer that could not deliver it.
    """
    if headers.get(ONLY_FOR, consumer) != consumer:
        return False
    return all(
        _matches(name, headers.get(HEADERS[name]), values)
        for name, values in webhook.wanted.items()
    )


def _matches(name: str, value: str | None, values: tuple[str, ...]) -> bool:
    if value is None:
        return False
    if name == "regions":
        return value.startswith(values)
    return value in values
