"""Calls written to ClickHouse, from the trace writer's own transactions.

What is known of a call that has not ended waits in `trace_orphan`, as does an end whose start has not come; a call that
runs is also a row, so that it can be read. Only when ClickHouse has the rows is the transaction committed, and
operations may come twice: both are harmless, for versions decide which row of a call counts.

An end without a start that waits is looked up in ClickHouse: it may be the second end of a call, or a late one.
Known gap: a whole call that comes again with another start is a second row, and both are read.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select

from weft.traces.calls.change.notes import heed, note_deleted, note_names
from weft.traces.calls.change.rename import RenameCall
from weft.traces.calls.counting import chunks
from weft.traces.calls.facts import facts_of
from weft.traces.calls.parts import CallPart, WriteCalls, merged
from weft.traces.clickhouse.schema import CALL, COLUMNS, DELETED, ENDED, NO_OUTPUT
from weft.traces.clickhouse.server import ClickHouse
from weft.traces.projects import ProjectKeys
from weft.traces.schema import ORPHAN
from weft.traces.store import TraceStore
from weft.traces.types import ProjectKey

FAMILY_LIMIT = 1_000_000
"""Calls that one request deletes with their descendants."""
_OF_PARTS = CallPart.__struct_fields__


class ClickHouseWriter:
    """Applies what changes calls, where these are kept in ClickHouse."""

    def __init__(self, server: ClickHouse, keys: ProjectKeys) -> None:
        self._server = server
        self._keys = keys

    def write(self, connection: Connection, ops: Sequence[WriteCalls]) -> None:
        """Write parts of calls."""
        by_project: dict[str, dict[str, CallPart]] = {}
        for op in ops:
            parts = by_project.setdefault(op.project_id, {})
            for part in op.parts:
                before = parts.pop(part.id, None)
                parts[part.id] = merged(before, part) if before else part
        rows: list[dict[str, Any]] = []
        for project_id, parts in by_project.items():
            project = self._keys.make(connection, project_id)
            rows += _rows(connection, self._server, project, parts)
        self._server.write(rows)

    def rename(self, connection: Connection, ops: Sequence[RenameCall]) -> None:
        """Give calls display names; the last one of a call stays."""
        for op in ops:
            project = self._keys.make(connection, op.project_id)
            note_names(connection, project, [(op.id, op.display_name, op.at_us)])
            found = self._server.rows(
                select(CALL).where(CALL.c.project == project, CALL.c.id == op.id)
            )
            self._server.write(
                [
                    {**vars(row), "display_name": op.display_name or None, "version": _version(row)}
                    for row in found
                ]
            )

    async def remove(
        self, store: TraceStore, project_id: str, ids: Sequence[str], now_us: int
    ) -> int:
        """Delete calls and all below them; returns how many there were.

        Raises:
            StoreAway: a database does not answer; what was deleted by then stays deleted.
        """
        nothing: list[tuple[str, int]] = []

        def look(_connection: Connection, project: ProjectKey) -> list[tuple[str, int]]:
            return self._family(project, ids)

        whole = await store.read(project_id, look, empty=nothing)
        for some in chunks([*whole, *((id_, -1) for id_ in ids)]):

            def run(
                connection: Connection,
                project: ProjectKey,
                some: Sequence[tuple[str, int]] = some,
            ) -> None:
                gone = [id_ for id_, _at in some]
                note_deleted(connection, project, gone, now_us)
                connection.execute(
                    delete(ORPHAN).where(ORPHAN.c.project == project, ORPHAN.c.id.in_(gone))
                )
                version = DELETED + _now()
                self._server.write(
                    [_tombstone(project, id_, at, version) for id_, at in some if at != -1]
                )

            await store.change(project_id, run)
        return len(whole)

    def _family(self, project: ProjectKey, ids: Sequence[str]) -> list[tuple[str, int]]:
        """The ids and starts of calls among `ids`, and of all below them, ancestors first."""
        found: dict[str, int] = {}
        by_id: Any = CALL.c.id
        generation = list(dict.fromkeys(ids))
        while generation and len(found) < FAMILY_LIMIT:
            members: list[str] = []
            for some in chunks(generation):
                wanted = select(CALL.c.id, CALL.c.started_at_us).where(
                    CALL.c.project == project, by_id.in_(some)
                )
                for row in self._server.rows(wanted):
                    if row.id not in found:
                        found[row.id] = row.started_at_us
                        members.append(row.id)
            generation = members
            by_id = CALL.c.parent_id
        return list(found.items())


def _rows(
    connection: Connection, server: ClickHouse, project: ProjectKey, parts: dict[str, CallPart]
) -> list[dict[str, Any]]:
    """The rows that parts make with what waited, once they are heeded; what still waits is left there."""
    known = {**_waiting(connection, project, list(parts))}
    lone = [
        id_
        for id_, part in parts.items()
        if not part.has_start and not (id_ in known and known[id_].has_start)
    ]
    known |= _written(server, project, lone)
    whole = {id_: _joined(known.get(id_), part) for id_, part in parts.items()}
    whole = heed(connection, project, whole)
    for some in chunks(list(parts)):
        connection.execute(delete(ORPHAN).where(ORPHAN.c.project == project, ORPHAN.c.id.in_(some)))
    waiting = [part for part in whole.values() if not part.has_start or part.ended_at_us is None]
    if waiting:
        connection.execute(
            insert(ORPHAN),
            [
                {
                    "project": project,
                    "id": part.id,
                    "part": msgspec.json.encode(part).decode(),
                    "arrived_at_us": _now(),
                }
                for part in waiting
            ],
        )
    rows = [_row(project, part) for part in whole.values() if part.has_start]
    for id_, part in whole.items():
        before = known.get(id_)
        if before and before.has_start and part.started_at_us != before.started_at_us:
            rows.append(_tombstone(project, id_, before.started_at_us, _now()))
    return rows


def _waiting(
    connection: Connection, project: ProjectKey, ids: Sequence[str]
) -> Mapping[str, CallPart]:
    found: dict[str, CallPart] = {}
    for some in chunks(list(ids)):
        wanted = select(ORPHAN.c.id, ORPHAN.c.part).where(
            ORPHAN.c.project == project, ORPHAN.c.id.in_(some)
        )
        for row in connection.execute(wanted):
            found[row.id] = msgspec.json.decode(row.part, type=CallPart)
    return found


def _written(server: ClickHouse, project: ProjectKey, ids: Sequence[str]) -> Mapping[str, CallPart]:
    """Calls that ClickHouse has, as parts."""
    found: dict[str, CallPart] = {}
    for some in chunks(ids):
        wanted = select(CALL).where(CALL.c.project == project, CALL.c.id.in_(some))
        for row in server.rows(wanted):
            values = {name: getattr(row, name) for name in _OF_PARTS}
            values["output"] = None if row.output == NO_OUTPUT else row.output
            found[row.id] = CallPart(**values)
    return found


def _joined(before: CallPart | None, part: CallPart) -> CallPart:
    return part if before is None else merged(before, part)


def _row(project: ProjectKey, part: CallPart) -> dict[str, Any]:
    facts = facts_of(part)
    texts = (part.attributes, part.inputs, part.output, facts.summary, part.exception)
    row: dict[str, Any] = {name: getattr(part, name, None) for name in COLUMNS}
    row.update(
        project=project,
        op=facts.op,
        status=facts.status,
        summary=facts.summary,
        output=NO_OUTPUT if part.output is None else part.output,
        model=facts.model,
        input_tokens=facts.input_tokens,
        output_tokens=facts.output_tokens,
        size_bytes=sum(len(text) for text in texts if text is not None),
        is_deleted=0,
        version=_now() + (0 if part.ended_at_us is None else ENDED),
    )
    return row


def _tombstone(project: ProjectKey, id_: str, started_at_us: int, version: int) -> dict[str, Any]:
    """A row that takes the place of a call, and is none."""
    part = CallPart(id_, started_at_us=started_at_us)
    return {**_row(project, part), "is_deleted": 1, "version": version}


def _version(row: Any) -> int:
    return _now() + (0 if row.ended_at_us is None else ENDED)


def _now() -> int:
    return time.time_ns() // 1000
