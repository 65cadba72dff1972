"""The servers that the conformance tests talk to, started once for each test process."""

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from conformance.server import PROJECT, TEAM, Engine, Weft, running_engine, running_weft

SMALL = {
    "WEFT_QUEUE_LIMIT": "0",
    "WEFT_MAX_BODY_BYTES": "65536",
    "WEFT_FIRST_BYTE_TIMEOUT_S": "1",
    "WEFT_IDLE_TIMEOUT_S": "1",
}


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The engine behind `test/counted`."""
    with running_engine() as engine:
        yield engine


@pytest.fixture(scope="session")
def weft(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Weft]:
    """A server as `make serve` starts it, with the team `loom` and its project `cloth`."""
    folder = tmp_path_factory.mktemp("weft")
    with running_weft(folder, flags=("--stand-in",), remote=engine.url) as weft:
        for team, project in ((TEAM, PROJECT), ("wandb", "inference-demo")):
            weft.cli("team", "create", team, "--admin", "admin")
            weft.cli("project", "create", f"{team}/{project}")
        yield weft


@pytest.fixture(scope="session")
def small_weft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weft]:
    """A server with tight limits and no stand-in."""
    with running_weft(tmp_path_factory.mktemp("small"), settings=SMALL) as weft:
        yield weft


@pytest.fixture
def client(weft: Weft) -> Iterator[openai.OpenAI]:
    """The newest OpenAI client, which tries once: a refusal shows at once."""
    with openai.OpenAI(base_url=weft.url, api_key=weft.api_key, max_retries=0) as client:
        yield client


@pytest.fixture
def small_client(small_weft: Weft) -> Iterator[openai.OpenAI]:
    """The same for the small server."""
    with openai.OpenAI(
        base_url=small_weft.url, api_key=small_weft.api_key, max_retries=0
    ) as client:
        yield client


@pytest.fixture
def usage_file(tmp_path: Path) -> Path:
    """Where a child program writes what it saw."""
    return tmp_path / "seen.json"
