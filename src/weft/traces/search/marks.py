"""What writers of calls tell the index: that a call is new, that its texts change, that it goes.

All of it inside their own transactions. For projects without an index it costs one look into a table of few rows.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from weft.kit import bulk
from weft.kit.db import SQLITE
from weft.traces.calls.counting import chunks
from weft.traces.calls.read.fields import text_of
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.search.schema import CLEARING, DONE, INDEXED, WAITS
from weft.traces.search.trigrams import Text_, has_place, take_out
from weft.traces.types import ProjectKey

_SWITCH = "SELECT state, place FROM trace_search WHERE project = ?"


def mark(
    connection: Connection, project: ProjectKey, fresh: Iterable[int], changing: Sequence[int]
) -> None:
    """Have calls looked at by the index: new ones, and those whose texts will change after this."""
    found = bulk.run(connection, _SWITCH, (project,))
    if not found or found[0][0] == CLEARING:
        return
    _take_out(connection, project, str(found[0][1]), changing)
    dialect = sqlite if connection.dialect.name == SQLITE else postgresql
    for some in chunks([*fresh, *changing]):
        rows = [{"seq": seq, "project": project, "state": WAITS, "body": None} for seq in some]
        adding = dialect.insert(INDEXED)
        waits = {"state": adding.excluded.state, "body": adding.excluded.body}
        connection.execute(adding.on_conflict_do_update(index_elements=["seq"], set_=waits), rows)


def forget(connection: Connection, project: ProjectKey, seqs: Sequence[int]) -> None:
    """Take calls out of the index, whose texts will be removed after this."""
    found = bulk.run(connection, _SWITCH, (project,))
    if not found:
        return
    if found[0][0] != CLEARING:
        _take_out(connection, project, str(found[0][1]), seqs)
    for some in chunks(seqs):
        mine = (INDEXED.c.project == project, INDEXED.c.seq.in_(some))
        connection.execute(delete(INDEXED).where(*mine))


def bodies(connection: Connection, project: ProjectKey, seqs: Sequence[int]) -> list[Text_]:
    """What is looked for in each of these calls."""
    found: list[Text_] = []
    for some in chunks(seqs):
        wanted = (
            select(CALL.c.seq, text_of(project, "inputs"), text_of(project, "output"))
            .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
            .where(CALL.c.project == project, CALL.c.seq.in_(some))
        )
        for seq, inputs, output in connection.execute(wanted):
            found.append((seq, f"{inputs or ''}\n{output or ''}"))
    return found


def _take_out(connection: Connection, project: ProjectKey, place: str, seqs: Sequence[int]) -> None:
    """Those of these calls that are in the index, while their texts are what they were."""
    if connection.dialect.name != SQLITE:
        return
    for some in chunks(seqs):
        there = select(INDEXED.c.seq).where(
            INDEXED.c.project == project, INDEXED.c.seq.in_(some), INDEXED.c.state == DONE
        )
        inside = list(connection.execute(there).scalars())
        if inside and has_place(connection, place):  # a copy of a database lacks it
            take_out(connection, place, bodies(connection, project, inside))
