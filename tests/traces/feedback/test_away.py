"""Feedback is taken while the database is away, and is there once when it is back."""

import asyncio
from typing import Any

import pytest

from traces.doors import OURS, Door

PATIENCE_S = 20.0


def sent(id_: str, **more: Any) -> dict[str, Any]:
    return {
        "project_id": OURS,
        "weave_ref": f"weave:///{OURS}/call/c",
        "feedback_type": "mine",
        "payload": {"n": 1},
        "id": id_,
        **more,
    }


@pytest.mark.usefixtures("impatient_writer")
@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
async def test_feedback_when_the_database_is_away_then_it_is_taken_and_written_later(
    door: Door,
) -> None:
    spec = {
        "project_id": OURS,
        "object_id": "quality",
        "val": {"field_schema": {"type": "integer"}},
    }
    annotation = {
        "feedback_type": "wandb.annotation.quality",
        "payload": {"value": 1},
        "annotation_ref": f"weave:///{OURS}/object/quality:later",
    }
    await door.get("/feedback/create", sent("before"))
    with door.house.database.write():  # nobody else can write until the block ends
        answers = await asyncio.gather(
            door.ask("/feedback/create", sent("one")),
            door.ask("/feedback/create", sent("one")),
            door.ask("/feedback/batch/create", {"batch": [sent("two"), sent("three")]}),
            door.ask("/feedback/replace", {**sent("four"), "feedback_id": "before"}),
        )
        assert [answer.status_code for answer in answers] == [200] * 4
        published = await door.ask("/obj/create", {"obj": spec})
        assert published.status_code == 200
        judged = await door.ask("/feedback/create", sent("five", **annotation))
        assert judged.status_code == 200, judged.text  # its spec may lie in the spool as well
    async with asyncio.timeout(PATIENCE_S):
        while await ids(door) != ["five", "four", "one", "three", "two"]:
            await asyncio.sleep(0.05)


async def ids(door: Door) -> list[str]:
    body = {"project_id": OURS, "fields": ["id"]}
    response = await door.ask("/feedback/query", body)
    return sorted(one["id"] for one in response.json().get("result", []))
