from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient

from weft.catalog.catalog import Catalog
from weft.catalog.routes import router
from weft.catalog.types import ModelCard, ModelState
from weft.kit.errors import WeftError
from weft.kit.routes.handing import hand_on

PATH = "/inference/catalog/models"


class States:
    """What runs, as the engines' room would say it."""

    def __init__(self) -> None:
        self.of: dict[str, ModelState] = {"weft/tiny-chat": ModelState.READY}

    def __call__(self, card: ModelCard) -> ModelState:
        return self.of.get(card.id, ModelState.NOT_RUNNABLE)


@pytest.fixture
def states() -> States:
    return States()


@pytest.fixture
def client(shipped: Catalog, states: States) -> Iterator[TestClient]:
    app = FastAPI()
    hand_on(router(shipped, states), app)

    def write_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, WeftError)
        return Response(error.envelope(), error.status, media_type="application/json")

    app.add_exception_handler(WeftError, write_error)
    with TestClient(app) as client:
        yield client


def test_list_models_when_nobody_is_logged_in_then_the_whole_catalog(
    client: TestClient, shipped: Catalog
) -> None:
    reply = client.get(PATH)
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["content-type"] == "application/json"
    models = reply.json()["models"]
    assert [model["id"] for model in models] == [card.id for card in shipped.cards]
    assert [model["id"] for model in models if model["runnable"]] == ["weft/tiny-chat"]


def test_list_models_when_the_caller_has_it_then_304_until_a_state_changes(
    client: TestClient, states: States
) -> None:
    etag = client.get(PATH).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(PATH, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert again.headers["access-control-allow-origin"] == "*"
    states.of["openai/gpt-oss-20b"] = ModelState.STAND_IN
    changed = client.get(PATH, headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


def test_get_model_when_the_id_has_a_slash_then_its_row(client: TestClient) -> None:
    row = client.get(f"{PATH}/openai/gpt-oss-20b").json()
    assert row["id"] == "openai/gpt-oss-20b"
    assert row["state"] == "not-runnable"
    assert row["needs"]


def test_get_model_when_the_id_is_unknown_then_404_with_the_nearest(client: TestClient) -> None:
    reply = client.get(f"{PATH}/openai/gpt-oss-20B")
    assert reply.status_code == 404
    error = reply.json()["error"]
    assert error["code"] == "model_not_found"
    assert error["metadata"]["did_you_mean"][0] == "openai/gpt-oss-20b"


def test_openapi_when_read_then_it_describes_every_field_without_references(
    client: TestClient,
) -> None:
    document = client.get("/openapi.json").json()
    listed = document["paths"][PATH]["get"]["responses"]["200"]["content"]["application/json"]
    row = listed["schema"]["properties"]["models"]["items"]
    assert "priceCentsPerBillionTokensInput" in row["properties"]
    assert (
        "inputNusdPerMtok" in (row["properties"]["prices"]["properties"]["current"]["properties"])
    )
    assert "$defs" not in str(document["paths"])
