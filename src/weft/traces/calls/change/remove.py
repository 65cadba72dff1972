"""Removes calls: rows, texts, what they added to sums, and large texts that no other call has."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, or_, select

from weft.traces.agents.schema import AGENT_SPAN
from weft.traces.calls.change.notes import note_deleted
from weft.traces.calls.counting import CHUNK, Counting, Told, chunks
from weft.traces.schema import BLOB, CALL, ORPHAN, PAYLOAD
from weft.traces.search.marks import forget
from weft.traces.store import TraceStore
from weft.traces.types import ProjectKey

FAMILY_LIMIT = 1_000_000
"""Calls that one request deletes with their descendants."""


async def delete_calls(store: TraceStore, project_id: str, ids: Sequence[str], now_us: int) -> int:
    """Delete calls and all below them, ancestors first, some at a time; returns how many there were.

    Raises:
        StoreAway: the database does not answer; what was deleted by then stays deleted.
    """
    nobody: list[str] = []
    whole = await store.read(project_id, lambda c, p: family(c, p, ids), empty=nobody)
    removed = 0
    for some in chunks(dict.fromkeys((*ids, *whole))):

        def run(connection: Connection, project: ProjectKey, some: list[str] = some) -> int:
            note_deleted(connection, project, some, now_us)
            return remove(connection, project, some)

        removed += await store.change(project_id, run)
    return removed


def family(connection: Connection, project: ProjectKey, ids: Sequence[str]) -> list[str]:
    """The ids of calls among `ids`, and of all below them, ancestors first."""
    found: dict[str, None] = {}
    by_id = CALL.c.id
    generation = list(dict.fromkeys(ids))
    while generation and len(found) < FAMILY_LIMIT:
        members: list[str] = []
        for some in chunks(generation):
            wanted = select(CALL.c.id).where(CALL.c.project == project, by_id.in_(some))
            members += [id_ for id_ in connection.execute(wanted).scalars() if id_ not in found]
        found.update(dict.fromkeys(members))
        generation = members
        by_id = CALL.c.parent_id
    return list(found)


def remove(connection: Connection, project: ProjectKey, ids: Sequence[str]) -> int:
    """Remove the calls with these ids, inside the writer's transaction; returns how many there were."""
    removed = 0
    for some in chunks(ids):
        orphans = (ORPHAN.c.project == project, ORPHAN.c.id.in_(some))
        connection.execute(delete(ORPHAN).where(*orphans))
        wanted = (
            select(
                CALL.c.seq,
                CALL.c.id,
                CALL.c.parent_id,
                PAYLOAD.c.inputs_blob,
                PAYLOAD.c.output_blob,
            )
            .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq, isouter=True)
            .where(CALL.c.project == project, CALL.c.id.in_(some))
        )
        rows = connection.execute(wanted).all()
        if rows:
            _remove(connection, project, rows)
        removed += len(rows)
    return removed


def _remove(connection: Connection, project: ProjectKey, rows: Sequence[Any]) -> None:
    gone = {row.id for row in rows}
    seqs = [row.seq for row in rows]
    counting = Counting(
        connection,
        project,
        changing=seqs,
        parents={row.parent_id for row in rows if row.parent_id} - gone,
    )
    forget(connection, project, seqs)
    connection.execute(delete(PAYLOAD).where(PAYLOAD.c.seq.in_(seqs)))  # found with the project
    connection.execute(delete(CALL).where(CALL.c.project == project, CALL.c.seq.in_(seqs)))
    told = (AGENT_SPAN.c.project == project, AGENT_SPAN.c.span_id.in_(list(gone)))
    connection.execute(delete(AGENT_SPAN).where(*told))
    counting.close([Told(row.id, row.seq, row.parent_id, None, {}) for row in rows])
    digests = {row.inputs_blob for row in rows} | {row.output_blob for row in rows}
    drop_blobs(connection, project, [digest for digest in digests if digest])


def drop_blobs(connection: Connection, project: ProjectKey, digests: Sequence[str]) -> None:
    """Remove those of these large texts that no call of the project has any more."""
    for some in chunks(digests, CHUNK):
        used = (
            select(PAYLOAD.c.seq)
            .join(CALL, CALL.c.seq == PAYLOAD.c.seq)
            .where(
                CALL.c.project == project,
                or_(
                    PAYLOAD.c.inputs_blob == BLOB.c.digest,
                    PAYLOAD.c.output_blob == BLOB.c.digest,
                ),
            )
            .correlate(BLOB)
        )
        connection.execute(
            delete(BLOB).where(BLOB.c.project == project, BLOB.c.digest.in_(some), ~used.exists())
        )
