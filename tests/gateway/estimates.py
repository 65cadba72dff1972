"""Routes, prices and estimates of requests, made from a few words."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.engines.scale import a_card

from weft.catalog.types import Capabilities, FakeSpec, Price
from weft.engines.options import EngineSettings
from weft.engines.pool import Engines
from weft.engines.types import Route
from weft.gateway.estimate import Estimate
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.validate import parse_request
from weft.kit.clock import SystemClock
from weft.kit.money import NanoUsdPerMtok

ENDLESS = 1 << 40
"""A window that cuts no bound short."""
CONTEXT = 8192


def a_route(context_tokens: int = CONTEXT, *, vision: bool = False) -> Route:
    card = replace(
        a_card(FakeSpec(), context_tokens=context_tokens), capabilities=Capabilities(vision=vision)
    )
    return Engines([card], EngineSettings(), clock=SystemClock()).find_route(card)


def a_price(input_: int, output: int, cached: int | None = None) -> Price:
    return Price(
        "v1",
        datetime(2026, 1, 1, tzinfo=UTC),
        NanoUsdPerMtok(input_),
        NanoUsdPerMtok(output),
        NanoUsdPerMtok(input_ if cached is None else cached),
        "test",
    )


def encoded(fields: dict[str, Any], *, is_ascii: bool = True) -> bytes:
    """A body as compact as JSON can be."""
    body = {"model": "m", **fields}
    return json.dumps(body, ensure_ascii=is_ascii, separators=(",", ":")).encode()


def estimated(fields: dict[str, Any], route: Route, *, is_ascii: bool = True) -> Estimate:
    payload = encoded(fields, is_ascii=is_ascii)
    return Estimate.of(parse_request(payload, Bounds()), payload, route)


def user(content: object) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}
