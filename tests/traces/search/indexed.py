"""Indexes for tests: worked on by hand, in transactions of the test's own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from weft.kit.db import Database
from weft.kit.ids import new_id
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.calls.read.find import Search, places
from weft.traces.calls.write import CallWriter
from weft.traces.json_text import dump
from weft.traces.projects import ProjectKeys
from weft.traces.query.parse import parse_query
from weft.traces.schema import CALL
from weft.traces.search.reading import find_index
from weft.traces.search.switch import SearchStatus, search_status, turn_off, turn_on
from weft.traces.search.work import work_on
from weft.traces.types import ProjectKey


@dataclass
class Indexed:
    """A project and its index."""

    database: Database
    project_id: str = field(default_factory=lambda: new_id("proj"))

    def __post_init__(self) -> None:
        self.keys = ProjectKeys()
        with self.database.write() as connection:
            self.key: ProjectKey = self.keys.make(connection, self.project_id)

    def write(self, *parts: CallPart) -> None:
        with self.database.write() as connection:
            writer = CallWriter(ProjectKeys())
            writer.apply(connection, [WriteCalls(self.project_id, list(parts))])

    def turn(self, *, on: bool) -> None:
        with self.database.write() as connection:
            (turn_on if on else turn_off)(connection, self.key)

    def work(self, steps: int = 1000) -> None:
        """Work on it until nothing is left to do."""
        for _ in range(steps):
            with self.database.write() as connection:
                if not work_on(connection, self.key, 50):
                    return

    @property
    def status(self) -> SearchStatus:
        with self.database.read() as connection:
            return search_status(connection, self.key)

    def find(self, query: Any, *, by_index: bool = True) -> list[str]:
        """Ids of calls, by the index or by reading all of them."""
        with self.database.read() as connection:
            index = find_index(connection, self.key) if by_index else None
            assert index is not None or not by_index
            search = Search(self.key, None, parse_query(query), index)
            found = places(connection, search.statement())
            rows = connection.execute(
                select(CALL.c.seq, CALL.c.id).where(CALL.c.project == self.key)
            )
            ids = {row.seq: row.id for row in rows}
        return [ids[seq] for seq in found]

    def candidates(self, piece: str) -> int:
        """How many calls the index leaves to be looked at."""
        with self.database.read() as connection:
            index = find_index(connection, self.key)
            assert index is not None
            near = index.narrow(piece)
            assert near is not None
            wanted = select(CALL.c.seq).where(CALL.c.project == self.key, near)
            return len(connection.execute(wanted).all())


def has(piece: str, path: str = "inputs.text", *, ignore_case: bool = False) -> Any:
    """A query for a piece of text."""
    return {
        "$expr": {
            "$contains": {
                "input": {"$getField": path},
                "substr": {"$literal": piece},
                "case_insensitive": ignore_case,
            }
        }
    }


def texts(*values: str) -> Sequence[str]:
    """Inputs with these texts."""
    return [dump({"text": value}) for value in values]
