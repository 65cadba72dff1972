"""Adapters with the official client, on the real llama.cpp: by both forms of their names, while the server runs."""

from collections.abc import Iterator

import openai
import pytest

from adapters import tiny_numbers, write_peft
from conformance.server import PROJECT, TEAM, TINY, Weft, wait_until

pytestmark = pytest.mark.conformance

QUESTION = "What is 2 + 2?"


def put(weft: Weft, name: str, version: int = 1) -> str:
    """An adapter in a server that was started without it; its name as an artifact."""
    home = weft.data_dir / "adapters" / TEAM / PROJECT / name
    write_peft(home / f"v{version}", tiny_numbers(version, size=2.0))
    return f"wandb-artifact:///{TEAM}/{PROJECT}/{name}"


@pytest.fixture
def client(weft: Weft) -> Iterator[openai.OpenAI]:
    """Of the project that the adapters are in."""
    with openai.OpenAI(
        base_url=weft.url, api_key=weft.api_key, project=f"{TEAM}/{PROJECT}", max_retries=0
    ) as client:
        yield client


def ask(client: openai.OpenAI, model: str) -> tuple[str | None, str]:
    """What it says, and the id of the request."""
    raw = client.chat.completions.with_raw_response.create(
        model=model,
        messages=[{"role": "user", "content": QUESTION}],
        max_tokens=12,
        temperature=0,
    )
    answer = raw.parse()
    assert answer.model == model
    return answer.choices[0].message.content, raw.headers["x-request-id"]


def said(client: openai.OpenAI, model: str) -> str | None:
    return ask(client, model)[0]


def test_adapter_when_called_by_either_name_then_answers_and_costs_what_the_model_does(
    weft: Weft, client: openai.OpenAI
) -> None:
    artifact = put(weft, "pirate")
    answer, request_id = ask(client, f"{TINY}:pirate")
    assert answer != said(client, TINY) == "4"
    for name in (f"{TINY}:pirate@v1", f"{artifact}:v1", f"{artifact}:latest"):
        assert said(client, name) == answer
    record = weft.usage(request_id)
    assert record is not None
    assert record["model_id"] == record["served_model_id"] == TINY
    assert record["price_version"].startswith(f"{TINY}@")
    assert f"{TEAM}/{PROJECT}/pirate@v1" in record["engine"]


def test_adapter_when_streamed_then_says_the_same(weft: Weft, client: openai.OpenAI) -> None:
    artifact = put(weft, "poet")
    chunks = client.chat.completions.create(
        model=f"{artifact}:v1",
        messages=[{"role": "user", "content": QUESTION}],
        max_tokens=12,
        temperature=0,
        stream=True,
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == said(client, f"{TINY}:poet")


def test_latest_when_a_new_version_comes_then_is_followed_without_a_restart(
    weft: Weft, client: openai.OpenAI
) -> None:
    put(weft, "judge")
    first = said(client, f"{TINY}:judge")
    put(weft, "judge", 2)
    wait_until(lambda: said(client, f"{TINY}:judge") != first, within_s=30)
    assert said(client, f"{TINY}:judge") == said(client, f"{TINY}:judge@v2")
    assert said(client, f"{TINY}:judge@v1") == first


def test_models_when_listed_then_the_adapter_has_its_model_as_parent(
    weft: Weft, client: openai.OpenAI
) -> None:
    put(weft, "scribe")
    rows = {row.id: row for row in client.models.list()}
    assert getattr(rows[f"{TINY}:scribe"], "parent", None) == TINY
    assert client.models.retrieve(f"{TINY}:scribe@v1").id == f"{TINY}:scribe@v1"


def test_adapter_when_of_another_team_then_is_not_found(weft: Weft, client: openai.OpenAI) -> None:
    write_peft(weft.data_dir / "adapters" / "rival" / "x" / "spy" / "v1")
    for name in ("wandb-artifact:///rival/x/spy:v1", f"{TINY}:spy"):
        with pytest.raises(openai.NotFoundError):
            ask(client, name)
