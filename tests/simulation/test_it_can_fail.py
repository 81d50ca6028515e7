"""Code that is broken on purpose: the simulation must notice each fault within a number of seeds, and say what it means."""

import asyncio
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from unittest.mock import patch

import pytest
from nats.errors import Error as NatsError

from services.sink.core import rows
from services.sink.handler import handle as keep
from shared.contracts.events import ReportValidated
from shared.runtime.messages.delivery import current
from shared.runtime.messages.guard import Guard
from shared.runtime.messages.outlet import Outlet
from shared.runtime.messages.positions import Positions
from shared.runtime.streams import envelope
from tests.simulation import calm, memory, tables
from tests.simulation.run import run

WITHIN = 60
"""Seeds within which each fault must be found."""
RARE = {"a further name vouches for a first arrival": 100}
"""Where to begin for what needs an object deleted at one certain moment."""


async def ack_before_publish(self, events):
    async def later():
        for event in events:
            await self.publish(event)

    asyncio.get_running_loop().create_task(later())


def no_message_id(event, **known):
    made = _headers(event, **known)
    del made[envelope.MESSAGE_ID]
    return made


_headers = envelope.headers


async def hand_back_without_a_note(self, msg, delivery, delay):
    await msg.nak(delay=delay)


async def commit_after_ack(event, *, store, work):
    if not isinstance(event, ReportValidated):
        return await keep(event, store=store, work=work)

    async def later():
        await asyncio.sleep(1)
        await work.wait(store.record, event)

    asyncio.get_running_loop().create_task(later())
    return ()


async def no_second_try(self, subject, body, headers, stream):
    with suppress(NatsError, TimeoutError):
        await self._send(subject, body, headers, stream)


def any_order(event, stored):
    return f"2025|{'0' * 64}"


async def give_up_without_a_letter(self, msg, delivery, **why):
    await msg.term()


def no_heartbeat(self, msg):
    pass


def latest_first(self):
    return f"{(1 << 40) - current.get().sequence:020d}"


async def refuse_without_telling(self, delivery, error):
    pass


FAULTS = {
    "acknowledged before the results are published": [
        patch.object(Outlet, "publish_all", ack_before_publish)
    ],
    "published without a message id": [
        patch("shared.runtime.messages.outlet.envelope.headers", no_message_id)
    ],
    "handed back without a note": [patch.object(Guard, "hand_back", hand_back_without_a_note)],
    "committed after the acknowledgement": [
        patch("tests.simulation.services.keep", commit_after_ack)
    ],
    "not tried again after a timeout": [patch.object(Outlet, "_offer", no_second_try)],
    "of two readings any one stands": [patch.object(rows, "_revision_precedence", any_order)],
    "given up without a dead letter": [patch.object(Guard, "bury", give_up_without_a_letter)],
    "worked on without a heartbeat": [patch.object(Guard, "hold", no_heartbeat)],
    "of two comparisons the earlier one stands": [
        patch.object(Positions, "__call__", latest_first)
    ],
    "refused without telling": [patch.object(Guard, "refuse", refuse_without_telling)],
    "a further name vouches for a first arrival": [
        patch("tests.simulation.services.MEMORY", timedelta())
    ],
}


@contextmanager
def broken(patches):
    """Break the code; what was remembered of the right one is forgotten before and after."""

    def forget():
        memory.forget()
        tables._laid_out.clear()
        calm._worked_off.clear()

    forget()
    with ExitStack() as stack:
        for one in patches:
            stack.enter_context(one)
        yield
    forget()


def first_found(seeds):
    return next(((seed, found) for seed in seeds if (found := run(seed).broken)), None)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault):
    with broken(FAULTS[fault]):
        start = RARE.get(fault, 0)
        found = first_found(range(start, start + WITHIN))

    assert found is not None, f"nobody noticed: {fault}"
    print(f"{fault}: seed {found[0]}: {found[1][:200]}")
