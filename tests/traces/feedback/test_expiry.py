"""What was said of calls is kept no longer than they are."""

from traces.doors import OURS, Door
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.retention.expire import expire_calls
from weft.traces.types import ProjectKey


async def test_expiry_when_a_call_is_old_then_its_feedback_goes_with_it(door: Door) -> None:
    calls = [
        CallPart(id=id_, trace_id=id_, op_name="op", started_at_us=at, ended_at_us=at)
        for id_, at in (("old", 1_000), ("young", 2_000))
    ]
    await door.traces.store.writer.write(WriteCalls(door.projects[OURS], calls))
    refs = [f"weave:///{OURS}/call/old", f"weave:///{OURS}/call/young"]
    for ref in (*refs, f"weave:///{OURS}/object/thing:1a"):
        sent: dict[str, object] = {"project_id": OURS, "weave_ref": ref, "feedback_type": "mine"}
        sent["payload"] = {}
        await door.get("/feedback/create", sent)

    with door.house.database.read() as connection:
        key = door.traces.store.keys.find(connection, door.projects[OURS])
    assert key is not None
    assert (
        await door.traces.store.writer.change(
            lambda c: expire_calls(c, ProjectKey(key), 1_500, 100)
        )
        == 1
    )
    found = await door.get("/feedback/query", {"project_id": OURS, "fields": ["weave_ref"]})
    assert [row["weave_ref"] for row in found["result"]] == [
        refs[1],
        f"weave:///{OURS}/object/thing:1a",
    ]
