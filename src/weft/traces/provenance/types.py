"""Bodies of the routes of provenance, as the Weave clients send and read them (client 0.54)."""

from datetime import datetime
from typing import Literal

import msgspec

SourceKind = Literal["call", "span", "conversation"]


class Source(msgspec.Struct, frozen=True):
    """What a row was made of."""

    source_id: str
    source_kind: SourceKind
    source_trace_id: str


class RowLinks(msgspec.Struct):
    """A row and what it was made of."""

    row_digest: str
    sources: list[Source]
    link_metadata: msgspec.Raw = msgspec.Raw(b"null")


class LinkBody(msgspec.Struct):
    """`/dataset_sources/link`."""

    project_id: str
    dataset_object_id: str
    dataset_digest: str
    links: list[RowLinks]
    include_created_status: bool = False


class DeleteBody(msgspec.Struct):
    """`/dataset_sources/link_delete`, which the published API does not describe."""

    project_id: str
    link_ids: list[str]


class QueryBody(msgspec.Struct):
    """`/dataset_sources/query`."""

    project_id: str
    dataset_object_id: str
    row_digests: list[str] | None = None
    source_kinds: list[SourceKind] | None = None
    include_deleted: bool = False
    limit: int | None = None
    offset: int | None = None


class DatasetsBody(msgspec.Struct):
    """`/dataset_sources/source_datasets_query`."""

    project_id: str
    sources: list[Source]
    include_deleted: bool = False


class LinkWire(msgspec.Struct):
    """A link as clients read it."""

    id: str
    row_digest: str
    source_kind: str
    source_id: str
    source_trace_id: str
    source_display_name: str
    source_started_at: datetime
    link_metadata: msgspec.Raw
    added_by: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class Membership(msgspec.Struct):
    """A dataset that a source is in."""

    dataset_object_id: str
    source_id: str
    source_kind: str
    source_trace_id: str
    first_seen_at: datetime
    row_digests: list[str]
    row_digests_total_count: int
    row_digests_truncated: bool
