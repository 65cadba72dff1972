"""A trace store with its calls in ClickHouse's engine in this process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from traces.doors import Door, open_door
from weft.app.storage import MIGRATIONS
from weft.kit.db import Database
from weft.kit.migrations import migrate


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    database = Database(tmp_path / "weft.db")
    migrate(database, MIGRATIONS)
    clickhouse = f"chdb://{tmp_path}/calls"
    async with open_door(database, tmp_path / "data", clickhouse=clickhouse) as door:
        yield door
    database.close()
