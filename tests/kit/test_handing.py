"""Routes that are handed on answer where they are put, and are described as told."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from weft.kit.routes.handing import hand_on


@pytest.fixture
def room() -> APIRouter:
    routes = APIRouter(tags=["room"])

    @routes.get("/things/{number}")
    async def thing(number: int) -> dict[str, int]:
        return {"number": number}

    return routes


async def get(app: FastAPI, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


async def test_route_when_handed_on_twice_then_answers_at_both_places(room: APIRouter) -> None:
    app = FastAPI()
    hand_on(room, app, prefix="/there")
    hand_on(room, app, is_listed=False)
    for path in ("/there/things/7", "/things/7"):
        assert (await get(app, path)).json() == {"number": 7}
    assert (await get(app, "/there/things/x")).status_code == 422
    assert (await get(app, "/there")).status_code == 404


async def test_route_when_handed_on_twice_then_is_described_where_it_is_listed(
    room: APIRouter,
) -> None:
    app = FastAPI()
    hand_on(room, app, is_listed=False)
    hand_on(room, app, prefix="/there")
    paths = app.openapi()["paths"]
    assert list(paths) == ["/there/things/{number}"]
    told = paths["/there/things/{number}"]["get"]
    assert told["tags"] == ["room"]
    assert told["operationId"] == "thing_there_things__number__get"


async def test_route_when_within_another_router_then_answers_as_it_is(room: APIRouter) -> None:
    house, app = APIRouter(tags=["house"]), FastAPI()
    hand_on(room, house)
    hand_on(house, app)
    assert (await get(app, "/things/7")).json() == {"number": 7}
    assert app.openapi()["paths"]["/things/{number}"]["get"]["tags"] == ["room"]


def test_route_when_not_of_fastapi_then_goes_nowhere_else() -> None:
    async def plain(_request: Request) -> Response:
        return PlainTextResponse("")

    routes = APIRouter()
    routes.add_route("/plain", plain)
    hand_on(routes, FastAPI())
    with pytest.raises(ValueError, match="no place"):
        hand_on(routes, FastAPI(), prefix="/there")
