"""Feedback that nobody expects: strange values, one id from two clients at once, payloads of any size and depth."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from traces.doors import OURS, Door

CALL = f"weave:///{OURS}/call/call-1"
HUGE = 1180591620717411303424


def body(payload: str, id_: str = "one", kind: str = "mine") -> bytes:
    """A feedback whose payload is this very text."""
    head = {"project_id": OURS, "weave_ref": CALL, "feedback_type": kind, "id": id_}
    return (json.dumps(head)[:-1] + f', "payload": {payload}}}').encode("utf-8", "surrogatepass")


async def post(door: Door, path: str, content: bytes) -> httpx.Response:
    headers = {"authorization": f"Bearer {door.keys['ada']}", "content-type": "application/json"}
    return await door.client.post(path, content=content, headers=headers)


async def found(door: Door, expr: Any = None) -> list[dict[str, Any]]:
    asked = {"project_id": OURS, "query": expr and {"$expr": expr}}
    return (await door.get("/feedback/query", asked))["result"]


@pytest.mark.parametrize("kind", ["mine", "wandb.reaction.1"])
async def test_create_when_values_are_strange_then_they_are_kept(door: Door, kind: str) -> None:
    payload = (
        '{"emoji": "👍", "nan": NaN, "inf": -Infinity, "huge": 1180591620717411303424,'
        ' "nul": "a\\u0000b", "half": "\\ud800",'
        ' "word": "Straße \\u00fc", "exact": 0.10, "far": 1e-320, "": "empty", "a.b": {"c": [null]}}'
    )
    made = await post(door, "/feedback/create", body(payload, kind=kind))
    assert made.status_code == 200, made.text
    [row] = await found(door)
    read = row["payload"]
    assert read["huge"] == HUGE
    assert (read["nan"], read["inf"]) == ("NaN", "-Infinity")
    assert (read["nul"], read["word"], read[""]) == ("a\0b", "Straße ü", "empty")
    assert read["far"] == 1e-320
    for path, value in (("word", "Straße ü"), ("nan", "NaN"), ("exact", 0.1), ("a\\.b.c.0", None)):
        expr = {"$eq": [{"$getField": f"payload.{path}"}, {"$literal": value}]}
        assert len(await found(door, expr)) == 1, path


async def test_create_when_references_hold_a_nul_then_it_is_replaced(door: Door) -> None:
    """PostgreSQL has no text for it, and what it refuses must not wait in the spool for ever."""
    reaction = {"feedback_type": "wandb.agent_user_feedback", "scorer_tags": ["x\0y"]}
    sent: list[dict[str, Any]] = [
        {"weave_ref": f"{CALL}\0", "feedback_type": "mi\0ne", "creator": "\0"},
        {"weave_ref": f"weave:///{OURS}/agent_conversation/a%00b", **reaction},
        {"weave_ref": "no\0ref", "feedback_type": "mine", "id": "\0id"},
    ]
    for one in sent:
        await door.get("/feedback/create", {"project_id": OURS, "payload": {}, **one})
    replacing = {"weave_ref": CALL, "feedback_type": "mine", "feedback_id": "\0id"}
    await door.get("/feedback/replace", {"project_id": OURS, "payload": {}, **replacing})
    rows = await found(door)
    assert len(rows) == 3
    assert {row["span_conversation_id"] for row in rows} == {"", "a\ufffdb"}


async def test_create_when_a_payload_is_deep_then_it_is_kept_or_refused(door: Door) -> None:
    for depth in (100, 100_000):
        payload = '{"a": ' + "[" * depth + "]" * depth + "}"
        made = await post(door, "/feedback/create", body(payload, f"deep-{depth}"))
        assert made.status_code in {200, 400, 422}, made.text
    assert [row["id"] for row in await found(door)] == ["deep-100"]
    answer = await door.get("/feedback/query", {"project_id": OURS, "fields": ["payload.a.0.0"]})
    assert answer["total_count"] == 1


async def test_create_when_the_body_is_none_then_it_is_refused(quiet_door: Door) -> None:
    for path in ("/feedback/create", "/feedback/batch/create", "/feedback/replace"):
        for content in (b"", b"{", b"[]", b"\xff", b'{"payload": {}}', b"null"):
            response = await post(quiet_door, path, content)
            assert response.status_code in {400, 422}, (path, content, response.text)
            assert response.json()["message"]


async def test_create_when_two_clients_write_one_id_then_the_first_counts(door: Door) -> None:
    contents = [body(f'{{"n": {n}}}', "same") for n in range(8)]
    answers = await asyncio.gather(*(post(door, "/feedback/create", one) for one in contents))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await found(door)) == 1


async def test_replace_when_two_clients_replace_one_then_the_old_one_is_gone_once(
    door: Door,
) -> None:
    await post(door, "/feedback/create", body("{}", "old"))
    sent = [{**json.loads(body("{}", f"new-{n}")), "feedback_id": "old"} for n in range(2)]
    answers = await asyncio.gather(*(door.ask("/feedback/replace", one) for one in sent))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(row["id"] for row in await found(door)) == ["new-0", "new-1"]


async def test_batch_when_it_has_thousands_then_all_are_written(door: Door) -> None:
    batch = [json.loads(body(f'{{"n": {n}}}', f"id-{n}")) for n in range(3000)]
    answer = await door.get("/feedback/batch/create", {"batch": batch})
    assert len(answer["res"]) == 3000
    asked = {"project_id": OURS, "limit": 1, "offset": 2999}
    page = await door.get("/feedback/query", asked)
    assert (page["total_count"], len(page["result"])) == (3000, 1)
    purge = {"$in": [{"$getField": "id"}, [{"$literal": f"id-{n}"} for n in range(1000)]]}
    await door.get("/feedback/purge", {"project_id": OURS, "query": {"$expr": purge}})
    assert (await door.get("/feedback/query", asked))["total_count"] == 2000
    too_many = await door.ask("/feedback/batch/create", {"batch": batch[:1] * 10_001})
    assert too_many.status_code == 400
