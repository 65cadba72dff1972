"""Objects through their routes: published, read by every name of a version, listed, named, deleted."""

import asyncio
from typing import Any

import pytest

from traces.doors import OURS, THEIRS, Door
from weft.traces.digests import value_digest

MODEL = {"_type": "Grower", "_class_name": "Grower", "_bases": ["Model", "Object", "BaseModel"]}


async def publish(door: Door, name: str, val: Any, **more: Any) -> str:
    body = {"obj": {"project_id": more.pop("project", OURS), "object_id": name, "val": val, **more}}
    answer = await door.get("/obj/create", body, user=more.pop("user", "ada"))
    door.house.clock.advance(1)
    assert answer["object_id"] == name
    return answer["digest"]


async def read(door: Door, name: str, version: str, **more: Any) -> dict[str, Any]:
    body = {"project_id": OURS, "object_id": name, "digest": version, **more}
    return (await door.get("/obj/read", body))["obj"]


async def query(
    door: Door, which: dict[str, Any] | None = None, **more: Any
) -> list[dict[str, Any]]:
    return (await door.get("/objs/query", {"project_id": OURS, "filter": which, **more}))["objs"]


async def test_object_when_published_then_reads_back_whole(door: Door) -> None:
    val = {"b": 1, "a": [True, None, "ü", 2**70, 1.5]}
    digest = await publish(door, "thing", val)
    assert digest == value_digest(val)
    found = await read(door, "thing", digest)
    assert found["val"] == val
    assert found["project_id"] == OURS
    assert (found["version_index"], found["is_latest"], found["kind"]) == (0, 1, "object")
    assert found["wb_user_id"] == door.users["ada"]
    assert found["created_at"].endswith("Z")
    assert found["tags"] is None
    assert (await read(door, "thing", digest, metadata_only=True))["val"] == {}


async def test_versions_when_several_then_each_has_its_names(door: Door) -> None:
    first = await publish(door, "thing", {"n": 1})
    second = await publish(door, "thing", {"n": 2})
    assert await publish(door, "thing", {"n": 2}) == second
    for version, digest in (("latest", second), ("v0", first), ("v1", second)):
        assert (await read(door, "thing", version))["digest"] == digest
    assert [one["version_index"] for one in await query(door)] == [0, 1]
    missing = await door.ask(
        "/obj/read", {"project_id": OURS, "object_id": "thing", "digest": "v2"}
    )
    assert missing.status_code == 404
    assert "deleted_at" not in missing.json()


async def test_versions_when_published_at_once_then_are_numbered_without_a_gap(door: Door) -> None:
    values = [{"n": number % 12} for number in range(24)]
    digests = await asyncio.gather(*(publish(door, "thing", value) for value in values))
    assert len(set(digests)) == 12
    found = await query(door, sort_by=[{"field": "version_index", "direction": "asc"}])
    assert [one["version_index"] for one in found] == list(range(12))
    assert sum(one["is_latest"] for one in found) == 1


async def test_old_version_when_published_again_then_is_the_latest_with_its_number(
    door: Door,
) -> None:
    first = await publish(door, "thing", {"n": 1})
    await publish(door, "thing", {"n": 2})
    await publish(door, "thing", {"n": 1})
    assert (await read(door, "thing", "latest"))["digest"] == first
    assert [(one["version_index"], one["is_latest"]) for one in await query(door)] == [
        (0, 1),
        (1, 0),
    ]


async def test_value_when_it_holds_own_refs_then_digest_is_over_the_inner_ones(door: Door) -> None:
    inner = f"weave-trace-internal:///{door.projects[OURS]}/op/predict:abc"
    val = {"op": f"weave:///{OURS}/op/predict:abc", "far": f"weave:///{THEIRS}/op/x:abc"}
    digest = await publish(door, "thing", val)
    assert digest == value_digest({**val, "op": inner})
    expected = {"expected_digest": digest}
    assert await publish(door, "thing", val, **expected) == digest
    assert (await read(door, "thing", digest))["val"] == val
    # a client with a log of its own names it by the digest of what it sent
    assert (await read(door, "thing", value_digest(val)))["digest"] == digest


