"""What the recorder does when those it tells fail, and when more comes than there is room for."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from weft.gateway.tracing import recorder as module
from weft.gateway.tracing.kinds import kind_of
from weft.gateway.tracing.note import Note
from weft.gateway.tracing.recorder import Recorder
from weft.gateway.tracing.wish import Tracked
from weft.identity.types import (
    KeyId,
    Principal,
    ProjectId,
    Role,
    TeamId,
    TeamKind,
    TraceLevel,
    UserId,
)
from weft.kit.ids import new_id
from weft.kit.money import NanoUsd
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.traces.calls.parts import WriteCalls


def note(level: TraceLevel = TraceLevel.METADATA) -> Note:
    principal = Principal(
        user_id=UserId("u"),
        username="ada",
        is_admin=False,
        key_id=KeyId("k"),
        scopes=frozenset(),
        allowed_models=None,
        expires_at=None,
        team_id=TeamId("t"),
        team="loom",
        team_kind=TeamKind.TEAM,
        role=Role.MEMBER,
        project_id=ProjectId("p"),
        project="cloth",
    )
    record = UsageRecord(
        id=new_id("req"),
        started_at_us=1,
        user_id="u",
        team_id="t",
        project_id="p",
        key_id="k",
        model_id="m",
        served_model_id="m",
        engine="e",
        status=200,
        outcome=Outcome.COMPLETED,
        error_code="",
        stream=False,
        tokens=Tokens(),
        usage_source=UsageSource.NONE,
        price_version="",
        cost_nusd=NanoUsd(0),
        queue_us=0,
        ttft_us=0,
        total_us=1,
    )
    kind = kind_of("/v1/chat/completions", None)
    return Note(record, principal, kind, Tracked(level, None), None, NanoUsd(0))


class Failing:
    """A sink with a mistake in it."""

    def add(self, notes: Sequence[Note]) -> None:
        raise RuntimeError(f"{len(notes)} notes too many")


async def test_notes_when_a_sink_fails_then_become_calls_all_the_same() -> None:
    written: list[WriteCalls] = []

    def offer(op: WriteCalls, done: Callable[[], None]) -> None:
        written.append(op)
        done()

    recorder = Recorder(offer, [Failing()])
    recorder.start()
    notes = [note(), note(TraceLevel.OFF), note()]
    for one in notes:
        recorder.add(one)
    await recorder.close()
    ids = [part.id for op in written for part in op.parts]
    assert ids == [notes[0].record.id, notes[2].record.id]
    assert (recorder.lost, recorder.budget.held_bytes) == (0, 0)


async def test_notes_when_there_is_no_room_then_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "NOTES_LIMIT", 2)
    recorder = Recorder(lambda _op, done: done())
    for _ in range(5):
        recorder.add(note())
    assert recorder.lost == 3
    recorder.start()
    await asyncio.sleep(0)
    await recorder.close()
    assert recorder.lost == 3
