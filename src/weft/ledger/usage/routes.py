"""`/api/usage`: what was used, for the console and for scripts.

An administrator of the server sees every request, anybody else their own. Money crosses as a string of nano-dollars:
a JavaScript number holds too few digits.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from weft.identity.types import User
from weft.kit.clock import from_us
from weft.kit.db import Database
from weft.kit.errors import NotFound
from weft.ledger.types import Outcome, UsageRecord, UsageSource
from weft.ledger.usage.names import group_names
from weft.ledger.usage.report import GroupBy, UsageFilter, UsageRow, parse_moment, total
from weft.ledger.usage.store import find_usage, sum_usage


class UsageSums(BaseModel):
    """The sums of one group; `group` is a UTC day, a model's id, or the id of a project, key, user or team."""

    group: str
    name: str
    """What people know the group by."""
    requests: int
    errors: int
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost_nusd: str


class UsageReport(BaseModel):
    """Days come oldest first, everything else dearest first."""

    by: GroupBy
    since: datetime | None
    until: datetime | None
    rows: list[UsageSums]
    total: UsageSums


class RequestUsage(BaseModel):
    """One request, metered."""

    id: str
    started_at: datetime
    user_id: str
    team_id: str
    project_id: str
    key_id: str
    model_id: str
    served_model_id: str
    engine: str
    status: int
    outcome: Outcome
    error_code: str
    stream: bool
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    usage_source: UsageSource
    price_version: str
    cost_nusd: str
    queue_ms: float
    ttft_ms: float
    total_ms: float


def router(database: Database, signed_in: Callable[..., Awaitable[User]]) -> APIRouter:
    """The routes; `signed_in` is a FastAPI dependency that yields who asks, or refuses."""
    routes = APIRouter(prefix="/api/usage", tags=["usage"])

    @routes.get("")
    async def report_usage(
        caller: Annotated[User, Depends(signed_in)],
        by: GroupBy = GroupBy.DAY,
        since: str | None = None,
        until: str | None = None,
    ) -> UsageReport:
        """Sums by day, model, project, key, user or team; `since` and `until` as `7d`, a date or a moment."""
        now = datetime.now(UTC)
        chosen = UsageFilter(
            since=parse_moment(since, now, param="since") if since else None,
            until=parse_moment(until, now, param="until") if until else None,
            user_id=None if caller.is_admin else caller.id,
        )
        rows, names = await database.read_soon(
            lambda c: (sum_usage(c, by, chosen), group_names(c, by))
        )
        return UsageReport(
            by=by,
            since=chosen.since,
            until=chosen.until,
            rows=[_sums(row, names.get(row.group, row.group)) for row in rows],
            total=_sums(total(rows), "total"),
        )

    @routes.get("/{request_id}")
    async def get_request_usage(
        caller: Annotated[User, Depends(signed_in)], request_id: str
    ) -> RequestUsage:
        """What one request used and cost, by the id that its response header carried."""
        record = await database.read_soon(lambda connection: find_usage(connection, request_id))
        if record is None or not (caller.is_admin or record.user_id == caller.id):
            raise NotFound(f"no request {request_id[:64]} that you may see")
        return _request(record)

    return routes


def _sums(row: UsageRow, name: str) -> UsageSums:
    return UsageSums(
        group=row.group,
        name=name,
        requests=row.requests,
        errors=row.errors,
        input_tokens=row.input_tokens,
        cached_input_tokens=row.cached_input_tokens,
        output_tokens=row.output_tokens,
        reasoning_tokens=row.reasoning_tokens,
        cost_nusd=str(row.cost_nusd),
    )


def _request(record: UsageRecord) -> RequestUsage:
    tokens = record.tokens
    return RequestUsage(
        id=record.id,
        started_at=from_us(record.started_at_us),
        user_id=record.user_id,
        team_id=record.team_id,
        project_id=record.project_id,
        key_id=record.key_id,
        model_id=record.model_id,
        served_model_id=record.served_model_id,
        engine=record.engine,
        status=record.status,
        outcome=record.outcome,
        error_code=record.error_code,
        stream=record.stream,
        input_tokens=tokens.input,
        cached_input_tokens=tokens.cached_input,
        output_tokens=tokens.output,
        reasoning_tokens=tokens.reasoning,
        usage_source=record.usage_source,
        price_version=record.price_version,
        cost_nusd=str(record.cost_nusd),
        queue_ms=record.queue_us / 1000,
        ttft_ms=record.ttft_us / 1000,
        total_ms=record.total_us / 1000,
    )
