"""Gateways, engines and the database killed under load: what was received in full is billed once, and no slot leaks.

Forty kills altogether; two hundred with `pytest tests/fleet/test_crashes.py --thorough`.
"""

import asyncio
import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvloop

from conformance.server import running_engine
from databases import PostgresServer, throwaway_postgres
from fleet.accounts import Account, limit, make_account
from fleet.client import Answer, Cut, ask
from fleet.conftest import AsMany
from fleet.fleet import MODEL, OWNED, Fleet, Gateway, cost_nusd, running_fleet
from weft.app.storage import server_secret
from weft.kit import bulk
from weft.kit.db import DATABASE_ERRORS, Database
from weft.kit.settings import Settings
from weft.ledger.proof.verify import verify
from weft.limits.types import LimitKind, LimitScope, Period

SEED = 7_112_026
CLIENTS = 24
CALM_S = 30.0
"""How long a dead gateway's holds may stay."""
MANY_NUSD = 10**15


@dataclass
class Load:
    """Clients that ask and ask, and keep what they got in full."""

    fleet: Fleet
    key: str
    dice: random.Random
    whole: list[Answer] = field(default_factory=list[Answer])
    cut: int = 0
    refused: int = 0
    is_over: bool = False

    async def client(self) -> None:
        while not self.is_over:
            try:
                answer = await self._ask()
            except (Cut, TimeoutError):
                self.cut += 1
                await asyncio.sleep(0.02)
                continue
            if answer.is_whole:
                self.whole.append(answer)
            else:
                self.refused += 1
                await asyncio.sleep(0.02)

    async def _ask(self) -> Answer:
        dice = self.dice
        tokens = dice.randint(1, 40)
        content = f"[[fake: tokens={tokens} delay_ms={dice.choice([0, 1, 5])}]] hello"
        body: dict[str, object] = {
            "model": dice.choice([MODEL, OWNED]),
            "messages": [{"role": "user", "content": content}],
            "max_tokens": 64,
        }
        if dice.random() < 0.7:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        gateway = dice.choice(self.fleet.gateways)
        hang_up = dice.randint(1, 2000) if dice.random() < 0.1 else None
        return await ask(gateway.port, self.key, body, hang_up_after=hang_up)


async def chaos(load: Load, kinds: list[str], postgres: PostgresServer | None, name: str) -> None:
    """Kill one thing after the other, at random moments, with two gateways left at any time."""
    fleet, dice = load.fleet, load.dice
    coming: set[asyncio.Task[None]] = set()

    async def replace(dead: Gateway) -> None:
        fleet.replace(dead)
        started = fleet.begin_start()
        await asyncio.to_thread(fleet.finish_start, *started)

    for kind in kinds:
        await asyncio.sleep(dice.uniform(0.02, 0.25))
        if kind == "gateway":
            while len(fleet.gateways) < 2:
                done, coming = await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            victim = dice.choice(fleet.gateways)
            victim.kill()
            coming.add(asyncio.create_task(replace(victim)))
        elif kind == "engine":
            with suppress(
                OSError, IndexError
            ):  # its gateway, or the engine itself, may be gone already
                os.kill(dice.choice(dice.choice(fleet.gateways).engines()), signal.SIGKILL)
        else:
            assert postgres is not None
            await asyncio.to_thread(postgres.kill_backends, name)
    for task in coming:
        await task


def wait_for_calm(database: Database) -> None:
    """No hold is open any more, with no restart."""
    until_s = time.monotonic() + CALM_S
    while True:
        with suppress(*DATABASE_ERRORS), database.read() as connection:
            holds = bulk.run(connection, "SELECT id, owner FROM ledger_hold")
            if not holds:
                return
        assert time.monotonic() < until_s, "holds are left"
        time.sleep(0.2)


def check(database: Database, account: Account, load: Load) -> None:
    with database.read() as connection:
        rows = bulk.run(
            connection,
            "SELECT id, outcome, cost_nusd, seq FROM usage WHERE team_id = ?",
            (account.team_id,),
        )
        charges = bulk.run(
            connection,
            "SELECT t.idempotency_key, SUM(e.amount_nusd) FROM ledger_transaction t"
            " JOIN ledger_entry e ON e.seq = t.seq AND e.account_id = 'house/revenue'"
            " GROUP BY t.idempotency_key",
        )
        report = verify(connection)
    usage = {request_id: (outcome, cost) for request_id, outcome, cost, _ in rows}
    paid = {key: int(amount) for key, amount in charges}
    for answer in load.whole:
        cost = cost_nusd(answer.usage)
        assert usage.get(answer.request_id) == ("completed", cost), answer.request_id
        assert paid[answer.request_id] == cost
    assert {key: cost for key, (_, cost) in usage.items() if cost} == paid
    assert all(seq for _, outcome, _, seq in rows if outcome != "refused"), "each has its place"
    assert report.findings == (), report
    assert len(load.whole) > 100, "there was load"


def run_chaos(
    folder: Path, kinds: list[str], database_url: str = "", postgres: PostgresServer | None = None
) -> None:
    dice = random.Random(SEED)
    dice.shuffle(kinds)
    name = database_url.rpartition("/")[2].partition("?")[0]
    with (
        running_engine() as engine,
        running_fleet(
            folder, engine.url, size=3, database_url=database_url, owns_engines=True
        ) as fleet,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        database = Database(database_url or fleet.data_dir / "weft.db")
        with database.write() as connection:
            secret = server_secret(Settings(data_dir=fleet.data_dir))
            account = make_account(connection, secret, "loom")
            spend = (LimitKind.SPEND, LimitScope.TEAM, account.team_id, MANY_NUSD, Period.MONTH)
            limit(connection, *spend)
            limit(
                connection, LimitKind.CONCURRENCY, LimitScope.PROJECT, account.project_id, 500, None
            )
        load = Load(fleet, account.key, dice)

        async def run() -> None:
            clients = [asyncio.create_task(load.client()) for _ in range(CLIENTS)]
            await chaos(load, kinds, postgres, name)
            load.is_over = True
            await asyncio.gather(*clients)

        runner.run(run())
        wait_for_calm(database)
        check(database, account, load)
        database.close()


@pytest.mark.timeout(900)
def test_money_when_gateways_and_engines_are_killed_on_sqlite_then_each_answer_is_billed_once(
    tmp_path: Path, as_many: AsMany
) -> None:
    run_chaos(tmp_path, ["gateway"] * as_many(40) + ["engine"] * as_many(80))


@pytest.mark.timeout(900)
def test_money_when_anything_is_killed_on_postgresql_then_each_answer_is_billed_once(
    tmp_path: Path, as_many: AsMany
) -> None:
    with throwaway_postgres(fsync=True) as postgres:
        url = postgres.url(postgres.create())
        some, many = as_many(20), as_many(40)
        kinds = ["gateway"] * some + ["engine"] * some + ["database"] * many
        run_chaos(tmp_path, kinds, url, postgres)
