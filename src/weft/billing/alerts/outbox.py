"""Sends the messages of alerts, and tries again what did not arrive, for a day.

Invariant: a message is with one process at a time: taking it moves its next attempt behind the time that sending may
take, in one write transaction. A process that dies meanwhile leaves it to be taken again then; so a message arrives at
least once, and its id tells the receiver when it is the same one.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog

from weft.billing.alerts.mail import NotSent
from weft.billing.alerts.store import claim_messages, mark_failed, mark_sent
from weft.billing.alerts.types import Channel, Message, Notice
from weft.kit.clock import Clock, to_us
from weft.kit.db import Database

AT_ONCE = 4
"""Messages that are taken together; few, so that those of a process that died are not kept for long."""
FIRST_RETRY_S = 30
LAST_RETRY_S = 3600
GIVE_UP_S = 24 * 3600
_US = 1_000_000

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Sender(Protocol):
    """A channel that is set up."""

    @property
    def lease_s(self) -> float:
        """Longer than one message may take."""
        ...

    async def send(self, target: str, notice: Notice) -> None:
        """Send to `target`, or raise `NotSent`."""
        ...

    async def close(self) -> None:
        """Close connections. Idempotent."""
        ...


NoticeOf = Callable[[Message], Notice]
"""Adds what people want to know: names. Runs in a thread."""


class Outbox:
    """The messages that are to be sent, and those who send them."""

    def __init__(
        self,
        database: Database,
        senders: dict[Channel, Sender],
        clock: Clock,
        *,
        notice_of: NoticeOf,
    ) -> None:
        self._database = database
        self._senders = senders
        self._clock = clock
        self._notice_of = notice_of

    async def deliver(self) -> int:
        """Send what is due, each channel on its own; returns how many were tried."""
        tried = 0
        while self._senders:
            messages = await self._database.write_soon(
                lambda c: claim_messages(
                    c, now_us=self._now_us(), lease_us=self._lease_us(), limit=AT_ONCE
                )
            )
            tried += len(messages)
            async with asyncio.TaskGroup() as group:
                for channel in Channel:
                    mine = [message for message in messages if message.channel is channel]
                    group.create_task(self._send_all(channel, mine))
            if len(messages) < AT_ONCE:
                break
        return tried

    async def _send_all(self, channel: Channel, messages: Iterable[Message]) -> None:
        for message in messages:
            await self._send(channel, message)

    async def _send(self, channel: Channel, message: Message) -> None:
        sender = self._senders.get(channel)
        try:
            if sender is None:
                raise NotSent(f"{channel.value} is not set up here any more")
            notice = await asyncio.to_thread(self._notice_of, message)
            await sender.send(message.target, notice)
        except NotSent as error:
            await self._failed(message, str(error))
            return
        await self._database.write_soon(lambda c: mark_sent(c, message.id, self._now_us()))
        _log.info("alert_sent", alert=message.alert.id, channel=channel.value, message=message.id)

    async def _failed(self, message: Message, error: str) -> None:
        now_us = self._now_us()
        wait_s = min(FIRST_RETRY_S * 2 ** (message.attempts - 1), LAST_RETRY_S)
        next_at_us = now_us + wait_s * _US
        over = next_at_us > message.made_at_us + GIVE_UP_S * _US
        await self._database.write_soon(
            lambda c: mark_failed(
                c, message.id, error, next_at_us=None if over else next_at_us, now_us=now_us
            )
        )
        event = "alert_given_up" if over else "alert_not_sent"
        _log.warning(
            event,
            alert=message.alert.id,
            channel=message.channel.value,
            attempts=message.attempts,
            error=error[:200],
        )

    def _now_us(self) -> int:
        return to_us(self._clock.now())

    def _lease_us(self) -> int:
        longest = max(sender.lease_s for sender in self._senders.values())
        return int(longest * AT_ONCE * _US)  # the last one waits for all before it
