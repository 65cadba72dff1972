"""Links: written, listed from both ends, deleted without being forgotten."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from weft.kit.clock import from_us
from weft.traces.calls.table import SQL_TABLE, CallTable
from weft.traces.canonical import text_of
from weft.traces.digests import text_digest
from weft.traces.json_text import dump
from weft.traces.provenance.schema import LINK
from weft.traces.provenance.types import LinkBody, LinkWire, Membership, QueryBody, Source
from weft.traces.types import ProjectKey

MOST_LINKS = 10_000
"""In one answer."""
MOST_ROWS = 100
"""Of a dataset that are named when somebody asks by source."""
_IN_ONE = 500


def link_rows(
    connection: Connection,
    key: ProjectKey,
    body: LinkBody,
    *,
    user_id: str,
    at_us: int,
    table: CallTable = SQL_TABLE,
) -> list[tuple[str, bool]]:
    """Link rows to their sources; each link's id and whether it is new. A link that was deleted is one again.

    `table` is where calls are.
    """
    wanted = {
        _id(body.dataset_object_id, row.row_digest, source): (row, source)
        for row in body.links
        for source in row.sources
    }
    known = _known(connection, key, list(wanted))
    calls = _calls(connection, key, {source.source_id for _row, source in wanted.values()}, table)
    new: list[dict[str, Any]] = []
    for link_id, (row, source) in wanted.items():
        text = text_of(row.link_metadata)
        metadata = None if text == "null" else text
        if link_id in known:
            again = {"deleted_at_us": None, "updated_at_us": at_us, "link_metadata": metadata}
            if known[link_id] is not None or metadata is not None:
                mine = (LINK.c.project == key, LINK.c.id == link_id)
                connection.execute(update(LINK).where(*mine).values(again))
            continue
        name, started_at_us = calls.get(source.source_id, ("", at_us))
        new.append(
            {
                "project": key,
                "id": link_id,
                "dataset_object_id": body.dataset_object_id,
                "dataset_digest": body.dataset_digest,
                "row_digest": row.row_digest,
                "source_kind": source.source_kind,
                "source_id": source.source_id,
                "source_trace_id": source.source_trace_id,
                "source_display_name": name,
                "source_started_at_us": started_at_us,
                "link_metadata": metadata,
                "added_by": user_id,
                "created_at_us": at_us,
                "updated_at_us": at_us,
            }
        )
    if new:
        connection.execute(insert(LINK), new)
    standing = {link_id for link_id, deleted in known.items() if deleted is None}
    return [(link_id, link_id not in standing) for link_id in wanted]


def delete_links(
    connection: Connection, key: ProjectKey, ids: Sequence[str], at_us: int
) -> list[tuple[str, bool]]:
    """Delete links; each id and whether that one was there."""
    there = {one for one, deleted in _known(connection, key, ids).items() if deleted is None}
    for link_id in there:
        gone = {"deleted_at_us": at_us, "updated_at_us": at_us}
        mine = (LINK.c.project == key, LINK.c.id == link_id)
        connection.execute(update(LINK).where(*mine).values(gone))
    return [(link_id, link_id in there) for link_id in ids]


def find_links(connection: Connection, key: ProjectKey, body: QueryBody) -> list[LinkWire]:
    """The links of a dataset's rows, the oldest first."""
    wanted = select(LINK).where(
        LINK.c.project == key, LINK.c.dataset_object_id == body.dataset_object_id
    )
    if body.row_digests is not None:
        wanted = wanted.where(LINK.c.row_digest.in_(body.row_digests))
    if body.source_kinds is not None:
        wanted = wanted.where(LINK.c.source_kind.in_(body.source_kinds))
    if not body.include_deleted:
        wanted = wanted.where(LINK.c.deleted_at_us.is_(None))
    limit = MOST_LINKS if body.limit is None else min(body.limit, MOST_LINKS)
    wanted = wanted.order_by(LINK.c.created_at_us, LINK.c.id).limit(limit).offset(body.offset or 0)
    return [_wire(row) for row in connection.execute(wanted).mappings()]


