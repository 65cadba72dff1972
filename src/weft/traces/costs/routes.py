"""The routes of costs.

Shapes: the Weave trace server's API (client 0.54), unknown fields left out.
"""

import math
from datetime import datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from weft.kit.clock import to_us
from weft.kit.errors import InvalidRequest
from weft.kit.ids import uuid7_hex
from weft.traces.calls.parts import stamp_us
from weft.traces.costs import store
from weft.traces.costs.store import NewPrice
from weft.traces.costs.types import USD
from weft.traces.json_text import BadShape
from weft.traces.query.ids import ids_of
from weft.traces.query.listing import ListBody, listing_of
from weft.traces.query.parse import parse_query
from weft.traces.routes.desk import Desk, json_answer, trace_router

MODELS = 1000
"""That may be priced at once."""
NAME_CHARS = 1024
COST_LIMIT = 1e9
"""Dollars for a token: nobody's, but a mistake that stays a number."""


class CostWire(msgspec.Struct):
    """What one token of a model costs."""

    prompt_token_cost: float
    completion_token_cost: float
    cache_read_input_token_cost: float = 0.0
    cache_creation_input_token_cost: float = 0.0
    prompt_token_cost_unit: str | None = None
    completion_token_cost_unit: str | None = None
    effective_date: datetime | None = None
    provider_id: str | None = None


class CreateBody(msgspec.Struct):
    """`/cost/create`."""

    project_id: str
    costs: dict[str, CostWire]


class PurgeBody(msgspec.Struct):
    """`/cost/purge`."""

    project_id: str
    query: Any = None


def router(desk: Desk) -> APIRouter:
    """The routes under `/cost`."""
    routes = trace_router()

    @routes.post("/cost/create")
    async def create(request: Request) -> Response:
        """Price models, from a day on."""
        asked = await desk.writing(request, CreateBody)
        if len(asked.body.costs) > MODELS:
            raise InvalidRequest(f"at most {MODELS} models at once", param="costs")
        now_us = to_us(desk.clock.now())
        made = [
            _price(llm_id, wire, asked.visitor.user_id, now_us)
            for llm_id, wire in asked.body.costs.items()
        ]
        await desk.store.change(asked.project_id, lambda c, key: store.insert_prices(c, key, made))
        return json_answer({"ids": [[price.id, price.llm_id] for price in made]})

    @routes.post("/cost/query")
    async def query(request: Request) -> Response:
        """The project's own prices."""
        asked = await desk.reading(request, ListBody)
        wanted = listing_of(asked.body)
        found = await desk.store.read(
            asked.project_id,
            lambda c, key: store.list_prices(c, key, asked.visitor.name, wanted),
            empty=[],
        )
        return json_answer({"results": found})

    @routes.post("/cost/purge")
    async def purge(request: Request) -> Response:
        """Remove prices by their ids."""
        asked = await desk.writing(request, PurgeBody)
        ids = ids_of(parse_query(asked.body.query))
        await desk.store.change(asked.project_id, lambda c, key: store.delete_prices(c, key, ids))
        return json_answer({})

    _ = (create, query, purge)
    return routes


def _price(llm_id: str, wire: CostWire, user_id: str, now_us: int) -> NewPrice:
    effective = wire.effective_date
    return NewPrice(
        id=uuid7_hex(),
        llm_id=_text(llm_id, "costs"),
        provider_id=_text(wire.provider_id or "default", "provider_id"),
        effective_at_us=now_us if effective is None else stamp_us(effective),
        prompt_token_cost=_cost(wire.prompt_token_cost),
        completion_token_cost=_cost(wire.completion_token_cost),
        cache_read_input_token_cost=_cost(wire.cache_read_input_token_cost),
        cache_creation_input_token_cost=_cost(wire.cache_creation_input_token_cost),
        prompt_token_cost_unit=_text(wire.prompt_token_cost_unit or USD, "prompt_token_cost_unit"),
        completion_token_cost_unit=_text(
            wire.completion_token_cost_unit or USD, "completion_token_cost_unit"
        ),
        created_by=user_id,
        created_at_us=now_us,
    )


def _cost(cost: float) -> float:
    if not math.isfinite(cost) or not 0 <= cost <= COST_LIMIT:
        raise BadShape(f"a token costs 0 to {COST_LIMIT:.0f} dollars", param="costs")
    return cost + 0.0


def _text(text: str, param: str) -> str:
    if not 0 < len(text) <= NAME_CHARS:
        raise BadShape(f"a name has 1 to {NAME_CHARS} characters", param=param)
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
