import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from weft.app.control import make_control
from weft.kit.errors import Overloaded
from weft.kit.settings import Settings


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    routes = APIRouter()

    @routes.get("/busy")
    def busy() -> None:  # pyright: ignore[reportUnusedFunction]
        raise Overloaded("later", retry_after_s=3)

    @routes.get("/bug")
    def bug() -> None:  # pyright: ignore[reportUnusedFunction]
        raise RuntimeError("secret detail")

    @routes.get("/number/{number}")
    def number(number: int) -> int:  # pyright: ignore[reportUnusedFunction]
        return number

    settings = Settings.model_validate(
        {"data_dir": tmp_path, "cors_origins": ("https://a.example",)}
    )
    return make_control(settings, [routes])


async def get(app: FastAPI, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://weft") as client:
        async with asyncio.timeout(10):
            return await client.request(method, path, headers=headers)


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/busy", "GET", 503, "overloaded"),
        ("/nowhere", "GET", 404, "not_found"),
        ("/busy", "DELETE", 405, "method_not_allowed"),
        ("/v1/chat/completions", "GET", 405, "method_not_allowed"),
        ("/number/x", "GET", 400, None),
        ("/bug", "GET", 500, "internal_error"),
    ],
)
async def test_error_when_raised_then_has_the_envelope_and_an_id(
    app: FastAPI, path: str, method: str, status: int, code: str | None
) -> None:
    response = await get(app, path, method)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"] == code
    assert "secret" not in response.text
    assert response.headers["x-request-id"].startswith("req_")


async def test_retry_after_when_known_then_is_a_header(app: FastAPI) -> None:
    assert (await get(app, "/busy")).headers["retry-after"] == "3"


async def test_openapi_when_read_then_describes_the_door(app: FastAPI) -> None:
    described = (await get(app, "/openapi.json")).json()
    operation = described["paths"]["/v1/chat/completions"]["post"]
    properties = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert {"model", "messages", "stream", "tools", "response_format"} <= set(properties)
    assert operation["security"] == [{"key": []}]
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert "(unknown)" not in properties


async def test_docs_when_opened_then_ask_no_other_host(app: FastAPI) -> None:
    page = (await get(app, "/docs")).text
    assert "https://" not in page
    assert "/openapi.json" in page


async def test_preflight_when_the_origin_is_allowed_then_says_so(app: FastAPI) -> None:
    response = await get(
        app,
        "/v1/chat/completions",
        "OPTIONS",
        **{"Origin": "https://a.example", "Access-Control-Request-Method": "POST"},
    )
    assert response.headers["access-control-allow-origin"] == "https://a.example"