async def test_digest_when_not_the_expected_one_then_conflict(door: Door) -> None:
    body = {"obj": {"project_id": OURS, "object_id": "x", "val": 1, "expected_digest": "no"}}
    assert (await door.ask("/obj/create", body)).status_code == 409


@pytest.mark.parametrize(
    ("val", "expected"),
    [
        (MODEL, ("object", "Model", "Grower")),
        ({**MODEL, "_bases": ["Object", "BaseModel"]}, ("object", "Grower", "Grower")),
        ({**MODEL, "_bases": ["Thing", "BaseModel"]}, ("object", None, None)),
        ({"weave_type": {"type": "Op"}}, ("op", None, None)),
        ([1], ("object", None, None)),
    ],
)
async def test_kind_and_classes_when_published_then_are_those_of_the_value(
    door: Door, val: Any, expected: tuple[Any, ...]
) -> None:
    await publish(door, "thing", val)
    found = await read(door, "thing", "latest")
    assert (found["kind"], found["base_object_class"], found["leaf_object_class"]) == expected


async def test_class_when_named_for_a_plain_value_then_the_value_becomes_one(door: Door) -> None:
    board: dict[str, Any] = {"columns": []}
    await publish(door, "board", board, builtin_object_class="Leaderboard")
    found = await read(door, "board", "latest")
    assert found["base_object_class"] == "Leaderboard"
    assert found["val"]["_bases"] == ["BaseObject", "BaseModel"]
    assert found["val"]["columns"] == []
    obj = {"project_id": OURS, "object_id": "b", "val": board, "builtin_object_class": "Nothing"}
    assert (await door.ask("/obj/create", {"obj": obj})).status_code == 422


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a:b", "x" * 129])
async def test_name_when_it_will_not_do_then_refused(door: Door, name: str) -> None:
    body = {"obj": {"project_id": OURS, "object_id": name, "val": 1}}
    assert (await door.ask("/obj/create", body)).status_code == 422


async def test_objects_when_queried_then_every_filter_counts(door: Door) -> None:
    await publish(door, "op", {"weave_type": {"type": "Op"}})
    await publish(door, "m", MODEL)
    await publish(door, "m", {**MODEL, "n": 2})
    await publish(door, "plain", 3)

    async def names(**which: Any) -> list[str]:
        return [f"{one['object_id']}:{one['version_index']}" for one in await query(door, which)]

    assert await names() == ["op:0", "m:0", "m:1", "plain:0"]
    assert await names(is_op=True) == ["op:0"]
    assert await names(is_op=False, latest_only=True) == ["m:1", "plain:0"]
    assert await names(base_object_classes=["Model"]) == ["m:0", "m:1"]
    assert await names(leaf_object_classes=["Grower"], latest_only=True) == ["m:1"]
    assert await names(exclude_base_object_classes=["Model"]) == ["op:0", "plain:0"]
    assert await names(object_ids=["plain", "op"]) == ["op:0", "plain:0"]
    assert await names(object_ids=[]) == await names()


async def test_objects_when_queried_then_order_page_and_columns_are_as_asked(door: Door) -> None:
    for number in range(4):
        await publish(door, f"thing{number % 2}", {"n": number})
    by_name = [
        {"field": "object_id", "direction": "desc"},
        {"field": "created_at", "direction": "desc"},
    ]
    found = await query(door, sort_by=by_name, limit=2, offset=1, include_storage_size=True)
    assert [one["val"]["n"] for one in found] == [1, 2]
    assert [one["size_bytes"] for one in found] == [len('{"n":1}')] * 2
    plain = await query(door, metadata_only=True)
    assert [one["val"] for one in plain] == [{}] * 4
    assert plain[0]["size_bytes"] is None
    body = {"project_id": OURS, "sort_by": [{"field": "no", "direction": "asc"}]}
    assert (await door.ask("/objs/query", body)).status_code == 400
    assert (await door.ask("/objs/query", {"project_id": OURS, "limit": -1})).status_code == 400


