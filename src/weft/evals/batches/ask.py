"""Asks one question of a batch: reserves its worst case, sends it through the door, and keeps what came of it.

A question that was answered before is not asked again, whoever ran the batch then. Where the door says that waiting may
help, the question is asked again, each time as a request of its own with a reservation of its own.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec

from weft.evals.batches.budget import (
    Answer,
    Question,
    Reservation,
    Settling,
    is_open,
    reserve,
    sealing,
    settle_open,
)
from weft.evals.calls import now_us
from weft.evals.completions.payload import payload_of
from weft.evals.door import Asker, PricedDoor, Quote, Ticket, read_whole
from weft.evals.prompts import Prompts
from weft.evals.refusals import Refusal
from weft.evals.runs.structured import StructuredModel, messages_for
from weft.evals.values import text_in
from weft.identity.projects.gate import Visitor
from weft.kit.batch import GroupCommit
from weft.kit.errors import EngineFailed, EngineTimeout, WeftError
from weft.kit.money import format_usd

TRIES = 5
LONGEST_WAIT_S = 20.0
LONGEST_S = 3600.0
"""For one answer; the door has its own bounds for silence."""
ROOM_S = 1.0
"""How often it is looked for room in the budget, where nobody says that there is."""
_PASSING = frozenset({408, 429, 502, 503, 504})
_OF_ACCOUNT = frozenset({401, 402})
_OF_MODEL = frozenset({403, 404})
_ASKED_AGAIN = frozenset({"ticket_too_small", "hold_lapsed"})


class NotAnswered(EngineFailed):
    """The door gave no answer to one question."""

    code = "not_answered"


class BatchEnds(WeftError):
    """No further question of the batch can be asked: why, and what to do, are in its words."""

    status = 409
    code = "batch_ends"


class OutOfBudget(BatchEnds):
    """The worst case of the next question does not fit into what is left of the budget."""

    code = "out_of_budget"


class AccountRefused(BatchEnds):
    """The account that pays is refused: no credit, a cap, a key that was revoked."""

    code = "account_refused"


class Stopped(BatchEnds):
    """Somebody stopped the batch, or another process runs it now."""

    code = "stopped"


class ModelRefused(WeftError):
    """The door answers no question to this model: the run with it is over."""

    status = 409
    code = "model_refused"


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a question."""

    request_id: str
    response: dict[str, Any]
    started_at_us: int
    ended_at_us: int
    inputs: dict[str, Any]
    """Of the completion: the model, its settings and the messages."""


