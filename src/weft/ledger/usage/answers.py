"""What `/api/usage` answers: shapes for the wire, made from our own. Money is a string of nano-dollars everywhere."""

from datetime import datetime

import msgspec
from pydantic import BaseModel, JsonValue

from weft.kit.clock import from_us
from weft.ledger.types import Outcome, UsageRecord, UsageSource
from weft.ledger.usage.forecast import CONFIDENCE, Forecast
from weft.ledger.usage.names import Names
from weft.ledger.usage.report import GroupBy, UsageRow


class UsageSums(BaseModel):
    """The sums of one group: an hour, day or month of UTC, a model's id, or the id of a project, key, user or team."""

    group: str
    name: str
    """What people know the group by."""
    group2: str | None
    """Within the first, the second group that was asked for."""
    name2: str | None
    requests: int
    errors: int
    """Those that failed, were refused or interrupted."""
    completed: int
    cancelled: int
    failed: int
    refused: int
    interrupted: int
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost_nusd: str


class UsageReport(BaseModel):
    """Times come oldest first, everything else dearest first; `(others)` is what is beyond the largest groups."""

    by: GroupBy
    by2: GroupBy | None
    since: datetime | None
    until: datetime | None
    rows: list[UsageSums]
    total: UsageSums
    filter_names: dict[str, str]
    """What people know the ids by that narrow it, where it holds anything."""


class RequestUsage(BaseModel):
    """One request, metered."""

    id: str
    started_at: datetime
    posted_at: datetime
    user_id: str
    user: str
    """What people know the user, the team, the project and the key by: names as they are now."""
    team_id: str
    team: str
    project_id: str
    project: str
    """`team/project`."""
    key_id: str
    key: str
    model_id: str
    served_model_id: str
    engine: str
    status: int
    outcome: Outcome
    error_code: str
    refusal: dict[str, JsonValue] | None
    """Which limit stood in the way, and what to do: the metadata of the error."""
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


class RequestPage(BaseModel):
    """Requests, newest first."""

    requests: list[RequestUsage]
    next_cursor: str | None
    """What to send as `cursor` for the next page; null when there is none."""


class ForecastFigures(BaseModel):
    """Some of the sums of a month."""

    requests: int
    input_tokens: int
    output_tokens: int
    cost_nusd: str


class UsageForecast(BaseModel):
    """The present month: what it came to so far, and what it will come to if things go on like this."""

    month: str
    since: datetime
    until: datetime
    now: datetime
    so_far: ForecastFigures
    expected: ForecastFigures
    low: ForecastFigures | None
    """With `high` the range that it ends in, as often as `confidence` says; null: too little is known yet."""
    high: ForecastFigures | None
    confidence: float


def sums_of(row: UsageRow, by: GroupBy, by2: GroupBy | None, names: Names) -> UsageSums:
    """A row with the names of its groups."""
    return UsageSums(
        group=row.group,
        name=names.get((by, row.group), row.group),
        group2=row.group2 if by2 else None,
        name2=names.get((by2, row.group2), row.group2) if by2 else None,
        requests=row.requests,
        errors=row.errors,
        completed=row.completed,
        cancelled=row.cancelled,
        failed=row.failed,
        refused=row.refused,
        interrupted=row.interrupted,
        input_tokens=row.input_tokens,
        cached_input_tokens=row.cached_input_tokens,
        output_tokens=row.output_tokens,
        reasoning_tokens=row.reasoning_tokens,
        cost_nusd=str(row.cost_nusd),
    )


def request_of(record: UsageRecord, names: Names) -> RequestUsage:
    """A record for the wire, with names where there are any."""
    tokens = record.tokens

    def name(by: GroupBy, id_: str) -> str:
        return names.get((by, id_), id_)

    return RequestUsage(
        id=record.id,
        started_at=from_us(record.started_at_us),
        posted_at=from_us(record.posted_at_us),
        user_id=record.user_id,
        user=name(GroupBy.USER, record.user_id),
        team_id=record.team_id,
        team=name(GroupBy.TEAM, record.team_id),
        project_id=record.project_id,
        project=name(GroupBy.PROJECT, record.project_id),
        key_id=record.key_id,
        key=name(GroupBy.KEY, record.key_id),
        model_id=record.model_id,
        served_model_id=record.served_model_id,
        engine=record.engine,
        status=record.status,
        outcome=record.outcome,
        error_code=record.error_code,
        refusal=msgspec.json.decode(record.refusal) if record.refusal else None,
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


def forecast_of(forecast: Forecast) -> UsageForecast:
    """A forecast for the wire."""
    return UsageForecast(
        month=forecast.month,
        since=forecast.since,
        until=forecast.until,
        now=forecast.now,
        so_far=_figures(forecast.so_far),
        expected=_figures(forecast.expected),
        low=None if forecast.low is None else _figures(forecast.low),
        high=None if forecast.high is None else _figures(forecast.high),
        confidence=CONFIDENCE,
    )


def _figures(row: UsageRow) -> ForecastFigures:
    return ForecastFigures(
        requests=row.requests,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost_nusd=str(row.cost_nusd),
    )
