"""Is it alive, is it ready, how is it doing: for load balancers, orchestrators and Prometheus."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from weft import __version__
from weft.engines.pool import Engines
from weft.engines.types import EngineState
from weft.gateway.journal import Journal
from weft.kit.batch import GroupCommit
from weft.kit.logs import RequestLog
from weft.kit.metrics import (
    ENGINE_IN_FLIGHT,
    ENGINE_QUEUE_DEPTH,
    ENGINE_STATE,
    REQUEST_LOG_LOST,
    REQUESTS_IN_FLIGHT,
    USAGE_WRITER_BACKLOG,
    Metrics,
)


class EngineHealth(BaseModel):
    """One engine, in short."""

    engine: str
    state: str
    in_flight: int
    waiting: int


class Health(BaseModel):
    """The answer of `/healthz` and `/readyz`."""

    status: str
    version: str
    usage_backlog: int
    """Usage records that wait to be written; above a few thousand the disk does not keep up."""
    engines: list[EngineHealth]


def is_settled(engines: Engines, *, eager: bool) -> bool:
    """Whether no engine is on its way up: each is ready, has failed, or sleeps until it is called."""
    on_the_way = {EngineState.STARTING, EngineState.STOPPED} if eager else {EngineState.STARTING}
    return not any(engine.state in on_the_way for engine in engines.snapshot())


def measure(
    metrics: Metrics,
    engines: Engines,
    writer: GroupCommit,
    journal: Journal,
    lines: RequestLog | None,
) -> None:
    """Have the metrics ask the parts for what they hold at the moment of a scrape."""
    metrics.register(REQUESTS_IN_FLIGHT, journal.in_flight)
    metrics.register(USAGE_WRITER_BACKLOG, lambda: [((), writer.backlog)])
    metrics.register(REQUEST_LOG_LOST, lambda: [((), lines.lost if lines else 0)])
    metrics.register(
        ENGINE_STATE, lambda: [((e.name, e.state.value), 1.0) for e in engines.snapshot()]
    )
    metrics.register(
        ENGINE_IN_FLIGHT, lambda: [((e.name,), e.in_flight) for e in engines.snapshot()]
    )
    metrics.register(
        ENGINE_QUEUE_DEPTH, lambda: [((e.name,), e.waiting) for e in engines.snapshot()]
    )


def health_router(
    engines: Engines, writer: GroupCommit, metrics: Metrics, *, eager: bool
) -> APIRouter:
    """`/healthz` (the process works), `/readyz` (requests are welcome) and `/metrics`."""
    routes = APIRouter(tags=["operations"])

    def health(status: str) -> Health:
        return Health(
            status=status,
            version=__version__,
            usage_backlog=writer.backlog,
            engines=[
                EngineHealth(
                    engine=engine.name,
                    state=engine.state,
                    in_flight=engine.in_flight,
                    waiting=engine.waiting,
                )
                for engine in engines.snapshot()
            ],
        )

    @routes.head("/healthz", include_in_schema=False)
    @routes.get("/healthz")
    async def healthz() -> Health:  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        """200 as long as the process answers; says what runs."""
        return health("ok")

    @routes.head("/readyz", include_in_schema=False)
    @routes.get("/readyz", responses={503: {"model": Health}})
    async def readyz(  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        response: Response,
    ) -> Health:
        """200 when requests are welcome, 503 while engines start. A stopping server takes no connection."""
        if not is_settled(engines, eager=eager):
            response.status_code = 503
            return health("starting")
        return health("ready")

    @routes.head("/metrics", include_in_schema=False)
    @routes.get("/metrics", response_class=Response)
    async def prometheus() -> Response:  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        """Prometheus text format; names follow OpenTelemetry's GenAI conventions where they have one."""
        body, content_type = metrics.render()
        return Response(body, media_type=content_type)

    return routes
