"""Is it alive, is it ready, how is it doing: for load balancers, orchestrators and Prometheus."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from weft import __version__
from weft.engines.pool import Engines
from weft.engines.types import ModelSnapshot, ModelStage
from weft.gateway.journal import Journal
from weft.kit.batch import GroupCommit
from weft.kit.logs import RequestLog
from weft.kit.metrics import (
    ENGINE_IN_FLIGHT,
    ENGINE_STATE,
    MODEL_QUEUE_DEPTH,
    REQUEST_LOG_LOST,
    REQUESTS_IN_FLIGHT,
    TRACE_BACKLOG,
    TRACE_LOST,
    TRACE_SPOOL_BYTES,
    USAGE_WRITER_BACKLOG,
    Metrics,
)
from weft.traces.writing.writer import TraceWriter


class EngineHealth(BaseModel):
    """One engine, in short."""

    engine: str
    state: str
    in_flight: int


class ModelHealth(BaseModel):
    """One model that can run here, in short."""

    model: str
    stage: str
    in_flight: int
    waiting: int
    engines: list[EngineHealth]


class TraceHealth(BaseModel):
    """The trace store, in short."""

    status: str
    """`ok`, or `degraded` while its database is away or what was kept meanwhile is still being written."""
    backlog: int
    """Operations that were accepted and are not in the database yet."""
    spool_bytes: int
    lost: int


class Health(BaseModel):
    """The answer of `/healthz` and `/readyz`."""

    status: str
    """`ok`, `starting` or `ready`; `degraded` while a part is away that inference does not need."""
    version: str
    traces: TraceHealth
    usage_backlog: int
    """Usage records that wait to be written; above a few thousand the disk does not keep up."""
    models: list[ModelHealth]


def is_settled(engines: Engines) -> bool:
    """Whether no model is on its way up: each is ready, has failed, or sleeps until it is called."""
    return not any(model.stage is ModelStage.LOADING for model in engines.models())


def _model_health(model: ModelSnapshot) -> ModelHealth:
    return ModelHealth(
        model=model.key,
        stage=model.stage,
        in_flight=model.in_flight,
        waiting=model.waiting,
        engines=[
            EngineHealth(engine=one.name, state=one.state, in_flight=one.in_flight)
            for one in model.replicas
        ],
    )


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
    metrics.register(MODEL_QUEUE_DEPTH, lambda: [((m.key,), m.waiting) for m in engines.models()])


def measure_traces(metrics: Metrics, traces: TraceWriter) -> None:
    """Have the metrics ask the trace store for what it has not written yet."""
    metrics.register(TRACE_BACKLOG, lambda: [((), traces.backlog.operations)])
    metrics.register(TRACE_SPOOL_BYTES, lambda: [((), traces.backlog.size_bytes)])
    metrics.register(TRACE_LOST, lambda: [((), traces.backlog.lost)])


def health_router(
    engines: Engines, writer: GroupCommit, metrics: Metrics, traces: TraceWriter
) -> APIRouter:
    """`/healthz` (the process works), `/readyz` (requests are welcome) and `/metrics`."""
    routes = APIRouter(tags=["operations"])

    def health(status: str) -> Health:
        backlog = traces.backlog
        is_behind = backlog.is_away or backlog.size_bytes > 0
        return Health(
            status="degraded" if status == "ok" and is_behind else status,
            version=__version__,
            traces=TraceHealth(
                status="degraded" if is_behind else "ok",
                backlog=backlog.operations,
                spool_bytes=backlog.size_bytes,
                lost=backlog.lost,
            ),
            usage_backlog=writer.backlog,
            models=[_model_health(model) for model in engines.models()],
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
        if not is_settled(engines):
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
