"""Models added over HTTP, from a hub on loopback to the first answer; and downloads that stop on the way."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from engines.weights.hub_server import TOKEN, HubServer, Repository, serving_hub
from gateway.house import Door, open_door
from weft.app.storage import server_secret
from weft.catalog.load import load_catalog
from weft.demo import GGUF_PATH
from weft.identity.keys import NewKey, create_key
from weft.identity.people import NewUser, create_user
from weft.identity.types import Scope

TINY = "acme/tiny-GGUF"
FILE = "tiny-Q8_0.gguf"
LISTED = {"total": 3_344_640, "architecture": "llama", "context_length": 2048}
CARDS = {
    "pull": 'id = "acme/known"\ncontext_window_tokens = 2048\n[engines.llama_cpp]\n'
    f'repository = "{TINY}"\nquantization = "Q8_0"\n'
}
NEW = {"repository": TINY, "id": "acme/new"}


@pytest.fixture(scope="module")
def running_hub() -> Iterator[HubServer]:
    with serving_hub() as hub:
        yield hub


@pytest.fixture
def hub(running_hub: HubServer) -> HubServer:
    content = {FILE: GGUF_PATH.read_bytes(), "README.md": b"#"}
    running_hub.repositories = {
        TINY: Repository(content, large={FILE}, gguf=LISTED, likes=17, downloads=4000)
    }
    running_hub.asked.clear()
    running_hub.stalled.clear()
    return running_hub


@pytest.fixture
async def door(tmp_path: Path, hub: HubServer) -> AsyncIterator[Door]:
    async with open_door(tmp_path, CARDS, hub_url=hub.url, stand_in=False) as door:
        yield door


async def post(door: Door, path: str, **body: object) -> tuple[int, Any]:
    answer = await door.client.post(f"/api/models/{path}", json=body or None)
    return answer.status_code, answer.json() if answer.content else None


async def reached(door: Door, id_: str, *stages: str) -> Any:
    """The download, once it is at one of these stages."""
    async with asyncio.timeout(30):
        while True:
            listed = (await door.client.get("/api/models/downloads")).json()["downloads"]
            one = next(line for line in listed if line["id"] == id_)
            if one["stage"] in stages:
                return one
            await asyncio.sleep(0.02)


async def row_of(door: Door, model: str) -> Any:
    return (await door.client.get(f"/inference/catalog/models/{model}")).json()


async def test_download_when_a_model_is_new_then_it_answers_without_a_restart(
    door: Door, tmp_path: Path
) -> None:
    prices = {"input_usd_per_mtok": "0.10", "output_usd_per_mtok": "0.40"}
    status, looked = await post(door, "look", **NEW, **prices)
    assert status == 200, looked
    size = GGUF_PATH.stat().st_size
    assert (looked["model"], looked["quantization"], looked["size_bytes"]) == (
        "acme/new",
        "Q8_0",
        size,
    )
    assert looked["quantizations"] == [{"name": "Q8_0", "size_bytes": size}]
    assert (looked["engine"], looked["context_window"], looked["files"]) == ("llama_cpp", 2048, 1)
    assert looked["free_bytes"] > 0
    assert 'input_usd_per_mtok = "0.10"' in looked["card"]
    assert not (tmp_path / "catalog" / "acme-new.toml").exists()

    status, begun = await post(door, "downloads", **NEW, **prices)
    assert (status, begun["started_by"]) == (202, "admin")
    done = await reached(door, begun["id"], "done", "failed")
    assert (done["stage"], done["served"]) == ("done", {"now": True, "why_not": ""}), done
    assert (done["done_bytes"], done["total_bytes"], done["model"]) == (size, size, "acme/new")

    row = await row_of(door, "acme/new")
    assert (row["state"], row["likesHuggingFace"]) == ("asleep", 17)
    assert row["prices"]["current"]["source"] == "given to the console"
    answer = await door.ask("hello", "acme/new", max_tokens=8)
    assert answer.status_code == 200, answer.text
    record = await door.record_of(answer)
    assert record is not None
    assert record.served_model_id == "acme/new"
    assert record.cost_nusd > 0
    assert load_catalog(tmp_path / "catalog").get("acme/new").label
    stages = (await door.client.get("/api/models/stages")).json()["models"]
    assert {"model": "acme/new", "stage": "ready", "eta_s": None, "pinned": False} in stages
    assert (await post(door, "look", **NEW))[1]["error"]["metadata"][
        "remedy"
    ] == "give the model another id"


async def test_download_when_a_model_of_the_catalog_then_it_runs_at_once(door: Door) -> None:
    assert (await row_of(door, "acme/known"))["state"] == "not-runnable"
    _, begun = await post(door, "downloads", model="acme/known")
    done = await reached(door, begun["id"], "done", "failed")
    assert done["served"] == {"now": True, "why_not": ""}, done
    assert (await row_of(door, "acme/known"))["state"] == "asleep"


async def test_download_when_cancelled_and_resumed_then_it_goes_on_where_it_stopped(
    door: Door, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 1)
    stall_at = 2 << 20
    hub.repositories[TINY].stall_at = stall_at
    _, begun = await post(door, "downloads", **NEW)
    await asyncio.to_thread(hub.stalled.wait, 20)
    seen = await reached(door, begun["id"], "downloading")
    assert 0 < seen["done_bytes"] <= stall_at
    assert seen["file"] == FILE
    twice = await post(door, "downloads", **NEW)
    assert (twice[0], twice[1]["error"]["code"]) == (409, "download_stage")
    assert (await door.client.delete(f"/api/models/downloads/{begun['id']}")).status_code == 409

    status, stopping = await post(door, f"downloads/{begun['id']}/cancel")
    assert (status, stopping["stage"]) == (200, "cancelling")
    stopped = await reached(door, begun["id"], "cancelled")
    assert stopped["ended_at"] is not None
    assert (await post(door, f"downloads/{begun['id']}/cancel"))[0] == 409
    assert (await door.client.get("/inference/catalog/models/acme/new")).status_code == 404

    hub.asked.clear()
    assert (await post(door, f"downloads/{begun['id']}/resume"))[0] == 200
    done = await reached(door, begun["id"], "done", "failed")
    assert done["stage"] == "done", done
    ranges = [asked.range for asked in hub.downloads()]
    assert ranges[0] is not None
    assert ranges[0].startswith("bytes=")
    assert (await door.client.delete(f"/api/models/downloads/{begun['id']}")).status_code == 204
    assert (await door.client.get("/api/models/downloads")).json()["downloads"] == []


async def test_download_when_it_fails_then_it_says_what_to_do_and_can_be_tried_again(
    door: Door, hub: HubServer
) -> None:
    hub.repositories[TINY].gated = True
    _, begun = await post(door, "downloads", **NEW)
    failed = await reached(door, begun["id"], "failed")
    assert "is gated" in failed["failure"]["message"]
    assert "the access token here" in failed["failure"]["remedy"]
    assert "--token" not in failed["failure"]["remedy"]
    _, other = await post(door, "downloads", **NEW, token=TOKEN)
    done = await reached(door, other["id"], "done", "failed")
    assert done["stage"] == "done", done
    assert TOKEN not in (await door.client.get("/api/models/downloads")).text
    await post(door, f"downloads/{begun['id']}/resume")
    again = await reached(door, begun["id"], "done", "failed")
    assert "is there already" in again["failure"]["message"]


REFUSED: list[tuple[dict[str, object], int, str]] = [
    ({}, 400, "either model or repository"),
    ({"model": "acme/known", "repository": TINY}, 400, "either model or repository"),
    ({"repository": "../etc"}, 400, "is no repository"),
    ({"repository": "acme/nothing"}, 400, "has no repository acme/nothing"),
    ({"model": "acme/nothing"}, 404, "no model"),
    ({**NEW, "quantization": "Q2_K"}, 400, "has no complete GGUF"),
    ({**NEW, "id": "acme/known"}, 400, "has acme/known already"),
    ({**NEW, "input_usd_per_mtok": "1"}, 400, "say both"),
    ({**NEW, "surprise": 1}, 400, "surprise"),
]


async def test_look_when_it_cannot_be_had_then_it_says_why(door: Door) -> None:
    for body, status, said in REFUSED:
        answer = await door.client.post("/api/models/look", json=body)
        assert (answer.status_code, said in answer.text) == (status, True), answer.text
        assert answer.json()["error"]["metadata"]["remedy"]


async def test_routes_when_asked_by_others_then_only_admins_add_models(door: Door) -> None:
    now = datetime.now(UTC)
    with door.database.write() as connection:
        user = create_user(connection, NewUser("eve"), now)
        new = NewKey(user, name="test", scopes=frozenset({Scope.MANAGE}))
        made = create_key(connection, new, secret=server_secret(door.house.settings), now=now)
    eve = {"Authorization": f"Bearer {made.api_key}"}
    ways = [
        ("POST", "/look"),
        ("GET", "/downloads"),
        ("POST", "/downloads"),
        ("POST", "/downloads/dl_1/cancel"),
        ("POST", "/downloads/dl_1/resume"),
        ("DELETE", "/downloads/dl_1"),
    ]
    for headers, status in (({"Authorization": ""}, 401), (eve, 403)):
        for verb, path in ways:
            body = NEW if path in {"/look", "/downloads"} and verb == "POST" else None
            answer = await door.client.request(
                verb, f"/api/models{path}", json=body, headers=headers
            )
            assert answer.status_code == status, (verb, path, answer.text)
    for path, code in (("/stages", 200), ("/speed", 200)):
        assert (await door.client.get(f"/api/models{path}", headers=eve)).status_code == code
        nobody = {"Authorization": ""}
        assert (await door.client.get(f"/api/models{path}", headers=nobody)).status_code == 401
    for path in ("cancel", "resume"):
        assert (await post(door, f"downloads/dl_1/{path}"))[0] == 404
