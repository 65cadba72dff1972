"""A key that is restricted to some models: by their ids, whatever name a request uses and whatever answers it."""

import httpx
import pytest
from tests.gateway.house import Door

from weft.app.storage import server_secret
from weft.identity.keys import NewKey, create_key
from weft.identity.people import get_user
from weft.kit.clock import SystemClock

FAKE, ALIAS = "test/fake", "test/alias"
TINY, OTHER = "weft/tiny-chat", "openai/gpt-oss-20b"
STAND_IN = pytest.mark.parametrize("door", [{"stand_in": True}], indirect=True)


async def ask(door: Door, model: str, *allowed: str) -> httpx.Response:
    """Ask for `model` with a key that may use `allowed` only."""
    secret = server_secret(door.house.settings)
    with door.database.write() as connection:
        owner = get_user(connection, "admin")
        new = NewKey(owner, allowed_models=frozenset(allowed))
        made = create_key(connection, new, secret=secret, now=SystemClock().now())
    return await door.client.post(
        "/v1/chat/completions",
        json={"model": model, "messages": [{"role": "user", "content": "2 + 2?"}], "max_tokens": 2},
        headers={"authorization": f"Bearer {made.api_key}"},
    )


async def test_alias_when_its_model_is_allowed_then_answers(door: Door) -> None:
    response = await ask(door, ALIAS, FAKE)
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("name", [FAKE, ALIAS])
async def test_alias_when_its_model_is_not_allowed_then_is_refused(door: Door, name: str) -> None:
    response = await ask(door, name, OTHER)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "model_not_allowed"


@STAND_IN
async def test_stand_in_when_only_what_answers_is_allowed_then_is_refused(door: Door) -> None:
    """A key for the tiny model does not open the models that it stands in for."""
    response = await ask(door, OTHER, TINY)
    assert response.status_code == 403
    record = await door.record_of(response)
    assert record is not None
    assert (record.served_model_id, record.cost_nusd) == ("", 0)


@STAND_IN
async def test_stand_in_when_what_was_asked_for_is_allowed_then_answers(door: Door) -> None:
    response = await ask(door, OTHER, OTHER)
    assert response.status_code == 200, response.text
    assert response.headers["x-weft-stand-in"] == TINY
