"""A folder of keys: which file is whose, and the way in that each of them opens.

    ca.crt ca.key              who vouches for the servers
    nats.crt nats.key          the bus; postgres.crt postgres.key the database
    users/<name>.nk            the nkey seed of a service, the feeder, the page, the keeper, the operator
    watchers/<name>.nk         the same for somebody outside who reads the issues
    access.conf                accounts and rights for the nats-server; public keys only

A seed that ends in `.nk.old` still opens the door, until it is removed: so keys are changed
without a gap.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.commands.run import SERVICES
from shared.runtime.connections.connecting import (
    API,
    API_FROM_OUTSIDE,
    FEEDER,
    KEEPER,
    OPERATOR,
    PAGE,
    Access,
)

USERS: Final = (*SERVICES, FEEDER, PAGE, KEEPER, OPERATOR)
"""Everybody who belongs to the line itself."""

INSIDE: Final = (KEEPER, OPERATOR)
"""Those in the account of the streams; everybody else has one of their own."""

_SEED: Final = ".nk"
_OLD: Final = ".old"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The files of one folder; nothing is read or made here."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """The certificate that vouches for bus and database."""
        return self.folder / "ca.crt"

    @property
    def rights_file(self) -> Path:
        """Accounts and rights, to be included by the nats-server's configuration."""
        return self.folder / "access.conf"

    def certificate(self, server: str) -> tuple[Path, Path]:
        """Return certificate and key of a server: `ca`, `nats` or `postgres`."""
        return self.folder / f"{server}.crt", self.folder / f"{server}.key"

    def user(self, name: str) -> Path:
        """Return the seed of one of the line's own users."""
        return self.folder / "users" / f"{name}{_SEED}"

    def watcher(self, name: str) -> Path:
        """Return the seed of somebody outside."""
        return self.folder / "watchers" / f"{name}{_SEED}"

    def watchers(self) -> tuple[str, ...]:
        """Return the names of those outside who have a key here."""
        found = (self.folder / "watchers").glob(f"*{_SEED}")
        return tuple(sorted(path.name.removesuffix(_SEED) for path in found))

    def seeds(self, path: Path) -> tuple[Path, ...]:
        """Return a seed and, while it is being changed, the one before it."""
        old = path.with_name(path.name + _OLD)
        return (path, old) if old.exists() else (path,)

    def access(self, name: str, url: str) -> Access:
        """Return the way into the bus at `url` for one of the line's own users."""
        return Access(
            (url,),
            inbox=f"_INBOX_{name}",
            api=API if name in INSIDE else API_FROM_OUTSIDE,
            nkey_file=self.user(name),
            ca_file=self.ca_file,
        )
