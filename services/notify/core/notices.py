"""What is sent to a webhook, how it is signed (Standard Webhooks), and what an answer means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import orjson
from pydantic import SecretBytes
from standardwebhooks import Webhook as Signer

from shared.contracts.parcel import Parcel
from shared.errors import Undeliverable
from shared.report.personal import masked_values

_GONE: Final = 410
_LONGEST_WAIT_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Notice:
    """One request: the id, the same at every attempt, and the very bytes of the body."""

    id: str
    body: bytes


def notice_of(parcel: Parcel, *, masks: bool = True) -> Notice:
    """Return what to send for a message; raises `Undeliverable` if it is no event.

    With `masks`, personal data is masked in every text: names of files may hold some too.

    The id is the event's own (`ce-id`); a full stop in it becomes `_`, as the signature joins its
    parts by full stops.
    """
    headers = parcel.headers
    try:
        known = {name: headers[f"ce-{name}"] for name in ("type", "id", "time")}
        data = orjson.loads(parcel.body)
    except (KeyError, ValueError):
        data = None
    if not isinstance(data, dict):
        raise Undeliverable("不是事件 · the message is no event", final=True)
    if masks:
        data = masked_values(data)
    return Notice(known["id"].replace(".", "_"), orjson.dumps(known | {"data": data}))


def signed(notice: Notice, secrets: Sequence[SecretBytes], now: datetime) -> dict[str, str]:
    """Return the headers of one attempt: id, time, and a signature by each secret."""
    text = notice.body.decode()
    signatures = (Signer(s.get_secret_value()).sign(notice.id, now, text) for s in secrets)
    return {
        "webhook-id": notice.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def judge(status: int, retry_after: str | None, now: datetime) -> None:
    """Take an answer: 2xx is delivered; anything else raises `Undeliverable`, 410 for good."""
    if 200 <= status < 300:
        return
    raise Undeliverable(
        f"应答 {status} · it answered {status}",
        final=status == _GONE,
        retry_after=_seconds(retry_after, now),
    )


def _seconds(text: str | None, now: datetime) -> float | None:
    """Read Retry-After, a number of seconds or a date; nonsense and the past are no wish at all."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:_LONGEST_WAIT_DIGITS])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