@dataclass(slots=True)
class Purse:
    """What all questions of one batch share while one process asks them."""

    writer: GroupCommit
    door: PricedDoor
    prompts: Prompts
    asker: Asker
    visitor: Visitor
    owner: str
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """Have nothing more asked; what is in flight ends. Idempotent."""
        self._stopping.set()
        self._room.set()

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more is asked."""
        return self._stopping.is_set()

    async def ask(
        self,
        question: Question,
        model: StructuredModel,
        user_input: Any,
        variables: dict[str, Any],
        known: Answer | None = None,
    ) -> Said:
        """What `model` says; `known` is what it said before.

        Raises:
            BatchEnds: nothing more can be asked.
            ModelRefused: nothing more can be asked of this model.
            WeftError: there is no answer to this question.
        """
        template = model.template
        if model.prompt is not None:
            template = await self.prompts.messages(self.visitor, model.prompt)
        messages = messages_for(template, user_input, variables)
        inputs = {**model.inputs(), "messages": messages}
        if known is not None:
            response = msgspec.json.decode(known.body)
            return Said(known.request_id, response, known.started_at_us, known.ended_at_us, inputs)
        payload = payload_of(inputs, messages, stream=False)
        return await self._patiently(question, payload, inputs)

    async def _patiently(self, question: Question, payload: bytes, inputs: dict[str, Any]) -> Said:
        for tries in range(1, TRIES + 1):
            quote = await self._quote(payload)
            started_at_us = now_us()
            request_id = await self._reserve(question, quote.most_nusd, started_at_us)
            try:
                refusal, body = await self._send(request_id, quote.most_nusd, payload)
            finally:
                await asyncio.shield(self._settle(question.batch_id, request_id))
            if refusal is None:
                response = msgspec.json.decode(body)
                return Said(request_id, response, started_at_us, now_us(), inputs)
            _check(refusal)
            may_pass = refusal.status in _PASSING or refusal.code in _ASKED_AGAIN
            if not may_pass or tries == TRIES:
                raise NotAnswered(refusal.message)
            await self._wait(float(refusal.headers.get("retry-after") or tries))
        raise AssertionError("the last try returns or raises")

    async def _quote(self, payload: bytes) -> Quote:
        try:
            return await self.door.quote(self.asker, payload)
        except WeftError as error:
            _check_error(error)
            raise

    async def _reserve(self, question: Question, worst_nusd: int, at_us: int) -> str:
        """Keep `worst_nusd` back; the id that the request is to have. Waits while others' ends may make room."""
        wish = Reservation(question, self.owner, worst_nusd, at_us)
        while True:
            if self.is_stopped:
                raise Stopped("the evaluation was stopped")
            self._room.clear()
            await self.writer.submit(reserve, wish)
            if wish.request_id:
                return wish.request_id
            if wish.is_over:
                self.stop()
                raise Stopped("another process goes on with the evaluation")
            if not wish.may_wait:
                raise OutOfBudget(
                    f"the next question may cost up to ${format_usd(worst_nusd)},"
                    f" and the budget has ${format_usd(wish.left_nusd)} left",
                    remedy="Resume with a larger budget, or give the models a lower max_tokens.",
                )
            await _either(self._room, ROOM_S)

    async def _send(
        self, request_id: str, most_nusd: int, payload: bytes
    ) -> tuple[Refusal | None, bytes]:
        ticket = Ticket(
            request_id,
            most_nusd,
            lambda connection: is_open(connection, request_id),
            lambda status, body: sealing(request_id, status, body, now_us()),
        )
        try:
            async with (
                asyncio.timeout(LONGEST_S),
                self.door.ask(self.asker, payload, ticket) as reply,
            ):
                body = await read_whole(reply)
                return (None if reply.status == 200 else Refusal.of(reply, body)), body
        except WeftError as error:
            _check_error(error)
            raise
        except TimeoutError as error:
            raise EngineTimeout(f"there was no answer within {LONGEST_S:.0f} s") from error

    async def _settle(self, batch_id: str, request_id: str) -> None:
        """Have the question closed, as the ledger says, where the door's own transaction did not."""
        await self.writer.submit(settle_open, Settling(batch_id, now_us(), request_id))
        self._room.set()

    async def _wait(self, seconds: float) -> None:
        await _either(self._stopping, min(seconds, LONGEST_WAIT_S))


def _check(refusal: Refusal) -> None:
    """Raise what no waiting helps against."""
    remedy = text_in(refusal.metadata.get("remedy"))
    message = refusal.message
    helps = refusal.headers.get("x-should-retry") != "false"
    if refusal.status in _OF_ACCOUNT or (refusal.status == 429 and not helps):
        raise AccountRefused(message, remedy=remedy)
    if refusal.code == "ticket_gone":
        raise Stopped(message, remedy=remedy)
    if refusal.status in _OF_MODEL:
        raise ModelRefused(message, remedy=remedy)


def _check_error(error: WeftError) -> None:
    """The same of what the door says before it asks anybody."""
    remedy = text_in(error.metadata.get("remedy"))
    if error.status in _OF_ACCOUNT:
        raise AccountRefused(error.message, remedy=remedy) from error
    if error.status in _OF_MODEL:
        raise ModelRefused(error.message, remedy=remedy) from error


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but no longer than so."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
