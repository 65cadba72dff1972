"""What the clients may ask and nobody answers is refused by name; what somebody answers is not."""

import httpx
from fastapi import APIRouter, FastAPI

from weft.app.parts.mounts import Mount
from weft.app.traces.refusals import unanswered, with_refusals
from weft.kit.routes.handing import hand_on
from weft.traces.routes.surface import SURFACE


def some_router() -> APIRouter:
    routes = APIRouter()

    async def answer() -> str:
        return "here"

    for prefix in ("/traces", ""):
        routes.add_api_route(f"{prefix}/obj/read", answer, methods=["POST"])
        routes.add_api_route(f"{prefix}/v2/{{team}}/{{name}}/ops", answer, methods=["GET"])
    routes.add_api_route("/traces/refs/read_batch", answer, methods=["POST"])
    return routes


HANDLERS = (b"/call/start", b"/traces/call/start", b"*/calls/complete")


def test_unanswered_when_something_is_mounted_at_both_places_then_leaves_it_out() -> None:
    left = unanswered([Mount(some_router())], HANDLERS)
    gone = set(SURFACE) - set(left)
    assert gone == {
        "POST /obj/read",
        "GET /v2/{entity}/{project}/ops",
        "POST /call/start",
        "POST /v2/{entity}/{project}/calls/complete",
    }


async def test_refusal_when_asked_then_has_the_clients_form_and_is_not_asked_again() -> None:
    app = FastAPI()
    for mount in with_refusals([Mount(some_router())], HANDLERS):
        hand_on(mount.router, app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://weft.test") as client:
        assert (await client.post("/traces/obj/read")).json() == "here"
        for path in ("/traces/agents/search", "/agents/search", "/refs/read_batch"):
            response = await client.post(path)
            assert response.status_code == 501
            assert response.headers["x-should-retry"] == "false"
            assert response.json()["error_code"] == "not_supported"
            assert "docs/reference/weave-api.md" in response.json()["message"]
        assert (await client.put("/v2/a/b/runtimes/x")).status_code == 501
