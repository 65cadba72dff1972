"""What clients ask of calls.

Shapes: `/calls/stream_query`, `/calls/query_stats`, `/call/read` of the Weave trace server's API (client 0.54), unknown
fields left out. `latest_only` is always so: a call is one row here.
"""

from typing import Any

import msgspec

from weft.traces.query.compile import SortBy


class CallFilter(msgspec.Struct):
    """What calls have to match: all of these, each by any of its values."""

    op_names: list[str] | None = None
    input_refs: list[str] | None = None
    output_refs: list[str] | None = None
    parent_ids: list[str] | None = None
    trace_ids: list[str] | None = None
    call_ids: list[str] | None = None
    thread_ids: list[str] | None = None
    turn_ids: list[str] | None = None
    trace_roots_only: bool | None = None
    wb_user_ids: list[str] | None = None
    wb_run_ids: list[str] | None = None


class StreamQuery(msgspec.Struct):
    """`/calls/stream_query`."""

    project_id: str
    filter: CallFilter | None = None
    query: Any = None
    sort_by: list[SortBy] | None = None
    limit: int | None = None
    offset: int | None = None
    columns: list[str] | None = None
    expand_columns: list[str] | None = None
    return_expanded_column_values: bool | None = None
    include_costs: bool | None = None
    include_feedback: bool | None = None
    include_storage_size: bool | None = None
    include_total_storage_size: bool | None = None
    include_usernames: bool | None = None
    shorten: int | None = None
    """Ours: characters that are left of long texts in inputs, output and attributes, for who shows a line of them."""
    order_token: str | None = None
    """Ours: made up by who pages through a list that is dear to sort, so that it is sorted once (`read.orders`)."""


class QueryStats(msgspec.Struct):
    """`/calls/query_stats`."""

    project_id: str
    filter: CallFilter | None = None
    query: Any = None
    limit: int | None = None
    expand_columns: list[str] | None = None
    include_total_storage_size: bool | None = None


class ReadCall(msgspec.Struct):
    """`/call/read`."""

    project_id: str
    id: str
    include_costs: bool | None = None
    include_storage_size: bool | None = None
    include_total_storage_size: bool | None = None


class Stats(msgspec.Struct):
    """The answer of `/calls/query_stats`."""

    count: int
    has_more: bool = False
    """Whether `limit` ended the count."""
    total_storage_size_bytes: int | None = None
