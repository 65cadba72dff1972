"""What a house's door left in the trace database, read without any route."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from tests.gateway.house import Door

from weft.app.traces.database import TRACES_NAME
from weft.kit.db import Database
from weft.traces.schema import BLOB, CALL, PAYLOAD, PROJECT

PATIENCE_S = 10


@dataclass(frozen=True)
class Stored:
    """One call as it is kept."""

    project_id: str
    row: Any

    @property
    def attributes(self) -> dict[str, Any]:
        return json.loads(self.row.attributes)["weft"]

    @property
    def inputs(self) -> Any:
        return json.loads(self.row.inputs)

    @property
    def output(self) -> Any:
        return None if self.row.output is None else json.loads(self.row.output)

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads(self.row.summary)

    @property
    def exception(self) -> dict[str, Any]:
        return json.loads(self.row.exception)


class TraceDatabase:
    """The trace database of a house."""

    def __init__(self, door: Door) -> None:
        self.database = Database(door.house.settings.data_dir / TRACES_NAME)

    def find(self, call_id: str) -> Stored | None:
        def read(connection: Connection) -> Stored | None:
            wanted = (
                select(CALL, PAYLOAD, PROJECT.c.project_id)
                .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
                .join(PROJECT, PROJECT.c.key == CALL.c.project)
                .where(CALL.c.id == call_id)
            )
            row = connection.execute(wanted).one_or_none()
            return None if row is None else Stored(row.project_id, row)

        with self.database.read() as connection:
            return read(connection)

    async def call(self, call_id: str) -> Stored:
        """The call of this id, once it is there."""
        async with asyncio.timeout(PATIENCE_S):
            while (found := self.find(call_id)) is None:
                await asyncio.sleep(0.01)
        return found

    def blob(self, digest: str) -> str:
        with self.database.read() as connection:
            return connection.execute(
                select(BLOB.c.body).where(BLOB.c.digest == digest)
            ).scalar_one()
