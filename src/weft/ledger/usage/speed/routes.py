"""`/api/models/speed`: how fast each model answers on this server, for whoever is signed in.

The figures are of the whole server and name no team; how many requests they rest on is told in steps only. They are
looked up at most once in `KEEP_S` for each span, whoever asks.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from weft.identity.types import User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.ledger.usage.speed.figures import Speed, Spread, speed_of
from weft.ledger.usage.speed.store import read_samples

KEEP_S = 60.0
MAX_DAYS = 90


class Percentiles(BaseModel):
    """Nearest ranks: 5 % of the requests were at or below `p5`."""

    p5: float
    p50: float
    p95: float


class ModelSpeed(BaseModel):
    """How fast one model streamed its answers."""

    model: str
    requests: int
    """The newest ones, that the figures rest on: one of 0, 10, 20, 50, 100, 200, 500, rounded down."""
    ttft_ms: Percentiles | None
    """From a request's arrival to the first byte of its answer, a cold start included; null: too few requests."""
    output_tokens_per_s: Percentiles | None
    """After the first token; null: too few requests."""


class ModelSpeeds(BaseModel):
    """Every model that answered lately."""

    days: int
    measured_at: datetime
    models: list[ModelSpeed]


def router(
    database: Database, signed_in: Callable[..., Awaitable[User]], clock: Clock
) -> APIRouter:
    """The route; `signed_in` is a FastAPI dependency that yields who asks, or refuses."""
    routes = APIRouter(prefix="/api/models", tags=["models"])
    kept: dict[int, tuple[float, ModelSpeeds]] = {}
    turn = asyncio.Lock()

    @routes.get("/speed", dependencies=[Depends(signed_in)])
    async def measure_speed(  # pyright: ignore[reportUnusedFunction] - the decorator uses it
        days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 7,
    ) -> ModelSpeeds:
        """Output tokens per second and time to first token of each model, over the last days."""
        async with turn:  # who comes meanwhile finds what the first one found
            known = kept.get(days)
            if known is None or clock.monotonic_s() - known[0] > KEEP_S:
                now = clock.now()
                samples = await database.read_soon(lambda c: read_samples(c, now, days))
                rows = [_row(model, speed_of(samples[model])) for model in sorted(samples)]
                speeds = ModelSpeeds(
                    days=days, measured_at=now, models=[row for row in rows if row.requests]
                )
                known = kept[days] = (clock.monotonic_s(), speeds)
            return known[1]

    return routes


def _row(model: str, speed: Speed) -> ModelSpeed:
    return ModelSpeed(
        model=model,
        requests=speed.requests,
        ttft_ms=_percentiles(speed.ttft_ms),
        output_tokens_per_s=_percentiles(speed.output_tokens_per_s),
    )


def _percentiles(spread: Spread | None) -> Percentiles | None:
    return None if spread is None else Percentiles(p5=spread.p5, p50=spread.p50, p95=spread.p95)
