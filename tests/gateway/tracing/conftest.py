from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.gateway.house import Door, open_door
from tests.gateway.tracing.stored import TraceDatabase


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Door]:
    """One running server for a module: what requests leave has their own ids."""
    folder: Path = tmp_path_factory.mktemp("house")
    async with open_door(folder) as door:
        yield door


@pytest.fixture(scope="module")
def stored(door: Door) -> Generator[TraceDatabase]:
    found = TraceDatabase(door)
    yield found
    found.database.close()
