"""Who may do what on the bus, as the nats-server's configuration; derived, not listed by hand.

What a service may do follows from what its `app.py` binds. Everybody but keeper and operator has
an account of their own, which reaches only what is exported to it: a request's reply subject is
then theirs as well. Within one account it could name any subject of the line, and the server's
answer would be stored or obeyed there, whatever that user may publish.
"""

import importlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from services.commands.run import SERVICES
from services.commands.running.tracking import FATEFUL
from services.notify.adapters.consumers import consumers_of
from services.notify.core.webhooks import Webhook
from shared.contracts.changes import IssueGone
from shared.contracts.events import ValidationFailed
from shared.contracts.reviews import IssueDecided
from shared.runtime.connections.connecting import API, API_FROM_OUTSIDE, FEEDER, PAGE
from shared.runtime.streams import topology
from shared.runtime.streams.broker import Needs
from shared.runtime.streams.topology import CLAIMS_BUCKET, INBOX_BUCKET, Consumer, bucket_stream

HOME: Final = "GOUJI"
"""The account that the streams are in."""

_WATCHED: Final = (f"{ValidationFailed.subject}.>", f"{IssueGone.subject}.>")
_FORBIDDEN: Final = tuple(
    f"$JS.API.{request}.>"
    for request in ("STREAM.CREATE", "STREAM.UPDATE", "STREAM.DELETE", "STREAM.PURGE",
                    "STREAM.RESTORE", "CONSUMER.DURABLE.CREATE", "CONSUMER.DELETE")
)  # fmt: skip
"""What the operator is kept from doing by mistake."""


class Reach(NamedTuple):
    """One subject of the line that an account reaches, and how: it says or asks (`service`), or hears (`stream`)."""

    subject: str
    kind: str = "service"
    many_answers: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """One account outside the line's own: its name, the public keys that open it, its reach."""

    account: str
    keys: tuple[str, ...]
    reach: tuple[Reach, ...]


def watcher_consumer(name: str) -> Consumer:
    """Return the durable consumer of somebody outside who reads the issues."""
    return Consumer(f"watcher-{name}", topology.ISSUES, _WATCHED, outside=True, whole=True)


def needs_of(service: str, webhooks: Iterable[Webhook] = ()) -> Needs:
    """Return what a service says it needs; notify needs what these webhooks ask for."""
    declared: Needs = importlib.import_module(f"services.{service}.app").app.broker.needs
    if service != "notify":
        return declared
    consumers = [c for webhook in webhooks for c in consumers_of(webhook)]
    return replace(declared, consumers=consumers)


def reach_of(needs: Needs) -> tuple[Reach, ...]:
    """Return what these needs come to, subject by subject."""
    found: dict[Reach, None] = {}
    for consumer in needs.consumers:
        found |= dict.fromkeys(_reading(consumer))
        counters = f"{topology.HANDBACK_SUBJECT}.{consumer.name}.>"
        found[Reach(counters)] = None
        found[Reach(f"{API}.DIRECT.GET.{topology.HANDBACKS}.{counters}")] = None
    found |= dict.fromkeys(map(Reach, sorted(needs.publishes)))
    found |= dict.fromkeys(Reach(f"{API}.STREAM.INFO.{name}") for name in sorted(needs.streams))
    found |= dict.fromkeys(
        Reach(f"{API}.DIRECT.GET.{topology.stream_of(subject)}.{subject}")
        for subject in sorted(needs.newest)
    )
    for bucket in sorted(needs.reads):
        found |= dict.fromkeys(_objects(bucket, writing=bucket in needs.writes))
    return tuple(found)


def service_reach(service: str, webhooks: Iterable[Webhook] = ()) -> tuple[Reach, ...]:
    """Return the reach of a service: what it needs, bodies too large to travel."""
    needs = needs_of(service, webhooks)
    return (*reach_of(needs), *_objects(CLAIMS_BUCKET, writing=True))


def feeder_reach() -> tuple[Reach, ...]:
    """Return the reach of who puts files into the watched bucket."""
    return _objects(INBOX_BUCKET, writing=True)


def page_reach() -> tuple[Reach, ...]:
    """Return the reach of the review page: ends of files as they come, decisions, files for the bucket.

    It makes no consumer: whoever may could have a stream delivered to any subject of the line.
    """
    live = (Reach(subject, kind="stream") for subject in FATEFUL)
    return (*live, Reach(IssueDecided.subject), *feeder_reach())


def watcher_reach(name: str) -> tuple[Reach, ...]:
    """Return the reach of somebody outside: new issues as they come, all kept ones by a durable."""
    live = (Reach(subject, kind="stream") for subject in _WATCHED)
    return (*live, *_reading(watcher_consumer(name)))


