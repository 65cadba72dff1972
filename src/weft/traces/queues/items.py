"""Reads and changes the items of queues. Every function takes the project, and finds nothing of another one.

A queue is a shared pool: an item has the state of whoever was at it last, and counts as done once anybody completed or
skipped it. What each person did is kept for each.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Subquery, and_, func, insert, select, update

from weft.kit.ids import uuid7_hex
from weft.traces.calls.table import SQL_TABLE, CallTable
from weft.traces.json_text import dump, load
from weft.traces.queues.schema import ITEM, PROGRESS
from weft.traces.queues.store import get_queue
from weft.traces.queues.types import (
    DONE,
    BadProgress,
    Item,
    ItemFilter,
    NoSuchItem,
    Page,
    QueueStats,
    State,
)
from weft.traces.types import ProjectKey

_CHUNK = 500
_ORDERED = {
    "id": "id",
    "call_id": "call_id",
    "call_op_name": "call_op_name",
    "call_trace_id": "call_trace_id",
    "call_started_at": "call_started_at_us",
    "call_ended_at": "call_ended_at_us",
    "added_by": "added_by",
    "created_at": "created_at_us",
    "updated_at": "updated_at_us",
    "annotation_state": "state",
}


def add_calls(
    connection: Connection,
    project: ProjectKey,
    queue_id: str,
    call_ids: Sequence[str],
    *,
    display_fields: Sequence[str],
    user_id: str,
    now_us: int,
    table: CallTable = SQL_TABLE,
) -> tuple[int, int]:
    """Put calls at a queue's end, in their order; how many were added, and how many were in it already.

    `table` is where calls are.

    Calls that are not in the project count as neither.

    Raises:
        NoSuchQueue: there is none, or it was deleted.
    """
    get_queue(connection, project, queue_id)
    asked = list(dict.fromkeys(call_ids))
    there = _present(connection, project, queue_id, asked)
    calls: dict[str, Any] = {}
    call = table.call
    fresh = [call_id for call_id in asked if call_id not in there]
    for start in range(0, len(fresh), _CHUNK):
        wanted = select(
            call.c.id, call.c.started_at_us, call.c.ended_at_us, call.c.op_name, call.c.trace_id
        ).where(call.c.project == project, call.c.id.in_(fresh[start : start + _CHUNK]))
        calls.update((row.id, row) for row in table.run(connection, wanted))
    last = select(func.max(ITEM.c.place)).where(
        ITEM.c.project == project, ITEM.c.queue_id == queue_id
    )
    place = connection.execute(last).scalar_one() or 0
    rows: list[dict[str, Any]] = [
        {
            "project": project,
            "id": uuid7_hex(),
            "queue_id": queue_id,
            "place": place + number,
            "call_id": found.id,
            "call_started_at_us": found.started_at_us,
            "call_ended_at_us": found.ended_at_us,
            "call_op_name": found.op_name,
            "call_trace_id": found.trace_id,
            "display_fields": dump(list(display_fields)),
            "added_by": user_id,
            "created_at_us": now_us,
        }
        for number, found in enumerate((calls[i] for i in fresh if i in calls), 1)
    ]
    if rows:
        connection.execute(insert(ITEM), rows)
    return len(rows), len(there)


def list_items(
    connection: Connection,
    project: ProjectKey,
    queue_id: str,
    wanted: ItemFilter,
    page: Page,
    *,
    with_position: bool = False,
) -> list[Item]:
    """A page of a queue's items; in the order in which they were added if no other is given.

    Raises:
        NoSuchQueue: there is none, or it was deleted.
    """
    get_queue(connection, project, queue_id)
    items = _items(project, queue_id)
    order: list[Any] = []
    for field, is_descending in page.order:
        name = _ORDERED.get(field)
        if name is not None:
            order.append(items.c[name].desc() if is_descending else items.c[name].asc())
    order.append(items.c.place)
    numbered = select(items, func.row_number().over(order_by=order).label("position")).subquery()
    found = select(numbered).order_by(numbered.c.position)
    for field in ("id", "call_id", "call_op_name", "call_trace_id", "added_by"):
        value = getattr(wanted, field)
        if value is not None:
            found = found.where(numbered.c[field] == value)
    if wanted.states:
        found = found.where(numbered.c.state.in_([state.value for state in wanted.states]))
    rows = connection.execute(found.limit(page.limit).offset(page.offset))
    return [_item(row, row.position if with_position else None) for row in rows]


def set_progress(
    connection: Connection,
    project: ProjectKey,
    queue_id: str,
    item_id: str,
    *,
    annotator_id: str,
    state: State,
    now_us: int,
) -> Item:
    """Say how far a person is with an item; the item as it is then. Saying the same again changes nothing.

    Raises:
        NoSuchQueue: there is none, or it was deleted.
        NoSuchItem: it is not in the queue.
        BadProgress: they cannot go from where they are to there.
    """
    if state is State.UNSTARTED:
        raise BadProgress("nobody can make an item unstarted", param="annotation_state")
    get_queue(connection, project, queue_id)
    before = _find_item(connection, project, queue_id, item_id)
    if before is None:
        raise NoSuchItem(item_id)
    mine = (
        PROGRESS.c.project == project,
        PROGRESS.c.item_id == item_id,
        PROGRESS.c.annotator_id == annotator_id,
    )
    known = connection.execute(select(PROGRESS.c.state).where(*mine)).scalar_one_or_none()
    if known == state:
        return before
    if known is not None and (state is State.IN_PROGRESS or State(known) in DONE):
        raise BadProgress(
            f"this item is {known} for you, and cannot become {state.value}",
            param="annotation_state",
        )
    if known is None:
        connection.execute(
            insert(PROGRESS).values(
                project=project,
                item_id=item_id,
                annotator_id=annotator_id,
                queue_id=queue_id,
                state=state.value,
                updated_at_us=now_us,
            )
        )
    else:
        connection.execute(
            update(PROGRESS).where(*mine).values(state=state.value, updated_at_us=now_us)
        )
    after = _find_item(connection, project, queue_id, item_id)
    assert after is not None
    return after


def stats_of(
    connection: Connection, project: ProjectKey, queue_ids: Sequence[str]
) -> list[QueueStats]:
    """How far each of these queues is; a queue that is not there has no items."""
    ids = list(dict.fromkeys(queue_ids))
    totals = dict.fromkeys(ids, 0)
    done = dict.fromkeys(ids, 0)
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        items = (
            select(ITEM.c.queue_id, func.count())
            .where(ITEM.c.project == project, ITEM.c.queue_id.in_(some))
            .group_by(ITEM.c.queue_id)
        )
        totals.update((row[0], row[1]) for row in connection.execute(items))
        finished = (
            select(PROGRESS.c.queue_id, func.count(PROGRESS.c.item_id.distinct()))
            .where(
                PROGRESS.c.project == project,
                PROGRESS.c.queue_id.in_(some),
                PROGRESS.c.state.in_([state.value for state in DONE]),
            )
            .group_by(PROGRESS.c.queue_id)
        )
        done.update((row[0], row[1]) for row in connection.execute(finished))
    return [QueueStats(queue_id, totals[queue_id], done[queue_id]) for queue_id in ids]


def _present(
    connection: Connection, project: ProjectKey, queue_id: str, call_ids: list[str]
) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(call_ids), _CHUNK):
        wanted = select(ITEM.c.call_id).where(
            ITEM.c.project == project,
            ITEM.c.queue_id == queue_id,
            ITEM.c.call_id.in_(call_ids[start : start + _CHUNK]),
        )
        found.update(connection.execute(wanted).scalars())
    return found


def _find_item(
    connection: Connection, project: ProjectKey, queue_id: str, item_id: str
) -> Item | None:
    if "\0" in item_id:  # which PostgreSQL has no text for
        return None
    found = connection.execute(select(_items(project, queue_id, item_id))).first()
    return None if found is None else _item(found)


def _items(project: ProjectKey, queue_id: str, item_id: str | None = None) -> Subquery:
    """The items of a queue, or one of them, each with the state of whoever was at it last."""
    only_item = () if item_id is None else (ITEM.c.id == item_id,)
    only_progress = () if item_id is None else (PROGRESS.c.item_id == item_id,)
    recency = func.row_number().over(
        partition_by=PROGRESS.c.item_id,
        order_by=[PROGRESS.c.updated_at_us.desc(), PROGRESS.c.annotator_id],
    )
    latest = (
        select(
            PROGRESS.c.item_id,
            PROGRESS.c.annotator_id,
            PROGRESS.c.state,
            PROGRESS.c.updated_at_us,
            recency.label("recency"),
        )
        .where(PROGRESS.c.project == project, PROGRESS.c.queue_id == queue_id, *only_progress)
        .subquery()
    )
    return (
        select(
            ITEM,
            func.coalesce(latest.c.state, State.UNSTARTED.value).label("state"),
            latest.c.annotator_id,
            func.coalesce(latest.c.updated_at_us, ITEM.c.created_at_us).label("updated_at_us"),
        )
        .select_from(ITEM)
        .outerjoin(latest, and_(latest.c.item_id == ITEM.c.id, latest.c.recency == 1))
        .where(ITEM.c.project == project, ITEM.c.queue_id == queue_id, *only_item)
        .subquery()
    )


def _item(row: Row[*tuple[Any, ...]], position: int | None = None) -> Item:
    return Item(
        id=row.id,
        queue_id=row.queue_id,
        call_id=row.call_id,
        call_started_at_us=row.call_started_at_us,
        call_ended_at_us=row.call_ended_at_us,
        call_op_name=row.call_op_name,
        call_trace_id=row.call_trace_id,
        display_fields=tuple(load(row.display_fields)),
        added_by=row.added_by,
        created_at_us=row.created_at_us,
        state=State(row.state),
        annotator_id=row.annotator_id,
        updated_at_us=row.updated_at_us,
        position=position,
    )
