"""Every address of the console opens its page, under its policy; the server's own unknown paths stay unknown."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from weft.identity.names import RESERVED
from weft.kit.routes.handing import hand_on
from weft.web.files import CONTENT_SECURITY_POLICY, Console
from weft.web.routes import PAGES, router

OPENED = (
    "/",
    "/inference",
    "/inference/compare?models=a",
    "/catalog/openai/gpt-oss-20b",
    "/settings/server/users",
    "/authorize?ref=weave",
    "/loom/cloth",
    "/loom/cloth/playground",
    "/loom/cloth/weave",
    "/loom/cloth/weave/objects/my%20thing/versions/abc",
    "/loom/cloth/weave/ops/f/versions/abc",
    "/loom/cloth/weave/leaderboards/best",
    "/loom/cloth/weave/agents/conversations/1",
    "/loom/cloth/r/call/0193",
    "/loom/cloth/runs/abc123",
    "/traces2/cloth/weave",
    "/v1x/cloth",
)
SCRIPT = "console.log(1);"


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Weft</title>")
    (assets / "index-abc.js").write_text(SCRIPT)
    (assets / "index-abc.js.br").write_bytes(b"packed")
    return _client(Console(tmp_path))


def _client(console: Console) -> httpx.AsyncClient:
    app = FastAPI()
    hand_on(router(console), app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://weft.test")


async def test_page_when_opened_then_is_the_console_under_its_policy(
    client: httpx.AsyncClient,
) -> None:
    for path in OPENED:
        response = await client.get(path)
        assert response.status_code == 200, path
        assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["content-type"].startswith("text/html")


async def test_page_when_the_path_is_the_servers_own_then_is_not_there(
    client: httpx.AsyncClient,
) -> None:
    heads = {path.split("/")[1] for path in PAGES} | {"assets"}
    for name in [*(RESERVED - heads), "V1", "Traces"]:
        for rest in ("none", "none/weave", "none/r/call/1"):
            assert (await client.get(f"/{name}/{rest}")).status_code == 404, name
        assert (await client.post(f"/{name}/none")).status_code == 404


async def test_asset_when_loaded_then_is_kept_for_good_and_packed(
    client: httpx.AsyncClient,
) -> None:
    plain = await client.get("/assets/index-abc.js", headers={"accept-encoding": "identity"})
    assert plain.text == SCRIPT
    assert "immutable" in plain.headers["cache-control"]
    request = client.build_request(
        "GET", "/assets/index-abc.js", headers={"accept-encoding": "gzip, br;q=1.0"}
    )
    packed = await client.send(request, stream=True)
    assert packed.headers["content-encoding"] == "br"
    assert b"".join([part async for part in packed.aiter_raw()]) == b"packed"


async def test_asset_when_it_is_none_then_is_not_there(client: httpx.AsyncClient) -> None:
    for name in ("other.js", "..%2Findex.html", "index-abc.js.br", ""):
        assert (await client.get(f"/assets/{name}")).status_code == 404, name


async def test_page_when_nothing_is_built_then_says_how(tmp_path: Path) -> None:
    response = await _client(Console(tmp_path / "none")).get("/inference")
    assert response.status_code == 503
    assert "make console" in response.text
