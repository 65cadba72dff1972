"""Finds versions of objects, by digest, number, alias or filter, and reads their values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, false, func, or_, select

from weft.kit.clock import from_us
from weft.kit.errors import InvalidRequest
from weft.traces.objects.classes import OBJECT as IS_OBJECT
from weft.traces.objects.classes import OP
from weft.traces.objects.schema import ALIAS, OBJECT, TAG, VALUE
from weft.traces.refs import LATEST
from weft.traces.types import ProjectKey

LIST_LIMIT = 100_000
"""Of versions in one answer."""
CHUNK = 500
_NUMBERED = re.compile(r"v([0-9]{1,9})", re.ASCII)
_SORTS = {
    "object_id": OBJECT.c.object_id,
    "created_at": OBJECT.c.created_at_us,
    "version_index": OBJECT.c.version_index,
    "digest": OBJECT.c.digest,
    "kind": OBJECT.c.kind,
    "base_object_class": OBJECT.c.base_object_class,
    "leaf_object_class": OBJECT.c.leaf_object_class,
    "wb_user_id": OBJECT.c.wb_user_id,
    "size_bytes": OBJECT.c.size_bytes,
}
_COLUMNS = (
    OBJECT.c.object_id,
    OBJECT.c.digest,
    OBJECT.c.kind,
    OBJECT.c.version_index,
    OBJECT.c.is_latest,
    OBJECT.c.base_object_class,
    OBJECT.c.leaf_object_class,
    OBJECT.c.wb_user_id,
    OBJECT.c.size_bytes,
    OBJECT.c.created_at_us,
    OBJECT.c.deleted_at_us,
)


class ObjectVersion(msgspec.Struct, frozen=True):
    """What is known of a version without its value."""

    object_id: str
    digest: str
    kind: str
    version_index: int
    is_latest: int
    base_object_class: str | None
    leaf_object_class: str | None
    wb_user_id: str | None
    size_bytes: int
    created_at_us: int
    deleted_at_us: int | None

    @property
    def created_at(self) -> datetime:
        """When it was published first."""
        return from_us(self.created_at_us)


class Sort(msgspec.Struct):
    """One field of an order."""

    field: str
    direction: Literal["asc", "desc"] = "asc"


class ObjectFilter(msgspec.Struct):
    """Which versions are meant: all that is said has to hold. An empty list says nothing."""

    object_ids: list[str] | None = None
    base_object_classes: list[str] | None = None
    exclude_base_object_classes: list[str] | None = None
    leaf_object_classes: list[str] | None = None
    is_op: bool | None = None
    latest_only: bool | None = None
    tags: list[str] | None = None
    aliases: list[str] | None = None


def find_version(
    connection: Connection, key: ProjectKey, object_id: str, version: str, kind: str | None = None
) -> ObjectVersion | None:
    """The version of an object that `version` names: a digest, `latest`, `v<N>` or an alias; deleted ones too."""
    wanted = _select(key).where(OBJECT.c.object_id == object_id)
    if kind is not None:
        wanted = wanted.where(OBJECT.c.kind == kind)
    found = _first(connection, wanted.where(OBJECT.c.digest == version))
    if found is not None:
        return found
    if version == LATEST:
        return _first(connection, wanted.where(OBJECT.c.is_latest == 1)) or _first(
            connection,
            wanted,  # all are deleted: say so
        )
    numbered = _NUMBERED.fullmatch(version)
    if numbered is not None:
        return _first(connection, wanted.where(OBJECT.c.version_index == int(numbered[1])))
    aliased = select(ALIAS.c.digest).where(
        ALIAS.c.project == key, ALIAS.c.object_id == object_id, ALIAS.c.alias == version
    )
    return _first(connection, wanted.where(OBJECT.c.digest.in_(aliased))) or _first(
        connection,
        wanted.where(OBJECT.c.plain_digest == version),
    )


def find_versions(
    connection: Connection, key: ProjectKey, object_id: str, versions: Sequence[str] | None
) -> list[ObjectVersion]:
    """The versions that are there, of those named; all of the object where `versions` is None."""
    if versions is None:
        wanted = _select(key).where(
            OBJECT.c.object_id == object_id, OBJECT.c.deleted_at_us.is_(None)
        )
        return [_version(row) for row in connection.execute(wanted)]
    found: dict[str, ObjectVersion] = {}
    for version in versions:
        one = find_version(connection, key, object_id, version)
        if one is not None and one.deleted_at_us is None:
            found[one.digest] = one
    return list(found.values())


def query_versions(
    connection: Connection,
    key: ProjectKey,
    which: ObjectFilter,
    sort_by: Sequence[Sort] = (),
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[ObjectVersion]:
    """The versions that a filter lets through, the oldest first where no order is given; none that was deleted.

    Raises:
        InvalidRequest: the order names no field of objects.
    """
    wanted = _select(key).where(OBJECT.c.deleted_at_us.is_(None), *_conditions(key, which))
    wanted = wanted.order_by(*_order(sort_by))
    wanted = wanted.limit(LIST_LIMIT if limit is None else min(limit, LIST_LIMIT)).offset(offset)
    return [_version(row) for row in connection.execute(wanted)]


def read_values(connection: Connection, key: ProjectKey, digests: Sequence[str]) -> dict[str, str]:
    """The values of these digests, as JSON text; those that are missing are left out."""
    found: dict[str, str] = {}
    for some in _chunks(digests):
        wanted = select(VALUE.c.digest, VALUE.c.val).where(
            VALUE.c.project == key, VALUE.c.digest.in_(some)
        )
        found.update((row.digest, row.val) for row in connection.execute(wanted))
    return found


def labels_of(
    connection: Connection, key: ProjectKey, versions: Sequence[ObjectVersion]
) -> Mapping[tuple[str, str], tuple[list[str], list[str]]]:
    """The tags and the aliases of versions, by object and digest, in order; the latest is called so as well."""
    found = {
        (version.object_id, version.digest): (
            list[str](),
            [LATEST] if version.is_latest else list[str](),
        )
        for version in versions
    }
    ids = list({version.object_id for version in versions})
    for some in _chunks(ids):
        for place, table, column in ((0, TAG, TAG.c.tag), (1, ALIAS, ALIAS.c.alias)):
            wanted = select(table.c.object_id, table.c.digest, column).where(
                table.c.project == key, table.c.object_id.in_(some)
            )
            for object_id, digest, word in connection.execute(wanted):
                if (object_id, digest) in found:
                    found[object_id, digest][place].append(word)
    for tags, aliases in found.values():
        tags.sort()
        aliases.sort()
    return found


def objects_size(connection: Connection, key: ProjectKey) -> int:
    """What the values of a project's objects take, in bytes."""
    wanted = select(OBJECT.c.digest, func.max(OBJECT.c.size_bytes).label("size_bytes")).where(
        OBJECT.c.project == key, OBJECT.c.deleted_at_us.is_(None)
    )
    once = wanted.group_by(OBJECT.c.digest).subquery()
    total = connection.execute(select(func.sum(once.c.size_bytes))).scalar_one()
    return int(total or 0)


