"""A server for the snippets of the guides, started once for each test process."""

from collections.abc import Iterator

import pytest

from conformance.server import Weft, running_weft


@pytest.fixture(scope="session")
def weft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weft]:
    """A server as `make serve` starts it."""
    with running_weft(tmp_path_factory.mktemp("docs"), flags=("--stand-in",)) as weft:
        yield weft
