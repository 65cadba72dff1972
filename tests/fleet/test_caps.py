"""Five hundred clients before three gateways, and one cap: never over it, by not so much as a nano-dollar.

Twenty rounds on SQLite and four on PostgreSQL; a hundred and twenty with `pytest tests/fleet/test_caps.py --thorough`.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvloop

from conformance.server import running_engine
from fleet.accounts import Account, limit, make_account, make_prepaid
from fleet.client import Answer, ask
from fleet.conftest import AsMany
from fleet.fleet import MODEL, Fleet, cost_nusd, running_fleet
from weft.app.storage import server_secret
from weft.kit import bulk
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.limits.types import LimitKind, LimitScope, Period

CAP_NUSD = 1_000_000_000
CLIENTS = 500
SEED = 20_261_121


@contextmanager
def opened(fleet: Fleet) -> Generator[Database]:
    database = Database(fleet.database_url or fleet.data_dir / "weft.db")
    try:
        yield database
    finally:
        database.close()


def cap(database: Database, secret: bytes, number: int, dice: random.Random) -> tuple[Account, str]:
    """A new team that may spend a dollar: in this window, or of its credit."""
    kind = dice.choice(["team", "project", "key", "credit"])
    with database.write() as connection:
        account = make_account(connection, secret, f"round-{number}")
        period = dice.choice([Period.DAY, Period.MONTH, Period.YEAR])
        if kind == "credit":
            make_prepaid(connection, account, CAP_NUSD)
        else:
            scope = LimitScope(kind)
            scope_id = {
                "team": account.team_id,
                "project": account.project_id,
                "key": account.key_id,
            }
            limit(connection, LimitKind.SPEND, scope, scope_id[kind], CAP_NUSD, period)
    return account, kind


async def storm(fleet: Fleet, account: Account, dice: random.Random) -> list[Answer]:
    """All clients at once, over all gateways: together they would cost some ten times the cap."""
    ports = [gateway.port for gateway in fleet.gateways]

    async def client() -> Answer:
        most = dice.randint(50, 300)
        produced = dice.randint(1, most)
        content = f"[[fake: tokens={produced} delay_ms=0]] " + "x" * dice.randint(0, 400)
        body: dict[str, object] = {
            "model": MODEL,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": most,
            "stream": dice.random() < 0.5,
            "stream_options": None,
        }
        if body["stream"]:
            body["stream_options"] = {"include_usage": True}
        else:
            del body["stream_options"]
        return await ask(dice.choice(ports), account.key, body)

    return await asyncio.gather(*(client() for _ in range(CLIENTS)))


def check(database: Database, account: Account, answers: list[Answer], told: str) -> None:
    counts = Counter(answer.status for answer in answers)
    assert set(counts) <= {200, 429}, f"{told}: {counts}"
    served = [answer for answer in answers if answer.status == 200]
    assert len(served) + counts[429] == CLIENTS, told
    assert served, told
    assert all(answer.is_whole for answer in served), told
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.json["error"]["code"] == "insufficient_quota", told
    with database.read() as connection:
        team = (account.team_id,)
        charged = bulk.run(
            connection,
            "SELECT u.id, u.cost_nusd, e.amount_nusd FROM usage u"
            " JOIN ledger_entry e ON e.seq = u.seq AND e.account_id = 'house/revenue'"
            " WHERE u.team_id = ?",
            team,
        )
        open_holds = bulk.run(
            connection, "SELECT COUNT(*) FROM ledger_hold WHERE team_id = ?", team
        )
        entries = bulk.run(connection, "SELECT SUM(amount_nusd) FROM ledger_entry")
    bills = {request_id: (cost, amount) for request_id, cost, amount in charged}
    assert len(bills) == len(charged) == len(served), told
    for answer in served:
        cost = cost_nusd(answer.usage)
        assert bills[answer.request_id] == (cost, cost), told
    assert sum(cost for cost, _ in bills.values()) <= CAP_NUSD, told
    assert int(entries[0][0]) == 0, told
    assert int(open_holds[0][0]) == 0, told


def run_rounds(folder: Path, rounds: int, database_url: str = "") -> None:
    with (
        running_engine() as engine,
        running_fleet(folder, engine.url, size=3, database_url=database_url) as fleet,
        opened(fleet) as database,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        secret = server_secret(Settings(data_dir=fleet.data_dir))
        for number in range(rounds):
            dice = random.Random(SEED + number)
            account, kind = cap(database, secret, number, dice)
            answers = runner.run(storm(fleet, account, dice))
            check(database, account, answers, f"round {number}, by {kind}, seed {SEED + number}")


@pytest.mark.timeout(900)
def test_cap_when_500_clients_storm_3_gateways_on_sqlite_then_it_holds_in_every_round(
    tmp_path: Path, as_many: AsMany
) -> None:
    run_rounds(tmp_path, as_many(100))


@pytest.mark.timeout(600)
def test_cap_when_500_clients_storm_3_gateways_on_postgresql_then_it_holds_in_every_round(
    tmp_path: Path, postgres_url: str, as_many: AsMany
) -> None:
    run_rounds(tmp_path, as_many(20), postgres_url)
