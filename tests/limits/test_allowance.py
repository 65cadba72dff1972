"""What a caller may do is known until something changes, and never longer."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from limits.setting import OWNER, USD, Office
from weft.identity.generation import read_generation
from weft.identity.principal import Gate
from weft.identity.types import Principal
from weft.limits.allowance import Allowances
from weft.limits.plans.store import PlanMissing
from weft.limits.types import Allowance, LimitKind, LimitScope, Period

MODEL = "m/a"


@pytest.fixture
def header(office: Office) -> bytes:
    return office.house.header(office.house.key(office.ada, team=office.team))


@pytest.fixture
async def ada(gate: Gate, header: bytes) -> Principal:
    return await gate.authorize(header, b"acme/web")


@pytest.fixture
def allowances(office: Office, gate: Gate) -> Allowances:
    return Allowances(office.database, gate, office.plans, default_plan="free")


@pytest.fixture
def next_request(office: Office, gate: Gate, header: bytes) -> Callable[[], Awaitable[None]]:
    """The gate looks whether anything changed, as it does for each request; on PostgreSQL it is told a moment later."""

    async def come() -> None:
        newest = await office.database.read_soon(read_generation)
        async with asyncio.timeout(10):
            while gate.generation != newest:
                office.house.clock.advance(1)
                gate.find(header, b"acme/web")
                await asyncio.sleep(0)

    return come


def project_limit(allowance: Allowance) -> int:
    return next(one.max for one in allowance.limits if one.scope is LimitScope.PROJECT)


async def test_find_when_it_was_loaded_then_is_the_same(
    allowances: Allowances, ada: Principal
) -> None:
    assert allowances.find(ada, MODEL) is None
    allowance = await allowances.load(ada, MODEL)
    assert allowances.find(ada, MODEL) is allowance
    assert allowances.find(ada, "m/b") is None
    assert allowance.plan == "free"


async def test_find_when_a_limit_was_set_then_the_next_request_has_it(
    allowances: Allowances,
    office: Office,
    ada: Principal,
    next_request: Callable[[], Awaitable[None]],
) -> None:
    assert project_limit(await allowances.load(ada, MODEL)) == 6000
    office.set(LimitScope.PROJECT, LimitKind.CONCURRENCY, 2)
    await next_request()
    assert allowances.find(ada, MODEL) is None
    assert project_limit(await allowances.load(ada, MODEL)) == 2


async def test_find_when_a_limit_was_set_and_the_gate_was_not_asked_then_it_is_seen_all_the_same(
    allowances: Allowances, office: Office, ada: Principal
) -> None:
    """Somebody who is logged in to the console is let in without the gate."""
    allowance = await allowances.load(ada, MODEL)
    assert allowances.find(ada, MODEL) is allowance
    office.set(LimitScope.PROJECT, LimitKind.CONCURRENCY, 2)
    async with asyncio.timeout(10):
        while allowances.find(ada, MODEL) is allowance:
            office.house.clock.advance(1)
            await asyncio.sleep(0)
    assert project_limit(await allowances.load(ada, MODEL)) == 2


async def test_find_when_the_plan_changed_then_the_next_request_has_it(
    allowances: Allowances,
    office: Office,
    ada: Principal,
    next_request: Callable[[], Awaitable[None]],
) -> None:
    await allowances.load(ada, MODEL)
    office.give("pro")
    await next_request()
    assert allowances.find(ada, MODEL) is None
    assert (await allowances.load(ada, MODEL)).plan == "pro"
    office.change("pro", '{"weight": 9}')
    await next_request()
    assert allowances.find(ada, MODEL) is None
    assert (await allowances.load(ada, MODEL)).weight == 9


async def test_load_when_something_changed_that_the_gate_has_not_seen_then_is_not_kept(
    allowances: Allowances,
    office: Office,
    ada: Principal,
    next_request: Callable[[], Awaitable[None]],
) -> None:
    await next_request()
    office.set(LimitScope.PROJECT, LimitKind.CONCURRENCY, 2)
    assert project_limit(await allowances.load(ada, MODEL)) == 2
    assert allowances.find(ada, MODEL) is None
    await next_request()
    allowance = await allowances.load(ada, MODEL)
    assert allowances.find(ada, MODEL) is allowance


async def test_load_when_admins_of_server_and_team_set_limits_then_all_apply(
    allowances: Allowances, office: Office, ada: Principal
) -> None:
    office.set(LimitScope.TEAM, LimitKind.SPEND, 500 * USD, period=Period.MONTH)
    office.set(LimitScope.TEAM, LimitKind.SPEND, 3 * USD, period=Period.DAY, by=OWNER)
    office.set(LimitScope.PROJECT_MODEL, LimitKind.CONCURRENCY, 1, model="m/b")
    limits = (await allowances.load(ada, MODEL)).limits
    spends = [(one.period, one.max, one.set_by) for one in limits if one.kind is LimitKind.SPEND]
    assert spends == [(Period.DAY, 3 * USD, "olga"), (Period.MONTH, 500 * USD, "root")]
    assert not [one for one in limits if one.model_id]
    of_b = (await allowances.load(ada, "m/b")).limits
    assert [one.counter for one in of_b if one.model_id] == [f"{office.project.id} m/b"]


async def test_load_when_the_cache_is_full_then_it_starts_anew(
    allowances: Allowances, ada: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.limits.allowance.CACHE_LIMIT", 1)
    await allowances.load(ada, MODEL)
    await allowances.load(ada, "m/b")
    assert allowances.find(ada, MODEL) is None
    assert allowances.find(ada, "m/b") is not None


async def test_load_when_the_plan_is_described_nowhere_then_says_so(
    office: Office, gate: Gate, ada: Principal
) -> None:
    allowances = Allowances(office.database, gate, office.plans, default_plan="platinum")
    with pytest.raises(PlanMissing):
        await allowances.load(ada, MODEL)
