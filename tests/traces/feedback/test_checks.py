"""What the database has to say of feedback: annotation specs, queues; and feedback while it is away."""

from typing import Any

import pytest

from traces.doors import OURS, THEIRS, Door

CALL = f"weave:///{OURS}/call/call-1"


async def publish(door: Door, name: str, val: Any, project: str = OURS, user: str = "ada") -> str:
    obj = {"project_id": project, "object_id": name, "val": val}
    made = await door.get("/obj/create", {"obj": obj}, user=user)
    return f"weave:///{project}/object/{name}:{made['digest']}"


def spec(schema: Any) -> dict[str, Any]:
    return {
        "_type": "AnnotationSpec",
        "name": "quality",
        "field_schema": schema,
        "unique_among_creators": False,
        "op_scope": None,
        "_class_name": "AnnotationSpec",
        "_bases": ["BaseObject", "BaseModel"],
    }


def annotation(ref: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "project_id": OURS,
        "weave_ref": CALL,
        "feedback_type": "wandb.annotation.quality",
        "payload": {"value": value},
        "annotation_ref": ref,
        **more,
    }


async def test_annotation_when_it_comes_then_its_value_is_what_its_spec_says(door: Door) -> None:
    ref = await publish(door, "quality", spec({"type": "integer", "minimum": 1, "maximum": 5}))
    made = await door.get("/feedback/create", annotation(ref, 3))
    assert made["payload"] == {"value": 3}
    for value in (0, 6, "3", None):
        response = await door.ask("/feedback/create", annotation(ref, value))
        assert response.status_code == 422, value
        assert "annotation spec" in response.json()["message"]


@pytest.mark.parametrize("val", [[1], "text", {"field_schema": 7}])
async def test_annotation_when_its_spec_is_none_then_it_is_refused(door: Door, val: Any) -> None:
    ref = await publish(door, "quality", val)
    assert (await door.ask("/feedback/create", annotation(ref, 1))).status_code == 422


async def test_annotation_when_its_spec_is_not_there_then_it_is_refused(door: Door) -> None:
    missing = f"weave:///{OURS}/object/quality:nothing"
    assert (await door.ask("/feedback/create", annotation(missing, 1))).status_code == 422
    theirs = await publish(door, "quality", spec({}), THEIRS, "mel")
    response = await door.ask("/feedback/create", annotation(theirs, 1))
    assert response.status_code == 422
    disguised = theirs.replace(THEIRS, OURS)
    assert (await door.ask("/feedback/create", annotation(disguised, 1))).status_code == 422


async def test_queue_when_feedback_names_one_then_it_has_to_be_there(door: Door) -> None:
    ref = await publish(door, "quality", spec({}))
    body = {"project_id": OURS, "name": "to judge", "scorer_refs": [ref]}
    queue = (await door.get("/annotation_queues", body))["id"]
    await door.get("/feedback/create", annotation(ref, 1, queue_id=queue))
    response = await door.ask("/feedback/create", annotation(ref, 1, queue_id="other"))
    assert response.status_code == 422
    path = f"/annotation_queues/{queue}?project_id={OURS}"
    await door.get(path, method="DELETE")
    response = await door.ask("/feedback/create", annotation(ref, 1, queue_id=queue))
    assert response.status_code == 422
