"""A team's signed statement of one month: every transaction that was posted in it, the totals, and a signature.

Lines of JSON, so that it is written and checked as a stream however long it is; `docs/guides/reading-a-bill.md` shows
one, `offline.py` checks one. The rows that hashes stand for are written as they are hashed: lists in the order of the
columns that the first line names, money as whole nano-dollars. Named money is text, as everywhere.

A month that is over gives the same bytes whenever it is asked for, but for names that were changed and another signing
key; of the current month the statement goes as far as the chain does.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest, Json
from weft.ledger.grants import GRANT_COLUMNS
from weft.ledger.posting import GENESIS
from weft.ledger.prices.store import PRICE_COLUMNS
from weft.ledger.proof.chain import USAGE_COLUMNS, Link, read_team_links
from weft.ledger.proof.keys import SigningKey
from weft.ledger.proof.offline import GROUPS, STATEMENT, SUMS, canonical
from weft.ledger.proof.receipt import BooksDisagree, check_link, read_price
from weft.ledger.usage.names import group_names
from weft.ledger.usage.report import GroupBy
from weft.ledger.windows import days_of_month, start_us

SETTLED_AFTER_US = 3_600_000_000
"""How long after its end a month is taken to be over although nothing was posted since: clocks differ a little."""
_USAGE = {name: at for at, name in enumerate(USAGE_COLUMNS)}
_NAMES = {"by_project": GroupBy.PROJECT, "by_key": GroupBy.KEY}
_KINDS = ("charged", "grant", "expiry", "payment", "adjustment", "payback")
_BALANCES = (
    "SELECT e.account_id, SUM(e.amount_nusd) FROM ledger_transaction t"
    " JOIN ledger_entry e ON e.seq = t.seq"
    " WHERE t.team_id = ? AND t.seq < ? AND e.account_id NOT LIKE 'house/%'"
    " GROUP BY e.account_id HAVING SUM(e.amount_nusd) <> 0 ORDER BY e.account_id"
)
_AT = "SELECT posted_at_us, hash FROM ledger_transaction WHERE seq = ?"
_HEAD = "SELECT seq, posted_at_us FROM ledger_head WHERE id = 1"


@dataclass(frozen=True, slots=True)
class Month:
    """Which part of the chain a statement covers."""

    name: str
    from_us: int
    until_us: int
    first_seq: int
    last_seq: int
    last_hash: str
    last_at_us: int
    complete: bool


def find_month(connection: Connection, name: str, now: datetime) -> Month:
    """The part of the chain that was posted in a month such as `2026-11`.

    Raises:
        InvalidRequest: it is no month, or it has not begun.
    """
    try:
        first_day, last_day = days_of_month(name)
    except ValueError as error:
        raise InvalidRequest(f"{name[:20]!r} is no month; write 2026-11", param="month") from error
    from_us, until_us = start_us(first_day), start_us(last_day + 1)
    if from_us > to_us(now):
        raise InvalidRequest(f"the month {name} has not begun", param="month")
    head_seq, head_at_us = bulk.run(connection, _HEAD)[0]
    first = _first_at(connection, from_us, head_seq)
    last = _first_at(connection, until_us, head_seq) - 1
    rows = bulk.run(connection, _AT, (last,))
    at_us, hash_ = rows[0] if rows else (0, GENESIS)
    over = head_at_us >= until_us or to_us(now) >= until_us + SETTLED_AFTER_US
    return Month(name, from_us, until_us, first, last, hash_, at_us, complete=over)


def _first_at(connection: Connection, moment_us: int, head_seq: int) -> int:
    """The place of the first transaction at or after a moment: moments never go back along the chain."""
    low, high = 1, head_seq + 1
    while low < high:
        middle = (low + high) // 2
        rows = bulk.run(connection, _AT, (middle,))
        if not rows:
            raise BooksDisagree(f"transaction {middle} is missing; nothing is signed")
        if rows[0][0] < moment_us:
            low = middle + 1
        else:
            high = middle
    return low


class Statement:
    """Writes a statement: `begin`, `more` until it gives nothing, `end`, each in a snapshot of its own if need be."""

    def __init__(self, team_id: str, team: str, month: Month) -> None:
        self.month = month
        self._team_id = team_id
        self._team = team
        self._digest = hashlib.sha256()
        self._lines = 0
        self._seq = month.first_seq - 1
        self._prices: set[str] = set()
        self._balances: dict[str, int] = {}
        self._sums: dict[str, int] = dict.fromkeys((*_KINDS, "charges"), 0)
        self._groups: dict[str, dict[str, list[int]]] = {name: {} for name in GROUPS}

    def begin(self, connection: Connection) -> bytes:
        """The first line: whose statement, of which time, and what there was before."""
        month = self.month
        rows = bulk.run(connection, _BALANCES, (self._team_id, month.first_seq))
        self._balances = {str(account): int(amount) for account, amount in rows}
        return self._line(
            {
                "type": STATEMENT,
                "team_id": self._team_id,
                "team": self._team,
                "month": month.name,
                "from": from_us(month.from_us).isoformat(),
                "until": from_us(month.until_us).isoformat(),
                "from_us": month.from_us,
                "until_us": month.until_us,
                "complete": month.complete,
                "usage_columns": list(USAGE_COLUMNS),
                "grant_columns": list(GRANT_COLUMNS),
                "price_columns": list(PRICE_COLUMNS),
                "opening": self._shown_balances(),
            }
        )

    def more(self, connection: Connection) -> bytes:
        """The lines of the next batch of transactions; nothing once there are no more.

        Raises:
            BooksDisagree: a transaction is not as it was posted.
        """
        links = read_team_links(connection, self._team_id, self._seq, self.month.last_seq)
        lines: list[bytes] = []
        for link, before in links:
            self._seq = link.seq
            check_link(link, before)
            lines.extend(self._transaction(connection, link, before))
        return b"".join(lines)

    def end(self, connection: Connection, key: SigningKey) -> bytes:
        """The totals and the signature."""
        month = self.month
        head: dict[str, Json] = {
            "seq": month.last_seq,
            "hash": month.last_hash,
            "posted_at_us": month.last_at_us,
        }
        totals: dict[str, Json] = {
            "type": "totals",
            "charges": self._sums["charges"],
            **{f"{kind}_nusd": str(self._sums[kind]) for kind in _KINDS},
            **{name: self._shown_group(connection, name) for name in GROUPS},
            "closing": self._shown_balances(),
            "head": head,
        }
        last = self._line(totals)
        signed: dict[str, Json] = {
            "type": "signature",
            "key_id": key.id,
            "lines": self._lines,
            "sha256": self._digest.hexdigest(),
        }
        signed["signature"] = key.sign(canonical(signed))
        return last + canonical(signed) + b"\n"

    def _transaction(self, connection: Connection, link: Link, before: str) -> Iterator[bytes]:
        line: dict[str, Any] = {
            "type": "transaction",
            "kind": link.kind,
            "seq": link.seq,
            "idempotency_key": link.key,
            "team_id": link.team_id,
            "posted_at_us": link.posted_at_us,
            "content_hash": link.content_hash,
            "entries": link.moves,
            "hash_before": before,
            "hash": link.hash,
        }
        moved = 0
        for account, amount in link.moves:
            if not account.startswith("house/"):
                moved += amount
                self._balances[account] = self._balances.get(account, 0) + amount
        if link.behind is None:
            line["content"] = link.content
        else:
            line["row"] = row = list(link.behind)
            if link.kind == "charge":
                row[_USAGE["stream"]] = bool(row[_USAGE["stream"]])
                yield from self._price(connection, str(row[_USAGE["price_version"]]))
                self._count(row)
        if link.kind != "charge":
            self._sums[link.kind] += moved
        yield self._line(line)

    def _price(self, connection: Connection, version: str) -> Iterator[bytes]:
        if version and version not in self._prices:
            self._prices.add(version)
            row = read_price(connection, version)
            if row is not None:
                yield self._line({"type": "price", "row": list(row)})

    def _count(self, row: list[Any]) -> None:
        self._sums["charges"] += 1
        self._sums["charged"] += row[_USAGE["cost_nusd"]]
        for name, column in GROUPS.items():
            sums = self._groups[name].setdefault(row[_USAGE[column]], [0] * len(SUMS))
            sums[0] += 1
            for at, each in enumerate(SUMS[1:], 1):
                sums[at] += row[_USAGE[each]]

    def _shown_group(self, connection: Connection, name: str) -> list[Json]:
        """The dearest first."""
        by = _NAMES.get(name)
        names = group_names(connection, by, list(self._groups[name])) if by is not None else {}
        groups = sorted(self._groups[name].items(), key=lambda group: (-group[1][-1], group[0]))
        return [
            {
                "id": id_,
                "name": names.get(id_, id_),
                **dict(zip(SUMS[:-1], sums[:-1], strict=True)),
                "cost_nusd": str(sums[-1]),
            }
            for id_, sums in groups
        ]

    def _shown_balances(self) -> list[Json]:
        return [
            {"account": account, "balance_nusd": str(amount)}
            for account, amount in sorted(self._balances.items())
            if amount
        ]

    def _line(self, value: dict[str, Any]) -> bytes:
        line = canonical(value) + b"\n"
        self._digest.update(line)
        self._lines += 1
        return line
