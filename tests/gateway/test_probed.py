"""Tools are taken from an engine that runs: the badge goes, and whoever asks for them is told so by name."""

import asyncio
from pathlib import Path
from typing import Any

import openai
from openai.types import Model
from tests.gateway.house import Door, open_door

from weft.engines.types import Endpoint

WEATHER: dict[str, object] = {"name": "get_weather", "parameters": {"type": "object"}}
TOOLS: list[dict[str, object]] = [{"type": "function", "function": WEATHER}]
CARD = (
    'id = "test/capable"\ncontext_window_tokens = 512\n[capabilities]\ntools = true\n'
    '[engines.fake]\nbehaviour = "context=512,delay_ms=1"\n[[prices]]\n'
    'effective_on = 2026-01-01\ninput_usd_per_mtok = "1"\noutput_usd_per_mtok = "2"\nsource = "a test"\n'
)
PATIENCE_S = 60.0


async def behave(door: Door, behaviour: str) -> None:
    engines = door.house.engines
    lease = await engines.lease(engines.find_route(door.house.catalog.resolve("test/capable")))
    head = lease.heads[Endpoint.CHAT].beside("POST", "/fake/behaviour")
    response = await lease.pool.send(head.render(len(behaviour)), behaviour.encode())
    await response.read(4096)
    assert response.status == 200
    lease.release()


async def badges(door: Door) -> dict[str, dict[str, Any]]:
    row = (await door.client.get("/v1/models/test/capable")).json()
    return {badge["feature"]: badge for badge in row["weft"]["badges"]}


async def until(door: Door, state: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        while (found := await badges(door))["tools"]["state"] != state:
            await asyncio.sleep(0.05)
    return found


async def test_tools_when_the_engine_loses_them_then_the_badge_goes_and_they_are_refused_by_name(
    tmp_path: Path,
) -> None:
    async with open_door(tmp_path, {"capable": CARD}, probe_every_s=0.2, queue_limit=8) as door:
        assert (await badges(door))["tools"]["state"] == "unknown"
        assert (await door.ask("get_weather", "test/capable", tools=TOOLS)).status_code == 200
        probing = asyncio.create_task(door.house.prober.run())
        found = await until(door, "works")
        assert found["vision"]["state"] == found["reasoning"]["state"] == "absent"
        await behave(door, "context=512,delay_ms=1,broken=tools")
        broken = (await until(door, "broken"))["tools"]

        refused = await door.ask("get_weather", "test/capable", tools=TOOLS)
        assert refused.status_code == 422
        error = refused.json()["error"]
        assert error["param"] == "tools"
        assert error["code"] == "unsupported_parameter"
        for part in ("'tools'", "test/capable", "last probe", broken["detail"]):
            assert part in error["metadata"]["detail"]
        assert error["metadata"]["checked_at"].endswith("Z")
        refused = await door.ask("get_weather", "test/capable", functions=[WEATHER])
        assert (refused.status_code, refused.json()["error"]["param"]) == (422, "functions")
        assert (await door.ask("Hello", "test/capable", n=2)).status_code == 200

        rows = (await door.client.get("/inference/catalog/models/test/capable")).json()
        assert rows["featureToolCalling"] is False
        shown = next(badge for badge in rows["badges"] if badge["feature"] == "tools")
        assert (shown["state"], shown["detail"]) == ("broken", broken["detail"])
        assert shown["checkedAt"]
        row = (await door.client.get("/v1/models/test/capable")).json()
        assert row["weft"]["capabilities"]["tools"] is False

        await behave(door, "context=512,delay_ms=1")
        await until(door, "works")
        assert (await door.ask("get_weather", "test/capable", tools=TOOLS)).status_code == 200
        probing.cancel()
        await asyncio.wait((probing,), timeout=PATIENCE_S)


async def test_probes_when_made_then_nobody_pays_and_clients_read_the_badges(
    tmp_path: Path,
) -> None:
    async with open_door(tmp_path, {"capable": CARD}, queue_limit=8) as door:
        assert (await door.ask("Hello", "test/capable")).status_code == 200
        house = door.house
        await house.prober.probe(house.engines.find_route(house.catalog.resolve("test/capable")))
        usage = (await door.client.get("/api/usage")).json()
        assert usage["total"]["requests"] == 1
        async with openai.AsyncOpenAI(
            base_url=f"{door.client.base_url}/v1",
            api_key=door.client.headers["Authorization"].removeprefix("Bearer "),
        ) as client:
            model: Model = await client.models.retrieve("test/capable")
            listed = [one async for one in client.models.list()]
        assert model.id == "test/capable"
        extra = model.model_extra or {}
        assert {badge["state"] for badge in extra["weft"]["badges"]} == {"works", "absent"}
        assert "test/capable" in {one.id for one in listed}