def configuration(
    parties: Sequence[Party], *, keepers: Sequence[str], operators: Sequence[str]
) -> str:
    """Return the accounts of a nats-server, given the public keys of those inside."""
    exports = [_export(party, reach) for party in parties for reach in _by_subject(party)]
    forbidden = json.dumps(list(_FORBIDDEN))
    users = [
        *(f"{{ nkey: {key} }}" for key in keepers),
        *(f"{{ nkey: {key}, permissions: {{ publish: {{ deny: {forbidden} }} }} }}"
          for key in operators),
    ]  # fmt: skip
    lines = [
        "# made by `gouji keys`: change nothing here, it is written anew",
        "accounts {",
        f"  {HOME} {{",
        "    jetstream: enabled",
        *_listed("users", users),
        *_listed("exports", _merged(exports)),
        "  }",
        *(line for party in parties for line in _account(party)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def own_parties(
    keys: Mapping[str, tuple[str, ...]], webhooks: Sequence[Webhook] = ()
) -> list[Party]:
    """Return the accounts of the line's own parts, given the public keys of each."""
    parties = [Party(s.upper(), keys[s], service_reach(s, webhooks)) for s in SERVICES]
    others = {FEEDER: feeder_reach(), PAGE: page_reach()}
    return [*parties, *(Party(who.upper(), keys[who], reach) for who, reach in others.items())]


def watching(name: str, keys: tuple[str, ...]) -> Party:
    """Return the account of somebody outside."""
    return Party(f"WATCHER_{name}", keys, watcher_reach(name))


def _reading(consumer: Consumer) -> tuple[Reach, ...]:
    place = f"{consumer.stream}.{consumer.name}"
    return (
        Reach(f"$JS.API.CONSUMER.INFO.{place}"),
        Reach(f"$JS.API.CONSUMER.MSG.NEXT.{place}", many_answers=True),
        Reach(f"$JS.ACK.{place}.>"),
    )


def _objects(bucket: str, *, writing: bool) -> tuple[Reach, ...]:
    stream = bucket_stream(bucket)
    reading = tuple(
        Reach(f"{API}.{request}.{stream}")
        for request in ("STREAM.INFO", "STREAM.MSG.GET", "DIRECT.GET")
    )
    if not writing:
        return reading
    return (*reading, Reach(f"$O.{bucket}.C.>"), Reach(f"$O.{bucket}.M.>"))


def _by_subject(party: Party) -> tuple[Reach, ...]:
    return tuple(dict.fromkeys(party.reach))


def _export(party: Party, reach: Reach) -> tuple[Reach, str]:
    return reach, party.account


def _merged(exports: Iterable[tuple[Reach, str]]) -> list[str]:
    """Return one export a subject, with all accounts that it is for: a second one would replace it."""
    accounts: dict[Reach, list[str]] = {}
    for reach, account in exports:
        accounts.setdefault(reach, []).append(account)
    return [
        f"{{ {reach.kind}: {json.dumps(_ours(reach))}"
        f"{', response_type: stream' if reach.many_answers else ''}, accounts: {json.dumps(names)} }}"
        for reach, names in accounts.items()
    ]


def _account(party: Party) -> list[str]:
    imports = [
        f"{{ {reach.kind}: {{ account: {HOME}, subject: {json.dumps(_ours(reach))} }}"
        f"{_renamed(reach)} }}"
        for reach in _by_subject(party)
    ]
    # the account holds by itself; said again here, what is not allowed is answered, not just unheard
    allowed = json.dumps([_local(r.subject) for r in _by_subject(party) if r.kind == "service"])
    users = [
        f"{{ nkey: {key}, permissions: {{ publish: {{ allow: {allowed} }} }} }}"
        for key in party.keys
    ]
    head = f"  {json.dumps(party.account)} {{"
    return [head, *_listed("users", users), *_listed("imports", imports), "  }"]


def _ours(reach: Reach) -> str:
    """Return the subject within our account: what is heard is heard from the stream that stored it.

    What a service says comes in from its account, and a server passes nothing on to a third one.
    """
    return f"{topology.LIVE}.{reach.subject}" if reach.kind == "stream" else reach.subject


def _local(subject: str) -> str:
    """Return the subject under which another account reaches one of ours."""
    if subject.startswith(f"{API}."):
        return API_FROM_OUTSIDE + subject.removeprefix(API)
    return subject


def _renamed(reach: Reach) -> str:
    local = _local(reach.subject)
    return "" if local == _ours(reach) else f", to: {json.dumps(local)}"


def _listed(name: str, entries: Sequence[str]) -> list[str]:
    return [f"    {name}: [", *(f"      {entry}" for entry in entries), "    ]"]
