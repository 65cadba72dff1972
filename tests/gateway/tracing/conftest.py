from collections.abc import Generator

import pytest
from tests.gateway.house import Door
from tests.gateway.shared import shared_door
from tests.gateway.tracing.stored import TraceDatabase

door = shared_door


@pytest.fixture(scope="module")
def stored(door: Door) -> Generator[TraceDatabase]:
    found = TraceDatabase(door)
    yield found
    found.database.close()
