"""What an operator can set for every service, by environment variables that begin with GOUJI_."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PositiveInt, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from shared.monitoring.address import parse
from shared.runtime.paths import SEEN_FILE, SEEN_FOLDER
from shared.runtime.variables import refusal
from shared.secrets import BadSetting, with_password_file

_UNITS = {"ms": "milliseconds", "": "seconds", "s": "seconds", "m": "minutes", "h": "hours",
          "d": "days"}  # fmt: skip


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|)\s*", value)
    if match is None:
        raise ValueError("a duration is a number with ms, s, m, h or d, such as 30s")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})


Duration = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta())]
"""A span of time, written `500ms`, `30s`, `2m`, `24h`, `30d`, or a bare number of seconds."""


def unset(value: Any) -> Any:
    """Take an empty variable for none: container files set all of them."""
    return None if value == "" else value


def _address(value: Any) -> Any:
    return str(parse(value)) if isinstance(value, str) and value else unset(value)


def _bus(value: Any) -> Any:
    if isinstance(value, str) and (strange := _SCHEME.findall(value)):
        raise ValueError(f"the bus is not reached by {strange[0]}")
    return value


_SCHEME = re.compile(r"(?!(?:nats|tls|ws|wss)://)\b[A-Za-z][\w+.-]*://")
BusAddress = Annotated[str, BeforeValidator(_bus)]
OptionalPath = Annotated[Path | None, BeforeValidator(unset)]
OptionalText = Annotated[str | None, BeforeValidator(unset)]


def seconds(number: float) -> timedelta:
    """Return a span of time for a default."""
    return timedelta(seconds=number)


class Settings(BaseSettings):
    """Common settings of all services.

    A bad value raises `BadSetting` with the variable, what was given and what is allowed.
    """

    model_config = SettingsConfigDict(
        env_prefix="GOUJI_", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )

    def __init__(self, **given: Any) -> None:
        """Read the environment; what is given here goes before it."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise refusal(type(self), error, os.environ) from None
        except SettingsError as error:
            raise BadSetting(str(error)) from None

    nats_url: BusAddress = Field(
        "nats://127.0.0.1:4222",
        repr=False,
        examples=["nats://127.0.0.1:4222, tls://bus.example.org:4222"],
        description="Where the bus is: one address, or several of a cluster parted by commas.",
    )
    nats_nkey_file: Annotated[OptionalPath, SEEN_FILE] = Field(
        None, description="File with our nkey seed."
    )
    nats_user: OptionalText = Field(None, description="Our name, where the bus wants a password.")
    nats_password_file: Annotated[OptionalPath, SEEN_FILE] = Field(
        None, description="File with that password."
    )
    nats_creds_file: Annotated[OptionalPath, SEEN_FILE] = Field(
        None, description="File with a JWT and its seed."
    )
    nats_ca_file: Annotated[OptionalPath, SEEN_FILE] = Field(
        None, description="Certificates that vouch for the bus; with it nothing goes without TLS."
    )
    nats_cert_file: Annotated[OptionalPath, SEEN_FILE] = Field(
        None, description="Our own certificate, if one is wanted."
    )
    nats_key_file: Annotated[OptionalPath, SEEN_FILE] = Field(
        None, description="The key of our own certificate."
    )
    nats_tls_first: bool = Field(
        default=True,
        description="Encrypt before a word is said; the bus needs `handshake_first`.",
    )
    nats_api: OptionalText = Field(
        None, description="Prefix of JetStream's subjects; `GOUJI.API` with keys of `gouji keys`."
    )
    nats_inbox: OptionalText = Field(
        None, description="Where answers come in; `_INBOX_` and our name if left."
    )
    provision: bool = Field(
        default=True, description="Create missing streams and consumers at start."
    )
    bus_bytes: Annotated[int, Field(ge=64 << 20)] = Field(
        8 << 30, description="Bytes all streams together may take on the bus's disk."
    )
    replicas: Annotated[int, Field(ge=1, le=5)] = Field(
        1, description="Copies of every stream in a cluster."
    )
    archive_path: Annotated[Path, SEEN_FOLDER] = Field(
        Path("data/archive"), description="Folder of the archived bytes."
    )
    database_url: str = Field(
        "sqlite:///data/gouji.db", repr=False, description="SQLAlchemy database URL."
    )
    database_password_file: Annotated[OptionalPath, SEEN_FILE] = Field(
        None, description="File with the password of the database; read at each connection."
    )
    loops: Annotated[int, Field(ge=1, le=64)] = Field(
        8, description="Messages one process handles at a time."
    )
    ack_wait: Duration = Field(
        timedelta(seconds=30), description="After this silence a message goes to another copy."
    )
    retry_first: Duration = Field(timedelta(seconds=1), description="Delay of the first retry.")
    retry_longest: Duration = Field(timedelta(minutes=1), description="Longest delay of a retry.")
    max_attempts: PositiveInt = Field(
        5, description="Attempts after which a message that fails of itself is a dead letter."
    )
    dead_letter_limit: PositiveInt = Field(
        20, description="Dead letters in a row after which the service stops."
    )
    publish_patience: Duration = Field(
        timedelta(seconds=30), description="How long one result is offered to the bus."
    )
    graceful_timeout: Duration = Field(
        timedelta(seconds=7),
        description="How long a stopping service may finish its work; two seconds later it has ended.",
    )
    inline_bytes: PositiveInt = Field(
        256 << 10, description="Above this an event's body goes to the claim store."
    )
    thread_bytes: PositiveInt = Field(
        256 << 10, description="Above this input size the core runs beside the event loop."
    )
    personal_data: Literal["mask", "show"] = Field(
        "mask",
        description="Whether identity and mobile numbers and private names are masked in events for "
        "outsiders (gouji.v1.issue.*, gouji.v1.gone.*) and in webhooks.",
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto is console on a terminal, else JSON."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    health_file: Annotated[OptionalPath, SEEN_FILE] = Field(
        None, description="Touched every few seconds while bus, consumers and stores answer."
    )
    http_address: Annotated[str | None, BeforeValidator(_address)] = Field(
        None,
        description="host:port for /livez, /readyz, /metrics and /version; none without it.",
        examples=["127.0.0.1:9101"],
    )
    backups: Annotated[OptionalPath, SEEN_FOLDER] = Field(
        None, description="Folder of `gouji backup`, so that the age of the newest one is told."
    )

    @property
    def database(self) -> str:
        """The address of the database together with the path of its password's file."""
        return with_password_file(self.database_url, self.database_password_file)
