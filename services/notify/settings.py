"""What an operator can set for the notify service."""

from typing import Annotated

from pydantic import Field, PositiveInt

from shared.runtime.paths import SEEN_FILE
from shared.runtime.settings import Duration, OptionalPath, Settings, seconds


class NotifySettings(Settings):
    """The common settings, the file of webhooks, and how patient deliveries are."""

    webhooks: Annotated[OptionalPath, SEEN_FILE] = Field(
        None, description="TOML file of the webhooks."
    )
    loops: Annotated[int, Field(ge=1, le=64)] = Field(
        4,
        validation_alias="GOUJI_NOTIFY_LOOPS",
        description="Requests under way at a time, for each webhook and stream.",
    )
    max_attempts: PositiveInt = Field(
        24,
        validation_alias="GOUJI_NOTIFY_MAX_ATTEMPTS",
        description="Attempts after which a delivery is a dead letter.",
    )
    graceful_timeout: Duration = Field(
        seconds(3),
        validation_alias="GOUJI_NOTIFY_GRACEFUL_TIMEOUT",
        description="How long a stopping service waits for answers; what is cut off is sent again.",
    )
    retry_longest: Duration = Field(
        seconds(600),
        validation_alias="GOUJI_NOTIFY_RETRY_LONGEST",
        description="Longest delay of a retry, also when the webhook asks for more.",
    )
