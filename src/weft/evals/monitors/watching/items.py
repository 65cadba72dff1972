"""What monitors took on: which calls, once and for all, and what became of each. Plain functions of a `Connection`.

Invariant: a call is taken on by a monitor at most once, and judged at most once: its row is written before it is
judged, and stays. A call whose judgement a crash cut short is not judged again; it counts as failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from weft.evals.monitors.schema import ITEM
from weft.evals.monitors.types import Spec, Standing
from weft.kit.db import SQLITE
from weft.traces.refs import find_ref
from weft.traces.schema import CALL
from weft.traces.types import US_PER_S, ProjectKey

SCANNED = 5_000
"""Calls looked at by one pass."""
OVERLAP = 1_000
"""Looked at again: several gateways may make rows visible in another order than they numbered them."""
OPEN_MOST_US = 24 * 3600 * US_PER_S
"""A call that has no end for so long is not waited for, and one that began earlier is none of today's."""
KEPT_US = 7 * 24 * 3600 * US_PER_S
"""Rows behind the overlap are kept for so long, to count failures in windows."""
_SHARES = 1 << 64
_OPEN = text("trace_monitor_item.state IN ('waiting', 'judging')")
"""Spelt out as in the index, which SQLite uses only then."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What one look at new calls found."""

    position: int
    seen: int
    chosen: list[tuple[int, str]]
    """`seq` and id of calls in the sample."""


def is_sampled(call_id: str, share: float) -> bool:
    """Whether a call is in the sample: decided by its id alone, so that everybody always decides the same.

    The first 64 bits of SHA-256 lie evenly; a call in a sample of 10 % is in every larger one as well.
    """
    place = int.from_bytes(sha256(call_id.encode()).digest()[:8], "big")
    return place < share * _SHARES


def scan(
    connection: Connection, project: ProjectKey, spec: Spec, standing: Standing, now_us: int
) -> Scan:
    """Look at the calls behind the last one that was looked at, and at some before it again."""
    position = standing.position
    top = int(connection.execute(select(func.max(CALL.c.seq))).scalar_one() or 0)
    if top <= position:
        return Scan(position, 0, [])
    wanted = (
        select(CALL.c.seq, CALL.c.id)
        .where(
            CALL.c.project == project,
            CALL.c.seq > max(position - OVERLAP, standing.start),
            CALL.c.seq <= top,
            CALL.c.started_at_us > now_us - OPEN_MOST_US,
            *_is_of_ops(spec.op_names),
        )
        .order_by(CALL.c.seq)
        .limit(SCANNED)
    )
    rows = connection.execute(wanted).all()
    reached = top if len(rows) < SCANNED else int(rows[-1].seq)
    chosen = [(row.seq, row.id) for row in rows if is_sampled(row.id, spec.sampling)]
    return Scan(max(reached, position), sum(row.seq > position for row in rows), chosen)


def take_on(
    connection: Connection,
    project: ProjectKey,
    name: str,
    chosen: Sequence[tuple[int, str]],
    *,
    most: int,
    now_us: int,
) -> tuple[int, int]:
    """Take calls on, as long as no more than `most` wait; how many were, and how many found no room."""
    if not chosen:
        return 0, 0
    known = _known(connection, project, name, [id_ for _seq, id_ in chosen])
    new = [one for one in chosen if one[1] not in known]
    room = max(most - count_open(connection, project, name), 0)
    dialect = sqlite if connection.dialect.name == SQLITE else postgresql
    rows = [
        {
            "project": project,
            "name": name,
            "call_id": id_,
            "seq": seq,
            "state": "waiting" if place < room else "passed_over",
            "changed_at_us": now_us,
        }
        for place, (seq, id_) in enumerate(new)
    ]
    if rows:
        connection.execute(dialect.insert(ITEM).on_conflict_do_nothing(), rows)
    return min(len(new), room), max(len(new) - room, 0)


