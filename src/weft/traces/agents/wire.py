"""What the routes of agents take. Shapes: the Weave trace server's API (client 0.54), unknown fields left out."""

from datetime import datetime
from typing import Any

import msgspec

from weft.kit.errors import InvalidRequest
from weft.traces.query.compile import SortBy

ROWS = 1000
"""In one answer."""
_OFFSET = 1 << 53


class Page(msgspec.Struct, kw_only=True):
    """Part of a list."""

    project_id: str
    limit: int = 100
    offset: int = 0

    def checked(self) -> tuple[int, int]:
        """Limit and offset, within bounds.

        Raises:
            InvalidRequest: one of them is negative, or far too large.
        """
        if self.limit < 0 or not 0 <= self.offset < _OFFSET:
            raise InvalidRequest("limit and offset are zero or more", param="limit")
        return min(self.limit, ROWS), self.offset


class AgentFilter(msgspec.Struct):
    """Of `agents/query`."""

    agent_name: str | None = None


class AgentsBody(Page):
    """`agents/query`."""

    filters: AgentFilter | None = None
    sort_by: list[SortBy] | None = None


class VersionsBody(Page):
    """`agent-versions/query`."""

    agent_name: str
    sort_by: list[SortBy] | None = None


class GroupBy(msgspec.Struct):
    """One thing that spans are grouped by."""

    key: str
    alias: str | None = None
    source: str = "field"


class Value(msgspec.Struct):
    """What is measured."""

    key: str
    source: str = "field"


class Measure(msgspec.Struct):
    """One figure over a group."""

    aggregation: str
    alias: str
    filter: Any = None
    value: Value | None = None


class SpansBody(Page):
    """`agents/spans/query`."""

    query: Any = None
    group_by: list[GroupBy] | None = None
    measures: list[Measure] = []
    group_filters: list[Any] = []
    group_distributions: list[Any] = []
    insight_filters: list[Any] = []
    signal_filters: Any = None
    custom_attr_columns: list[Any] = []
    include_details: bool = False
    sort_by: list[SortBy] | None = None
    started_after: datetime | None = None
    started_before: datetime | None = None


class SchemaBody(Page):
    """`agents/spans/custom-attrs/schema`."""

    query: Any = None
    started_after: datetime | None = None
    started_before: datetime | None = None


class ConversationBody(Page):
    """`agents/conversations/chat`."""

    conversation_id: str
    include_feedback: bool = False


class ConversationsBody(msgspec.Struct):
    """`agents/conversations/spans`."""

    project_id: str
    conversation_ids: list[str] = []
    started_after: datetime | None = None
    started_before: datetime | None = None


class TraceBody(msgspec.Struct):
    """`agents/traces/chat`."""

    project_id: str
    trace_id: str
    include_feedback: bool = False


class SearchBody(Page):
    """`agents/search`."""

    query: str = ""
    agent_name: str | None = None
    conversation_id: str | None = None
    trace_id: str | None = None
    provider_name: str | None = None
    request_model: str | None = None
    roles: list[str] | None = None
    truncate_content: bool = True
    started_after: datetime | None = None
    started_before: datetime | None = None
