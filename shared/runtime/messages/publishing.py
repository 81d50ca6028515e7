"""What one service says on the bus: only what it declared, and stored when it returns."""

from faststream.nats import JStream
from nats.js import JetStreamContext

from shared.contracts.changes import IssueGone
from shared.contracts.events import (
    DeadLetter,
    Event,
    ReportDeferred,
    Stage,
    ValidationFailed,
    dead_subject,
)
from shared.runtime.connections.connecting import API
from shared.runtime.messages import doubles
from shared.runtime.messages.outlet import PUBLISH_SECONDS
from shared.runtime.messages.room import Room
from shared.runtime.streams import envelope, topology
from shared.runtime.streams.broker import ServiceBroker

_BY_KIND = (ValidationFailed, IssueGone, ReportDeferred)
"""Events whose subjects go on with what subscribers filter by."""


class Publishing:
    """The declared events of one service, and the way they take."""

    def __init__(self, service: Stage, broker: ServiceBroker) -> None:
        """Publish as `service` over this broker, once it is connected."""
        self._service = service
        self._broker = broker
        self._declared: set[str] = set()
        self.room: Room | None = None
        """Hears how much was published, where there is one."""

    @property
    def _js(self) -> JetStreamContext:
        context: JetStreamContext = self._broker.config.connection_state.stream
        return context

    def declare(self, event: type[Event] | type[DeadLetter]) -> None:
        """Declare a publisher, so that the generated AsyncAPI page lists it and the rights follow."""
        if event.type in self._declared:
            return
        self._declared.add(event.type)
        subject = event.subject
        if event in _BY_KIND:
            subject = f"{subject}.>"
        elif event is DeadLetter:
            subject = dead_subject(self._service)
        self._broker.needs.publishes.add(subject)
        self._broker.publisher(
            subject,
            stream=JStream(topology.stream_of(subject), declare=False),
            timeout=PUBLISH_SECONDS,
            title=event.__name__,
            schema=event,
        )

    async def send(self, subject: str, body: bytes, headers: dict[str, str], stream: str) -> None:
        """Return when the bus has stored the message; raises what the client library raises."""
        # not through the declared publisher: its layers cost more than the publishing itself
        if headers[envelope.TYPE] not in self._declared:
            raise LookupError(f"{self._service} does not declare {headers[envelope.TYPE]}")
        stored = await self._js.publish(subject, body, PUBLISH_SECONDS, stream, headers)
        # a locked bus lets nobody else publish here, and us not read what we published
        open_to_all = self._broker.access.api == API
        if (
            stored.duplicate
            and open_to_all
            and not await doubles.is_same(self._js, stored, subject, body)
        ):
            # something else took the message id: not ours is what would be lost
            again = headers | {envelope.MESSAGE_ID: doubles.other_id(headers, body)}
            await self._js.publish(subject, body, PUBLISH_SECONDS, stream, again)
        if self.room is not None:
            self.room.spend(len(body))
