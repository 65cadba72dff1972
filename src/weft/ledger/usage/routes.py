"""`/api/usage`: what was used, for the console and for scripts.

Whose usage a caller sees is in `visibility.py`. Money crosses as a string of nano-dollars: a JavaScript number holds
too few digits. A billing page takes a report by day and model, one by project, the forecast and a page of requests.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection

from weft.identity.types import User
from weft.kit.db import Database
from weft.kit.errors import NotFound
from weft.ledger.types import Outcome
from weft.ledger.usage.answers import (
    RequestPage,
    RequestUsage,
    UsageForecast,
    UsageReport,
    forecast_of,
    request_of,
    sums_of,
)
from weft.ledger.usage.export import MEDIA_TYPE, csv_months, csv_report
from weft.ledger.usage.forecast import forecast_usage
from weft.ledger.usage.names import (
    Names,
    filter_names,
    record_names,
    row_names,
    with_team_id,
)
from weft.ledger.usage.pages import MAX_PAGE, Page, PageAsk, list_usage, parse_cursor
from weft.ledger.usage.report import GroupBy, UsageFilter, UsageRow, parse_moment, total
from weft.ledger.usage.store import find_usage
from weft.ledger.usage.sums import MAX_TOP, sum_usage
from weft.ledger.usage.visibility import may_see, visible

_Format = Literal["json", "csv"]
_CSV: dict[int | str, dict[str, object]] = {200: {"content": {"text/csv": {}}}}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the query asks for: ids of team, project, key, user and model, and a span of time."""

    filter: UsageFilter
    now: datetime


def _chosen(
    since: Annotated[str | None, Query(description="7d, 12h, a date or a moment")] = None,
    until: Annotated[str | None, Query(description="as since; not included")] = None,
    team: Annotated[str | None, Query(description="an id or a name")] = None,
    project: str | None = None,
    key: str | None = None,
    user: str | None = None,
    model: str | None = None,
) -> Chosen:
    now = datetime.now(UTC)
    return Chosen(
        UsageFilter(
            since=parse_moment(since, now, param="since") if since else None,
            until=parse_moment(until, now, param="until") if until else None,
            model_id=model,
            team_id=team,
            project_id=project,
            key_id=key,
            user_id=user,
        ),
        now,
    )


_Chosen = Annotated[Chosen, Depends(_chosen)]


def router(database: Database, signed_in: Callable[..., Awaitable[User]]) -> APIRouter:
    """The routes; `signed_in` is a FastAPI dependency that yields who asks, or refuses."""
    routes = APIRouter(prefix="/api/usage", tags=["usage"])
    _add_reports(routes, database, signed_in)
    _add_requests(routes, database, signed_in)
    return routes


def _add_reports(
    routes: APIRouter, database: Database, signed_in: Callable[..., Awaitable[User]]
) -> None:
    caller_of = Depends(signed_in)

    @routes.get("", responses=_CSV, response_model=UsageReport)
    async def report_usage(
        request: Request,
        caller: Annotated[User, caller_of],
        chosen: _Chosen,
        by: GroupBy = GroupBy.DAY,
        by2: GroupBy | None = None,
        top: Annotated[int | None, Query(ge=1, le=MAX_TOP)] = None,
        format: _Format | None = None,  # noqa: A002 - the query's word
    ) -> UsageReport | Response:
        """Sums by one or two of hour, day, month, model, project, key, user and team; `top` bounds the groups.

        With a time and something else, the ten largest groups and `(others)` are told unless `top` says otherwise.
        """

        def work(connection: Connection) -> tuple[list[UsageRow], Names, dict[str, str]]:
            filters = _visible(connection, caller, chosen)
            rows = sum_usage(connection, by, filters, by2=by2, top=top)
            narrowed = filter_names(connection, chosen.filter) if rows else {}
            return rows, row_names(connection, by, by2, rows), narrowed

        rows, names, narrowed = await database.read_soon(work)
        if _wants_csv(request, format):
            return StreamingResponse(
                csv_report(rows, by, by2, names),
                headers=_attachment("usage"),
                media_type=MEDIA_TYPE,
            )
        return UsageReport(
            by=by,
            by2=by2,
            since=chosen.filter.since,
            until=chosen.filter.until,
            rows=[sums_of(row, by, by2, names) for row in rows],
            total=sums_of(replace(total(rows), group="total"), by, None, {(by, "total"): "total"}),
            filter_names=narrowed,
        )

    @routes.get("/forecast")
    async def forecast_month(caller: Annotated[User, caller_of], chosen: _Chosen) -> UsageForecast:
        """The present month so far and at its end. Spans of time do not matter here, the other filters do."""
        forecast = await database.read_soon(
            lambda c: forecast_usage(c, _visible(c, caller, chosen), chosen.now)
        )
        return forecast_of(forecast)

    @routes.get("/export", responses=_CSV, response_class=StreamingResponse)
    async def export_usage(
        caller: Annotated[User, caller_of], chosen: _Chosen
    ) -> StreamingResponse:
        """What each project used of each model, month by month, as CSV: for finance."""
        filters = await database.read_soon(lambda c: _visible(c, caller, chosen))
        lines: AsyncIterator[str] = csv_months(database, filters, chosen.now)
        return StreamingResponse(
            lines, headers=_attachment("usage-by-month"), media_type=MEDIA_TYPE
        )


def _add_requests(
    routes: APIRouter, database: Database, signed_in: Callable[..., Awaitable[User]]
) -> None:
    caller_of = Depends(signed_in)

    @routes.get("/requests")
    async def list_requests(
        caller: Annotated[User, caller_of],
        chosen: _Chosen,
        outcome: Outcome | None = None,
        status: Annotated[int | None, Query(ge=100, le=599)] = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    ) -> RequestPage:
        """Requests, newest first. A page may hold fewer than `limit` and still have a next one."""
        ask = PageAsk(limit, parse_cursor(cursor) if cursor else None, outcome, status)

        def work(connection: Connection) -> tuple[Page, Names]:
            page = list_usage(connection, _visible(connection, caller, chosen), ask)
            return page, record_names(connection, page.records)

        page, names = await database.read_soon(work)
        return RequestPage(
            requests=[request_of(record, names) for record in page.records],
            next_cursor=str(page.next_cursor) if page.next_cursor else None,
        )

    @routes.get("/{request_id}")
    async def get_request_usage(
        caller: Annotated[User, caller_of], request_id: str
    ) -> RequestUsage:
        """What one request used and cost, by the id that its response header carried."""

        def work(connection: Connection) -> RequestUsage | None:
            record = find_usage(connection, request_id)
            if record is None or not may_see(connection, caller, record):
                return None
            return request_of(record, record_names(connection, [record]))

        found = await database.read_soon(work)
        if found is None:
            raise NotFound(f"no request {request_id[:64]} that you may see")
        return found


def _visible(connection: Connection, caller: User, chosen: Chosen) -> list[UsageFilter]:
    return visible(connection, caller, with_team_id(connection, chosen.filter))


def _wants_csv(request: Request, wanted: _Format | None) -> bool:
    if wanted is not None:
        return wanted == "csv"
    return request.headers.get("accept", "").startswith("text/csv")


def _attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}.csv"'}