def list_ready(connection: Connection, project: ProjectKey, name: str, most: int) -> list[str]:
    """The ids of calls that wait and have ended, the oldest first."""
    wanted = (
        select(ITEM.c.call_id)
        .join(CALL, and_(CALL.c.project == ITEM.c.project, CALL.c.id == ITEM.c.call_id))
        .where(
            *_mine(project, name),
            _OPEN,
            ITEM.c.state == "waiting",
            CALL.c.ended_at_us.is_not(None),
        )
        .order_by(ITEM.c.seq)
        .limit(most)
    )
    return list(connection.execute(wanted).scalars())


def mark(
    connection: Connection,
    project: ProjectKey,
    name: str,
    ids: Sequence[str],
    state: str,
    now_us: int,
) -> None:
    """Say what became of calls that were taken on."""
    if ids:
        wanted = update(ITEM).where(*_mine(project, name), ITEM.c.call_id.in_(ids))
        connection.execute(wanted.values(state=state, changed_at_us=now_us))


def fail_begun(connection: Connection, project: ProjectKey, name: str, now_us: int) -> int:
    """Give up what somebody began to judge and never ended; how much that is."""
    wanted = update(ITEM).where(*_mine(project, name), _OPEN, ITEM.c.state == "judging")
    return connection.execute(wanted.values(state="failed", changed_at_us=now_us)).rowcount


def pass_over(connection: Connection, project: ProjectKey, name: str, now_us: int) -> int:
    """Drop what waits; how much that is."""
    wanted = update(ITEM).where(*_mine(project, name), _OPEN)
    return connection.execute(wanted.values(state="passed_over", changed_at_us=now_us)).rowcount


def tidy(connection: Connection, project: ProjectKey, name: str, position: int, now_us: int) -> int:
    """Remove rows that no look will meet again, and drop calls that never end; how many those are."""
    connection.execute(
        delete(ITEM).where(
            *_mine(project, name),
            ITEM.c.seq < position - OVERLAP,
            ITEM.c.state.not_in(("waiting", "judging")),
            ITEM.c.changed_at_us < now_us - KEPT_US,
        )
    )
    stale = (ITEM.c.state == "waiting", ITEM.c.changed_at_us < now_us - OPEN_MOST_US)
    wanted = update(ITEM).where(*_mine(project, name), *stale)
    return connection.execute(wanted.values(state="passed_over", changed_at_us=now_us)).rowcount


def count_open(connection: Connection, project: ProjectKey, name: str) -> int:
    """How many calls wait or are being judged."""
    wanted = select(func.count()).select_from(ITEM).where(*_mine(project, name), _OPEN)
    return int(connection.execute(wanted).scalar_one())


def count_failed(connection: Connection, project: ProjectKey, name: str, since_us: int) -> int:
    """How many judgements failed since a moment."""
    wanted = select(func.count()).where(
        *_mine(project, name), ITEM.c.state == "failed", ITEM.c.changed_at_us >= since_us
    )
    return int(connection.execute(wanted).scalar_one())


def _mine(project: ProjectKey, name: str) -> tuple[ColumnElement[bool], ...]:
    return (ITEM.c.project == project, ITEM.c.name == name)


def _known(connection: Connection, project: ProjectKey, name: str, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(ids), 500):
        some = select(ITEM.c.call_id).where(
            *_mine(project, name), ITEM.c.call_id.in_(ids[start : start + 500])
        )
        found.update(connection.execute(some).scalars())
    return found


def of_ops(op_names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names of ops, of whatever version, and references of single versions; both empty for calls of every op."""
    names: list[str] = []
    exact: list[str] = []
    for told in op_names:
        ref = find_ref(told)
        if ref is None or ref.digest == "*":
            names.append(told if ref is None else ref.name)
        else:
            exact.append(told)
    return names, exact


def _is_of_ops(op_names: Sequence[str]) -> list[ColumnElement[bool]]:
    names, exact = of_ops(op_names)
    return [or_(CALL.c.op.in_(names), CALL.c.op_name.in_(exact))] if op_names else []
