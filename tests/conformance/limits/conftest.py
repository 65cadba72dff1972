"""Two servers whose limits are reached: one as it comes, and a strict one that says 402 and asks for the country."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from adapters import tiny_numbers, write_peft
from conformance.limits.accounts import opened_books
from conformance.limits.asks import ECHO, LIMITED
from conformance.limits.situations import Stage
from conformance.server import PATIENCE_S, Engine, Weft, running_weft
from countries import write_country_file

CARDS = Path(__file__).with_name("cards")
STRICT = {"WEFT_QUOTA_STATUS": "402", "WEFT_COUNTRY_DENY": "KP", "WEFT_COUNTRY_TEST": "true"}


def write_shared_adapter(folder: Path) -> None:
    """One that every account may name."""
    numbers = tiny_numbers(modules={"self_attn.q_proj": "attn_q"})
    write_peft(folder / "data" / "adapters" / "_shared" / "pirate", numbers, base=LIMITED)


def wake(weft: Weft, http: httpx.Client) -> None:
    """Only an engine that is loaded counts a prompt exactly, which spending to the last nano-dollar takes."""
    body = {"model": ECHO, "messages": [{"role": "user", "content": "hello"}]}
    response = http.post(f"{weft.url}/chat/completions", json=body, headers=weft.headers)
    assert response.status_code == 200, response.text


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Stage]:
    """A server as it comes, with a stand-in."""
    folder = tmp_path_factory.mktemp("limited")
    write_shared_adapter(folder)
    with (
        running_weft(folder, flags=("--stand-in",), remote=engine.url, cards=CARDS) as weft,
        opened_books(weft.data_dir) as books,
        openai.OpenAI(base_url=weft.url, api_key=weft.api_key, max_retries=0) as client,
        httpx.Client(timeout=PATIENCE_S) as http,
        contextlib.ExitStack() as exits,
    ):
        wake(weft, http)
        yield Stage(weft, books, exits, client, http, engine)


@pytest.fixture(scope="session")
def strict_stage(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Stage]:
    """A server with other settings."""
    folder = tmp_path_factory.mktemp("strict")
    write_shared_adapter(folder)
    write_country_file(folder / "data" / "country.mmdb")
    with (
        running_weft(
            folder, settings=STRICT, flags=("--stand-in",), remote=engine.url, cards=CARDS
        ) as weft,
        opened_books(weft.data_dir) as books,
        openai.OpenAI(base_url=weft.url, api_key=weft.api_key, max_retries=0) as client,
        httpx.Client(timeout=PATIENCE_S) as http,
        contextlib.ExitStack() as exits,
    ):
        wake(weft, http)
        yield Stage(weft, books, exits, client, http, engine, quota_status=402)
