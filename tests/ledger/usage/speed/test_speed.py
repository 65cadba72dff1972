"""The speed of models: the figures, what is read for them, and what others can tell from them."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from identity.house import HandClock
from weft.identity.people import NewUser, create_user
from weft.identity.types import User
from weft.kit.db import Database
from weft.kit.routes.handing import hand_on
from weft.ledger.types import Outcome, Tokens, UsageRecord
from weft.ledger.usage.speed import store
from weft.ledger.usage.speed.figures import Sample, Speed, Spread, speed_of
from weft.ledger.usage.speed.routes import KEEP_S, router
from weft.ledger.usage.speed.store import read_samples
from weft.ledger.usage.store import insert_usage

RecordMaker = Callable[..., UsageRecord]
NOW = datetime(2026, 1, 3, tzinfo=UTC)


def streamed(record: UsageRecord, *, ttft_ms: float = 100, tokens: int = 21) -> UsageRecord:
    """10 ms a token after the first one."""
    ttft_us = int(ttft_ms * 1000)
    return msgspec.structs.replace(
        record,
        tokens=Tokens(input=10, cached_input=0, output=tokens, reasoning=0),
        ttft_us=ttft_us,
        total_us=ttft_us + (tokens - 1) * 10_000,
    )


def write(database: Database, *records: UsageRecord) -> None:
    with database.write() as connection:
        insert_usage(connection, records)


def read(database: Database, days: int = 7) -> dict[str, int]:
    with database.read() as connection:
        return {model: len(found) for model, found in read_samples(connection, NOW, days).items()}


def test_speed_when_there_are_many_requests_then_nearest_ranks() -> None:
    samples = [
        Sample(101, ttft_ms * 1000, ttft_ms * 1000 + 100 * 5_000) for ttft_ms in range(1, 61)
    ]
    assert speed_of(samples) == Speed(50, Spread(3.0, 30.0, 57.0), Spread(200.0, 200.0, 200.0))


def test_speed_when_there_are_few_then_nothing_is_told() -> None:
    assert speed_of([Sample(100, 1000, 2000)] * 9) == Speed(0, None, None)


def test_speed_when_answers_are_short_then_only_the_first_token_is_told() -> None:
    short = Sample(7, 50_000, 60_000)
    assert speed_of([short] * 10) == Speed(10, Spread(50.0, 50.0, 50.0), None)
    at_once = Sample(8, 50_000, 50_000)
    assert speed_of([at_once] * 10).output_tokens_per_s is None


def test_speed_when_more_than_enough_then_the_newest_count() -> None:
    samples = [Sample(100, 1_000, 2_000)] * 500 + [Sample(100, 900_000, 950_000)] * 500
    assert speed_of(samples).ttft_ms == Spread(1.0, 1.0, 1.0)


def test_samples_when_read_then_streams_that_a_model_completed_itself(
    database: Database, a_record: RecordMaker
) -> None:
    replace = msgspec.structs.replace
    write(
        database,
        streamed(a_record(1)),
        replace(streamed(a_record(2)), stream=False),
        streamed(a_record(3, outcome=Outcome.CANCELLED)),
        streamed(a_record(4, outcome=Outcome.FAILED)),
        replace(streamed(a_record(5, model="test/large")), served_model_id="weft/tiny"),
        streamed(a_record(6, model="test/old", day=-9)),
    )
    assert read(database) == {"weft/tiny": 2}
    assert read(database, days=30) == {"weft/tiny": 2, "test/old": 1}


def test_samples_when_a_model_is_rare_then_its_hours_are_looked_into(
    database: Database, a_record: RecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "NEWEST_ROWS", 20)
    rare = [streamed(a_record(n, model="test/rare", second=n)) for n in range(12)]
    rare += [streamed(a_record(100 + n, model="test/rare", second=9000 + n)) for n in range(3)]
    often = [streamed(a_record(1000 + n, day=1, second=n)) for n in range(30)]
    write(database, *rare, *often)
    assert read(database) == {"weft/tiny": 30, "test/rare": 15}


def test_samples_when_newest_first_then_in_that_order(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, *[streamed(a_record(n, second=n), ttft_ms=n + 1) for n in range(5)])
    with database.read() as connection:
        found = read_samples(connection, NOW, 7)["weft/tiny"]
    assert [sample.ttft_us for sample in found] == [5000, 4000, 3000, 2000, 1000]


def client_of(database: Database, clock: HandClock, user: User) -> httpx.AsyncClient:
    async def signed_in() -> User:
        return user

    app = FastAPI()
    hand_on(router(database, signed_in, clock), app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://weft")


async def test_route_when_asked_then_told_in_steps_and_kept_for_a_minute(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, *[streamed(a_record(n, second=n)) for n in range(19)])
    clock = HandClock(NOW)
    with database.write() as connection:
        eve = create_user(connection, NewUser("eve"), NOW)
    async with client_of(database, clock, eve) as client:
        first = (await client.get("/api/models/speed")).json()
        assert first["models"] == [
            {
                "model": "weft/tiny",
                "requests": 10,
                "ttft_ms": {"p5": 100.0, "p50": 100.0, "p95": 100.0},
                "output_tokens_per_s": {"p5": 100.0, "p50": 100.0, "p95": 100.0},
            }
        ]
        write(database, streamed(a_record(50, second=50)))
        assert (await client.get("/api/models/speed")).json() == first
        clock.advance(KEEP_S + 1)
        again = (await client.get("/api/models/speed")).json()
        assert again["models"][0]["requests"] == 20
        assert (await client.get("/api/models/speed?days=0")).status_code == 422
        assert (await client.get("/api/models/speed?days=1")).json()["models"] == []
