"""One running server for all tests of a module: what requests leave has their own ids.

A module that wants it says `door = shared_door`, and that its tests are in the module's event loop.
"""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.gateway.house import Door, open_door


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_door(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Door]:
    """A running server."""
    async with open_door(tmp_path_factory.mktemp("house")) as door:
        yield door
