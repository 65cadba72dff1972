"""A trace store with its calls in ClickHouse's engine in this process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from databases import new_sqlite
from traces.doors import Door, open_door


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    database = new_sqlite(tmp_path / "weft.db")
    clickhouse = f"chdb://{tmp_path}/calls"
    async with open_door(database, tmp_path / "data", clickhouse=clickhouse) as door:
        yield door
    database.close()
