"""Where a process listens for those who look after it."""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from shared.language import spoken

SETTING: Final = "GOUJI_HTTP_ADDRESS"
_PORTS: Final = range(1, 65_536)


class Address(NamedTuple):
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it as it is written in the setting."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def further(self, number: int) -> "Address":
        """Return the address that many ports further; raises `ValueError` beyond the last."""
        return parse(str(Address(self.host, self.port + number)))


def parse(text: str) -> Address:
    """Read `host:port` or `[v6]:port`; raises `ValueError` that names the setting and what is allowed."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or port is None or port not in _PORTS or "@" in text or "/" in text:
        raise ValueError(
            f"{SETTING}: {text!r} "
            + spoken("不是 主机:端口，如 127.0.0.1:9101", "is no host:port, such as 127.0.0.1:9101")
        )
    return Address(host, port)
