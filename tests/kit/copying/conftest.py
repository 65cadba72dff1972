from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit.copying.shop import STEPS
from weft.kit.db import Database
from weft.kit.migrations import migrate

Open = Callable[[str], Database]


@pytest.fixture
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens a new database of a kind, with the tables of `STEPS`; one of PostgreSQL at most."""
    databases: list[Database] = []

    def open_one(kind: str) -> Database:
        postgresql = kind == "postgresql"
        place = (
            request.getfixturevalue("postgres_url")
            if postgresql
            else tmp_path / f"{len(databases)}.db"
        )
        databases.append(Database(place))
        migrate(databases[-1], STEPS)
        return databases[-1]

    yield open_one
    for database in databases:
        database.close()
