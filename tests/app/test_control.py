import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ConfigDict, Field

from weft.app.control import make_control
from weft.app.parts.mounts import Mount
from weft.kit.errors import Overloaded
from weft.kit.settings import Settings


class Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int = Field(ge=1)
    names: list[str] = []


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

    @routes.post("/wish")
    def take(wish: Wish) -> Wish:  # pyright: ignore[reportUnusedFunction]
        return wish

    settings = Settings.model_validate(
        {"data_dir": tmp_path, "cors_origins": ("https://a.example",)}
    )
    return make_control(settings, [Mount(routes)])


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
        ("/number/x", "GET", 400, "invalid_type"),
        ("/busy/", "GET", 404, "not_found"),
        ("/v1/chat%2Fcompletions", "POST", 404, "not_found"),
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


async def test_path_when_it_ends_in_a_slash_then_the_remedy_names_the_right_one(
    app: FastAPI,
) -> None:
    for path, right in (("/busy/", "/busy"), ("/v1/chat/completions/", "/v1/chat/completions")):
        error = (await get(app, path, "POST")).json()["error"]
        assert error["metadata"]["remedy"].startswith(f"the path is {right},")
    error = (await get(app, "/nowhere/")).json()["error"]
    assert "slash" not in error["metadata"]["remedy"]


@pytest.mark.parametrize(
    ("body", "code", "param", "said"),
    [
        ("{bad", "invalid_json", None, "The body is not valid JSON: "),
        ("", "invalid_type", None, "The body is missing."),
        ("[1]", "invalid_type", None, "The body is not a JSON object."),
        ("{}", "missing_required_parameter", "size", "The field 'size' has to be there."),
        ('{"size": 1, "sice": 2}', "unknown_field", "sice", "There is no field 'sice' here."),
        ('{"size": "x"}', "invalid_type", "size", "Invalid value for 'size': input should be"),
        ('{"size": 0}', "invalid_value", "size", "Invalid value for 'size': input should be"),
        ('{"size": 1, "names": [1]}', "invalid_type", "names[0]", "Invalid value for 'names[0]'"),
    ],
)
async def test_body_when_it_is_invalid_then_a_sentence_says_where_and_what_to_do(
    app: FastAPI, body: str, code: str, param: str | None, said: str
) -> None:
    transport = httpx.ASGITransport(app)
    headers = {"content-type": "application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://weft") as client:
        response = await client.post("/wish", content=body, headers=headers)
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert error["message"].startswith(said)
    assert error["metadata"]["remedy"]


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
