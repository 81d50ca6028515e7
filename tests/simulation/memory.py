"""Pure functions of the cores, remembered by what they were given: the same few reports meet in every seed.

Nothing that happens in a run may depend on what is remembered: only the time it takes the real clock does.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any
from unittest.mock import patch

from pydantic import BaseModel, TypeAdapter

from services.extract.core.extraction import extract
from services.validate.core.across.judging import compare
from services.validate.core.judging import judge
from shared.contracts.events import Event
from shared.report.document import Document
from shared.report.record import Record

_DUMPS = {Document: TypeAdapter(Document), Record: TypeAdapter(Record)}
_MOST = 100_000

_known: dict[Any, Any] = {}
_results: dict[Any, tuple[Any, Sequence[Event]]] = {}
_bodies: dict[int, tuple[Event, bytes]] = {}
_seen: dict[int, tuple[Any, Any]] = {}


def remember(call: Callable[..., Any], *args: Any) -> Any:
    """Return what the call returns; a second time without the work."""
    key = _key(call, args)
    if key is None:
        return call(*args)
    if key not in _known:
        _known[key] = call(*args)
    return _known[key]


def _key(call: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    if isinstance(call, partial) and call.func is extract:
        (document,) = call.args
        return "extract", _content(document), tuple(sorted(call.keywords.items()))
    if call in (judge, compare):
        about, book = args
        return call.__name__, _content(about), None if book is None else book.version
    return None


def _content(value: Any) -> Any:
    """Return what stands for the content of a value; found once for each object."""
    seen = _seen.get(id(value))
    if seen is None:
        if len(_seen) > _MOST:
            _seen.clear()
        dump = _DUMPS.get(type(value))
        # a family is one of few and kept alive by the shelf that made it
        content = id(value) if dump is None else sha256(dump.dump_json(value)).hexdigest()
        seen = _seen[id(value)] = (value, content)
    return seen[1]


@lru_cache(maxsize=20_000)
def decoded(model: Any, body: bytes) -> Any:
    """Return what a body says; equal bodies give the very same event."""
    return model.model_validate_json(body)


def interned(what: str, event: Any, results: Sequence[Event]) -> Sequence[Event]:
    """Return the results of a pure handler as they were the first time, if these are the same."""
    key = what, id(event)
    if len(_results) > _MOST:
        _results.clear()
    known = _results.get(key)
    if known is None or known[1] != results:
        # the event stays alive with the key that speaks of its address
        known = _results[key] = (event, results)
        for result in results:
            _bodies[id(result)] = result, _dump(result)
    return known[1]


def _dump(event: Event) -> bytes:
    return BaseModel.model_dump_json(event, exclude_defaults=True).encode()


def body_of(event: Event) -> bytes:
    """Return the body an event travels with."""
    known = _bodies.get(id(event))
    return known[1] if known is not None and known[0] is event else _dump(event)


def bodies_remembered() -> AbstractContextManager[Any]:
    """Let the outlet find the bodies of known events instead of making them again."""

    def model_dump_json(self: Event, **options: Any) -> str:
        if options == {"exclude_defaults": True}:
            return body_of(self).decode()
        return BaseModel.model_dump_json(self, **options)

    return patch.object(Event, "model_dump_json", model_dump_json)


def forget() -> None:
    """Forget everything: something about the code under test is another now."""
    for known in (_known, _results, _bodies, _seen):
        known.clear()
    decoded.cache_clear()
