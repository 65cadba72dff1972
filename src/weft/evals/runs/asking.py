"""Asks models for a run: a prediction or a judgement, each a call of its own with the completion below it.

Waits its turn where the door says that it may help; what no waiting helps against ends the run.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from weft.evals.calls import Usage
from weft.evals.completions.ask import Answered, Completions
from weft.evals.completions.payload import CompletionWire
from weft.evals.completions.tracked import Tracked
from weft.evals.door import Asker
from weft.evals.prompts import Prompts
from weft.evals.runs.structured import StructuredModel, messages_for
from weft.evals.values import text_in
from weft.identity.projects.gate import Visitor
from weft.kit.errors import EngineFailed, WeftError
from weft.traces.calls.parts import CallPart

TRIES = 4
LONGEST_WAIT_S = 20.0
_PASSING = frozenset({429, 502, 503, 504})
_FINAL = frozenset({401, 402, 403, 404})
SOURCE = "evaluation"


class Refused(EngineFailed):
    """The door gave no answer to one question of a run."""

    code = "not_answered"


class RunRefused(WeftError):
    """The door will not answer any question of this run: no credit, no right, no such model."""

    status = 409
    type = "server_error"
    code = "run_refused"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model was asked and said."""

    output: Any
    usage: Usage


@dataclass(frozen=True, slots=True)
class ModelAsker:
    """Asks models on somebody's account."""

    completions: Completions
    prompts: Prompts
    asker: Asker
    visitor: Visitor

    async def ask(
        self,
        model: StructuredModel,
        user_input: Any,
        variables: dict[str, Any],
        parent: CallPart,
    ) -> Asked:
        """What `model` says, asked with its template and `user_input`.

        Raises:
            RunRefused: no further question will be answered either.
            WeftError: this one was not.
        """
        template = model.template
        if model.prompt is not None:
            template = await self.prompts.messages(self.visitor, model.prompt)
        messages = messages_for(template, user_input, variables)
        wire = CompletionWire(
            project_id=self.visitor.name,
            inputs={**model.inputs(), "messages": messages},
            parent_id=parent.id,
            trace_id=parent.trace_id,
            source=SOURCE,
        )
        answered = await self._patiently(wire, messages)
        usage: Usage = {}
        if answered.usage:
            usage = {model.model: {"requests": 1, **answered.usage}}
        return Asked(model.output(answered.response), usage)

    async def _patiently(self, wire: CompletionWire, messages: list[Any]) -> Answered:
        for tries in range(1, TRIES + 1):
            done = await self.completions.whole(
                self.asker, wire, messages, Tracked(wire, self.visitor)
            )
            refusal = done.refusal
            if refusal is None:
                return done
            helps = refusal.headers.get("x-should-retry") != "false"
            if refusal.status in _FINAL or (refusal.status == 429 and not helps):
                remedy = text_in(refusal.metadata.get("remedy"))
                raise RunRefused(refusal.message, remedy=remedy)
            if refusal.status not in _PASSING or tries == TRIES:
                raise Refused(refusal.message)
            told_s = float(refusal.headers.get("retry-after") or tries)
            await asyncio.sleep(min(told_s, LONGEST_WAIT_S))
        raise AssertionError("the last try returns or raises")
