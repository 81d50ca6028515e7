"""A message becomes an event, the event meets its handler, the results go to the bus: on any connection."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from pydantic import ValidationError

from shared.contracts.events import Event
from shared.contracts.parcel import Parcel
from shared.runtime.messages import accounts
from shared.runtime.messages.delivery import Inbound, current
from shared.runtime.messages.guard import Unreadable
from shared.runtime.messages.outlet import Outlet
from shared.runtime.streams import envelope

Handle = Callable[[Any], Awaitable[Sequence[Event]]]
Kind = type[Inbound]
Fetch = Callable[[str], Awaitable[bytes]]
"""Return the body behind a reference of the claim store."""


class Encoded(Protocol):
    """A message as it came: headers and body."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The message's headers."""
        ...

    @property
    def body(self) -> Any:
        """The bytes of the message."""
        ...


class Reception:
    """What one durable consumer accepts, and the handler behind it."""

    def __init__(
        self,
        consumes: tuple[Kind, ...],
        handle: Handle,
        *,
        outlet: Outlet,
        fetch: Fetch,
        thread_bytes: int,
    ) -> None:
        """Accept these kinds of message; where none is named, each comes as a `Parcel`.

        Bodies above `thread_bytes` are read beside the event loop.
        """
        self._consumes = consumes
        self._by_type: dict[str, Kind] = {model.type: model for model in consumes}
        self._handle = handle
        self._outlet = outlet
        self._fetch = fetch
        self._thread_bytes = thread_bytes

    async def decode(self, message: Encoded) -> Inbound | Parcel:
        """Return the event in a message; raises `Unreadable` where it is not what its subject promises."""
        headers = message.headers
        if not self._consumes:
            return Parcel(dict(headers), await self._body(message))
        model = self._by_type.get(headers.get(envelope.TYPE, self._consumes[0].type))
        if model is None:
            raise Unreadable(f"{headers[envelope.TYPE]} does not belong on this subject")
        body = await self._body(message)
        delivery = current.get()
        try:
            event: Inbound
            if len(body) > self._thread_bytes:
                event = await asyncio.to_thread(model.model_validate_json, body)
            else:
                event = model.model_validate_json(body)
        except ValidationError as error:
            raise Unreadable(_first_fault(error)) from None
        if delivery is not None:
            delivery.event = event
        return event

    async def receive(self, event: Any) -> None:
        """Hand an event to its handler; return when all its results are stored."""
        delivery = current.get()
        results = await self._handle(event)
        if results:
            await self._outlet.publish_all(results)
            accounts.results(results)
        if delivery is None:
            return
        for result in results:
            name = type(result).__name__
            delivery.results[name] = delivery.results.get(name, 0) + 1
        if results:
            delivery.outcome = results[-1].type.split(".")[-2]

    async def _body(self, message: Encoded) -> bytes:
        """Return the body, from the claim store if it was too large to travel inline."""
        reference = message.headers.get(envelope.DATA_REFERENCE)
        body: bytes = message.body if reference is None else await self._fetch(reference)
        return body


def _first_fault(error: ValidationError) -> str:
    """Say where and what, without the value: it may be text of a document."""
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
