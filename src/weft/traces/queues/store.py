"""Reads and changes queues. Every function takes the project, and finds nothing of another one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from weft.kit.ids import uuid7_hex
from weft.traces.json_text import dump, load
from weft.traces.queues.schema import QUEUE
from weft.traces.queues.types import NoSuchQueue, Page, Queue
from weft.traces.types import ProjectKey

_CHUNK = 500
_ORDERED = {
    "id": QUEUE.c.id,
    "name": QUEUE.c.name,
    "created_at": QUEUE.c.created_at_us,
    "updated_at": QUEUE.c.updated_at_us,
}


def create_queue(connection: Connection, project: ProjectKey, queue: Queue) -> str:
    """Make a queue with the next free id, which is returned."""
    queue_id = uuid7_hex()
    connection.execute(
        insert(QUEUE).values(
            project=project,
            id=queue_id,
            name=queue.name,
            description=queue.description,
            scorer_refs=dump(queue.scorer_refs),
            created_by=queue.created_by,
            created_at_us=queue.created_at_us,
            updated_at_us=queue.updated_at_us,
        )
    )
    return queue_id


def get_queue(connection: Connection, project: ProjectKey, queue_id: str) -> Queue:
    """A queue.

    Raises:
        NoSuchQueue: there is none, or it was deleted.
    """
    if "\0" in queue_id:  # which PostgreSQL has no text for
        raise NoSuchQueue(queue_id)
    found = connection.execute(select(QUEUE).where(*_live(project), QUEUE.c.id == queue_id)).first()
    if found is None:
        raise NoSuchQueue(queue_id)
    return _queue(found)


def live_queues(
    connection: Connection, project: ProjectKey, queue_ids: Sequence[str]
) -> frozenset[str]:
    """Those of these queues that are there."""
    found: set[str] = set()
    for start in range(0, len(queue_ids), _CHUNK):
        some = queue_ids[start : start + _CHUNK]
        wanted = select(QUEUE.c.id).where(*_live(project), QUEUE.c.id.in_(some))
        found.update(connection.execute(wanted).scalars())
    return frozenset(found)


def list_queues(
    connection: Connection, project: ProjectKey, name: str | None, page: Page
) -> list[Queue]:
    """A page of queues whose name has `name` in it, in whatever case; the newest first if no order is given."""
    wanted = select(QUEUE).where(*_live(project))
    if name:
        wanted = wanted.where(func.lower(QUEUE.c.name).contains(name.lower(), autoescape=True))
    order = [
        column.desc() if is_descending else column.asc()
        for field, is_descending in page.order
        if (column := _ORDERED.get(field)) is not None
    ]
    wanted = wanted.order_by(*(order or [QUEUE.c.created_at_us.desc()]), QUEUE.c.id)
    return [_queue(row) for row in connection.execute(wanted.limit(page.limit).offset(page.offset))]


def update_queue(
    connection: Connection,
    project: ProjectKey,
    queue_id: str,
    now_us: int,
    *,
    name: str | None = None,
    description: str | None = None,
    scorer_refs: Sequence[str] | None = None,
) -> Queue:
    """Change what is given; the queue as it is then.

    Raises:
        NoSuchQueue: there is none, or it was deleted.
    """
    get_queue(connection, project, queue_id)
    values: dict[str, Any] = {"name": name, "description": description}
    values["scorer_refs"] = None if scorer_refs is None else dump(list(scorer_refs))
    values = {field: value for field, value in values.items() if value is not None}
    if values:
        connection.execute(
            update(QUEUE)
            .where(*_live(project), QUEUE.c.id == queue_id)
            .values(**values, updated_at_us=now_us)
        )
    return get_queue(connection, project, queue_id)


def delete_queue(connection: Connection, project: ProjectKey, queue_id: str, now_us: int) -> Queue:
    """Mark a queue as deleted; the queue as it is then.

    Raises:
        NoSuchQueue: there is none, or it was deleted before.
    """
    get_queue(connection, project, queue_id)
    mine = (QUEUE.c.project == project, QUEUE.c.id == queue_id)
    connection.execute(
        update(QUEUE).where(*mine).values(deleted_at_us=now_us, updated_at_us=now_us)
    )
    return _queue(connection.execute(select(QUEUE).where(*mine)).one())


def _live(project: ProjectKey) -> tuple[Any, ...]:
    return QUEUE.c.project == project, QUEUE.c.deleted_at_us.is_(None)


def _queue(row: Row[*tuple[Any, ...]]) -> Queue:
    return Queue(
        id=row.id,
        name=row.name,
        description=row.description,
        scorer_refs=tuple(load(row.scorer_refs)),
        created_by=row.created_by,
        created_at_us=row.created_at_us,
        updated_at_us=row.updated_at_us,
        deleted_at_us=row.deleted_at_us,
    )