def find_memberships(
    connection: Connection, key: ProjectKey, sources: Sequence[Source], *, include_deleted: bool
) -> list[Membership]:
    """The datasets that these sources are in."""
    asked = set(sources)
    found: dict[tuple[str, Source], Membership] = {}
    ids = list({source.source_id for source in sources})
    for start in range(0, len(ids), _IN_ONE):
        wanted = select(LINK).where(
            LINK.c.project == key, LINK.c.source_id.in_(ids[start : start + _IN_ONE])
        )
        if not include_deleted:
            wanted = wanted.where(LINK.c.deleted_at_us.is_(None))
        for row in connection.execute(wanted.order_by(LINK.c.created_at_us, LINK.c.id)):
            source = Source(row.source_id, row.source_kind, row.source_trace_id)
            if source in asked:
                _count(found, row.dataset_object_id, source, row)
    return list(found.values())


def _count(
    found: dict[tuple[str, Source], Membership], dataset: str, source: Source, row: Any
) -> None:
    member = found.get((dataset, source))
    if member is None:
        member = found[dataset, source] = Membership(
            dataset_object_id=dataset,
            source_id=source.source_id,
            source_kind=source.source_kind,
            source_trace_id=source.source_trace_id,
            first_seen_at=from_us(row.created_at_us),
            row_digests=[],
            row_digests_total_count=0,
            row_digests_truncated=False,
        )
    member.row_digests_total_count += 1
    if len(member.row_digests) < MOST_ROWS:
        member.row_digests.append(row.row_digest)
    else:
        member.row_digests_truncated = True


def _id(dataset: str, row_digest: str, source: Source) -> str:
    """The same for the same link, so that linking again is no second one."""
    words = [dataset, row_digest, source.source_kind, source.source_trace_id, source.source_id]
    return text_digest(dump(words))


def _known(connection: Connection, key: ProjectKey, ids: Sequence[str]) -> dict[str, int | None]:
    """When those of these links that there are were deleted, if they were."""
    found: dict[str, int | None] = {}
    for start in range(0, len(ids), _IN_ONE):
        wanted = select(LINK.c.id, LINK.c.deleted_at_us).where(
            LINK.c.project == key, LINK.c.id.in_(ids[start : start + _IN_ONE])
        )
        found.update((row.id, row.deleted_at_us) for row in connection.execute(wanted))
    return found


def _calls(
    connection: Connection, key: ProjectKey, ids: set[str], table: CallTable
) -> dict[str, tuple[str, int]]:
    """The name and the start of those sources that are calls here."""
    found: dict[str, tuple[str, int]] = {}
    listed, call = list(ids), table.call
    for start in range(0, len(listed), _IN_ONE):
        wanted = select(call.c.id, call.c.display_name, call.c.op, call.c.started_at_us).where(
            call.c.project == key, call.c.id.in_(listed[start : start + _IN_ONE])
        )
        for row in table.run(connection, wanted):
            found[row.id] = (row.display_name or row.op, row.started_at_us)
    return found


def _wire(row: Mapping[Any, Any]) -> LinkWire:
    deleted, metadata = row["deleted_at_us"], row["link_metadata"]
    return LinkWire(
        id=row["id"],
        row_digest=row["row_digest"],
        source_kind=row["source_kind"],
        source_id=row["source_id"],
        source_trace_id=row["source_trace_id"],
        source_display_name=row["source_display_name"],
        source_started_at=from_us(row["source_started_at_us"]),
        link_metadata=msgspec.Raw((metadata or "null").encode()),
        added_by=row["added_by"],
        created_at=from_us(row["created_at_us"]),
        updated_at=from_us(row["updated_at_us"]),
        deleted_at=None if deleted is None else from_us(deleted),
    )
