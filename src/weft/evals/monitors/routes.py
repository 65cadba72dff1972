"""`/api/monitors`, `/api/guardrails`, `/api/monitor-forecasts`: for members; viewers read."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from weft.evals.monitors.desk import MonitorDesk
from weft.evals.monitors.forecast import Prices, Traffic, forecast_of, read_traffic
from weft.evals.monitors.series import Figure, Verdict, figures_of, newest_verdicts, read_verdicts
from weft.evals.monitors.wire import (
    NAME,
    MonitorForecast,
    MonitorInfo,
    MonitorList,
    MonitorSwitch,
    MonitorWanted,
    ScoreResults,
    ScoreSeries,
    figure_info,
    result_info,
)
from weft.identity.projects.gate import Visitor
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest
from weft.traces.routes.desk import Desk
from weft.traces.types import HOUR_US, US_PER_S

HOURS = 24 * 90
BUCKETS = 60
STEPS_S = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)
SHOWN = 50

_Name = Annotated[str, Path(pattern=NAME)]
_Hours = Annotated[int, Query(ge=1, le=HOURS)]
_Limit = Annotated[int, Query(ge=1, le=500)]
_Scorer = Annotated[str, Query(max_length=200)]
_Before = Annotated[str, Query(max_length=80, pattern=r"^(\d{1,18}-[^\s]{1,60})?$")]


@dataclass(frozen=True, slots=True)
class Office:
    """What the routes work with."""

    desk: Desk
    monitors: MonitorDesk
    prices: Prices
    check_country: Callable[[Request], None]
    """Raises where rules about countries keep the caller from running models."""

    async def writer(self, request: Request, team: str, project: str) -> Visitor:
        """The caller, who may write."""
        visitor = await self.desk.enter(request, f"{team}/{project}")
        visitor.may_write()
        return visitor

    async def series(self, visitor: Visitor, hours: int, monitor: str = "") -> ScoreSeries:
        """Figures over the last hours; of one monitor, or of guardrails."""
        step_us = next(s for s in STEPS_S if hours * 3600 / s <= BUCKETS) * US_PER_S
        end_us = to_us(self.desk.clock.now())
        start_us = (end_us - hours * HOUR_US) // step_us * step_us
        found = await self.desk.store.read(
            visitor.project_id,
            lambda c, key: figures_of(
                read_verdicts(c, key, start_us, end_us + 1, monitor=monitor), start_us, step_us
            ),
            empty=list[Figure](),
        )
        return ScoreSeries(
            start=from_us(start_us),
            end=from_us(end_us),
            step_s=step_us // US_PER_S,
            figures=[figure_info(one) for one in found],
        )

    async def results(
        self, visitor: Visitor, *, monitor: str, scorer: str, before: str, limit: int
    ) -> ScoreResults:
        """The newest verdicts; of one monitor, or of guardrails."""
        at, _, id_ = before.partition("-")
        place = (int(at), id_) if before else None
        found = await self.desk.store.read(
            visitor.project_id,
            lambda c, key: newest_verdicts(
                c, key, monitor=monitor, scorer=scorer, before=place, limit=limit + 1
            ),
            empty=list[Verdict](),
        )
        shown, last = found[:limit], found[limit - 1 : limit]
        more = f"{last[0].at_us}-{last[0].id}" if len(found) > limit else None
        return ScoreResults(results=[result_info(one) for one in shown], next=more)


def router(office: Office) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["monitors"])
    _add_reads(routes, office)
    _add_changes(routes, office)
    _add_guardrails(routes, office)
    return routes


def _add_reads(routes: APIRouter, office: Office) -> None:
    base = "/api/monitors/{team}/{project}"
    desk, monitors = office.desk, office.monitors

    @routes.get(base)
    async def list_monitors(request: Request, team: str, project: str) -> MonitorList:
        """The project's monitors, how each is, and what it found within a day."""
        visitor = await desk.enter(request, f"{team}/{project}")
        return MonitorList(
            monitors=await monitors.every(visitor), max_budget_nusd=str(monitors.max_budget_nusd)
        )

    @routes.get(base + "/{name}")
    async def show_monitor(request: Request, team: str, project: str, name: _Name) -> MonitorInfo:
        """One monitor."""
        return await monitors.show(await desk.enter(request, f"{team}/{project}"), name)

    @routes.get(base + "/{name}/series")
    async def show_monitor_series(
        request: Request, team: str, project: str, name: _Name, hours: _Hours = 24
    ) -> ScoreSeries:
        """What its scorers said over the last hours, in at most 60 stretches of time."""
        visitor = await desk.enter(request, f"{team}/{project}")
        return await office.series(visitor, hours, f"{visitor.name}/{name}")

    @routes.get(base + "/{name}/results")
    async def list_monitor_results(
        request: Request,
        team: str,
        project: str,
        name: _Name,
        scorer: _Scorer = "",
        before: _Before = "",
        limit: _Limit = SHOWN,
    ) -> ScoreResults:
        """The calls that it judged last, with value and reason."""
        visitor = await desk.enter(request, f"{team}/{project}")
        place = f"{visitor.name}/{name}"
        return await office.results(
            visitor, monitor=place, scorer=scorer, before=before, limit=limit
        )

    _ = (list_monitors, show_monitor, show_monitor_series, list_monitor_results)