async def test_objects_when_large_then_list_comes_in_pieces_and_whole(door: Door) -> None:
    for number in range(3):
        await publish(door, "big", {"n": number, "text": "x" * 3_000_000})
    assert [one["val"]["n"] for one in await query(door)] == [0, 1, 2]


async def test_version_when_deleted_then_gone_and_told(door: Door) -> None:
    first = await publish(door, "thing", {"n": 1})
    second = await publish(door, "thing", {"n": 2})
    body = {"project_id": OURS, "object_id": "thing", "digests": ["latest"]}
    gone = await door.get("/obj/delete", body)
    assert gone["num_deleted"] == 1
    assert gone["deleted_versions"][0]["digest"] == second
    assert (await read(door, "thing", "latest"))["digest"] == first
    told = await door.ask("/obj/read", {"project_id": OURS, "object_id": "thing", "digest": second})
    assert told.status_code == 404
    assert told.json()["deleted_at"]
    assert [one["digest"] for one in await query(door)] == [first]
    door.house.clock.advance(1)
    assert await publish(door, "thing", {"n": 2}) == second
    assert (await read(door, "thing", "v1"))["val"] == {"n": 2}
    assert (await read(door, "thing", "latest"))["digest"] == second


async def test_object_when_all_deleted_then_nothing_is_left_to_delete(door: Door) -> None:
    await publish(door, "thing", {"n": 1})
    await publish(door, "thing", {"n": 2})
    body = {"project_id": OURS, "object_id": "thing"}
    assert (await door.get("/obj/delete", body))["num_deleted"] == 2
    assert (await door.ask("/obj/delete", body)).status_code == 404
    latest = await door.ask("/obj/read", {**body, "digest": "latest"})
    assert latest.json()["deleted_at"]


async def test_value_when_deleted_under_one_name_then_lives_under_the_other(door: Door) -> None:
    await publish(door, "one", {"n": 1})
    await publish(door, "two", {"n": 1})
    await door.get("/obj/delete", {"project_id": OURS, "object_id": "one"})
    assert (await read(door, "two", "latest"))["val"] == {"n": 1}


async def test_tags_when_put_and_taken_then_seen(door: Door) -> None:
    digest = await publish(door, "thing", {"n": 1})
    path = f"/objs/thing/versions/{digest}/tags"
    for tags in (["reviewed", "latest"], ["reviewed"]):
        body = {"project_id": OURS, "tags": tags}
        assert await door.get(path, body, method="PUT") == {}
    found = await read(door, "thing", digest, include_tags_and_aliases=True)
    assert (found["tags"], found["aliases"]) == (["latest", "reviewed"], ["latest"])
    assert (await door.get(f"/tags?project_id={OURS}", method="GET"))["tags"] == [
        "latest",
        "reviewed",
    ]
    await door.get(f"{path}/remove", {"project_id": OURS, "tags": ["latest", "never"]})
    await publish(door, "thing", {"n": 2})
    tagged = await query(door, {"tags": ["reviewed", "x"]}, include_tags_and_aliases=True)
    assert [(one["digest"], one["tags"], one["aliases"]) for one in tagged] == [
        (digest, ["reviewed"], [])
    ]


