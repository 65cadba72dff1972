"""Figures over time: what they say, and that hourly sums and calls say the same."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from traces.calls_admin.conftest import Place
from traces.calls_admin.setting import NOON_US, call, fresh_project, told, write
from weft.kit.db import Database
from weft.traces.calls.parts import CallPart
from weft.traces.calls.read.wire import CallFilter
from weft.traces.calls.stats.buckets import Buckets
from weft.traces.calls.stats.read import Asked, Figures, read_stats
from weft.traces.calls.stats.shapes import (
    Aggregation,
    CallMetric,
    CallName,
    Span,
    UsageMetric,
    UsageName,
    moment,
)
from weft.traces.costs.schema import PRICE
from weft.traces.types import HOUR_US, US_PER_S, ProjectKey

NOON = moment(NOON_US)
OP_A = "weave:///loom/cloth/op/predict:a"
PRIME = 999_983
_CLOTHS = ("cloth", "cloth", "silk")


def shaken(seed: int, count: int) -> list[CallPart]:
    """Calls of a few ops and models over nine hours, some below others."""
    chance = random.Random(seed)
    calls: list[CallPart] = []
    for number in range(count):
        start = NOON_US + chance.randrange(9 * HOUR_US)
        usage = {
            model: (chance.randrange(500), chance.randrange(500))
            for model in chance.sample(["llama", "qwen", "gpt"], chance.randrange(3))
        }
        op = chance.choice(["predict", "score"])
        calls.append(
            call(
                str(number),
                chance.choice([None, str(chance.randrange(count))]),
                op_name=chance.choice([op, f"weave:///loom/{chance.choice(_CLOTHS)}/op/{op}:a"]),
                started_at_us=start,
                ended_at_us=chance.choice([None, start + chance.randrange(20_000_000), start + 5]),
                summary=told(usage),
                exception=chance.choice([None, None, "boom"]),
            )
        )
    return calls


def price(
    database: Database, project: ProjectKey, model: str, effective_at_us: int, cost: float
) -> None:
    values: dict[str, Any] = {
        column.name: cost for column in PRICE.columns if "_cost" in column.name
    }
    with database.write() as connection:
        connection.execute(
            insert(PRICE).values(
                **values
                | {
                    "project": project,
                    "id": f"{model}{effective_at_us}",
                    "llm_id": model,
                    "provider_id": "",
                    "effective_at_us": effective_at_us,
                    "prompt_token_cost_unit": "USD",
                    "completion_token_cost_unit": "USD",
                    "created_by": "ada",
                    "created_at_us": 0,
                }
            )
        )


def both(
    database: Database, project: ProjectKey, span: Span, filter_: CallFilter | None = None
) -> Figures:
    """The figures, after seeing that both ways to them agree."""
    most: list[Aggregation] = ["sum", "avg", "count", "count_true", "count_false"]
    usage = [UsageMetric(name, most) for name in get_args(UsageName)]
    of_calls = [CallMetric(name, most, [0, 50, 95, 100]) for name in get_args(CallName)]
    asked = Asked(span, usage, of_calls, filter_)
    from_calls = Asked(span, usage, of_calls, filter_, only_calls=True)
    with database.read() as connection:
        hourly = read_stats(connection, project, asked)
        assert hourly == read_stats(connection, project, from_calls)
    return hourly


@pytest.mark.parametrize("granularity_s", [3600, 86_400, 1800])
def test_figures_when_read_both_ways_then_the_same(
    shared_database: Database, granularity_s: int
) -> None:
    project = write(shared_database, fresh_project(), shaken(granularity_s, 120))
    price(shared_database, project, "llama", 0, 0.000_001)
    price(shared_database, project, "llama", NOON_US + 4 * HOUR_US + 7, 0.000_003)
    price(shared_database, project, "qwen", NOON_US + 2 * HOUR_US, 0.01)
    for start_us, end_us, zone in (
        (NOON_US, NOON_US + 9 * HOUR_US, "America/New_York"),
        (NOON_US + PRIME * 700, NOON_US + 8 * HOUR_US + 3, "UTC"),
        (NOON_US + PRIME * 700, NOON_US + 8 * HOUR_US + 3, "Asia/Kolkata"),
        (NOON_US + 1, NOON_US + HOUR_US - 1, "UTC"),
    ):
        span = Span(start_us, end_us, granularity_s, ZoneInfo(zone))
        for ops in (None, ["weave:///loom/cloth/op/predict:*"], ["predict"], [OP_A, "score"]):
            found = both(shared_database, project, span, CallFilter(op_names=ops))
            assert found.call_buckets
    filtered = both(shared_database, project, span, CallFilter(input_refs=["weave:///no"]))
    assert not filtered.usage_buckets


def test_figures_when_told_then_tokens_count_where_they_were_used(database: Database) -> None:
    parent = call("parent", usage={"llama": (30, 12)}, ended_at_us=NOON_US + 4_000_000)
    children = [
        call("a", "parent", usage={"llama": (10, 4)}),
        call("b", "parent", usage={"llama": (20, 8)}, exception="boom"),
    ]
    project = write(
        database, fresh_project(), children, [parent], [call("running", ended_at_us=None)]
    )
    price(database, project, "llama", 0, 0.5)
    hour = Span(NOON_US, NOON_US + HOUR_US, 3600, ZoneInfo("UTC"))
    found = both(database, project, hour)
    assert found.usage_buckets is not None
    assert found.call_buckets is not None
    [bucket], [calls] = found.usage_buckets, found.call_buckets
    assert bucket["model"] == "llama"
    assert bucket["timestamp"] == NOON
    assert (bucket["sum_input_tokens"], bucket["sum_output_tokens"], bucket["count"]) == (30, 12, 2)
    assert (bucket["sum_total_cost"], bucket["avg_total_tokens"]) == (21.0, 21.0)
    assert (calls["sum_call_count"], calls["sum_error_count"]) == (3, 1)
    assert calls["avg_latency_ms"] == pytest.approx(8000 / 3)
    assert calls["p50_latency_ms"] == pytest.approx(2000, rel=0.1)
    assert calls["p100_latency_ms"] == pytest.approx(4000, rel=0.1)


def test_figures_when_extremes_are_asked_for_then_exact(database: Database) -> None:
    calls = [
        call(str(n), usage={"llama": (n, 1)}, ended_at_us=NOON_US + n * 1000) for n in range(11)
    ]
    project = write(database, fresh_project(), calls)
    asked = Asked(
        Span(NOON_US, NOON_US + HOUR_US, 3600, ZoneInfo("UTC")),
        [UsageMetric("input_tokens", ["min", "max"], [50, 90])],
        [CallMetric("latency_ms", ["min", "max"])],
    )
    with database.read() as connection:
        found = read_stats(connection, project, asked)
    assert found.usage_buckets == [
        {
            "timestamp": NOON,
            "model": "llama",
            "count": 11,
            "min_input_tokens": 0,
            "max_input_tokens": 10,
            "p50_input_tokens": 5,
            "p90_input_tokens": 9,
        }
    ]
    assert found.call_buckets is not None
    assert found.call_buckets[0]["max_latency_ms"] == 10


def test_buckets_when_the_clocks_change_then_days_begin_at_midnight() -> None:
    zone = ZoneInfo("Europe/Zurich")
    start = datetime(2026, 10, 24, tzinfo=zone)
    end = datetime(2026, 10, 27, tzinfo=zone)
    start_us, end_us = (int(t.timestamp()) * US_PER_S for t in (start, end))
    span = Span(start_us, end_us, 86_400, zone)
    days = [moment(us).astimezone(zone) for us in Buckets(span).starts]
    assert [(day.day, day.hour) for day in days] == [(24, 0), (25, 0), (26, 0)]
    assert len(Buckets(Span(span.start_us, span.end_us, 3600, zone)).starts) == 73
    quarters = Buckets(Span(span.start_us, span.end_us, 6 * 3600, zone)).starts
    assert len(quarters) == 4 + 5 + 4


async def test_stats_when_asked_then_in_the_shape_of_the_api(place: Place) -> None:
    await place.write(call("a", usage={"llama": (3, 4)}))
    body = {
        "start": NOON.isoformat(),
        "end": (NOON + timedelta(hours=2)).isoformat(),
        "granularity": 3600,
        "usage_metrics": [{"metric": "total_tokens", "aggregations": ["sum"]}],
        "call_metrics": [{"metric": "call_count"}],
    }
    found = await place.told("/calls/stats", body, "eve")
    assert found["granularity"] == 3600
    assert found["timezone"] == "UTC"
    assert [bucket["sum_call_count"] for bucket in found["call_buckets"]] == [1, 0]
    assert [bucket["sum_total_tokens"] for bucket in found["usage_buckets"]] == [7, 0]
    assert datetime.fromisoformat(found["usage_buckets"][0]["timestamp"]) == NOON.astimezone(UTC)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"timezone": "Loom/Cloth"}, "invalid_stats"),
        ({"end": "2020-01-01T00:00:00Z"}, "invalid_stats"),
        ({"granularity": 0}, "invalid_stats"),
        ({"start": "0001-01-01T00:00:00Z"}, "invalid_stats"),
        ({"call_metrics": [{"metric": "latency_ms", "percentiles": [101]}]}, "invalid_stats"),
        ({"call_metrics": [{"metric": "colour"}]}, "invalid_body"),
    ],
)
async def test_stats_when_out_of_bounds_then_refused(
    place: Place, wrong: dict[str, Any], code: str
) -> None:
    answer = await place.post("/calls/stats", {"start": "2026-09-01T00:00:00Z", **wrong})
    assert answer.status_code in {400, 422}
    assert answer.json()["error_code"] == code


async def test_stats_when_nothing_was_ever_written_then_zeros(place: Place) -> None:
    body = {"start": "2026-10-31T00:00:00Z", "call_metrics": [{"metric": "call_count"}]}
    found = await place.told("/calls/stats", body)
    assert found["granularity"] == 3600
    assert {bucket["sum_call_count"] for bucket in found["call_buckets"]} == {0}
    assert found["usage_buckets"] is None
