"""Publishes and deletes versions of objects: the only place that writes `trace_object` and its values.

Invariants: a digest is one version of an object, published however often; versions count from 0 in the order in which
they first came, deleted ones too; of those that are not deleted, the one published last is the latest.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from weft.kit.bulk import insert as insert_rows
from weft.traces.objects.read import CHUNK, ObjectVersion, find_versions
from weft.traces.objects.schema import ALIAS, OBJECT, TAG, VALUE
from weft.traces.projects import ProjectKeys
from weft.traces.types import ProjectKey
from weft.traces.writing.ops import Op

_IGNORE = "ON CONFLICT DO NOTHING"


class WriteObject(Op):
    """A version of an object is published."""

    object_id: str
    digest: str
    val: str
    kind: str
    at_us: int
    base_object_class: str | None = None
    leaf_object_class: str | None = None
    wb_user_id: str | None = None
    plain_digest: str | None = None
    """Where it differs from `digest`: what a client calls it that knew no inner id of the project."""


class ObjectWriter:
    """Applies `WriteObject`."""

    def __init__(self, keys: ProjectKeys) -> None:
        self._keys = keys

    def apply(self, connection: Connection, ops: Sequence[WriteObject]) -> None:
        """Write what these operations tell, inside the writer's transaction."""
        for op in ops:
            publish(connection, self._keys.make(connection, op.project_id), op)


def publish(connection: Connection, key: ProjectKey, op: WriteObject) -> None:
    """Publish a version, inside a transaction of the writer."""
    mine = _version(key, op.object_id, op.digest)
    known = connection.execute(
        select(OBJECT.c.is_latest, OBJECT.c.deleted_at_us, OBJECT.c.published_at_us).where(*mine)
    ).one_or_none()
    if known is None:
        _keep_value(connection, key, op)
        _insert(connection, key, op)
    elif known.deleted_at_us is not None:
        if op.at_us <= known.deleted_at_us:
            return  # it was deleted since; this one comes out of a spool, late
        _keep_value(connection, key, op)
        again = {"deleted_at_us": None, "published_at_us": op.at_us}
        connection.execute(update(OBJECT).where(*mine).values(again))
    elif known.is_latest or op.at_us <= known.published_at_us:
        return
    else:
        connection.execute(update(OBJECT).where(*mine).values(published_at_us=op.at_us))
    _be_latest(connection, key, op)


def delete_versions(
    connection: Connection,
    key: ProjectKey,
    object_id: str,
    digests: Sequence[str] | None,
    at_us: int,
) -> list[ObjectVersion]:
    """Delete versions of an object, all of them where `digests` is None; returns those that were there.

    Their tags and aliases go with them, and their values where no other object has the same.
    """
    found = find_versions(connection, key, object_id, digests)
    gone = [version.digest for version in found]
    for start in range(0, len(gone), CHUNK):
        some = gone[start : start + CHUNK]
        mine = (OBJECT.c.project == key, OBJECT.c.object_id == object_id, OBJECT.c.digest.in_(some))
        values = {"deleted_at_us": at_us, "is_latest": 0}
        connection.execute(update(OBJECT).where(*mine).values(values))
        for table in (TAG, ALIAS):
            own = (table.c.project == key, table.c.object_id == object_id)
            connection.execute(delete(table).where(*own, table.c.digest.in_(some)))
        still_used = select(OBJECT.c.digest).where(
            OBJECT.c.project == key, OBJECT.c.digest.in_(some), OBJECT.c.deleted_at_us.is_(None)
        )
        used = set(connection.execute(still_used).scalars())
        unused = [digest for digest in some if digest not in used]
        connection.execute(delete(VALUE).where(VALUE.c.project == key, VALUE.c.digest.in_(unused)))
    for kind in {version.kind for version in found}:
        _mark_latest(connection, key, object_id, kind)
    return found


def _insert(connection: Connection, key: ProjectKey, op: WriteObject) -> None:
    last = connection.execute(
        select(func.max(OBJECT.c.version_index)).where(*_object(key, op.object_id, op.kind))
    ).scalar_one()
    values: dict[str, Any] = {
        "project": key,
        "object_id": op.object_id,
        "digest": op.digest,
        "kind": op.kind,
        "version_index": 0 if last is None else last + 1,
        "is_latest": 0,
        "base_object_class": op.base_object_class,
        "leaf_object_class": op.leaf_object_class,
        "wb_user_id": op.wb_user_id,
        "size_bytes": len(op.val.encode()),
        "created_at_us": op.at_us,
        "published_at_us": op.at_us,
        "plain_digest": op.plain_digest,
    }
    connection.execute(insert(OBJECT), values)


def _keep_value(connection: Connection, key: ProjectKey, op: WriteObject) -> None:
    row = (key, op.digest, op.val)
    insert_rows(connection, VALUE.name, ("project", "digest", "val"), [row], _IGNORE)


def _be_latest(connection: Connection, key: ProjectKey, op: WriteObject) -> None:
    """Take over from the latest version, unless that was published later."""
    mine = _object(key, op.object_id, op.kind)
    latest = connection.execute(
        select(OBJECT.c.digest, OBJECT.c.published_at_us).where(*mine, OBJECT.c.is_latest == 1)
    ).one_or_none()
    if latest is not None:
        if latest.published_at_us > op.at_us:
            return
        old = _version(key, op.object_id, latest.digest)
        connection.execute(update(OBJECT).where(*old).values(is_latest=0))
    new = _version(key, op.object_id, op.digest)
    connection.execute(update(OBJECT).where(*new).values(is_latest=1))


def _mark_latest(connection: Connection, key: ProjectKey, object_id: str, kind: str) -> None:
    mine = _object(key, object_id, kind)
    newest = connection.execute(
        select(OBJECT.c.digest)
        .where(*mine, OBJECT.c.deleted_at_us.is_(None))
        .order_by(OBJECT.c.published_at_us.desc(), OBJECT.c.version_index.desc())
        .limit(1)
    ).scalar_one_or_none()
    if newest is None:
        return
    connection.execute(update(OBJECT).where(*mine, OBJECT.c.digest == newest).values(is_latest=1))


def _object(key: ProjectKey, object_id: str, kind: str) -> tuple[ColumnElement[bool], ...]:
    return OBJECT.c.project == key, OBJECT.c.object_id == object_id, OBJECT.c.kind == kind


def _version(key: ProjectKey, object_id: str, digest: str) -> tuple[ColumnElement[bool], ...]:
    return OBJECT.c.project == key, OBJECT.c.object_id == object_id, OBJECT.c.digest == digest
