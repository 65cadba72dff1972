"""When a limit lets a refused caller through again: at the moment that was told, and not before. The clock is ours."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from tests.gateway.house import Door, open_door

from conformance.limits.accounts import Account, Books
from fleet.accounts import TEST, limit
from weft.app.storage import server_secret
from weft.identity.generation import bump
from weft.kit.clock import to_us
from weft.kit.settings import Settings
from weft.limits.plans.store import write_changes, write_team_plan
from weft.limits.types import LimitKind, LimitScope, Period

COST_NUSD = 201_000
"""Of a prompt of one token and an answer of a hundred."""
BODY = {
    "model": "test/fake",
    "messages": [{"role": "user", "content": "[[fake: tokens=100]] hello"}],
    "max_tokens": 100,
}
OWNERS = (LimitScope.KEY, LimitScope.USER, LimitScope.PROJECT)
PERIODS = (Period.DAY, Period.MONTH, Period.YEAR)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass
class Clock:
    """The wall clock moves by hand; what measures spans of time goes on by itself."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return time.perf_counter()

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Case:
    """A limit that one request reaches."""

    name: str
    account: Account
    period: Period


@dataclass(frozen=True)
class Town:
    """A server under that clock, and who asks it."""

    door: Door
    clock: Clock
    books: Books

    def case(self, kind: LimitKind, scope: LimitScope, period: Period) -> Case:
        account = self.books.open_account()
        scope_id = {
            LimitScope.KEY: account.key_id,
            LimitScope.USER: account.user_id,
            LimitScope.PROJECT: account.project_id,
            LimitScope.TEAM: account.team_id,
        }
        most = {LimitKind.REQUESTS: 1, LimitKind.TOKENS: 200, LimitKind.SPEND: COST_NUSD}
        with self.books.database.write() as connection:
            limit(connection, kind, scope, scope_id[scope], most[kind], period)
        return Case(f"{kind} {scope} {period}", account, period)

    def free(self) -> Case:
        """A team whose plan includes one request a month."""
        account, now_us = self.books.open_account(), to_us(self.clock.now())
        with self.books.database.write() as connection:
            write_team_plan(connection, account.team_id, "free", setter=TEST, now_us=now_us)
            changes = '{"included_usd_per_month": "0.000201"}'
            write_changes(connection, "free", changes, setter=TEST, now_us=now_us)
            bump(connection)
        return Case("credit of the plan", account, Period.MONTH)

    def spends(self) -> list[Case]:
        scopes = (*OWNERS, LimitScope.TEAM)
        return [self.case(LimitKind.SPEND, s, p) for s in scopes for p in PERIODS]

    def rates(self) -> list[Case]:
        kinds = (LimitKind.REQUESTS, LimitKind.TOKENS)
        return [self.case(kind, scope, Period.MINUTE) for kind in kinds for scope in OWNERS]

    async def ask(self, case: Case) -> httpx.Response:
        headers = case.account.headers
        return await self.door.client.post("/v1/chat/completions", json=BODY, headers=headers)

    async def statuses(self, cases: list[Case]) -> dict[str, int]:
        answers = await asyncio.gather(*(self.ask(case) for case in cases))
        return {case.name: it.status_code for case, it in zip(cases, answers, strict=True)}


@pytest.fixture
async def town(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Town]:
    """The server; parametrise indirectly with the moment at which it starts."""
    clock = Clock(getattr(request, "param", NEW_YEAR - timedelta(seconds=30)))
    monkeypatch.setattr("weft.app.run.SystemClock", lambda: clock)
    async with open_door(tmp_path, queue_limit=100) as door:
        assert (
            await door.ask("wake up")
        ).status_code == 200  # asleep, the engine counts no prompts
        yield Town(door, clock, Books(door.database, server_secret(Settings(data_dir=tmp_path))))


async def test_limit_when_its_window_has_turned_then_the_same_request_passes_and_not_before(
    town: Town,
) -> None:
    cases = [*town.rates(), *town.spends(), town.free()]
    assert set((await town.statuses(cases)).values()) == {200}
    for case in cases:
        refused = await town.ask(case)
        metadata = refused.json()["error"]["metadata"]
        assert refused.status_code == 429, case.name
        assert metadata["resets_at"] == "2027-01-01T00:00:00Z", case.name
        told = refused.headers.get("retry-after")
        assert told == ("30" if case.period is Period.MINUTE else None), case.name
    town.clock.advance(29.999)
    assert set((await town.statuses(cases)).values()) == {429}
    town.clock.advance(0.001)
    assert set((await town.statuses(cases)).values()) == {200}
    assert set((await town.statuses(cases)).values()) == {429}, "the new window has its limit too"


@pytest.mark.parametrize(
    ("town", "turned"),
    [
        (datetime(2026, 12, 10, 23, 59, 59, tzinfo=UTC), {Period.DAY}),
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), {Period.DAY, Period.MONTH}),
        (datetime(2028, 2, 28, 23, 59, 59, tzinfo=UTC), {Period.DAY}),
        (datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC), {Period.DAY, Period.MONTH}),
    ],
    indirect=["town"],
)
async def test_window_when_a_shorter_one_turns_then_holds_on(
    town: Town, turned: set[Period]
) -> None:
    cases = [*town.spends(), town.free()]
    assert set((await town.statuses(cases)).values()) == {200}
    town.clock.advance(1)
    expected = {case.name: 200 if case.period in turned else 429 for case in cases}
    assert await town.statuses(cases) == expected


@pytest.mark.parametrize("town", [NEW_YEAR - timedelta(seconds=1)], indirect=True)
@pytest.mark.parametrize("kind", [LimitKind.REQUESTS, LimitKind.TOKENS])
async def test_client_when_refused_for_a_second_then_obeys_and_succeeds(
    town: Town, kind: LimitKind
) -> None:
    case = town.case(kind, LimitScope.KEY, Period.MINUTE)
    await town.ask(case)
    async with openai.AsyncOpenAI(
        base_url=f"{town.door.client.base_url}/v1", api_key=case.account.key, max_retries=1
    ) as client:
        create: Any = client.chat.completions.with_raw_response.create
        refused = count_refused(town, case)
        asking = asyncio.create_task(create(**BODY))
        async with asyncio.timeout(20):
            while count_refused(town, case) == refused:
                await asyncio.sleep(0.01)
        town.clock.advance(1)
        answer = await asking
    assert answer.retries_taken == 1
    assert answer.parse().usage.completion_tokens == 100


def count_refused(town: Town, case: Case) -> int:
    query = "SELECT COUNT(*) FROM usage WHERE status = 429 AND key_id = ?"
    with town.books.database.read() as connection:
        (count,) = connection.exec_driver_sql(query, (case.account.key_id,)).one()
    return int(count)
