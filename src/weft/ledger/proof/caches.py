"""The caches beside the chain: balances and spend, compared with what they are sums of, and rebuilt; roll-ups, rebuilt.

Both sides come from the database in the same order and are walked side by side, so that memory stays bounded.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, text

from weft.kit import bulk
from weft.ledger.proof.finding import Finding
from weft.ledger.usage.rollups.folding import rebuild_rollups
from weft.ledger.windows import US_PER_DAY

_YIELD = 5_000

_OWNER = "CASE WHEN e.account_id LIKE 'house/%' THEN '' ELSE MAX(t.team_id) END"
_BALANCES = f"""
    SELECT e.account_id, {_OWNER}, SUM(e.amount_nusd) FROM ledger_entry e
    JOIN ledger_transaction t ON t.seq = e.seq GROUP BY e.account_id
"""  # noqa: S608 - our own names
_CHARGES = " UNION ALL ".join(
    f"""SELECT u.{name} AS scope_id, t.posted_at_us / {US_PER_DAY} AS day, u.cost_nusd AS nusd
        FROM ledger_transaction t JOIN usage u ON u.id = t.idempotency_key
        WHERE t.kind = 'charge' AND u.cost_nusd <> 0"""  # noqa: S608 - our own names
    for name in ("key_id", "user_id", "project_id", "team_id")
)
_SPEND = f"SELECT scope_id, day, SUM(nusd) FROM ({_CHARGES}) AS c GROUP BY scope_id, day"  # noqa: S608 - our own names

Key = tuple[Any, ...]


def compare_caches(connection: Connection) -> Generator[Finding]:
    """Rows of `ledger_balance` and `ledger_spend` that are not what they are sums of."""
    yield from _compare(
        connection,
        "ledger_balance",
        f"SELECT * FROM ({_BALANCES}) AS s ORDER BY 1",  # noqa: S608 - our own names
        "SELECT account_id, team_id, balance_nusd FROM ledger_balance ORDER BY 1",
        keys=("account_id",),
    )
    yield from _compare(
        connection,
        "ledger_spend",
        f"{_SPEND} ORDER BY 1, 2",
        "SELECT scope_id, day, spent_nusd FROM ledger_spend WHERE spent_nusd <> 0 ORDER BY 1, 2",
        keys=("scope_id", "day"),
    )


def rebuild_caches(connection: Connection) -> None:
    """Write the caches anew: balances and spend from the chain, roll-ups from the usage records.

    The caller holds the head, and saves it so that everybody looks again.
    """
    bulk.run(connection, "DELETE FROM ledger_balance")
    bulk.run(
        connection, f"INSERT INTO ledger_balance (account_id, team_id, balance_nusd) {_BALANCES}"
    )
    bulk.run(connection, "DELETE FROM ledger_spend")
    bulk.run(connection, f"INSERT INTO ledger_spend (scope_id, day, spent_nusd) {_SPEND}")
    rebuild_rollups(connection)


def _compare(
    connection: Connection, table: str, sums: str, cached: str, *, keys: tuple[str, ...]
) -> Generator[Finding]:
    """Both sides, in the order of their keys."""
    with closing(_rows(connection, sums)) as wanted, closing(_rows(connection, cached)) as found:
        yield from _walk(table, keys, wanted, found)


def _walk(
    table: str, keys: tuple[str, ...], wanted: Iterator[Key], found: Iterator[Key]
) -> Iterator[Finding]:
    width = len(keys)
    want, have = next(wanted, None), next(found, None)
    while want is not None or have is not None:
        key = min(row[:width] for row in (want, have) if row is not None)
        place = " ".join(f"{name}={value}" for name, value in zip(keys, key, strict=True))
        ours = want is not None and want[:width] == key
        theirs = have is not None and have[:width] == key
        if not theirs:
            yield Finding(table, place, f"it is missing; it has to be {_shown(want, width)}")
        elif not ours:
            yield Finding(table, place, "it is the sum of nothing")
        elif want != have:
            yield Finding(
                table, place, f"it is {_shown(have, width)}; it has to be {_shown(want, width)}"
            )
        want = next(wanted, None) if ours else want
        have = next(found, None) if theirs else have


def _rows(connection: Connection, statement: str) -> Generator[Key]:
    with connection.execute(text(statement), execution_options={"yield_per": _YIELD}) as rows:
        for *key, amount in rows:
            yield (*key, int(amount))


def _shown(row: Key | None, width: int) -> str:
    return " ".join(str(value) for value in (row or ())[width:] if value != "")
