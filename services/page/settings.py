"""What an operator can set for the review page."""

from typing import Annotated

from pydantic import ByteSize, Field, PositiveInt

from shared.runtime.paths import SEEN_FILE
from shared.runtime.settings import Duration, OptionalPath, Settings, seconds


class PageSettings(Settings):
    """The common settings, where the page listens, who may decide, and its bounds."""

    host: str = Field(
        "127.0.0.1", validation_alias="GOUJI_PAGE_HOST", description="Address to listen on."
    )
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8080,
        validation_alias="GOUJI_PAGE_PORT",
        description="Port to listen on; 0 takes a free one.",
    )
    hosts: str = Field(
        "",
        validation_alias="GOUJI_PAGE_HOSTS",
        description="Further names under which the page is reached, by comma; `*` for any. Requests "
        "for other names are refused: no page of another site can read this one through a name of its own.",
    )
    proxies: str = Field(
        "",
        validation_alias="GOUJI_PAGE_PROXIES",
        description="Addresses of proxies whose X-Forwarded-For and -Proto are believed, by comma.",
    )
    users: Annotated[OptionalPath, SEEN_FILE] = Field(
        None,
        validation_alias="GOUJI_PAGE_USERS",
        description="File of those who may decide; `page-users.json` in the data folder if left.",
    )
    session_idle: Duration = Field(
        seconds(3600),
        validation_alias="GOUJI_PAGE_SESSION_IDLE",
        description="A session ends when nothing was asked for so long.",
    )
    session_longest: Duration = Field(
        seconds(12 * 3600),
        validation_alias="GOUJI_PAGE_SESSION_LONGEST",
        description="A session ends after this time in any case.",
    )
    upload_bytes: ByteSize = Field(
        ByteSize(256 << 20),
        ge=1 << 20,
        validation_alias="GOUJI_PAGE_UPLOAD_BYTES",
        description="Bytes of one upload, all its files together.",
    )
    upload_files: PositiveInt = Field(
        50, validation_alias="GOUJI_PAGE_UPLOAD_FILES", description="Files of one upload."
    )
    live_readers: PositiveInt = Field(
        100, validation_alias="GOUJI_PAGE_LIVE_READERS", description="Pages that update themselves."
    )

    @property
    def names(self) -> frozenset[str]:
        """Host names, in lower case and without port, that requests may ask for."""
        own = {"127.0.0.1", "localhost", "[::1]", self.host.lower()}
        return frozenset(own | {n.strip().lower() for n in self.hosts.split(",") if n.strip()})

    @property
    def shows_personal(self) -> bool:
        """Tell whether readers who are not logged in see personal data."""
        return self.personal_data == "show"