def _add_changes(routes: APIRouter, office: Office) -> None:
    base = "/api/monitors/{team}/{project}/{name}"
    monitors = office.monitors

    @routes.put(base)
    async def put_monitor(
        request: Request, team: str, project: str, name: _Name, wanted: MonitorWanted
    ) -> MonitorInfo:
        """Make a monitor or change it. Its budget is on the account of whoever is logged in."""
        visitor = await office.writer(request, team, project)
        if int(wanted.budget_nusd):
            office.check_country(request)
        return await monitors.save(visitor, name, wanted)

    @routes.post(base + "/activate")
    async def activate_monitor(
        request: Request,
        team: str,
        project: str,
        name: _Name,
        wanted: MonitorSwitch | None = None,
    ) -> MonitorInfo:
        """Switch it on, and give this version its budget; it looks at what comes from now on."""
        visitor = await office.writer(request, team, project)
        office.check_country(request)
        return await monitors.switch_on(visitor, name, wanted.budget_nusd if wanted else None)

    @routes.post(base + "/pause")
    async def pause_monitor(request: Request, team: str, project: str, name: _Name) -> MonitorInfo:
        """Switch it off; calls that wait are passed over."""
        return await monitors.switch_off(await office.writer(request, team, project), name)

    @routes.delete(base, status_code=204)
    async def delete_monitor(request: Request, team: str, project: str, name: _Name) -> None:
        """Remove a monitor with all its versions; what it said of calls stays."""
        await monitors.remove(await office.writer(request, team, project), name)

    @routes.post("/api/monitor-forecasts/{team}/{project}")
    async def forecast_monitor(
        request: Request, team: str, project: str, wanted: MonitorWanted
    ) -> MonitorForecast:
        """What a monitor would do and cost a day, by the traffic of the last days; nothing is saved."""
        visitor = await office.writer(request, team, project)
        spec, scorers = await monitors.read_wanted(visitor, wanted)
        if spec.problem:
            raise InvalidRequest(spec.problem, param="query")
        now_us = to_us(office.desk.clock.now())
        traffic = await office.desk.store.read(
            visitor.project_id,
            lambda c, key: read_traffic(c, key, spec, now_us),
            empty=Traffic(0.0, 0.0, 0.0, []),
        )
        found = asdict(forecast_of(traffic, spec, scorers, office.prices))
        likely, worst = found.pop("likely_nusd"), found.pop("worst_nusd")
        return MonitorForecast(
            **found, likely_nusd_per_day=str(likely), worst_nusd_per_day=str(worst)
        )

    _ = (put_monitor, activate_monitor, pause_monitor, delete_monitor, forecast_monitor)


def _add_guardrails(routes: APIRouter, office: Office) -> None:
    base = "/api/guardrails/{team}/{project}"
    desk = office.desk

    @routes.get(base + "/series")
    async def show_guardrail_series(
        request: Request, team: str, project: str, hours: _Hours = 24
    ) -> ScoreSeries:
        """What scorers said that the client applied to calls, over the last hours."""
        return await office.series(await desk.enter(request, f"{team}/{project}"), hours)

    @routes.get(base + "/results")
    async def list_guardrail_results(
        request: Request,
        team: str,
        project: str,
        scorer: _Scorer = "",
        before: _Before = "",
        limit: _Limit = SHOWN,
    ) -> ScoreResults:
        """The newest of their results."""
        visitor = await desk.enter(request, f"{team}/{project}")
        return await office.results(visitor, monitor="", scorer=scorer, before=before, limit=limit)

    _ = (show_guardrail_series, list_guardrail_results)
