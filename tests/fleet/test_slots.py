"""Slots and counters after everything that can go wrong with a request: none leaks, and each counter is its sum."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvloop

from conformance.server import PATIENCE_S, Engine, running_engine, wait_until
from fleet.accounts import Account, limit, make_account
from fleet.client import Answer, Cut, ask
from fleet.fleet import MODEL, Fleet, cost_nusd
from weft.app.storage import server_secret
from weft.kit import bulk
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.limits.types import LimitKind, LimitScope, Period

SEED = 9_112_026
REQUESTS = 2_000
CLIENTS = 48
CALM_S = 30.0
SILENT_ENGINE = "stall_ms=60000"
TIGHT = {"WEFT_FIRST_BYTE_TIMEOUT_S": "1", "WEFT_IDLE_TIMEOUT_S": "1"}
"""So that a silent engine is given up soon."""
TROUBLE = (
    *("fail_status=500", "fail_status=503", "fail_status=429", "truncate_after=0"),
    *("truncate_after=3", "error_after=2", "garbage", "usage=off", "done=off"),
)
_SUMS = (
    "SELECT COALESCE(SUM(cost_nusd), 0), COUNT(*), SUM(CASE WHEN seq > 0 THEN 1 ELSE 0 END)"
    " FROM usage WHERE team_id = ?"
)
BUDGET_STATUSES = {402, 429}


class TightFleet(Fleet):
    """Two gateways that give a silent engine up soon."""

    @property
    def environ(self) -> dict[str, str]:
        return {**super().environ, **TIGHT}


@contextmanager
def running_pair(folder: Path, engine: Engine, database_url: str = "") -> Generator[Fleet]:
    fleet = TightFleet(folder, engine.url, database_url)
    fleet.prepare()
    try:
        fleet.start(first=True)
        fleet.start()
        yield fleet
    finally:
        fleet.stop()


@contextmanager
def opened(fleet: Fleet) -> Generator[Database]:
    database = Database(fleet.database_url or fleet.data_dir / "weft.db")
    try:
        yield database
    finally:
        database.close()


def make_accounts(fleet: Fleet, database: Database) -> dict[str, Account]:
    """One without any limit, one with a cap that it reaches, one with few slots that is counted by the minute."""
    secret = server_secret(Settings(data_dir=fleet.data_dir))
    with database.write() as connection:
        made = {name: make_account(connection, secret, name) for name in ("free", "capped", "few")}
        capped, few = made["capped"], made["few"]
        cap = (LimitKind.SPEND, LimitScope.PROJECT, capped.project_id, 300_000_000, Period.YEAR)
        limit(connection, *cap)
        limit(connection, LimitKind.CONCURRENCY, LimitScope.PROJECT, few.project_id, 4, None)
        rate = (LimitKind.REQUESTS, LimitScope.KEY, few.key_id, 10**6, Period.MINUTE)
        limit(connection, *rate)
    return made


class Storm:
    """Requests of every kind, ended in every way."""

    def __init__(self, fleet: Fleet, accounts: dict[str, Account], dice: random.Random) -> None:
        self.fleet, self.accounts, self.dice = fleet, accounts, dice
        self.left = REQUESTS
        self.statuses = {name: Counter[int]() for name in accounts}
        self.cut = 0

    async def run(self) -> None:
        await asyncio.gather(*(self._client() for _ in range(CLIENTS)))

    async def _client(self) -> None:
        while self.left:
            self.left -= 1
            name = self.dice.choice(list(self.accounts))
            try:
                answer = await self._one(self.accounts[name].key)
            except (Cut, asyncio.CancelledError):
                self.cut += 1
            else:
                self.statuses[name][answer.status] += 1

    async def _one(self, key: str) -> Answer:
        dice = self.dice
        switches = f"tokens={dice.randint(1, 40)} delay_ms={dice.choice([0, 0, 0, 2])}"
        fate = dice.random()
        if fate < 0.25:
            switches += f" {dice.choice(TROUBLE)}"
        elif fate < 0.27:
            switches += f" {SILENT_ENGINE}"
        body: dict[str, object] = {
            "model": dice.choice([MODEL, f"{MODEL}-alias"]),
            "messages": [{"role": "user", "content": f"[[fake: {switches}]] hello there"}],
            "stream": dice.random() < 0.6,
            "n": dice.choice([1, 1, 1, 3]),
            "temperature": dice.choice([1, 1, 1, 1, 9]),
        }
        if dice.random() < 0.5:
            body["max_tokens"] = dice.randint(1, 60)
        headers = {"idempotency-key": f"k{dice.randint(1, 300)}"} if dice.random() < 0.1 else {}
        hang_up = dice.randint(1, 1500) if dice.random() < 0.2 else None
        gateway = dice.choice(self.fleet.gateways)
        asking = asyncio.create_task(
            ask(gateway.port, key, body, headers=headers, hang_up_after=hang_up)
        )
        if dice.random() < 0.2:  # gone before it is admitted, or while it is, or while it waits
            await asyncio.sleep(dice.uniform(0, 0.03))
            asking.cancel()
        return await asking


def rows(database: Database, query: str, *values: str) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        return bulk.run(connection, query, values)


def wait_for_calm(fleet: Fleet, database: Database, engine: Engine) -> None:
    """Nothing is in flight: by the ledger, by each gateway, and at the engine."""
    until_s = time.monotonic() + CALM_S
    ports = [gateway.port for gateway in fleet.gateways]
    while True:
        holds = rows(database, "SELECT id, owner, started_at_us FROM ledger_hold")
        healths = [httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=30) for port in ports]
        places = sum(m["in_flight"] for health in healths for m in health.json()["models"])
        working = engine.stats()["in_flight"]
        if not holds and not places and not working:
            return
        assert time.monotonic() < until_s, f"left: {holds}, places {places}, working {working}"
        time.sleep(0.1)


def check_counters(database: Database, accounts: dict[str, Account]) -> None:
    """Spend by scope, what is owed, and rates: what the usage records add up to."""
    for name, account in accounts.items():
        ((cost, count, admitted),) = rows(database, _SUMS, account.team_id)
        assert cost > 0
        assert count > admitted > 0, name
        spent = "SELECT COALESCE(SUM(spent_nusd), 0) FROM ledger_spend WHERE scope_id = ?"
        for scope_id in (account.team_id, account.project_id, account.key_id):
            assert int(rows(database, spent, scope_id)[0][0]) == cost, (name, scope_id)
        balance = "SELECT balance_nusd FROM ledger_balance WHERE account_id = ?"
        ((owed,),) = rows(database, balance, f"{account.team_id}/owed")
        assert owed == -cost, name
        if name == "few":
            counted = "SELECT SUM(requests) FROM ledger_rate WHERE scope_id = ?"
            assert int(rows(database, counted, account.key_id)[0][0]) == admitted
    total = rows(database, "SELECT SUM(amount_nusd), COUNT(*) FROM ledger_entry")
    assert int(total[0][0]) == 0
    assert int(total[0][1]) > 0


def check_statuses(database: Database, storm: Storm) -> None:
    free, capped, few = (storm.statuses[name] for name in ("free", "capped", "few"))
    assert not BUDGET_STATUSES & set(free), f"a budget error without a budget: {free}"
    assert capped[429] > 0, "the cap was reached"
    assert few[429] > 0, "the slots were"
    assert storm.cut > REQUESTS / 10
    for counts in (free, capped, few):
        assert set(counts) <= {200, 400, 409, 422, 429, 502, 503, 504}, counts
        assert {200, 400, 502, 503} <= set(counts), counts
    kinds = {row[0] for row in rows(database, "SELECT DISTINCT outcome FROM usage")}
    assert kinds == {"completed", "cancelled", "failed", "refused"}
    codes = {row[0] for row in rows(database, "SELECT DISTINCT error_code FROM usage")}
    assert {"engine_timeout", "rate_limit_exceeded", "insufficient_quota"} <= codes


def run_storm(folder: Path, database_url: str = "") -> None:
    dice = random.Random(SEED)
    with (
        running_engine() as engine,
        running_pair(folder, engine, database_url) as fleet,
        opened(fleet) as database,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        accounts = make_accounts(fleet, database)
        storm = Storm(fleet, accounts, dice)
        runner.run(storm.run())
        wait_for_calm(fleet, database, engine)
        check_counters(database, accounts)
        check_statuses(database, storm)
        for name in ("free", "few"):  # let in again, as if nothing had been
            answer = runner.run(ask(fleet.gateways[1].port, accounts[name].key, small()))
            assert answer.status == 200, (name, answer.body)


def small() -> dict[str, object]:
    return {"model": MODEL, "messages": [{"role": "user", "content": "hello"}]}


def test_slots_when_requests_end_in_every_way_on_sqlite_then_none_leaks_and_counters_are_sums(
    tmp_path: Path,
) -> None:
    run_storm(tmp_path)


@pytest.mark.timeout(300)
def test_slots_when_requests_end_in_every_way_on_postgresql_then_none_leaks_and_counters_are_sums(
    tmp_path: Path, postgres_url: str
) -> None:
    run_storm(tmp_path, postgres_url)


def test_disconnect_when_a_stream_is_under_way_then_pays_for_what_was_made_and_stops_the_engine(
    tmp_path: Path,
) -> None:
    every_ms, two_seconds = 20, 100
    with (
        running_engine() as engine,
        running_pair(tmp_path, engine) as fleet,
        opened(fleet) as database,
    ):
        account = make_accounts(fleet, database)["free"]
        for hang_up in (1, 1_000, 4_000):
            body = small() | {"stream": True}
            content = f"[[fake: tokens=100000 delay_ms={every_ms}]] hello"
            body["messages"] = [{"role": "user", "content": content}]
            before = engine.stats()
            with suppress(Cut):
                asyncio.run(ask(fleet.gateways[0].port, account.key, body, hang_up_after=hang_up))
            wait_until(lambda: not engine.stats()["in_flight"], within_s=PATIENCE_S)
            wait_for_calm(fleet, database, engine)
            after = engine.stats()
            made = after["tokens"] - before["tokens"]
            assert after["aborted"] == before["aborted"] + 1
            query = "SELECT outcome, output_tokens, input_tokens, cost_nusd FROM usage WHERE team_id = ?"
            records = rows(database, query + " ORDER BY started_at_us DESC", account.team_id)
            outcome, billed, prompt, cost = records[0]
            assert outcome == "cancelled"
            assert billed <= made <= billed + two_seconds, "stopped within two seconds"
            assert cost == cost_nusd({"prompt_tokens": prompt, "completion_tokens": billed})
        assert len(records) == 3
        check = "SELECT COALESCE(SUM(spent_nusd), 0) FROM ledger_spend WHERE scope_id = ?"
        spent = rows(database, check, account.key_id)[0][0]
        assert int(spent) == sum(record[3] for record in records) > 0
