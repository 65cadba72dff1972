"""What references stand for, asked of the route and of the function that queries use."""

from typing import Any

import pytest

from traces.doors import OURS, THEIRS, Door
from weft.kit.errors import PayloadTooLarge
from weft.traces.refs import object_ref, parse_ref
from weft.traces.resolving.read import Budget, advance, read_ref_values
from weft.traces.resolving.walk import Walk


async def publish(
    door: Door, name: str, val: Any, *, project: str = OURS, user: str = "ada"
) -> str:
    body = {"obj": {"project_id": project, "object_id": name, "val": val}}
    digest = (await door.get("/obj/create", body, user=user))["digest"]
    door.house.clock.advance(1)
    return object_ref(project, name, digest)


async def read(door: Door, *refs: str, user: str = "ada") -> list[Any]:
    return (await door.get("/refs/read_batch", {"refs": list(refs)}, user=user))["vals"]


async def test_refs_when_read_then_values_in_their_order(door: Door) -> None:
    one = await publish(door, "one", {"n": 2**70, "list": [{"a/b": "ü"}, 2]})
    two = await publish(door, "two", [1, 2])
    missing = object_ref(OURS, "one", "no")
    assert await read(door, two, missing, one, two, f"{one}/attr/n") == [
        [1, 2],
        None,
        {"n": 2**70, "list": [{"a/b": "ü"}, 2]},
        [1, 2],
        2**70,
    ]
    deep = f"{one}/attr/list/index"
    assert await read(
        door, f"{deep}/0/key/a%2Fb", f"{deep}/-1", f"{deep}/2", f"{deep}/0/index/0"
    ) == [
        "ü",
        2,
        None,
        None,
    ]
    assert await read(door) == []


async def test_refs_when_their_version_has_another_name_then_found(door: Door) -> None:
    first = await publish(door, "thing", 1)
    await publish(door, "thing", 2)
    names = ["latest", "v0", "v7", "production"]
    refs = [object_ref(OURS, "thing", name) for name in names]
    assert await read(door, *refs) == [2, 1, None, None]
    digest = first.rpartition(":")[2]
    body = {"project_id": OURS, "digest": digest, "aliases": ["production"]}
    await door.get("/objs/thing/aliases", body, method="PUT")
    assert await read(door, refs[-1]) == [1]
    await door.get("/obj/delete", {"project_id": OURS, "object_id": "thing", "digests": [digest]})
    assert await read(door, first, *refs) == [None, 2, None, None, None]


async def test_ref_when_a_path_meets_another_then_followed_but_not_at_the_end(door: Door) -> None:
    inner = await publish(door, "inner", {"name": "deep"})
    outer = await publish(door, "outer", {"model": inner})
    assert await read(door, f"{outer}/attr/model", f"{outer}/attr/model/attr/name") == [
        inner,
        "deep",
    ]


async def test_ref_when_it_leads_to_itself_then_nothing(door: Door) -> None:
    circle = await publish(
        door, "circle", {"next": f"weave:///{OURS}/object/circle:latest/attr/next"}
    )
    assert await read(door, f"{circle}/attr/next/attr/next") == [None]


async def test_refs_when_in_other_projects_then_as_far_as_the_caller_may(door: Door) -> None:
    theirs = await publish(door, "secret", {"n": 1}, project=THEIRS, user="mel")
    ours = await publish(door, "ours", {"far": theirs})
    assert await read(door, theirs, ours, f"{ours}/attr/far/attr/n") == [
        None,
        {"far": theirs},
        None,
    ]
    assert await read(door, theirs, user="mel") == [{"n": 1}]


async def test_refs_when_the_caller_is_nobody_then_refused(door: Door) -> None:
    for refs in ([], [object_ref(OURS, "one", "no")]):
        answer = await door.client.post("/refs/read_batch", json={"refs": refs})
        assert answer.status_code == 401


async def test_refs_when_no_refs_or_of_other_kinds_then_told(door: Door) -> None:
    assert await read(door, f"weave:///{OURS}/call/abc") == [None]
    for refs in (["no ref"], [f"weave:///{OURS}/call/abc"] * 5_001):
        assert (await door.ask("/refs/read_batch", {"refs": refs})).status_code == 400


async def test_function_when_asked_within_a_query_then_finds_values_by_text(door: Door) -> None:
    inner = await publish(door, "inner", {"name": "deep"})
    outer = await publish(door, "outer", {"model": inner})
    path = f"{outer}/attr/model/attr/name"
    asked = [outer, path, object_ref(THEIRS, "x", "y"), "text", object_ref(OURS, "no", "no")]
    found = await door.traces.store.read(
        door.projects[OURS], lambda c, key: read_ref_values(c, key, OURS, asked), empty={}
    )
    assert found == {outer: {"model": inner}, path: "deep"}
    theirs = await door.traces.store.read(
        door.projects[THEIRS], lambda c, key: read_ref_values(c, key, OURS, asked), empty={}
    )
    assert theirs == {}


async def test_refs_when_they_stand_for_too_much_then_refused(door: Door) -> None:
    refs = [await publish(door, "thing", "x" * number) for number in (500, 600)]

    async def follow(size_bytes: int) -> list[Any]:
        walks = [Walk(parse_ref(ref)) for ref in (*refs, *refs)]
        await door.traces.store.read(
            door.projects[OURS],
            lambda c, key: advance(c, key, walks, Budget(size_bytes)),
            empty=None,
        )
        return [walk.value for walk in walks]

    assert await follow(1_104) == ["x" * 500, "x" * 600] * 2
    with pytest.raises(PayloadTooLarge):
        await follow(1_103)
