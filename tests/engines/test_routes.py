"""`/api/engines` over HTTP: as nobody, as somebody else, for what is not there, and rightly."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.house import Door, open_door
from weft.app.storage import server_secret
from weft.catalog.badges.types import Feature
from weft.engines.advice import advice_on
from weft.engines.probes import asked
from weft.identity.keys import NewKey, create_key
from weft.identity.people import NewUser, create_user
from weft.identity.types import Scope

CARDS = {
    "fake": 'id = "test/fake"\naliases = ["test/alias"]\ncontext_window_tokens = 8192\n[engines.fake]\n',
    "vectors": 'id = "test/vectors"\ncontext_window_tokens = 512\nmodalities_output = ["embedding"]\n'
    "[engines.fake]\n",
    "big": 'id = "test/big"\ncontext_window_tokens = 8192\n[engines.vllm]\nrepository = "test/big"\n'
    "gpus = 8\ngpu_memory_gib = 80\n",
}
VERBS = ("load", "unload", "pin", "unpin", "probe")


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path, CARDS) as door:
        yield door


def key_of(door: Door, scopes: frozenset[Scope]) -> dict[str, str]:
    """A key of somebody who manages nothing."""
    now = datetime.now(UTC)
    with door.database.write() as connection:
        user = create_user(connection, NewUser("eve"), now)
        new = NewKey(user, name="test", scopes=scopes)
        made = create_key(connection, new, secret=server_secret(door.house.settings), now=now)
    return {"Authorization": f"Bearer {made.api_key}"}


async def ask(door: Door, verb: str, model: str = "test/fake", **more: Any) -> tuple[int, Any]:
    answer = await door.client.post(f"/api/engines/{model}/{verb}", **more)
    return answer.status_code, answer.json()


async def stage(door: Door, wanted: str) -> Any:
    """The model, once it is at this stage."""
    async with asyncio.timeout(30):
        while True:
            model = (await door.client.get("/api/engines/test/fake")).json()
            if model["stage"] == wanted:
                return model
            await asyncio.sleep(0.02)


async def test_engines_when_asked_by_nobody_then_401(door: Door) -> None:
    for wrong in ("", "Bearer weft-local-", "Bearer nonsense"):
        headers = {"Authorization": wrong}
        assert (await door.client.get("/api/engines", headers=headers)).status_code == 401
        for verb in VERBS:
            assert (await ask(door, verb, headers=headers))[0] == 401
    assert not (await door.client.get("/api/engines/test/fake")).json()["pinned"]


async def test_engines_when_asked_by_somebody_else_then_403(door: Door) -> None:
    eve = key_of(door, frozenset({Scope.MANAGE}))
    assert (await door.client.get("/api/engines", headers=eve)).status_code == 403
    for verb in VERBS:
        status, body = await ask(door, verb, headers=eve)
        assert status == 403
        assert "weft models ps" in body["error"]["metadata"]["remedy"]


async def test_engines_when_the_model_is_not_there_then_404(door: Door) -> None:
    for model, code in (("test/nothing", "model_not_found"), ("test/big", "model_not_found")):
        shown = await door.client.get(f"/api/engines/{model}")
        assert shown.status_code == 404
        for verb in VERBS:
            status, body = await ask(door, verb, model)
            assert (status, body["error"]["code"]) == (404, code)


async def test_engines_when_listed_then_every_model_that_can_run_here(door: Door) -> None:
    models = (await door.client.get("/api/engines")).json()["models"]
    by_name = {model["model"]: model for model in models}
    assert set(by_name) == {"test/fake", "test/vectors", "weft/tiny-chat"}
    fake = by_name["test/fake"]
    assert (fake["stage"], fake["engine"], fake["pinned"]) == ("asleep", "fake", False)
    assert "log" not in fake


async def test_engines_when_loaded_and_unloaded_then_it_is_ready_and_sleeps(door: Door) -> None:
    status, body = await ask(door, "load", "test/alias")
    assert status == 200
    assert body["model"] == "test/fake"
    ready = await stage(door, "ready")
    (replica,) = [one for one in ready["replicas"] if one["state"] == "ready"]
    assert replica["pid"]
    assert ready["memory_mib"] == replica["memory_mib"]
    assert ready["memory_mib"] is None or ready["memory_mib"] > 5
    assert ready["gpu_memory_mib"] is None
    assert isinstance(ready["log"], list)
    assert (await ask(door, "unload"))[0] == 200
    assert (await stage(door, "asleep"))["memory_mib"] is None


async def test_engines_when_pinned_then_it_loads_and_cannot_be_unloaded(door: Door) -> None:
    status, body = await ask(door, "pin")
    assert (status, body["pinned"]) == (200, True)
    await stage(door, "ready")
    status, body = await ask(door, "unload")
    assert (status, body["error"]["code"]) == (409, "still_awake")
    status, body = await ask(door, "unpin")
    assert (status, body["pinned"]) == (200, False)
    assert (await ask(door, "unload"))[0] == 200


async def test_probe_when_the_model_is_awake_then_its_badges_are_those_of_v1(door: Door) -> None:
    assert (await ask(door, "load"))[0] == 200
    await stage(door, "ready")
    status, body = await ask(door, "probe", "test/alias")
    assert (status, body["model"]) == (200, "test/fake")
    found = {badge["feature"]: badge for badge in body["badges"]}
    assert set(found) == {feature.value for feature in Feature}
    assert found["stream"]["state"] == "works"
    assert found["stream"]["checked_at"].endswith("Z")
    shown = (await door.client.get("/v1/models/test/fake")).json()
    assert shown["weft"]["badges"] == body["badges"]


async def test_probe_when_it_cannot_be_then_409_says_what_to_do(door: Door) -> None:
    for model, word in (("test/fake", "weft models probe test/fake"), ("test/vectors", "chat")):
        status, body = await ask(door, "probe", model)
        assert (status, body["error"]["code"]) == (409, "cannot_probe")
        assert word in body["error"]["metadata"]["remedy"]
    shown = (await door.client.get("/api/engines/test/fake")).json()
    assert shown["stage"] == "asleep"


async def test_probe_when_another_model_answers_in_its_place_then_409(tmp_path: Path) -> None:
    async with open_door(tmp_path, CARDS, stand_in=True) as door:
        status, body = await ask(door, "probe", "test/big")
    assert (status, body["error"]["code"]) == (409, "cannot_probe")
    assert "weft models show test/big" in body["error"]["metadata"]["remedy"]


async def test_probe_when_it_takes_too_long_then_504(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "ASKED_S", 0.0)
    assert (await ask(door, "load"))[0] == 200
    await stage(door, "ready")
    status, body = await ask(door, "probe")
    assert (status, body["error"]["code"]) == (504, "engine_timeout")
    monkeypatch.undo()
    assert (await ask(door, "probe"))[0] == 200, "the turn was given back"


async def test_engines_when_described_then_each_answer_has_its_type(door: Door) -> None:
    paths = (await door.client.get("/openapi.json")).json()["paths"]
    for path in ("/api/engines", *(f"/api/engines/{{model}}/{verb}" for verb in VERBS)):
        for operation in paths[path].values():
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            assert schema["$ref"]
            assert operation["tags"] == ["engines"]


async def test_engines_when_a_log_is_followed_then_only_what_is_new_comes(door: Door) -> None:
    none = (await door.client.get("/api/engines/test/fake/log")).json()
    assert (none["replica"], none["lines"], none["next"]) == ("", [], 0)
    path = "/api/engines/weft/tiny-chat/log"
    assert (await door.ask("Hi", "weft/tiny-chat", max_tokens=1)).status_code == 200  # wakes it
    async with asyncio.timeout(60):
        while (log := (await door.client.get(path)).json())["state"] != "ready":
            await asyncio.sleep(0.05)
    assert log["replica"] == "llama_cpp:weft/tiny-chat#0"
    assert log["next"] == len(log["lines"]) > 0
    again = (await door.client.get(f"{path}?after={log['next'] - 1}")).json()
    assert (again["lines"][:1], again["skipped"]) == (log["lines"][-1:], 0)
    last = (await door.client.get(f"{path}?limit=1&replica=llama_cpp:weft/tiny-chat%230")).json()
    assert (len(last["lines"]), last["skipped"]) == (1, last["next"] - 1)
    assert (await door.client.get(f"{path}?after={2**40}")).json()["lines"][:9] == log["lines"][:9]
    assert (await door.client.get(f"{path}?replica=nobody")).status_code == 404
    eve = key_of(door, frozenset({Scope.MANAGE}))
    assert (await door.client.get(path, headers=eve)).status_code == 403
    assert (await door.client.get(path, headers={"Authorization": ""})).status_code == 401


async def test_engines_when_listed_then_the_machine_and_the_times_of_loads_are_told(
    door: Door,
) -> None:
    await ask(door, "load")
    await stage(door, "ready")
    answer = (await door.client.get("/api/engines")).json()
    machine, models = answer["machine"], {one["model"]: one for one in answer["models"]}
    assert 0 < machine["budget_mib"] <= machine["memory_mib"]
    assert machine["used_mib"] is None or machine["used_mib"] > 5
    (load,) = models["test/fake"]["loads"]
    assert load["load_ms"] > 0
    assert models["test/fake"]["remedy"] == ""
    assert models["test/fake"]["replicas"][0]["failed_at"] is None


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("it ended with signal 9: loading", "ran out of memory"),
        ("could not connect to http://127.0.0.1:9: [Errno 111]", "under [engines.remote]"),
        ("the child said: no such file", "weft models pull"),
        ("something else", "weft doctor"),
    ],
)
def test_advice_when_a_reason_is_known_then_it_says_what_to_do(reason: str, words: str) -> None:
    assert words in advice_on(reason)
