"""Guardrails: what scorers said of live calls, and not of those that evaluations made; on both kinds of database."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from evals.monitors.house import ADA, PROJECT, House, open_house
from weft.evals.monitors.series import Verdict, newest_verdicts, read_verdicts
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.ids import uuid7_hex
from weft.traces.feedback.parts import FeedbackPart, WriteFeedback

OPS = "weave:///loom/cloth/op"


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database, tmp_path) as house:
        yield house


async def score(house: House, *call_ids: str) -> None:
    """What a scorer says of each call, as the client leaves it."""
    at_us = to_us(house.clock.now())
    parts = [
        FeedbackPart(
            id=uuid7_hex(),
            weave_ref=f"weave:///loom/cloth/call/{call_id}",
            feedback_type="wandb.runnable.Toxic",
            payload='{"output":{"passed":true}}',
            wb_user_id=ADA.user_id,
            created_at_us=at_us + place,
            call_id=call_id,
            call_ref=f"weave:///loom/cloth/call/{call_id}",
        )
        for place, call_id in enumerate(call_ids)
    ]
    await house.store.writer.write(WriteFeedback(PROJECT, parts))


async def below(house: House, parent: str | None, *ops: str) -> str:
    """Calls of these ops, each below the one before; the id of the last."""
    for op in ops:
        [parent] = await house.live([op], op_name=f"{OPS}/{op}:1a", parent_id=parent)
    assert parent is not None
    return parent


async def test_guardrails_when_evaluations_score_as_well_then_only_live_calls_are_listed(
    house: House,
) -> None:
    live = await below(house, None, "main", "answer")
    also = await below(house, None, "answer")
    row = await below(house, None, "Evaluation.evaluate", "Evaluation.predict_and_score")
    predicted = await below(house, row, "predict")
    deep = await below(house, predicted, "search", "ask")
    typescript = await below(house, None, "Evaluation.predictAndScore", "predict")
    summed = await below(house, None, "Evaluation.evaluate", "Evaluation.summarize")
    await score(house, live, predicted, deep, typescript, summed, "unknown", also, row)

    async def newest(limit: int = 10, before: Verdict | None = None) -> Sequence[Verdict]:
        place = None if before is None else (before.at_us, before.id)
        return await house.store.read(
            PROJECT,
            lambda c, key: newest_verdicts(c, key, before=place, limit=limit),
            empty=list[Verdict](),
        )

    found = await newest()
    assert [one.call_id for one in found] == [also, "unknown", live]
    [first] = await newest(1)
    assert [one.call_id for one in await newest(1, first)] == ["unknown"]
    now_us = to_us(house.clock.now())
    told = await house.store.read(
        PROJECT,
        lambda c, key: read_verdicts(c, key, now_us - 3_600_000_000, now_us + 1_000_000),
        empty=list[Verdict](),
    )
    assert [one.call_id for one in told] == [live, "unknown", also]


async def test_guardrails_when_calls_go_round_in_a_circle_then_listed_all_the_same(
    house: House,
) -> None:
    one, two = uuid7_hex(), uuid7_hex()
    await house.live(["one"], id=one, parent_id=two)
    await house.live(["two"], id=two, parent_id=one)
    await score(house, one)
    found = await house.store.read(
        PROJECT, lambda c, key: newest_verdicts(c, key, limit=10), empty=list[Verdict]()
    )
    assert [each.call_id for each in found] == [one]
