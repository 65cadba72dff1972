"""Bodies of the routes of objects, as the Weave clients send and read them (client 0.54)."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from weft.kit.clock import from_us
from weft.traces.objects.publish import NewObject
from weft.traces.objects.read import ObjectFilter, ObjectVersion, Sort

NOTHING = msgspec.Raw(b"{}")
"""Stands for a value that was not asked for."""


class CreateBody(msgspec.Struct):
    """`/obj/create`."""

    obj: NewObject


class ReadBody(msgspec.Struct):
    """`/obj/read`."""

    project_id: str
    object_id: str
    digest: str
    metadata_only: bool | None = None
    include_tags_and_aliases: bool | None = None
    include_usernames: bool | None = None


class QueryBody(msgspec.Struct):
    """`/objs/query`."""

    project_id: str
    filter: ObjectFilter | None = None
    sort_by: list[Sort] | None = None
    limit: int | None = None
    offset: int | None = None
    metadata_only: bool | None = None
    include_storage_size: bool | None = None
    include_tags_and_aliases: bool | None = None
    include_usernames: bool | None = None


class DeleteBody(msgspec.Struct):
    """`/obj/delete`."""

    project_id: str
    object_id: str
    digests: list[str] | None = None


class TagsBody(msgspec.Struct):
    """`/objs/{object_id}/versions/{digest}/tags` and `.../remove`."""

    project_id: str
    tags: list[str]


class SetAliasesBody(msgspec.Struct):
    """`/objs/{object_id}/aliases`."""

    project_id: str
    digest: str
    aliases: list[str]


class RemoveAliasesBody(msgspec.Struct):
    """`/objs/{object_id}/aliases/remove`."""

    project_id: str
    aliases: list[str]


class ObjectWire(msgspec.Struct):
    """A version as clients read it."""

    project_id: str
    object_id: str
    created_at: datetime
    deleted_at: datetime | None
    digest: str
    version_index: int
    is_latest: int
    kind: str
    base_object_class: str | None
    leaf_object_class: str | None
    val: msgspec.Raw
    wb_user_id: str | None
    size_bytes: int | None
    tags: list[str] | None
    aliases: list[str] | None
    wb_username: str | msgspec.UnsetType | None = msgspec.UNSET
    """Only where it was asked for: the clients do not know it."""


class DeletedWire(msgspec.Struct):
    """A version that was deleted."""

    digest: str
    base_object_class: str | None
    leaf_object_class: str | None


Labels = Mapping[tuple[str, str], tuple[list[str], list[str]]]


def object_wire(
    project: str,
    version: ObjectVersion,
    val: str | None,
    labels: Labels | None,
    *,
    has_size: bool = False,
    usernames: Mapping[str, str] | None = None,
) -> ObjectWire:
    """A version with its value, if that was asked for, with its words and the name of who published it."""
    tags, aliases = (None, None)
    if labels is not None:
        tags, aliases = labels[version.object_id, version.digest]
    deleted = version.deleted_at_us
    return ObjectWire(
        project_id=project,
        object_id=version.object_id,
        created_at=version.created_at,
        deleted_at=None if deleted is None else from_us(deleted),
        digest=version.digest,
        version_index=version.version_index,
        is_latest=version.is_latest,
        kind=version.kind,
        base_object_class=version.base_object_class,
        leaf_object_class=version.leaf_object_class,
        val=NOTHING if val is None else msgspec.Raw(val.encode()),
        wb_user_id=version.wb_user_id,
        size_bytes=version.size_bytes if has_size else None,
        tags=tags,
        aliases=aliases,
        wb_username=msgspec.UNSET if usernames is None else usernames.get(version.wb_user_id or ""),
    )


def deleted_wire(version: ObjectVersion) -> DeletedWire:
    """What is told of a version that was deleted."""
    return DeletedWire(version.digest, version.base_object_class, version.leaf_object_class)
