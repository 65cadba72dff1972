"""Country rules through a real server, with the official client; loopback is the trusted proxy that names callers."""

import json
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import openai
import pytest
from tests.gateway.house import Door, open_door

from countries import AMERICAN, GERMAN, GERMAN_V6, write_country_file
from weft.limits.country.rules import MESSAGE

PROXIED = {"country_allow": "DE", "trusted_proxies": "127.0.0.0/8"}


@pytest.fixture
async def door(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Door]:
    """A running server with a country file; parametrise indirectly with other settings."""
    write_country_file(tmp_path / "country.mmdb")
    async with open_door(tmp_path, **getattr(request, "param", PROXIED)) as door:
        yield door


def official(door: Door, address: str) -> openai.AsyncOpenAI:
    """The official client, as it is seen through a proxy."""
    key = door.client.headers["authorization"].removeprefix("Bearer ")
    return openai.AsyncOpenAI(
        base_url=f"{door.client.base_url}/v1",
        api_key=key,
        max_retries=0,
        default_headers={"X-Forwarded-For": address},
    )


async def ask(client: openai.AsyncOpenAI, **fields: str) -> str | None:
    done = await client.chat.completions.create(
        model="test/fake",
        messages=[{"role": "user", "content": "Hello"}],
        extra_headers=fields,
    )
    return done.choices[0].message.content


@pytest.mark.parametrize("address", [GERMAN, GERMAN_V6, f"{AMERICAN}, {GERMAN}"])
async def test_chat_when_the_country_is_allowed_then_it_is_answered(
    door: Door, address: str
) -> None:
    async with official(door, address) as client:
        assert await ask(client)
        assert (await client.models.list()).data


async def test_chat_when_the_country_is_not_allowed_then_the_official_client_says_permission_denied(
    door: Door,
) -> None:
    async with official(door, f"{GERMAN}, {AMERICAN}") as client:
        with pytest.raises(openai.PermissionDeniedError) as caught:
            await ask(client)
        with pytest.raises(openai.PermissionDeniedError):
            await client.models.list()
        with pytest.raises(openai.PermissionDeniedError):
            await client.models.retrieve("test/fake")
    error = caught.value
    assert (error.status_code, error.code) == (403, "country_not_supported")
    body = error.response.json()["error"]
    assert body["message"] == MESSAGE
    assert body["metadata"]["limit"] == "country"
    assert body["metadata"]["country"] == "US"
    assert body["metadata"]["remedy"]
    assert AMERICAN not in error.response.text
    record = await door.record_of(httpx.Response(403, headers=error.response.headers))
    assert record is not None
    assert (record.status, record.outcome, record.error_code) == (
        403,
        "refused",
        "country_not_supported",
    )
    assert (record.cost_nusd, record.engine) == (0, "")


async def test_chat_when_refused_then_the_body_was_not_looked_at(door: Door) -> None:
    headers = {"X-Forwarded-For": AMERICAN}
    response = await door.client.post("/v1/chat/completions", content=b"{no JSON", headers=headers)
    assert response.status_code == 403
    engines = door.house.engines.snapshot()
    assert all(engine.in_flight == 0 for engine in engines)


async def test_chat_when_the_key_is_wrong_then_that_is_told_first(door: Door) -> None:
    headers = {"X-Forwarded-For": AMERICAN, "Authorization": "Bearer nonsense"}
    response = await door.client.get("/v1/models", headers=headers)
    assert response.status_code == 401
    response = await door.client.post("/v1/chat/completions", content=b"{}", headers=headers)
    assert response.status_code == 401


async def test_chat_when_an_answer_is_kept_under_a_key_then_it_is_not_repeated_elsewhere(
    door: Door,
) -> None:
    key = {"Idempotency-Key": "once"}
    async with official(door, GERMAN) as here, official(door, AMERICAN) as there:
        first = await ask(here, **key)
        with pytest.raises(openai.PermissionDeniedError):
            await ask(there, **key)
        assert await ask(here, **key) == first


@pytest.mark.parametrize("door", [{"country_allow": "DE"}], indirect=True)
async def test_chat_when_no_proxy_is_trusted_then_headers_change_nothing(door: Door) -> None:
    async with official(door, AMERICAN) as client:
        assert await ask(client)  # the peer is this machine: private
        assert (await client.models.list()).data


@pytest.mark.parametrize("door", [{"country_allow": "DE", "country_test": True}], indirect=True)
async def test_chat_when_testing_then_a_country_can_be_tried(door: Door) -> None:
    assert (await door.ask("Hello")).status_code == 200
    door.client.headers["x-weft-test-country"] = "KP"
    refused = await door.ask("Hello")
    assert refused.status_code == 403
    assert refused.json()["error"]["metadata"]["country"] == "KP"


async def test_chat_when_it_is_logged_then_the_line_tells_the_country_and_not_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_country_file(tmp_path / "country.mmdb")
    path = tmp_path / "log.txt"
    with path.open("w") as log:
        monkeypatch.setattr(sys, "stderr", log)
        async with (
            open_door(tmp_path, **PROXIED, log_requests=True) as door,
            official(door, GERMAN) as here,
            official(door, AMERICAN) as there,
        ):
            await ask(here)
            with pytest.raises(openai.PermissionDeniedError):
                await ask(there)
    text = path.read_text()
    lines = [json.loads(line) for line in text.splitlines() if "request_finished" in line]
    assert [(line["status"], line["country"]) for line in lines] == [(200, "DE"), (403, "US")]
    assert GERMAN not in text
    assert AMERICAN not in text
