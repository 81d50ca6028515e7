"""What the server gave up, or somebody ended by hand, becomes a dead letter like any other."""

from typing import Final, get_args

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from pydantic import ValidationError

from shared.contracts.advisories import GivenUp
from shared.contracts.events import DeadLetter, Stage
from shared.contracts.ports import Clock
from shared.errors import Unavailable
from shared.runtime.messages.outlet import Outlet
from shared.runtime.streams import envelope, topology
from shared.runtime.streams.flight import DOCUMENT
from shared.runtime.streams.inbox import read_notice

_STAGES: Final = get_args(Stage)
_AT_ONCE: Final = 64
_SECONDS: Final = 2.0
_SILENT: Final = (topology.DEAD, topology.ADVISORIES)
"""A letter needs no letter of its own."""


class GivenUpLetters:
    """Writes the letters that no service could write itself.

    Such a letter has the very id of the service's own: where that one came first, the bus drops this one.
    """

    def __init__(self, js: JetStreamContext, outlet: Outlet, clock: Clock) -> None:
        """Use this connection; letters go through the outlet."""
        self._js = js
        self._outlet = outlet
        self._clock = clock

    async def hear(self) -> int:
        """Write the letters of all advisories that nobody has dealt with; return how many there were."""
        consumer = topology.GIVEN_UP
        heard = 0
        try:
            info = await self._js.consumer_info(consumer.stream, consumer.name)
            left = info.num_pending or 0
            if not left:
                return 0
            reader = await self._js.pull_subscribe_bind(
                stream=consumer.stream, consumer=consumer.name
            )
            while heard < left:
                for message in await reader.fetch(min(left - heard, _AT_ONCE), timeout=_SECONDS):
                    given_up = _read(message.data)
                    if given_up is not None:
                        await self.bury(given_up)
                    await message.ack()
                    heard += 1
        except TimeoutError:
            # another keeper was faster
            return heard
        except NatsError as error:
            raise Unavailable(f"the bus does not answer: {error!r}") from error
        return heard

    async def bury(self, given_up: GivenUp) -> bool:
        """Publish the letter of a message; False for what is not ours or was long ago."""
        stage = given_up.consumer.split("-", 1)[0]
        service = next((s for s in _STAGES if s == stage), None)
        now = self._clock.now()
        if service is None or given_up.stream in _SILENT:
            return False
        if now - given_up.timestamp > topology.WINDOW:
            # the bus no longer knows whether there was a letter: what it was about is looked for anyway
            return False
        await self._outlet.publish(await self._letter(given_up, service))
        return True

    async def _letter(self, given_up: GivenUp, service: Stage) -> DeadLetter:
        subject, body, headers = "", b"", dict[str, str]()
        try:
            message = await self._js.get_msg(given_up.stream, given_up.stream_seq)
            subject, body = message.subject or "", message.data or b""
            headers = dict(message.headers or {})
        except NotFoundError:
            # the stream has let go of it: the letter says at least that
            pass
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the bus does not answer: {error!r}") from error
        noted = headers.get("ce-file")
        document_id = headers.get(DOCUMENT)
        file = envelope.decode(noted) if noted is not None else None
        if given_up.stream == topology.INBOX_STREAM and (dropped := read_notice(body)) is not None:
            document_id, file = dropped.sha256, dropped.file
        return DeadLetter(
            service=service,
            document_id=document_id,
            file=file,
            reason=given_up.words,
            error_class="GivenUp",
            attempts=given_up.deliveries,
            origin_subject=subject,
            origin_stream=given_up.stream,
            origin_sequence=given_up.stream_seq,
            payload=body.decode(errors="replace"),
            failed_at=given_up.timestamp,
            replay=f"gouji replay {given_up.stream} {given_up.stream_seq}",
            consumer=given_up.consumer,
            headers=headers,
        )


def _read(advisory: bytes) -> GivenUp | None:
    """Return what an advisory says; None for one that is about something else."""
    try:
        return GivenUp.model_validate_json(advisory)
    except ValidationError:
        return None
