"""The one place where connections to the bus are opened: where it is, who we are, whom we trust.

Secrets are read from their files whenever a connection is opened, so a replaced key takes effect
with the next one. With a certificate authority given the connection is encrypted before anything
is said: a server that offers no TLS hears nothing from us.
"""

import asyncio
import logging
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import nkeys
from nats.aio.client import DEFAULT_BUFFER_SIZE, Client
from nats.aio.transport import TcpTransport
from nats.js import JetStreamContext
from nkeys import NkeysError

from shared.language import spoken
from shared.runtime.connections.servers import keeping
from shared.runtime.settings import Settings
from shared.secrets import BadSetting, read_secret, require_private, require_readable

OPERATOR: Final = "operator"
"""Who a person is that types a command."""
FEEDER: Final = "feeder"
"""Who puts files into the watched bucket, and may do nothing else."""
PAGE: Final = "page"
"""The review page: it hears what becomes of files, tells decisions, puts files into the watched bucket."""
KEEPER: Final = "keeper"
"""Who makes streams and consumers, and looks after them."""

API: Final = "$JS.API"
"""Where JetStream is asked from within the account of the streams."""
API_FROM_OUTSIDE: Final = "GOUJI.API"
"""Where it is asked from any other account: there `$JS.API` means that account's own."""

_CLOSING_SECONDS: Final = 1.0
_WEB_SCHEMES: Final = ("ws", "wss")
_TLS_SCHEMES: Final = ("tls", "wss")


@dataclass(frozen=True, slots=True)
class Access:
    """A bus and the way in. It holds paths of secrets, and at most a password out of an address."""

    servers: tuple[str, ...]
    inbox: str
    api: str = API
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None
    nkey_file: Path | None = None
    creds_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    tls_first: bool = True

    @property
    def shown(self) -> str:
        """The addresses as they may be printed: no user, no password."""
        return ",".join(self.servers)

    def each(self) -> "list[Access]":
        """Return the way in through every single server."""
        return [replace(self, servers=(server,)) for server in self.servers]

    @property
    def is_encrypted(self) -> bool:
        """Tell whether nothing is said without TLS."""
        return self.ca_file is not None or self.servers[0].split(":")[0] in _TLS_SCHEMES

    def options(self) -> dict[str, Any]:
        """Return what the client library wants to know; raises `BadSetting` for unusable files."""
        options: dict[str, Any] = {"servers": list(self.servers), "inbox_prefix": self.inbox}
        if self.is_encrypted:
            options |= {"tls": self._tls(), "tls_handshake_first": self.tls_first}
        if self.nkey_file is not None:
            options["nkeys_seed_str"] = _seed(self.nkey_file)
        elif self.creds_file is not None:
            require_private(self.creds_file, "GOUJI_NATS_CREDS_FILE")
            options["user_credentials"] = str(self.creds_file)
        elif self.user is not None:
            options |= {"user": self.user, "password": self._password()}
        return options

    def _password(self) -> str | None:
        if self.password_file is None:
            return self.password
        return read_secret(self.password_file, "GOUJI_NATS_PASSWORD_FILE")

    def _tls(self) -> ssl.SSLContext:
        if self.ca_file is not None:
            require_readable(self.ca_file, "GOUJI_NATS_CA_FILE")
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (ssl.SSLError, OSError):
            raise BadSetting(
                f"GOUJI_NATS_CA_FILE: {self.ca_file} " + spoken("不含证书", "holds no certificate")
            ) from None
        if self.cert_file is None:
            return context
        if self.key_file is not None:
            require_private(self.key_file, "GOUJI_NATS_KEY_FILE")
        require_readable(self.cert_file, "GOUJI_NATS_CERT_FILE")
        try:
            context.load_cert_chain(self.cert_file, self.key_file)
        except (ssl.SSLError, OSError):
            raise BadSetting(
                f"GOUJI_NATS_CERT_FILE: {self.cert_file} "
                + spoken("与密钥不成对", "does not go with its key")
            ) from None
        return context