async def test_alias_when_set_again_then_moves(door: Door) -> None:
    first = await publish(door, "thing", {"n": 1})
    second = await publish(door, "thing", {"n": 2})
    for digest in (first, second):
        body = {"project_id": OURS, "digest": digest, "aliases": ["production"]}
        await door.get("/objs/thing/aliases", body, method="PUT")
    assert (await read(door, "thing", "production"))["digest"] == second
    assert [one["digest"] for one in await query(door, {"aliases": ["production"]})] == [second]
    assert [one["digest"] for one in await query(door, {"aliases": ["latest"]})] == [second]
    listed = await door.get(f"/aliases?project_id={OURS}", method="GET")
    assert listed["aliases"] == ["production"]
    body = {"project_id": OURS, "aliases": ["production", "never"]}
    await door.get("/objs/thing/aliases/remove", body)
    missing = {"project_id": OURS, "object_id": "thing", "digest": "production"}
    assert (await door.ask("/obj/read", missing)).status_code == 404


async def test_words_when_they_will_not_do_then_refused(door: Door) -> None:
    digest = await publish(door, "thing", {"n": 1})
    for alias in ("latest", "v3", "a/b", "a:b", "", "x" * 257):
        body = {"project_id": OURS, "digest": digest, "aliases": [alias]}
        assert (await door.ask("/objs/thing/aliases", body, method="PUT")).status_code == 400
    for name, version in (("thing", "no"), ("nothing", digest)):
        path = f"/objs/{name}/versions/{version}/tags"
        body = {"project_id": OURS, "tags": ["x"]}
        assert (await door.ask(path, body, method="PUT")).status_code == 404


async def test_viewer_when_writing_then_refused_and_reading_is_fine(door: Door) -> None:
    digest = await publish(door, "thing", {"n": 1})
    obj = {"project_id": OURS, "object_id": "thing", "val": 1}
    delete = {"project_id": OURS, "object_id": "thing"}
    tags = {"project_id": OURS, "tags": ["x"]}
    path = f"/objs/thing/versions/{digest}/tags"
    assert (await door.ask("/obj/create", {"obj": obj}, user="vic")).status_code == 403
    assert (await door.ask("/obj/delete", delete, user="vic")).status_code == 403
    assert (await door.ask(path, tags, user="vic", method="PUT")).status_code == 403
    body = {"project_id": OURS, "object_id": "thing", "digest": "latest"}
    assert (await door.ask("/obj/read", body, user="vic")).status_code == 200
    assert (await door.ask("/obj/read", body, user="mel")).status_code == 404


async def test_text_when_no_database_could_hold_it_then_kept_escaped_or_refused(door: Door) -> None:
    val = {"nul\0": "a\0b", "_class_name": "A\0", "_bases": ["Object", "BaseModel"]}
    await publish(door, "thing", val)
    found = await read(door, "thing", "latest")
    assert found["val"] == val
    assert found["leaf_object_class"] == "A\N{REPLACEMENT CHARACTER}"
    body = {"project_id": OURS, "object_id": "thing", "digest": "a\0"}
    assert (await door.ask("/obj/read", body)).status_code in {400, 404}
    delete = {"project_id": OURS, "object_id": "a\0"}
    assert (await door.ask("/obj/delete", delete)).status_code in {400, 404}
    headers = {"authorization": f"Bearer {door.keys['ada']}"}
    for val in (b'"\xff"', b'"\x00"', b"[" * 100_000 + b"]" * 100_000):
        content = b'{"obj":{"project_id":"loom/cloth","object_id":"x","val":%b}}' % val
        answer = await door.client.post("/obj/create", content=content, headers=headers)
        assert answer.status_code == 400


async def test_sizes_when_told_then_a_value_counts_once_and_a_deleted_one_not(door: Door) -> None:
    await publish(door, "one", {"n": 1})
    await publish(door, "two", {"n": 1})
    await publish(door, "gone", {"n": 22})
    await door.get("/obj/delete", {"project_id": OURS, "object_id": "gone"})
    await door.get("/table/create", {"table": {"project_id": OURS, "rows": [{"n": 1}, {"n": 1}]}})
    told = await door.get("/project/stats", {"project_id": OURS})
    assert told["objects_storage_size_bytes"] == told["tables_storage_size_bytes"] == 7
