"""Parts for the tests of weights: a hub, a folder, and a pull into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engines.weights.hub_server import HubServer, Repository, serving_hub
from weft.engines.weights.folder import WeightsFolder
from weft.engines.weights.hub import Hub
from weft.engines.weights.pull import Pulled, pull

NAME = "acme/tiny-GGUF"
WEIGHTS = "tiny-Q4_K_M.gguf"
LARGE = bytes(range(256)) * (3 << 12)  # 3 MiB

Pull = Callable[..., Pulled]


@pytest.fixture(scope="module")
def running_hub() -> Iterator[HubServer]:
    with serving_hub() as hub:
        yield hub


@pytest.fixture
def hub(running_hub: HubServer) -> HubServer:
    """A hub with one repository: a large file and a small one."""
    running_hub.asked.clear()
    running_hub.stalled.clear()
    files = {WEIGHTS: b"GGUF" + LARGE, "README.md": b"# Tiny\n"}
    running_hub.repositories = {NAME: Repository(files, large={WEIGHTS})}
    return running_hub


@pytest.fixture
def weights(tmp_path: Path) -> WeightsFolder:
    return WeightsFolder(tmp_path / "weights")


@pytest.fixture
def pull_from(hub: HubServer, weights: WeightsFolder) -> Pull:
    """Pulls paths of the repository, with all that is told on the way kept in `told`."""

    def run(
        *paths: str, token: str = "", revision: str = "", told: list[tuple[str, int]] | None = None
    ) -> Pulled:
        def begin(name: str) -> Callable[[int, int], None]:
            return lambda done, _total: None if told is None else told.append((name, done))

        source = Hub(hub.url, token)
        listing = source.list_files(NAME, revision)
        return pull(source, listing, paths or (WEIGHTS,), weights, begin)

    return run
