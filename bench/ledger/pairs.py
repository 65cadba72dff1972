"""Reserve and settle through the store: how many pairs a second, with everything that a request puts into the books.

A pair is what one request costs the ledger: a hold that all processes see, then a usage record, its charge in the hash
chain, balances, spend and roll-ups in one durable commit. Clients are coroutines that do one pair after the other; each
database is fresh. Run: `python bench/ledger/pairs.py [--database-url postgresql://...] [--limits]`.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from weft.app.storage import MIGRATIONS
from weft.kit.batch import GroupCommit
from weft.kit.clock import SystemClock
from weft.kit.db import Database
from weft.kit.ids import uuid7_hex
from weft.kit.migrations import migrate
from weft.kit.money import NanoUsd
from weft.ledger.holds import Settlement
from weft.ledger.ledger import Ledger
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.limits.admission import Admission, HoldRequest
from weft.limits.types import Allowance, Denial, Limit, LimitKind, LimitScope, Period

MODEL = "openai/gpt-oss-20b"
COST = 123_457


def allowance(team: str, project: str, user: str, key: str, *, limited: bool) -> Allowance:
    """Everything that can be limited, high enough to refuse nobody; or nothing."""
    if not limited:
        return Allowance("internal", ())
    high, many = 10**18, 10**12
    return Allowance(
        "enterprise",
        (
            Limit(LimitKind.CONCURRENCY, LimitScope.USER, user, many),
            Limit(LimitKind.CONCURRENCY, LimitScope.PROJECT, project, many),
            Limit(LimitKind.CONCURRENCY, LimitScope.PROJECT_MODEL, project, many, model_id=MODEL),
            *(
                Limit(kind, scope, id_, many, Period.MINUTE)
                for kind in (LimitKind.REQUESTS, LimitKind.TOKENS)
                for scope, id_ in (
                    (LimitScope.KEY, key),
                    (LimitScope.USER, user),
                    (LimitScope.PROJECT, project),
                )
            ),
            Limit(LimitKind.SPEND, LimitScope.KEY, key, high, Period.DAY),
            Limit(LimitKind.SPEND, LimitScope.USER, user, high, Period.MONTH),
            Limit(LimitKind.SPEND, LimitScope.PROJECT, project, high, Period.MONTH),
            Limit(LimitKind.SPEND, LimitScope.TEAM, team, high, Period.YEAR),
        ),
    )


def record(wanted: HoldRequest) -> UsageRecord:
    """A usage record as the door makes it."""
    return UsageRecord(
        id=wanted.id,
        started_at_us=wanted.started_at_us,
        user_id=wanted.user_id,
        team_id=wanted.team_id,
        project_id=wanted.project_id,
        key_id=wanted.key_id,
        model_id=wanted.model_id,
        served_model_id=wanted.model_id,
        engine="fake:0",
        status=200,
        outcome=Outcome.COMPLETED,
        error_code="",
        stream=True,
        tokens=Tokens(900, 300, 120, 20),
        usage_source=UsageSource.ENGINE,
        price_version=f"{MODEL}@2026-01-01",
        cost_nusd=NanoUsd(COST),
        queue_us=10,
        ttft_us=20_000,
        total_us=900_000,
    )


async def measure(args: argparse.Namespace, database: Database) -> dict[str, float]:
    """Run the clients for a while."""
    writer = GroupCommit(database)
    ledger = Ledger(writer, SystemClock(), "gw_bench")
    admission = Admission(ledger)
    reserve_s: list[float] = []
    settle_s: list[float] = []
    stop = time.perf_counter() + args.seconds

    async def client(number: int) -> None:
        account = number % args.projects
        team, project = f"team_{account:032x}", f"proj_{account:032x}"
        user, key = f"user_{account:032x}", f"key_{account:032x}"
        allowed = allowance(team, project, user, key, limited=args.limits)
        while (began := time.perf_counter()) < stop:
            wanted = HoldRequest(
                id=f"req_{uuid7_hex()}",
                team_id=team,
                project_id=project,
                user_id=user,
                key_id=key,
                model_id=MODEL,
                stream=True,
                started_at_us=time.time_ns() // 1000,
                want_nusd=10 * COST,
                least_nusd=10 * COST,
                tokens=1000,
                allowance=allowed,
            )
            outcome = await admission.admit(wanted)
            assert not isinstance(outcome, Denial)
            held = time.perf_counter()
            await ledger.settle(Settlement(record(wanted), wanted.token_scopes))
            reserve_s.append(held - began)
            settle_s.append(time.perf_counter() - held)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client(number) for number in range(args.clients)))
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    await writer.close()
    pairs = len(settle_s)
    reserve_s.sort()
    settle_s.sort()
    return {
        "pairs_per_s": pairs / wall,
        "cpu_us_per_pair": used / pairs * 1e6,
        "reserve_p50_ms": reserve_s[pairs // 2] * 1e3,
        "reserve_p99_ms": reserve_s[pairs * 99 // 100] * 1e3,
        "settle_p50_ms": settle_s[pairs // 2] * 1e3,
        "settle_p99_ms": settle_s[pairs * 99 // 100] * 1e3,
    }


def main() -> None:
    """Measure, several times, and print one line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database")
    parser.add_argument("--folder", default="", help="where the SQLite file is made")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--projects", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--limits", action="store_true", help="with every limit there is")
    args = parser.parse_args()
    sys.setswitchinterval(0.0005)  # as the server does
    for _ in range(args.reps):
        with contextlib.ExitStack() as stack:
            place: Path | str = args.database_url
            if not place:
                folder = stack.enter_context(tempfile.TemporaryDirectory(dir=args.folder or None))
                place = Path(folder, "weft.db")
            database = Database(place)
            stack.callback(database.close)
            migrate(database, MIGRATIONS)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                figures = runner.run(measure(args, database))
        print(json.dumps({key: round(value, 2) for key, value in figures.items()}))


if __name__ == "__main__":
    main()