def _select(key: ProjectKey) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(OBJECT.c.project == key)


def _first(connection: Connection, wanted: Select[*tuple[Any, ...]]) -> ObjectVersion | None:
    """One of several: what is there before what was deleted, the last published before others."""
    row = connection.execute(
        wanted.order_by(OBJECT.c.deleted_at_us.is_not(None), OBJECT.c.published_at_us.desc()).limit(
            1
        )
    ).one_or_none()
    return None if row is None else _version(row)


def _version(row: Row[*tuple[Any, ...]]) -> ObjectVersion:
    return ObjectVersion(*row)


def _conditions(key: ProjectKey, which: ObjectFilter) -> Iterator[ColumnElement[bool]]:
    if which.object_ids:
        yield OBJECT.c.object_id.in_(which.object_ids)
    if which.base_object_classes:
        yield OBJECT.c.base_object_class.in_(which.base_object_classes)
    if which.exclude_base_object_classes:
        yield or_(
            OBJECT.c.base_object_class.is_(None),
            OBJECT.c.base_object_class.not_in(which.exclude_base_object_classes),
        )
    if which.leaf_object_classes:
        yield OBJECT.c.leaf_object_class.in_(which.leaf_object_classes)
    if which.is_op is not None:
        yield OBJECT.c.kind == (OP if which.is_op else IS_OBJECT)
    if which.latest_only:
        yield OBJECT.c.is_latest == 1
    if which.tags:
        yield _labelled(TAG, key, TAG.c.tag.in_(which.tags))
    if which.aliases:
        aliased = _labelled(ALIAS, key, ALIAS.c.alias.in_(which.aliases))
        yield or_(aliased, OBJECT.c.is_latest == 1 if LATEST in which.aliases else false())


def _labelled(table: Any, key: ProjectKey, is_meant: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(1)
        .where(
            table.c.project == key,
            table.c.object_id == OBJECT.c.object_id,
            table.c.digest == OBJECT.c.digest,
            is_meant,
        )
        .exists()
    )


def _order(sort_by: Sequence[Sort]) -> Iterator[ColumnElement[Any]]:
    for sort in sort_by:
        column = _SORTS.get(sort.field)
        if column is None:
            raise InvalidRequest(
                f"objects are not sorted by {sort.field[:100]!r}",
                param="sort_by",
                remedy=f"name one of {', '.join(_SORTS)}",
            )
        yield column.desc() if sort.direction == "desc" else column.asc()
    if not sort_by:
        yield OBJECT.c.created_at_us.asc()
    yield OBJECT.c.object_id.asc()
    yield OBJECT.c.version_index.asc()
    yield OBJECT.c.digest.asc()


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
