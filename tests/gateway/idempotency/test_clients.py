"""Keys as OpenAI's client sends them, to the real server in this process."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import openai
import pytest
from sqlalchemy import func, select
from tests.gateway.house import Door

from weft.ledger.schema import usage


def a_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


async def records(door: Door) -> int:
    return await door.database.read_soon(
        lambda connection: connection.execute(select(func.count()).select_from(usage)).scalar_one()
    )


@dataclass(frozen=True)
class Client:
    """OpenAI's client, and the door that it talks to."""

    openai: openai.AsyncOpenAI
    door: Door

    async def ask(self, key: dict[str, str], content: str) -> str | None:
        answer = await self.openai.chat.completions.create(
            model="test/fake",
            messages=[{"role": "user", "content": content}],
            extra_headers=key,
        )
        return answer.choices[0].message.content

    async def stream(self, key: dict[str, str], content: str, *, cut_after: int = -1) -> str:
        text = ""
        async with await self.openai.chat.completions.create(
            model="test/fake",
            messages=[{"role": "user", "content": content}],
            stream=True,
            extra_headers=key,
        ) as stream:
            number = 0
            async for chunk in stream:
                text += chunk.choices[0].delta.content or ""
                number += 1
                if number == cut_after:
                    break
        return text


@pytest.fixture
async def client(door: Door) -> AsyncIterator[Client]:
    api_key = door.client.headers["Authorization"].removeprefix("Bearer ")
    async with openai.AsyncOpenAI(
        base_url=f"{door.client.base_url}/v1", api_key=api_key, max_retries=0
    ) as client:
        yield Client(client, door)


async def test_client_when_it_retries_then_gets_the_same(client: Client) -> None:
    key = a_key()
    assert await client.ask(key, "one two") == await client.ask(key, "one two") == "one two"
    key = a_key()
    text = "[[fake: delay_ms=5 tokens=20]] one two"
    assert await client.stream(key, text, cut_after=3) != await client.stream(key, text)
    assert await client.stream(key, text) == " ".join(["one", "two"] * 10)
    assert await records(client.door) == 2


async def test_client_when_the_key_is_misused_then_raises_bad_request(client: Client) -> None:
    key = a_key()
    await client.ask(key, "one")
    with pytest.raises(openai.BadRequestError, match="other parameters"):
        await client.ask(key, "two")
    with pytest.raises(openai.BadRequestError, match="256 characters"):
        await client.ask({"Idempotency-Key": "k" * 256}, "one")
