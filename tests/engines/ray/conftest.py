"""One cluster for all tests of this folder."""

import importlib.util
import sys
from collections.abc import Iterator

import pytest

from engines.ray.cluster import NODES, Cluster, running_cluster


@pytest.fixture(scope="session")
def whole_cluster() -> Iterator[Cluster]:
    if sys.platform != "linux":
        pytest.skip("elsewhere loopback has one address")
    if importlib.util.find_spec("ray") is None:
        pytest.skip("the extra weft[ray] is not installed")
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def cluster(whole_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """The cluster with all its nodes."""
    whole_cluster.have(*NODES)
    monkeypatch.setenv("RAY_TMPDIR", str(whole_cluster.folder))
    return whole_cluster
