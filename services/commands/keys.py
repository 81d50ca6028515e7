"""`gouji keys FOLDER`: a complete set of keys, certificates and rights; what is there stays."""

import os
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import nkeys
import typer
from nkeys import PREFIX_BYTE_USER, encode_seed

from services.commands.reaching.options import AsJson
from services.commands.running import certificates, rights
from services.commands.running.certificates import Certified
from services.commands.running.keyring import USERS, Keyring
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say, say_json
from services.notify.adapters.files import load
from services.notify.core.webhooks import Webhook
from shared.language import spoken
from shared.runtime.clock import SystemClock
from shared.runtime.connections.connecting import KEEPER, OPERATOR
from shared.secrets import BadSetting, read_secret

_HERE: Final = ("localhost", "127.0.0.1", "::1")
_SERVERS: Final = ("nats", "postgres")
"""Programs that need a certificate; in containers they are reached by these names."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SOON: Final = timedelta(days=30)

HELP: Final = taught(
    "制作密钥与权限",
    "Make keys, certificates and rights for bus and database; never overwrites.",
    "包括总线和数据库的密钥、证书和权限；已有的从不覆盖。",
)


def run(
    folder: Annotated[Path, typer.Argument(help=spoken("密钥文件夹", "Folder of the keys."))],
    watcher: Annotated[
        list[str] | None,
        typer.Option(help=spoken("外部订阅者，可多次", "Somebody outside, by name.")),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(help=spoken("服务器名或地址，可多次", "Host name or address.")),
    ] = None,
    webhooks: Annotated[
        Path | None,
        typer.Option(
            envvar="GOUJI_WEBHOOKS", help=spoken("网络回调", "File of webhooks notify serves.")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make keys, certificates and rights for bus and database; never overwrites."""
    ring = Keyring(folder)
    made = complete(ring, watchers=watcher or (), hosts=host or ())
    write_rights(ring, ring.rights_file, load(webhooks) if webhooks is not None else ())
    ends = {n: certificates.ends(ring.certificate(n)[0].read_bytes()) for n in _SERVERS}
    if as_json:
        say_json({
            "made": [str(path) for path in made], "rights": str(ring.rights_file),
            "certificates": {name: end.isoformat() for name, end in ends.items()},
        })  # fmt: skip
        return
    for path in made:
        say(f"+ {path}")
    say(f"= {ring.rights_file}")
    for name, end in ends.items():
        if end - SystemClock().now() < _SOON:
            soon = spoken("即将到期", "ends soon", " ")
            say(f"! {name}.crt {soon}: {end:%Y-%m-%d}; docs/operations.md")


def complete(
    ring: Keyring, *, watchers: Sequence[str] = (), hosts: Sequence[str] = ()
) -> list[Path]:
    """Make what is missing in the folder; return it. What is there is neither changed nor replaced."""
    for name in watchers:
        if not _NAME.fullmatch(name):
            raise BadSetting(
                f"--watcher {name!r}: "
                + spoken("只可用 a-z、0-9、-", "letters a-z, digits and - only")
            )
    made: list[Path] = []
    now = SystemClock().now()
    for part in (ring.folder, ring.folder / "users", ring.folder / "watchers"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (*map(ring.user, USERS), *map(ring.watcher, watchers)):
        if not path.exists():
            _write(path, encode_seed(os.urandom(32), PREFIX_BYTE_USER) + b"\n")
            made.append(path)
    return [*made, *_certify(ring, hosts, now)]


def write_rights(ring: Keyring, path: Path, webhooks: Sequence[Webhook] = ()) -> None:
    """Write accounts and rights for the nats-server, anew each time: they follow from the code."""
    keys = {name: _public(ring, ring.user(name)) for name in USERS}
    parties = rights.own_parties(keys, webhooks)
    parties += [rights.watching(w, _public(ring, ring.watcher(w))) for w in ring.watchers()]
    text = rights.configuration(parties, keepers=keys[KEEPER], operators=keys[OPERATOR])
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _certify(ring: Keyring, hosts: Sequence[str], now: datetime) -> list[Path]:
    made: list[Path] = []
    ca_path, ca_key = ring.certificate("ca")
    if not ca_path.exists():
        made += _keep(ring, "ca", certificates.authority(now))
    for name in _SERVERS:
        wanted = tuple(dict.fromkeys((*_HERE, name, *hosts)))
        path, _ = ring.certificate(name)
        if not path.exists():
            vouching = Certified(ca_path.read_bytes(), _authority_key(ca_key))
            made += _keep(ring, name, certificates.server(vouching, wanted, now))
        elif missing := set(hosts) - certificates.hosts_of(path.read_bytes()):
            raise BadSetting(
                f"--host {', '.join(sorted(missing))}: {path} "
                + spoken(
                    "不含此名，请先移走它及其 .key",
                    "is not for this name: move it and its .key away first",
                )
            )
    return made


def _authority_key(path: Path) -> bytes:
    return read_secret(path, "ca.key").encode()


def _keep(ring: Keyring, name: str, certified: Certified) -> list[Path]:
    """Write key and certificate; the certificate last, for it says that both are there."""
    certificate, key = ring.certificate(name)
    key.unlink(missing_ok=True)
    _write(key, certified.key)
    _write(certificate, certified.certificate, mode=0o644)
    return [certificate, key]


def _write(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a new file whole or not at all; never over one that is there."""
    aside = path.with_name(f".{path.name}.part")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.chmod(mode)
    try:
        path.hardlink_to(aside)
    finally:
        aside.unlink()


def _public(ring: Keyring, path: Path) -> tuple[str, ...]:
    """Return the public keys of a seed and of the one before it."""
    found = []
    for seed in ring.seeds(path):
        pair = nkeys.from_seed(bytearray(read_secret(seed, seed.name).encode()))
        found.append(pair.public_key.decode())
        pair.wipe()
    return tuple(found)
