"""How long every usage query of the console takes over ten million records, on SQLite or PostgreSQL.

    .venv/bin/python bench/ledger/usage_queries.py                       # SQLite, in a folder that is removed
    .venv/bin/python bench/ledger/usage_queries.py --postgres            # a throwaway server, removed as well
    .venv/bin/python bench/ledger/usage_queries.py --database-url postgresql://.../empty_database

Each query runs with random teams, projects, users, keys, models and spans: half of them the busy ones, half any. The
figures are those of the calls behind `/api/usage`, in one process, warm: no HTTP, no names. CPU time is that of the
calling thread: SQLite's work and ours, on PostgreSQL ours alone; where it is far below the time taken, the machine had
other work. Ends with 1 if a p95 is above 300 ms.
"""

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import psycopg
from sqlalchemy import Connection
from usage_rows import START_HOUR, House, make_house, make_rows

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from databases import throwaway_postgres
from weft.app.storage import MIGRATIONS
from weft.kit import bulk
from weft.kit.db import Database, let_it_take_long
from weft.kit.migrations import migrate
from weft.ledger.schema import usage
from weft.ledger.types import Outcome
from weft.ledger.usage.export import csv_months
from weft.ledger.usage.forecast import forecast_usage
from weft.ledger.usage.pages import Cursor, PageAsk, list_usage
from weft.ledger.usage.report import GroupBy, UsageFilter
from weft.ledger.usage.rollups.folding import find_wrong_rollup, rebuild_rollups
from weft.ledger.usage.store import find_usage
from weft.ledger.usage.sums import sum_usage

START = datetime.fromtimestamp(START_HOUR * 3600, UTC)
END = START + timedelta(days=365)
LIMIT_MS = 300
COLUMNS = tuple(column.name for column in usage.columns)

Query = Callable[[Connection, random.Random], object]


