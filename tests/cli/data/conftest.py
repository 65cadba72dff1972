from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from ledger.proof.books import fill
from weft.app.storage import open_database
from weft.identity.bootstrap import FirstStart
from weft.kit.db import Database
from weft.ledger.proof.verify import verify

Rows = dict[str, list[str]]
Read = Callable[[Path | str], Rows]


@pytest.fixture
def books(started: FirstStart, tmp_path: Path) -> Rows:
    """The data folder after a first start and a month of business; what is in its database."""
    database = open_database(tmp_path)
    fill(database)
    database.close()
    return rows_of(tmp_path / "weft.db")


def rows_of(place: Path | str) -> Rows:
    """Every row of every table, alike for both kinds of database; its chain holds."""
    database = Database(place)
    tables = inspect(database.engine).get_table_names()
    with database.read() as connection:
        assert verify(connection).findings == ()
        found = {
            table: sorted(
                repr([int(value) if isinstance(value, bool) else value for value in row])
                for row in connection.execute(text(f'SELECT * FROM "{table}"'))
                if "data.restore" not in row  # which a restore itself tells the audit log
            )
            for table in sorted(tables)
        }
    database.close()
    assert len(found["ledger_transaction"]) > 5
    return found
