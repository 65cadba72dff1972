"""Monitors on a real store, with a door, a ledger, a herald and a clock that tests hold in their hands."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from weft.evals.door import Asker
from weft.evals.monitors.spec import monitor_value, scorer_value
from weft.evals.monitors.store import change, find_standing, set_rules
from weft.evals.monitors.types import Rule, Standing
from weft.evals.monitors.watching.parts import Pace, Parts
from weft.evals.monitors.watching.rules import Alarm
from weft.evals.monitors.watching.watch import Monitors
from weft.evals.ops import Ops
from weft.evals.prompts import Prompts
from weft.evals.shelf import Shelf
from weft.identity.projects.gate import Visitor
from weft.identity.types import ProjectId, Role, TeamId, UserId
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.ids import uuid7_hex
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.calls.write import CallWriter
from weft.traces.feedback.parts import WriteFeedback
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.feedback.write import FeedbackWriter
from weft.traces.files.write import FileWriter, WriteFilePart
from weft.traces.json_text import dump
from weft.traces.objects.write import ObjectWriter, WriteObject
from weft.traces.projects import ProjectKeys
from weft.traces.refs import find_ref
from weft.traces.store import TraceStore
from weft.traces.writing.ops import Kinds
from weft.traces.writing.spool import Spool
from weft.traces.writing.writer import TraceWriter

PROJECT = "proj_ours"
ADA = Visitor(
    UserId("user_ada"),
    "ada",
    TeamId("team_loom"),
    "loom",
    Role.MEMBER,
    ProjectId(PROJECT),
    "cloth",
    None,
    None,
)
MODEL = {
    "_type": "LLMStructuredCompletionModel",
    "_class_name": "LLMStructuredCompletionModel",
    "llm_model_id": "test/judge",
    "default_params": {"response_format": {"type": "json_object"}},
}
WORST_NUSD, CHARGED_NUSD = 100, 60


class Hands:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic_s(self) -> float:
        return self.now().timestamp()


@dataclass
class Answer:
    """What the door said."""

    status: int
    body: bytes
    request_id: str

    def header(self, name: str) -> str:
        return "false" if name == "x-should-retry" else ""

    async def pieces(self) -> AsyncIterator[bytes]:
        yield self.body


@dataclass
class Judge:
    """Implements `Door`, `Charges` and `Stewards`: says of every answer with "bad" in it that it is flagged."""

    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @contextlib.asynccontextmanager
    async def ask(self, asker: Asker, payload: bytes) -> AsyncGenerator[Answer]:
        assert asker.acting_for == ADA.user_id
        body = msgspec.json.decode(payload)
        if self.status != 200:
            error = {"message": "no credit", "code": "credit", "metadata": {"remedy": "Buy some."}}
            yield Answer(self.status, msgspec.json.encode({"error": error}), "")
            return
        self.asked.append(body)
        flagged = "bad" in body["messages"][0]["content"]
        said = dump({"flagged": flagged, "confidence": 0.9, "reason": "it says so"})
        answer: dict[str, Any] = {
            "choices": [{"message": {"role": "assistant", "content": said}}],
            "usage": {},
        }
        yield Answer(200, msgspec.json.encode(answer), f"req_{len(self.asked)}")

    async def worst_nusd(self, asker: Asker, payload: bytes) -> int:
        del asker, payload
        return WORST_NUSD

    async def charged_nusd(self, request_id: str) -> int | None:
        del request_id
        return CHARGED_NUSD

    async def visitor(self, user_id: str, project_id: str) -> Visitor:
        assert (user_id, project_id) == (ADA.user_id, PROJECT)
        return ADA


@dataclass
class Told:
    """Implements `Herald`."""

    alarms: list[Alarm] = field(default_factory=list[Alarm])

    async def tell(self, alarm: Alarm) -> None:
        if alarm.key not in {one.key for one in self.alarms}:
            self.alarms.append(alarm)


@dataclass
class House:
    """A store, and monitors on it."""

    store: TraceStore
    shelf: Shelf
    clock: Hands
    judge: Judge = field(default_factory=Judge)
    told: Told = field(default_factory=Told)
    pace: Pace = field(default_factory=lambda: Pace(5.0, 12_000, 1000))

    def monitors(self) -> Monitors:
        """A process that looks after them; a test has it look."""
        parts = Parts(
            *(self.store, self.shelf, Ops(self.shelf), Prompts(self.shelf), self.judge),
            *(self.judge, self.judge, self.told, self.clock, self.pace),
        )
        return Monitors(parts)

    async def publish(self, name: str, scorers: list[str], **more: Any) -> str:
        """Publish a monitor that is switched on; its digest."""
        settings: dict[str, Any] = {
            "description": "",
            "sampling": 1.0,
            "op_names": [],
            "query": None,
            "is_active": True,
            **more,
        }
        ref = await self.shelf.publish(
            ADA, name, monitor_value(name=name, scorers=scorers, **settings)
        )
        found = find_ref(ref)
        assert found is not None
        return found.digest

    async def scorer(self, kind: str, name: str, **settings: Any) -> str:
        """Publish a scorer; its reference."""
        return await self.shelf.publish(ADA, name, scorer_value(kind, name, settings))

    async def judging(self, name: str = "Bad") -> str:
        """Publish a judge; its reference."""
        prompt = "Judge this: {output}"
        return await self.scorer("LLMAsAJudgeScorer", name, model=MODEL, scoring_prompt=prompt)

    async def grant(self, name: str, digest: str, budget_nusd: int) -> None:
        """Give a version a budget."""
        grant = {"granted_digest": digest, "granted_by": ADA.user_id}
        await self.store.change(
            PROJECT, lambda c, key: change(c, key, name, budget_nusd=budget_nusd, **grant)
        )

    async def rules(self, name: str, rules: list[Rule]) -> None:
        """Set a monitor's rules."""
        await self.store.change(PROJECT, lambda c, key: set_rules(c, key, name, rules))

    async def live(self, outputs: list[str], **more: Any) -> list[str]:
        """Calls that somebody made just now; their ids."""
        at_us = to_us(self.clock.now())
        parts = [call(output, at_us, **more) for output in outputs]
        await self.store.writer.write(WriteCalls(PROJECT, parts))
        return [part.id for part in parts]

    async def standing(self, name: str) -> Standing:
        """What is known of a monitor."""
        found = await self.store.read(
            PROJECT, lambda c, key: find_standing(c, key, name), empty=None
        )
        assert found is not None
        return found

    async def verdicts(self) -> list[Any]:
        """All feedback, with the call that it is on."""
        return await self.store.read(
            PROJECT,
            lambda c, key: list(c.execute(select(FEEDBACK).where(FEEDBACK.c.project == key))),
            empty=list[Any](),
        )


def call(output: str, at_us: int, **more: Any) -> CallPart:
    """A call that just ended."""
    id_ = uuid7_hex()
    whole: dict[str, Any] = {
        "id": id_,
        "trace_id": id_,
        "op_name": "weave:///loom/cloth/op/chat:1a",
        "started_at_us": at_us,
        "ended_at_us": at_us + 1000,
        "attributes": "{}",
        "inputs": dump({"question": "why"}),
        "output": dump(output),
        "summary": "{}",
    }
    return CallPart(**{**whole, **more})


@contextlib.asynccontextmanager
async def open_house(database: Database, folder: Path) -> AsyncGenerator[House]:
    """A house on a migrated database."""
    keys = ProjectKeys()
    kinds = Kinds(
        {
            WriteCalls: CallWriter(keys).apply,
            WriteFeedback: FeedbackWriter(keys).apply,
            WriteObject: ObjectWriter(keys).apply,
            WriteFilePart: FileWriter(keys).apply,
        }
    )
    writer = TraceWriter(database, kinds, Spool(folder / "spool", 1 << 26))
    await writer.start()
    clock = Hands()
    store = TraceStore(database, writer, keys)
    try:
        yield House(store, Shelf(store, clock), clock)
    finally:
        await writer.close()
