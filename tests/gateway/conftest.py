from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.gateway.house import Door, open_door


@pytest.fixture
async def door(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Door]:
    """A running server; parametrise indirectly with settings to override."""
    overrides: dict[str, object] = getattr(request, "param", {})
    async with open_door(tmp_path, **overrides) as door:
        yield door
