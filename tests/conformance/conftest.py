"""The servers that the conformance tests talk to, started once for each test process."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from conformance import samples
from conformance.programs import CLIENTS_PYTHON, tour_python
from conformance.server import PROJECT, TEAM, TINY, Engine, Weft, running_engine, running_weft

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
    with running_weft(
        tmp_path_factory.mktemp("small"), settings=SMALL, expected="database_failed"
    ) as weft:
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


@pytest.fixture(scope="session")
def litellm_seen(weft: Weft, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the LiteLLM SDK saw, its page's samples included: one program, because its import alone takes seconds."""
    folder = tmp_path_factory.mktemp("samples")
    key = f'"{weft.api_key}"'
    for name, source in {
        "whole": samples.LITELLM_WHOLE.replace('"insert-your-wandb-api-key"', key),
        "stream": samples.LITELLM_STREAM.replace('""', key, 1),
    }.items():
        (folder / f"{name}.py").write_text(source)
    return tour_python(
        CLIENTS_PYTHON,
        weft,
        "litellm_tour.py",
        TINY,
        f"{TEAM}/{PROJECT}",
        *(str(path) for path in sorted(folder.iterdir())),
        WANDB_API_BASE=weft.url,
        WANDB_API_KEY=weft.api_key,
    )
