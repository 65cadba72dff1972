"""A provider of one's own: a fake engine that wants a key, and a browser that is logged in."""

from collections.abc import Generator

import httpx
import pytest

from conformance.server import Engine, running_engine
from evals.conftest import NAME, Client
from evals.playground.conftest import log_in

KEY = "sk-of-a-provider"
PROVIDERS = f"/api/playground/{NAME}/providers"
CHAT = f"/api/playground/{NAME}/chat/completions"


@pytest.fixture(scope="session")
def engine() -> Generator[Engine]:
    """The provider's server."""
    with running_engine(secret=KEY) as engine:
        yield engine


@pytest.fixture(scope="session")
def browser(client: Client) -> Generator[httpx.Client]:
    """The admin's."""
    with log_in(client.weft, "admin") as browser:
        yield browser


@pytest.fixture(scope="session")
def parrot(browser: httpx.Client, engine: Engine) -> str:
    """A provider that was added; its name."""
    body = {
        "base_url": f"{engine.url}/v1",
        "api_key": KEY,
        "headers": {"X-Title": "weft"},
        "models": [{"name": "test/echo", "max_tokens": 512}],
    }
    answer = browser.put(f"{PROVIDERS}/parrot", json=body)
    assert answer.status_code == 200, answer.text
    return "parrot"
