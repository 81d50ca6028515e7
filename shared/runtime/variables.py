"""The environment variables of gouji: what is wrong with one, said so that an operator can mend it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import AliasChoices, BaseModel, ByteSize, ValidationError
from pydantic.fields import FieldInfo
from rapidfuzz import fuzz, process

from shared.language import spoken
from shared.report.printable import printable
from shared.secrets import BadSetting, Unusable, redacted

PREFIX: Final = "GOUJI_"
_NAMES: Final = """
    ACK_WAIT ARCHIVE_MEMORY ARCHIVE_PATH BACKUPS BUS_BYTES DATABASE_PASSWORD_FILE DATABASE_URL DEAD_LETTER_LIMIT
    EXTRACT_LOOPS GRACEFUL_TIMEOUT HEALTH_FILE HTTP_ADDRESS INBOX INGEST_LOOPS INLINE_BYTES KEYS LANGUAGE LOG_FORMAT
    LOG_LEVEL LOOPS MAX_ATTEMPTS MAX_FILE_BYTES NATS_API NATS_CA_FILE NATS_CERT_FILE NATS_CREDS_FILE NATS_INBOX
    NATS_KEY_FILE NATS_NKEY_FILE NATS_PASSWORD_FILE NATS_TLS_FIRST NATS_URL NATS_USER NORMALIZE_LANES
    NORMALIZE_LOOPS NOTIFY_GRACEFUL_TIMEOUT NOTIFY_LOOPS NOTIFY_MAX_ATTEMPTS NOTIFY_RETRY_LONGEST OCR_CACHE_BYTES
    OCR_LOOPS OCR_MEMORY OCR_PICTURES OCR_PROVIDER OCR_SECONDS OCR_THREADS OCR_WORKERS OFFICE_LOOPS OFFICE_MEMORY
    OFFICE_SECONDS PAGE_HOST PAGE_HOSTS PAGE_LIVE_READERS PAGE_PORT PAGE_PROXIES PAGE_SESSION_IDLE
    PAGE_SESSION_LONGEST PAGE_UPLOAD_BYTES PAGE_UPLOAD_FILES PAGE_USERS PERSONAL_DATA PROVISION PUBLISH_PATIENCE
    READER_MEMORY READER_SECONDS READER_WORKERS RECONCILE_EVERY REPLICAS RETRY_FIRST RETRY_LONGEST REVIEWER RULES
    RULES_FOLDER S3 S3_ENDPOINT S3_HINTS S3_POLL S3_REGION SINK_LOOPS SOFFICE THREAD_BYTES VALIDATE_BESIDE_LOOPS
    VALIDATE_LOOPS WATCHERS WEBHOOKS WEBHOOKS_FOLDER
    """
KNOWN: Final = frozenset(PREFIX + name for name in _NAMES.split())
"""Every variable that some part, or a file in deploy/, knows: a service must not suspect those of another."""

_ALIKE: Final = 85
_LONGEST: Final = 60
_DURATION: Final = spoken("时长，如 500ms、30s、2m、24h", "a duration such as 500ms, 30s, 2m, 24h")
_BYTES: Final = spoken("字节数，如 512MiB", "a number of bytes such as 512MiB")
_KINDS: Final = {
    "integer": spoken("整数", "a whole number"),
    "number": spoken("数", "a number"),
    "boolean": spoken("true 或 false", "true or false"),
    "array": spoken("逗号分隔", "parted by commas"),
}


def names_of(model: type[BaseModel], field: str) -> tuple[str, ...]:
    """Return the variables that a setting is read from, the strongest first."""
    alias = model.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (str(alias) if alias is not None else PREFIX + field.upper(),)


def refusal(model: type[BaseModel], error: ValidationError, given: Mapping[str, str]) -> BadSetting:
    """Return what to say of settings that cannot be used: variable, what was given, what is allowed."""
    lines = [
        _line(model, str(fault["loc"][0] if fault["loc"] else "?"), fault, given)
        for fault in error.errors(include_url=False)
        # a default that follows from the setting that is wrong
        if fault["type"] != "default_factory_not_called"
    ]
    return BadSetting("\n  ".join(dict.fromkeys(lines)))


def suspected(environment: Iterable[str]) -> list[tuple[str, str]]:
    """Return variables of ours that nobody knows and that look like a known one, with that one."""
    found = []
    for name in sorted(set(environment) - KNOWN):
        if name.upper().startswith(PREFIX[:-1]):
            meant = process.extractOne(
                name.upper(), sorted(KNOWN), scorer=fuzz.ratio, score_cutoff=_ALIKE
            )
            if meant is not None:
                found.append((printable(name, _LONGEST), meant[0]))
    return found


def _line(
    model: type[BaseModel], where: str, fault: Mapping[str, Any], given: Mapping[str, str]
) -> str:
    field = next(
        (name for name in model.model_fields if where in (name, *names_of(model, name))), None
    )
    if field is None:
        return f"{where}: {fault['msg']}"
    names = names_of(model, field)
    variable = next((name for name in names if name in given), names[0])
    value = given.get(variable, fault.get("input"))
    shown = printable(redacted(str(value)), _LONGEST)
    why = fault.get("ctx", {}).get("error")
    if isinstance(why, Unusable):
        return f"{variable}={shown!r}: {why}"
    must_be = spoken("须为", "must be", " ")
    return f"{variable}={shown!r}: {must_be} {allowed(model, field)}"


def allowed(model: type[BaseModel], field: str) -> str:
    """Return what a setting may be."""
    info = model.model_fields[field]
    shape = model.model_json_schema(by_alias=False)["properties"][field]
    if "anyOf" in shape and info.annotation is not ByteSize:
        shape = {**shape, **shape["anyOf"][0]}
    if info.annotation is ByteSize:
        kind = _BYTES
    elif shape.get("format") == "duration":
        kind = _DURATION
    elif "pattern" in shape:
        kind = f"{info.description} ({shape['pattern']})"
    elif info.examples:
        kind = spoken(f"如 {info.examples[0]}", f"such as {info.examples[0]}")
    elif shape.get("format") == "path":
        kind = spoken("路径", "a path")
    else:
        kind = _KINDS.get(shape.get("type", ""), spoken("文字", "text"))
    choices = shape.get("enum") or shape.get("items", {}).get("enum")
    if choices:
        kind = " | ".join(map(str, choices)) + (f" ({kind})" if shape["type"] == "array" else "")
    return kind + _bounds(info)


def _bounds(info: FieldInfo) -> str:
    """Return the bounds of a number, a span or a size."""
    told = []
    for sign, name in ((">", "gt"), ("≥", "ge"), ("<", "lt"), ("≤", "le")):
        bound = next((v for m in info.metadata if (v := getattr(m, name, None)) is not None), None)
        if bound is not None:
            told.append(f"{sign} {bound or 0}")
    return f" ({', '.join(told)})" if told else ""