def fill(database: Database, house: House, rows: int, seed: int) -> None:
    made = make_rows(house, rows, seed)
    with database.write() as connection:
        let_it_take_long(connection)
        bulk.run(connection, "DROP INDEX usage_posted_at")
        if database.dialect == "sqlite":
            while chunk := list(itertools.islice(made, 512)):
                bulk.insert(connection, "usage", COLUMNS, chunk)
        else:
            driver = cast("psycopg.Connection", connection.connection.driver_connection)
            with driver.cursor().copy(f"COPY usage ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                for row in made:
                    copy.write_row(row)
        bulk.run(connection, "CREATE INDEX usage_posted_at ON usage (posted_at_us)")


def make(database: Database, house: House, args: argparse.Namespace) -> None:
    migrate(database, MIGRATIONS)
    steps: list[tuple[str, Callable[[], None]]] = [
        ("rows", lambda: fill(database, house, args.rows, args.seed)),
        ("roll-ups (rebuild)", lambda: _rebuild(database)),
    ]
    if args.verify:
        steps.append(("roll-ups verified", lambda: _verify(database)))
    if database.dialect != "sqlite":
        steps.append(("vacuum, analyze", lambda: _vacuum(database)))
    for name, step in steps:
        start_s = time.perf_counter()
        step()
        print(f"{name}: {time.perf_counter() - start_s:.0f} s", flush=True)
    with database.read() as connection:
        counts = bulk.run(
            connection, "SELECT tier, COUNT(*) FROM usage_sum GROUP BY tier ORDER BY 1"
        )
        series = bulk.run(connection, "SELECT COUNT(*) FROM usage_series WHERE level = 0")[0][0]
    print(f"{series} series; rows by tier: {dict(counts)}", flush=True)


def _rebuild(database: Database) -> None:
    with database.write() as connection:
        let_it_take_long(connection)
        rebuild_rollups(connection)


def _verify(database: Database) -> None:
    with database.write() as connection:
        let_it_take_long(connection)
        wrong = find_wrong_rollup(connection)
    assert wrong is None, wrong


def _vacuum(database: Database) -> None:
    with database.engine.connect() as connection:
        bulk.run(connection, "VACUUM ANALYZE")


class Chooser:
    """Random parameters: half busy, half any."""

    def __init__(self, house: House) -> None:
        self.house = house

    def one(self, rnd: random.Random, kind: str) -> str:
        """The id of a key, user, project, team or model."""
        house = self.house
        if rnd.random() < 0.5:
            key = rnd.choices(house.keys, house.weights)[0]
            project, team = rnd.choice(key.places)
            model = rnd.choice(key.models)
            return {
                "key": key.id,
                "user": key.user,
                "project": project,
                "team": team,
                "model": model,
            }[kind]
        names = {
            "key": [key.id for key in house.keys],
            "user": house.users,
            "project": house.projects,
            "team": house.teams,
            "model": house.models,
        }
        return rnd.choice(names[kind])

    def filter(self, rnd: random.Random, kind: str | None, days: int | None) -> UsageFilter:
        """A filter by one thing, over a span of about `days` that begins and ends at any moment; None: everything."""
        chosen = UsageFilter(**({f"{kind}_id": self.one(rnd, kind)} if kind else {}))
        if days is None:
            return chosen
        until = END - timedelta(seconds=rnd.random() * max(0, 365 - days) * 86_400)
        return replace(chosen, since=until - timedelta(days=days), until=until)


def reports(choose: Chooser) -> Iterator[tuple[str, Query]]:
    def ask(
        by: GroupBy, kind: str | None, days: int | None, by2: GroupBy | None = None
    ) -> tuple[str, Query]:
        groups = f"{by}, {by2}" if by2 else by.value
        span = f"{days} d" if days else "all time"
        return f"report by {groups}; {kind or 'server'}; {span}", lambda c, rnd: sum_usage(
            c, by, choose.filter(rnd, kind, days), by2=by2
        )

    things = (GroupBy.MODEL, GroupBy.PROJECT, GroupBy.KEY, GroupBy.USER, GroupBy.TEAM)
    for kind in (None, "team", "project", "key", "user", "model"):
        yield ask(GroupBy.DAY, kind, 30, GroupBy.MODEL)
        yield ask(GroupBy.DAY, kind, 365, GroupBy.MODEL)
        yield ask(GroupBy.DAY, kind, None)
        yield ask(GroupBy.HOUR, kind, 7, GroupBy.MODEL)
        yield ask(GroupBy.HOUR, kind, 31)
        yield ask(GroupBy.MONTH, kind, None, GroupBy.MODEL)
    for thing in things:
        for days in (None, 30, 200):
            yield ask(thing, None, days)
        yield ask(thing, "team", 200)
        yield ask(GroupBy.HOUR, None, 7, thing)
        if thing is not GroupBy.MODEL:
            yield ask(GroupBy.DAY, None, 365, thing)
            yield ask(GroupBy.DAY, "team", 365, thing)
    yield ask(GroupBy.KEY, "model", 200)
    yield ask(GroupBy.TEAM, None, 200, GroupBy.MODEL)
    yield ask(GroupBy.KEY, None, 200, GroupBy.MODEL)
    yield ask(GroupBy.PROJECT, "team", 30, GroupBy.KEY)


def others(choose: Chooser) -> Iterator[tuple[str, Query]]:
    def mine(rnd: random.Random, days: int) -> list[UsageFilter]:
        chosen = choose.filter(rnd, None, days)
        teams = tuple({choose.one(rnd, "team") for _ in range(3)})
        own = replace(chosen, user_id=choose.one(rnd, "user"), except_team_ids=teams)
        return [replace(chosen, team_ids=teams), own]

    yield (
        "report by day, model; three teams and one's own; 365 d",
        lambda c, rnd: sum_usage(c, GroupBy.DAY, mine(rnd, 365), by2=GroupBy.MODEL),
    )
    yield (
        "report by day, key; three teams and one's own; 90 d",
        lambda c, rnd: sum_usage(c, GroupBy.DAY, mine(rnd, 90), by2=GroupBy.KEY),
    )
    for kind in (None, "team", "project", "key", "user", "model"):
        name = kind or "server"
        yield (
            f"forecast; {name}",
            lambda c, rnd, kind=kind: forecast_usage(
                c, [choose.filter(rnd, kind, None)], _moment(rnd)
            ),
        )
        yield (
            f"page of 50 requests; {name}",
            lambda c, rnd, kind=kind: list_usage(
                c, [choose.filter(rnd, kind, None)], PageAsk(50, _cursor(rnd))
            ),
        )
        yield (
            f"page of 50 failed requests; {name}",
            lambda c, rnd, kind=kind: list_usage(
                c, [choose.filter(rnd, kind, None)], PageAsk(50, _cursor(rnd), Outcome.FAILED)
            ),
        )
        yield (
            f"page of 50 requests of status 404; {name}",
            lambda c, rnd, kind=kind: list_usage(
                c, [choose.filter(rnd, kind, None)], PageAsk(50, _cursor(rnd), status=404)
            ),
        )
    yield (
        "page of 50 requests; three teams and one's own",
        lambda c, rnd: list_usage(c, mine(rnd, 365), PageAsk(50, _cursor(rnd))),
    )


def _moment(rnd: random.Random) -> datetime:
    return START + timedelta(seconds=(0.05 + 0.95 * rnd.random()) * 365 * 86_400)


def _cursor(rnd: random.Random) -> Cursor | None:
    """The newest page in half of the cases, otherwise any."""
    return None if rnd.random() < 0.5 else Cursor(int(_moment(rnd).timestamp() * 1e6), "")


def run(database: Database, house: House, args: argparse.Namespace) -> float:
    """Print a line per query; returns the largest p95."""
    choose = Chooser(house)
    with database.read() as connection:
        edge = bulk.run(connection, "SELECT id FROM usage ORDER BY posted_at_us DESC LIMIT 5000")
    some = [str(row[0]) for row in edge]
    queries = [
        *reports(choose),
        *others(choose),
        ("one request", lambda c, rnd: find_usage(c, rnd.choice(some))),
    ]
    queries = [(name, query) for name, query in queries if args.only in name]
    figures: list[tuple[str, list[float], list[float]]] = []
    for name, query in queries:
        rnd = random.Random(args.seed)
        taken: list[float] = []
        cpu: list[float] = []
        for _ in range(args.times):
            with database.read() as connection:
                start_s, start_cpu_s = time.perf_counter(), time.thread_time()
                query(connection, rnd)
                taken.append((time.perf_counter() - start_s) * 1000)
                cpu.append((time.thread_time() - start_cpu_s) * 1000)
        figures.append((name, taken, cpu))
    print("\n| query | p50 ms | p95 ms | CPU p50 ms | CPU p95 ms |\n|---|---|---|---|---|")
    for name, taken, cpu in sorted(figures, key=lambda figure: -p95(figure[1])):
        print(f"| {name} | {p50(taken):.1f} | {p95(taken):.1f} | {p50(cpu):.1f} | {p95(cpu):.1f} |")
    worst, worst_cpu = (max(p95(figure[place]) for figure in figures) for place in (1, 2))
    print(
        f"\n{len(figures)} queries, {args.times} times each: p95 {worst:.0f} ms at most, CPU {worst_cpu:.0f} ms"
    )
    exports = _exports(database)
    print(f"export of a year by month, team, project and model: {p50(exports):.0f} ms")
    return worst


def p50(taken: list[float]) -> float:
    return sorted(taken)[len(taken) // 2]


def p95(taken: list[float]) -> float:
    return sorted(taken)[int(0.95 * (len(taken) - 1) + 0.5)]


def _exports(database: Database) -> list[float]:
    async def export() -> float:
        start_s = time.perf_counter()
        async for _ in csv_months(database, [UsageFilter(until=END)], END):
            pass
        return (time.perf_counter() - start_s) * 1000

    return [asyncio.run(export()) for _ in range(5)]


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Database]:
    if args.postgres:
        with throwaway_postgres() as server:
            database = Database(server.url(server.create()))
            yield database
            database.close()
    else:
        with tempfile.TemporaryDirectory(prefix="weft-usage-") as folder:
            database = Database(args.database_url or Path(args.keep or folder) / "weft.db")
            yield database
            database.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", default="", help="an empty database")
    parser.add_argument("--postgres", action="store_true", help="a throwaway server")
    parser.add_argument("--keep", help="a folder to keep the SQLite file in, and to find it again")
    parser.add_argument("--only", default="", help="queries with this in their names")
    parser.add_argument("--verify", action="store_true", help="check the roll-ups first")
    args = parser.parse_args()
    house = make_house(args.seed)
    with opened(args) as database:
        if not (args.keep and (Path(args.keep) / "weft.db").exists()):
            make(database, house, args)
        return int(run(database, house, args) > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
