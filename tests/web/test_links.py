"""The links that clients print lead to a page, and the server's own unknown paths stay unknown."""

import httpx
import pytest
from fastapi import FastAPI

from weft.identity.names import RESERVED
from weft.web.files import CONTENT_SECURITY_POLICY, FILES, STATIC
from weft.web.routes import router

PAGES = (
    "/authorize?ref=weave",
    "/loom/cloth",
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


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(router())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://weft.test")


async def test_page_when_a_client_linked_to_it_then_opens_under_the_policy(
    client: httpx.AsyncClient,
) -> None:
    for path in PAGES:
        response = await client.get(path)
        assert response.status_code == 200, path
        assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert response.headers["content-type"].startswith("text/html")


async def test_page_when_the_path_is_the_servers_own_then_is_not_there(
    client: httpx.AsyncClient,
) -> None:
    for name in [*RESERVED, "V1", "Traces"]:
        for rest in ("none", "none/weave", "none/r/call/1"):
            assert (await client.get(f"/{name}/{rest}")).status_code == 404, name
        assert (await client.post(f"/{name}/none")).status_code == 404


def test_pages_when_read_then_nothing_is_written_as_markup() -> None:
    for path in STATIC.iterdir():
        text = path.read_text()
        assert "innerHTML" not in text
        assert "insertAdjacentHTML" not in text
        if path.suffix == ".html":
            assert "<script>" not in text
            assert "onclick" not in text
        elif path.suffix in {".js", ".css"}:
            assert path.name in FILES