def access_of(settings: Settings, who: str) -> Access:
    """Return the way in that the settings describe, for a service or one who types a command.

    Raises `BadSetting` when they contradict each other; files are looked at by `Access.options`.
    """
    servers, user, password = _servers(settings.nats_url)
    if user is not None and settings.nats_user is not None:
        raise BadSetting(
            "GOUJI_NATS_USER: GOUJI_NATS_URL "
            + spoken("已含用户", "the address names a user already")
        )
    user = user if settings.nats_user is None else settings.nats_user
    ways = {
        "GOUJI_NATS_USER": user,
        "GOUJI_NATS_NKEY_FILE": settings.nats_nkey_file,
        "GOUJI_NATS_CREDS_FILE": settings.nats_creds_file,
    }
    given = [name for name, value in ways.items() if value is not None]
    if len(given) > 1:
        raise BadSetting(
            f"{', '.join(given)}: " + spoken("只能用一种", "only one of them at a time")
        )
    if settings.nats_password_file is not None and settings.nats_user is None:
        raise BadSetting(
            "GOUJI_NATS_PASSWORD_FILE: " + spoken("须有 GOUJI_NATS_USER", "needs GOUJI_NATS_USER")
        )
    if settings.nats_key_file is not None and settings.nats_cert_file is None:
        raise BadSetting(
            "GOUJI_NATS_KEY_FILE: "
            + spoken("须有 GOUJI_NATS_CERT_FILE", "needs GOUJI_NATS_CERT_FILE")
        )
    return Access(
        servers,
        inbox=settings.nats_inbox or f"_INBOX_{who}",
        api=settings.nats_api or API,
        user=user,
        password=password,
        password_file=settings.nats_password_file,
        nkey_file=settings.nats_nkey_file,
        creds_file=settings.nats_creds_file,
        ca_file=settings.nats_ca_file,
        cert_file=settings.nats_cert_file,
        key_file=settings.nats_key_file,
        tls_first=settings.nats_tls_first,
    )


class _Harmless(logging.Filter):
    """Drops what the event loop says when a TLS connection ends: the client keeps it half open."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is worth a line."""
        return "eof_received() has no effect" not in str(record.msg)


logging.getLogger("asyncio").addFilter(_Harmless())


async def connect(access: Access, **options: Any) -> Client:
    """Open a connection; raises `BadSetting`, and what the client library raises."""
    client = _Client(access.api)
    await client.connect(**{**access.options(), **keeping(access.servers), **options})
    return client


class _Transport(TcpTransport):
    """TCP whose end is waited for, but not for ever: one that failed to encrypt never tells of it.

    Without a bound, a certificate that is refused once would end all attempts without a word.
    """

    async def wait_closed(self) -> None:
        """Return when the connection is closed, or after a short while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_SECONDS):
                await super().wait_closed()  # type: ignore[no-untyped-call]


class _Client(Client):
    """A client that asks JetStream under the subjects that it is reached by from where we are."""

    def __init__(self, api: str) -> None:
        super().__init__()
        self._api = api

    async def _connect_to_server(self, s: Any) -> None:
        if s.uri.scheme in _WEB_SCHEMES:
            await super()._connect_to_server(s)
            return
        s.last_attempt = time.monotonic()
        transport = _Transport()  # type: ignore[no-untyped-call]
        await transport.connect(s.uri, DEFAULT_BUFFER_SIZE, self.options["connect_timeout"])
        # whoever leaves a connection empties the parser, but what was already read of it comes after:
        # half a message would be filled up with the first bytes of this connection
        self._ps.reset()
        self._transport = transport

    def jetstream(self, **options: Any) -> JetStreamContext:
        """Return a JetStream context; every one of this connection asks in the same place."""
        return super().jetstream(**{"prefix": self._api, **options})


def _servers(text: str) -> tuple[tuple[str, ...], str | None, str | None]:
    """Return the addresses of a comma-separated list without userinfo, and user and password."""
    servers: list[str] = []
    users: list[tuple[str | None, str | None]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        url = part if "://" in part else f"nats://{part}"
        try:
            parsed = urlsplit(url)
            is_whole = parsed.hostname is not None and (parsed.port is None or parsed.port > 0)
        except ValueError:
            is_whole = False
        if not is_whole:
            # not quoted: half an address may hold half a password
            raise BadSetting(
                "GOUJI_NATS_URL: " + spoken("不是 nats://主机:端口", "is no nats://host:port")
            )
        servers.append(parsed._replace(netloc=parsed.netloc.rpartition("@")[2]).geturl())
        if parsed.username is not None:
            users.append((unquote(parsed.username), unquote(parsed.password or "") or None))
    if not servers:
        raise BadSetting("GOUJI_NATS_URL: " + spoken("是空的", "is empty"))
    if len({url.split(":")[0] for url in servers}) > 1 or len(set(users)) > 1:
        raise BadSetting(
            "GOUJI_NATS_URL: "
            + spoken("各地址的协议与用户须一致", "all addresses need the same scheme and user")
        )
    user, password = users[0] if users else (None, None)
    return tuple(servers), user, password


def _seed(path: Path) -> str:
    """Return the nkey seed of a file; raises `BadSetting` without quoting what is there instead."""
    text = read_secret(path, "GOUJI_NATS_NKEY_FILE")
    try:
        nkeys.from_seed(bytearray(text.encode())).wipe()
    except (NkeysError, ValueError):
        raise BadSetting(
            f"GOUJI_NATS_NKEY_FILE: {path} " + spoken("不是 nkey 种子", "holds no nkey seed")
        ) from None
    return text
