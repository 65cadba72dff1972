"""Adapters at the door: whose they are, what they cost, what keys may use them, and that an engine has them in time."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.gateway.house import CARDS, Door, open_door

from adapters import tiny_numbers, write_peft
from conformance.server import Engine, running_engine
from weft.app.storage import server_secret
from weft.identity.keys import NewKey, create_key
from weft.identity.people import get_user
from weft.identity.teams import create_team, get_team
from weft.kit.clock import SystemClock
from weft.ledger.types import UsageRecord

HOT, OWN, PLAIN = "test/hot", "test/fake", "test/narrow"
NUMBERS = tiny_numbers(modules={"self_attn.q_proj": "attn_q"})
TEAM, PROJECT = "my-team", "inference"
ARTIFACT = f"wandb-artifact:///{TEAM}/{PROJECT}/pirate"
PRICE = (
    '[[prices]]\neffective_on = 2026-01-01\ninput_usd_per_mtok = "1"\noutput_usd_per_mtok = "2"\n'
    'source = "a test"\n'
)


def cards(url: str) -> dict[str, str]:
    """A server that takes adapters while it runs, and a model that starts an engine for each."""
    hot = f'id = "{HOT}"\naliases = ["hot"]\ncontext_window_tokens = 8192\n{PRICE}'
    hot += f'[capabilities]\nlora = true\n[engines.remote]\nurl = "{url}/v1"\n'
    fake = CARDS["fake"].replace("[capabilities]", "[capabilities]\nlora = true")
    retired = hot.replace(HOT, "test/old").replace('aliases = ["hot"]', "retired_on = 2026-01-02")
    return {**CARDS, "fake": fake, "hot": hot, "old": retired}


@dataclass
class Place:
    """A running server, the engine behind it, and its folder of adapters."""

    door: Door
    engine: Engine
    adapters: Path
    response: httpx.Response | None = None
    """The last one."""

    def put(self, place: str, base: str = HOT, **config: Any) -> Path:
        """An adapter; the team's and the project's own unless `place` names others."""
        parts = (
            place if place.startswith(("_shared", "rival", TEAM)) else f"{TEAM}/{PROJECT}/{place}"
        )
        return write_peft(self.adapters / parts, NUMBERS, base=base, **config)

    async def ask(self, model: str, *, key: str = "", status: int = 200, **fields: object) -> Any:
        body = {"model": model, "messages": [{"role": "user", "content": "hello"}], **fields}
        headers = {"authorization": f"Bearer {key}"} if key else {}
        response = await self.door.client.post("/v1/chat/completions", json=body, headers=headers)
        assert response.status_code == status, response.text
        self.response = response
        return response.json()

    async def said(self, model: str, **fields: Any) -> str:
        return (await self.ask(model, **fields))["choices"][0]["message"]["content"]

    async def refused(self, model: str, status: int, **fields: Any) -> Any:
        return (await self.ask(model, status=status, **fields))["error"]

    async def record(self) -> UsageRecord:
        assert self.response is not None
        record = await self.door.record_of(self.response)
        assert record is not None
        return record

    def key(self, *allowed: str, team: str = "") -> str:
        """A key for these models only; of another team if one is named."""
        secret = server_secret(self.door.house.settings)
        with self.door.database.write() as connection:
            owner = get_user(connection, "admin")
            now = SystemClock().now()
            new = NewKey(
                owner,
                allowed_models=frozenset(allowed) or None,
                team=get_team(connection, team) if team else None,
            )
            return create_key(connection, new, secret=secret, now=now).api_key

    async def listed(self, key: str = "") -> dict[str, Any]:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        page = (await self.door.client.get("/v1/models", headers=headers)).json()
        return {row["id"]: row for row in page["data"] if "parent" in row}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncGenerator[Place]:
    with running_engine() as engine:
        (tmp_path / "data").mkdir()
        async with open_door(tmp_path / "data", cards(engine.url)) as door:
            yield Place(door, engine, tmp_path / "data" / "adapters")


@pytest.mark.parametrize("base", [HOT, OWN])
async def test_adapter_when_asked_for_by_either_name_then_answers(place: Place, base: str) -> None:
    place.put("pirate/v2", base)
    names = (f"{base}:pirate", f"{base}:pirate@v2", f"{ARTIFACT}:v2")
    for name in names:
        said = await place.said(name)
        assert said.startswith(f"[{TEAM}/{PROJECT}/pirate@v2")
        assert said.endswith("] hello")
        record = await place.record()
        assert (record.model_id, record.served_model_id) == (base, base)
        assert f"{TEAM}/{PROJECT}/pirate@v2" in record.engine
    assert await place.said(base) == "hello"
    assert "pirate" not in (await place.record()).engine


@pytest.mark.parametrize("base", [HOT, OWN])
async def test_adapter_when_streamed_then_answers_the_same(place: Place, base: str) -> None:
    place.put("pirate/v1", base)
    body = {"model": f"{base}:pirate", "messages": [{"role": "user", "content": "hello"}]}
    response = await place.door.client.post("/v1/chat/completions", json={**body, "stream": True})
    assert response.status_code == 200
    assert f"[{TEAM}/{PROJECT}/pirate@v1" in response.text


async def test_adapter_when_used_then_costs_what_its_model_costs(place: Place) -> None:
    place.put("pirate/v1")
    await place.ask(f"{HOT}:pirate")
    with_adapter = await place.record()
    await place.ask(HOT)
    plain = await place.record()
    assert with_adapter.price_version == plain.price_version == f"{HOT}@2026-01-01"
    tokens = with_adapter.tokens
    assert with_adapter.cost_nusd == tokens.input * 1_000 + tokens.output * 2_000 > 0


async def test_adapter_when_the_model_is_called_by_an_alias_then_is_found(place: Place) -> None:
    place.put("pirate/v1")
    assert (await place.said("hot:pirate")).endswith("] hello")
    assert (await place.record()).model_id == HOT


async def test_latest_when_a_new_version_comes_then_answers_without_a_restart(place: Place) -> None:
    place.put("pirate/v1")
    assert "pirate@v1" in await place.said(f"{HOT}:pirate")
    place.put("pirate/v2")
    async with asyncio.timeout(10):
        while "pirate@v2" not in await place.said(f"{HOT}:pirate"):
            await asyncio.sleep(0.05)
    assert "pirate@v1" in await place.said(f"{HOT}:pirate@v1")


async def test_hot_adapter_when_asked_for_again_then_was_loaded_once(place: Place) -> None:
    place.put("pirate/v1")
    names = [f"{HOT}:pirate", f"{HOT}:pirate@v1"] * 3
    await asyncio.gather(*(place.said(name) for name in names))
    assert place.engine.stats()["adapters"] == 1


async def test_hot_adapter_when_the_engine_was_started_anew_then_is_loaded_anew(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").mkdir()
    with running_engine() as engine:
        port = int(engine.url.rpartition(":")[2])
        async with open_door(tmp_path / "data", cards(engine.url)) as door:
            place = Place(door, engine, tmp_path / "data" / "adapters")
            place.put("pirate/v1")
            assert "pirate" in await place.said(f"{HOT}:pirate")
            engine.stop()
            with running_engine(port=port) as again:
                assert "pirate" in await place.said(f"{HOT}:pirate")
                assert again.stats()["adapters"] == 1


async def test_adapter_when_of_another_team_then_is_as_unknown_as_any(place: Place) -> None:
    place.put("rival/inference/spy/v1")
    with place.door.database.write() as connection:
        create_team(connection, "rival", SystemClock().now())
    unknown = await place.refused("wandb-artifact:///rival/inference/none:v1", 404)
    for name in (f"{HOT}:spy", "wandb-artifact:///rival/inference/spy:v1"):
        error = await place.refused(name, 404)
        assert error["code"] == unknown["code"] == "model_not_found"
        assert error["metadata"].keys() == unknown["metadata"].keys()
        assert "rival" not in error["message"].replace(name, "")
    record = await place.record()
    assert record.cost_nusd == 0
    assert await place.listed() == {}


async def test_adapter_when_everybodys_then_any_team_may_use_it(place: Place) -> None:
    place.put("_shared/judge")
    assert "[_shared/judge@v0" in await place.said(f"{HOT}:judge")


async def test_name_when_it_is_none_then_is_an_unknown_model(place: Place) -> None:
    for name in (f"{HOT}:", f"{HOT}:../x", "nobody/model:pirate", "wandb-artifact:///x", "a:b:c"):
        assert (await place.refused(name, 404))["code"] == "model_not_found"


async def test_adapter_when_its_model_is_retired_then_is_refused_like_the_model(
    place: Place,
) -> None:
    place.put("pirate/v1", "test/old")
    assert "retired" in (await place.refused("test/old:pirate", 404))["message"]
    assert "retired" in (await place.refused(f"{ARTIFACT}:v1", 404))["message"]


async def test_adapter_when_it_cannot_be_used_then_is_refused_by_name(place: Place) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        (f"{HOT}:pirate", {"base": PLAIN}, "wrong_base"),
        (f"{ARTIFACT}:v1", {"base": "no/model"}, "wrong_base"),
        (f"{PLAIN}:pirate", {"base": PLAIN}, "base_without_lora"),
        (f"{HOT}:pirate", {"use_dora": True}, "unsupported_setting"),
    ]
    for name, config, reason in cases:
        place.put("pirate/v1", **config)
        async with asyncio.timeout(10):  # what was seen a second ago may hold
            while True:
                error = await place.refused(name, 400)
                if error["metadata"]["reason"] == reason:
                    break
                await asyncio.sleep(0.05)
        assert (error["code"], error["param"]) == ("adapter_unusable", "model")
        assert error["metadata"]["remedy"]
        assert await place.listed() == {}


async def test_hot_adapter_when_the_engine_takes_none_then_is_refused_by_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").mkdir()
    with running_engine(behaviour="hot_adapters=off") as engine:
        async with open_door(tmp_path / "data", cards(engine.url)) as door:
            place = Place(door, engine, tmp_path / "data" / "adapters")
            place.put("pirate/v1")
            error = await place.refused(f"{HOT}:pirate", 400)
            assert error["metadata"]["reason"] == "engine_without_lora"
            assert "--enable-lora" in error["metadata"]["remedy"]
            record = await place.record()
            assert (record.cost_nusd, record.tokens.input) == (0, 0)


RESTRICTED = [
    (HOT, f"{HOT}:pirate", 200),
    (HOT, f"{ARTIFACT}:v1", 200),
    (f"{HOT}:pirate", f"{HOT}:pirate", 200),
    (f"{HOT}:pirate", f"{HOT}:pirate@v1", 200),
    (f"{HOT}:pirate", f"{ARTIFACT}:latest", 200),
    (f"{HOT}:pirate@v1", f"{HOT}:pirate", 200),
    (f"{ARTIFACT}:v1", "hot:pirate", 200),
    (f"{HOT}:pirate", HOT, 403),
    (f"{HOT}:pirate", f"{HOT}:poet", 403),
    (f"{HOT}:pirate@v2", f"{HOT}:pirate", 403),
    (f"{HOT}:pirate", f"wandb-artifact:///{TEAM}/other/pirate:v1", 403),
    (OWN, f"{HOT}:pirate", 403),
]
"""What a key names, what is asked for with it, and what comes of it."""


async def test_key_when_restricted_then_opens_what_it_names_and_no_more(place: Place) -> None:
    place.put("pirate/v1")
    place.put("poet/v1")
    place.put(f"{TEAM}/other/pirate/v1")
    for allowed, model, status in RESTRICTED:
        body = await place.ask(model, key=place.key(allowed), status=status)
        if status == 403:
            assert body["error"]["code"] == "model_not_allowed"
        else:
            assert (await place.record()).model_id == HOT


async def test_list_when_there_are_adapters_then_those_of_the_caller_are_in_it(
    place: Place,
) -> None:
    place.put("pirate/v1")
    place.put("pirate/v2")
    place.put(f"{TEAM}/other/poet/v1")
    place.put("_shared/judge")
    place.put("_shared/pirate")
    place.put("rival/inference/spy/v1")
    rows = await place.listed()
    other = f"wandb-artifact:///{TEAM}/other/poet"
    assert list(rows) == [f"{HOT}:pirate", other, f"{HOT}:judge"]
    row = rows[f"{HOT}:pirate"]
    assert (row["root"], row["parent"]) == (HOT, HOT)
    assert row["weft"]["adapter"] == {
        "name": "pirate",
        "version": "v2",
        "aliases": ["latest"],
        "artifact": f"{ARTIFACT}:v2",
        "rank": 4,
    }
    assert row["weft"]["state"] == "asleep"
    for name in rows:
        assert "] hello" in await place.said(name)
    assert (await place.listed())[f"{HOT}:pirate"]["weft"]["state"] == "ready"
    assert list(await place.listed(place.key(f"{HOT}:judge"))) == [f"{HOT}:judge"]
    assert list(await place.listed(place.key(OWN))) == []


async def test_model_when_an_adapter_is_asked_about_then_is_told(place: Place) -> None:
    place.put("pirate/v1")
    found = await place.door.client.get(f"/v1/models/{HOT}:pirate")
    assert (found.status_code, found.json()["parent"]) == (200, HOT)
    missing = await place.door.client.get(f"/v1/models/{HOT}:poet")
    assert missing.status_code == 404
    key = place.key(OWN)
    refused = await place.door.client.get(
        f"/v1/models/{HOT}:pirate", headers={"authorization": f"Bearer {key}"}
    )
    assert refused.status_code == 403


async def test_model_when_no_adapter_is_named_then_the_folder_is_not_looked_at(
    place: Place,
) -> None:
    place.adapters.parent.joinpath("adapters").write_text("no folder")
    assert await place.said(HOT) == "hello"
    assert (await place.refused(f"{HOT}:pirate", 404))["code"] == "model_not_found"
