"""Tables through their routes: made, extended, read by page, by row and in order; small ones and long ones."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from traces.doors import OURS, THEIRS, Door
from weft.traces.digests import bytes_digest, table_digest, text_digest, value_digest
from weft.traces.tables.chunks import CHUNK_ROWS, Draft, chunked, split


async def create(door: Door, rows: list[Any], **more: Any) -> dict[str, Any]:
    return await door.get("/table/create", {"table": {"project_id": OURS, "rows": rows, **more}})


async def update(door: Door, base: str, *updates: dict[str, Any]) -> dict[str, Any]:
    body = {"project_id": OURS, "base_digest": base, "updates": list(updates)}
    return await door.get("/table/update", body)


async def query(door: Door, digest: str, **more: Any) -> list[Any]:
    body = {"project_id": OURS, "digest": digest, **more}
    return (await door.get("/table/query", body))["rows"]


async def values(door: Door, digest: str, **more: Any) -> list[Any]:
    return [row["val"]["n"] for row in await query(door, digest, **more)]


def numbered(count: int) -> list[dict[str, int]]:
    return [{"n": number} for number in range(count)]


async def test_table_when_created_then_digests_are_the_clients_and_rows_come_back(
    door: Door,
) -> None:
    rows = [{"b": 1, "a": "ü"}, {"n": 2**70}, {"b": 1, "a": "ü"}]
    made = await create(door, rows)
    digests = [value_digest(row) for row in rows]
    assert made == {"digest": table_digest(digests), "row_digests": digests}
    found = await query(door, made["digest"])
    assert found == [
        {"digest": digest, "val": row, "original_index": index}
        for index, (digest, row) in enumerate(zip(digests, rows, strict=True))
    ]
    expected = {"expected_digest": made["digest"]}
    assert await create(door, rows, **expected) == made
    body = {"table": {"project_id": OURS, "rows": rows, "expected_digest": "no"}}
    assert (await door.ask("/table/create", body)).status_code == 409


async def test_rows_when_they_hold_own_refs_then_digests_are_over_the_inner_ones(
    door: Door,
) -> None:
    row = {"op": f"weave:///{OURS}/op/predict:abc"}
    inner = {"op": f"weave-trace-internal:///{door.projects[OURS]}/op/predict:abc"}
    made = await create(door, [row])
    assert made["row_digests"] == [value_digest(inner)]
    assert (await query(door, made["digest"]))[0]["val"] == row


async def test_table_when_empty_then_is_one(door: Door) -> None:
    made = await create(door, [])
    assert made == {"digest": table_digest([]), "row_digests": []}
    assert await query(door, made["digest"]) == []
    probe: dict[str, Any] = {"project_id": OURS, "row_digests": []}
    assert (await door.get("/table/create_from_digests", probe))["digest"] == made["digest"]
    grown = await update(door, made["digest"], {"append": {"row": {"n": 0}}})
    assert await values(door, grown["digest"]) == [0]


async def test_table_when_made_of_digests_then_has_those_rows(door: Door) -> None:
    one, two = await create(door, numbered(3)), await create(door, [{"n": 9}])
    digests = [*two["row_digests"], *one["row_digests"]]
    body = {"project_id": OURS, "row_digests": digests, "expected_digest": table_digest(digests)}
    made = await door.get("/table/create_from_digests", body)
    assert await values(door, made["digest"]) == [9, 0, 1, 2]
    for wrong in (["short"], ["x" * 42 + "/"]):
        body = {"project_id": OURS, "row_digests": wrong}
        assert (await door.ask("/table/create_from_digests", body)).status_code == 422
    body = {"project_id": OURS, "row_digests": [bytes_digest(b"never"), digests[1]]}
    made = await door.get("/table/create_from_digests", body)
    assert [row["original_index"] for row in await query(door, made["digest"])] == [1]


async def test_table_when_updated_then_another_one_is_made(door: Door) -> None:
    base = await create(door, numbered(3))
    made = await update(
        door,
        base["digest"],
        {"append": {"row": {"n": 7}}},
        {"pop": {"index": 0}},
        {"insert": {"index": 1, "row": {"n": 8}}},
    )
    assert await values(door, made["digest"]) == [1, 8, 2, 7]
    assert await values(door, base["digest"]) == [0, 1, 2]
    expected = [value_digest({"n": number}) for number in (7, 0, 8)]
    assert made["updated_row_digests"] == expected
    assert made["digest"] == table_digest(value_digest({"n": n}) for n in (1, 8, 2, 7))
    sizes = {
        "project_id": OURS,
        "digests": [made["digest"], "no", base["digest"]],
        "include_storage_size": True,
    }
    assert (await door.get("/table/query_stats_batch", sizes))["tables"] == [
        {"digest": made["digest"], "count": 4, "storage_size_bytes": 28},
        {"digest": base["digest"], "count": 3, "storage_size_bytes": 21},
    ]


async def test_update_when_it_cannot_be_then_refused(door: Door) -> None:
    base = (await create(door, numbered(3)))["digest"]
    row = {"n": 1}
    for wrong in (
        {"pop": {"index": 3}},
        {"pop": {"index": -1}},
        {"insert": {"index": 4, "row": row}},
        {},
        {"append": {"row": row}, "pop": {"index": 0}},
    ):
        body = {"project_id": OURS, "base_digest": base, "updates": [wrong]}
        assert (await door.ask("/table/update", body)).status_code == 422
    asked: list[tuple[str, dict[str, Any]]] = [
        ("/table/update", {"project_id": OURS, "base_digest": "no", "updates": []}),
        ("/table/query", {"project_id": OURS, "digest": "no"}),
        ("/table/query_stats", {"project_id": OURS, "digest": "no"}),
        ("/table/query_stats", {"project_id": THEIRS, "digest": base}),
    ]
    for path, body in asked:
        assert (await door.ask(path, body)).status_code == 404
    body = {"project_id": THEIRS, "digest": base}
    assert (await door.ask("/table/query", body, user="mel")).status_code == 404


async def test_rows_when_queried_then_filter_order_and_page_count(door: Door) -> None:
    rows = [{"n": 3, "x": {"y": "b"}}, {"n": 1}, {"n": 2, "x": {"y": "a"}}, {"n": 3, "x": {"y": 5}}]
    made = await create(door, rows)
    digest, digests = made["digest"], made["row_digests"]
    assert await values(door, digest, limit=2, offset=1) == [1, 2]
    assert await values(door, digest, limit=0) == []
    assert await values(door, digest, offset=4) == []
    some = await query(door, digest, filter={"row_digests": [digests[2], "no", digests[0]]})
    assert [row["original_index"] for row in some] == [0, 2]

    async def order(field: str, direction: str, **more: Any) -> list[int]:
        sort_by = [{"field": field, "direction": direction}, {"field": "n", "direction": "asc"}]
        found = await query(door, digest, sort_by=sort_by, **more)
        return [row["original_index"] for row in found]

    assert await order("x.y", "asc") == [3, 2, 0, 1]
    assert await order("x.y", "desc") == [0, 2, 3, 1]
    assert await order("n", "desc", limit=2, offset=1) == [3, 2]
    assert await order("none", "asc", filter={"row_digests": digests[:2]}) == [1, 0]
    body = {"project_id": OURS, "digest": digest, "limit": -1}
    assert (await door.ask("/table/query", body)).status_code == 400


async def test_table_when_large_rows_then_comes_in_pieces_and_whole(door: Door) -> None:
    rows = [{"n": number, "text": "x" * 2_500_000} for number in range(4)]
    made = await create(door, rows)
    assert await values(door, made["digest"]) == [0, 1, 2, 3]


async def test_table_when_long_then_pages_and_appends_touch_few_chunks(door: Door) -> None:
    count = 3 * CHUNK_ROWS + 500
    base = await create(door, numbered(count))
    assert await values(door, base["digest"], limit=4, offset=2 * CHUNK_ROWS - 2) == [
        1998,
        1999,
        2000,
        2001,
    ]
    assert await values(door, base["digest"]) == list(range(count))
    before = await _chunk_count(door)
    grown = await update(door, base["digest"], *({"append": {"row": {"n": n}}} for n in (-1, -2)))
    assert await _chunk_count(door) == before + 1
    assert await values(door, grown["digest"], offset=count - 1) == [count - 1, -1, -2]
    stats = {"project_id": OURS, "digest": grown["digest"]}
    assert await door.get("/table/query_stats", stats) == {"count": count + 2}
    again = await create(door, [*numbered(count), {"n": -1}, {"n": -2}])
    assert again["digest"] == grown["digest"]


async def _chunk_count(door: Door) -> int:
    with door.house.database.read() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM trace_table_chunk").scalar_one()


async def test_rows_when_referred_to_then_read(door: Door) -> None:
    made = await create(door, numbered(3))
    table = f"weave:///{OURS}/table/{made['digest']}"
    obj = {"project_id": OURS, "object_id": "data", "val": {"rows": table}}
    digest = (await door.get("/obj/create", {"obj": obj}))["digest"]
    rows = f"weave:///{OURS}/object/data:{digest}/attr/rows"
    refs = [
        f"{rows}/id/{made['row_digests'][1]}/key/n",
        f"{rows}/index/2",
        f"{rows}/index/-3/key/n",
        f"{rows}/index/3",
        rows,
        f"{table}",
    ]
    found = await door.get("/refs/read_batch", {"refs": refs})
    assert found["vals"] == [1, {"n": 2}, 0, None, table, None]


DIGESTS = [text_digest(str(number)) for number in range(40)]
MOVE = st.tuples(
    st.sampled_from(["append", "insert", "pop"]), st.integers(0, 60), st.sampled_from(DIGESTS)
)


@given(st.lists(st.sampled_from(DIGESTS), max_size=30), st.lists(MOVE, max_size=30))
def test_draft_when_changed_in_any_way_then_is_the_list_that_a_list_would_be(
    rows: list[str], moves: list[tuple[str, int, str]]
) -> None:
    plain = list(rows)
    bodies = {text_digest(digest): digest for digest in rows}
    draft = Draft([(text_digest(digest), 1) for digest in rows], bodies.__getitem__)
    for move, number, digest in moves:
        if move == "append":
            draft.append(digest)
            plain.append(digest)
        elif move == "insert":
            where = number % (len(plain) + 1)
            draft.insert(where, digest)
            plain.insert(where, digest)
        elif plain:
            where = number % len(plain)
            assert draft.pop(where) == plain.pop(where)
    parts, new = draft.finish()
    bodies |= new
    assert [digest for part, _count in parts for digest in split(bodies[part])] == plain
    assert all(count == len(split(bodies[part])) for part, count in parts)
    assert draft.row_count == len(plain)


def test_draft_when_a_chunk_grows_then_is_split() -> None:
    parts, bodies = chunked(DIGESTS[:1] * CHUNK_ROWS)
    draft = Draft(parts, bodies.__getitem__)
    for _ in range(CHUNK_ROWS + 1):
        draft.insert(1, DIGESTS[1])
    assert [count for _digest, count in draft.finish()[0]] == [1000, 1000, 1]
