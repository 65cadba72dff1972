"""The chain as it is read back: transactions with their entries and with what their hashes stand for, in batches.

Rows are taken as they are, whatever somebody put into them: nothing here may fail over a value of the wrong kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection

from weft.kit import bulk
from weft.ledger.accounts import Entry
from weft.ledger.grants import GRANT_COLUMNS
from weft.ledger.posting import GENESIS, chain_hash, digest_of, transaction_content
from weft.ledger.prices.store import PRICE_COLUMNS
from weft.ledger.schema import usage

BATCH = 2_000
USAGE_COLUMNS = tuple(column.name for column in usage.columns)
_STREAM = USAGE_COLUMNS.index("stream")
_FIRST = -(2**63)
_LAST = 2**63 - 1
_encode = msgspec.json.Encoder().encode

Row = tuple[Any, ...]

_TRANSACTIONS = (
    "SELECT seq, idempotency_key, kind, team_id, posted_at_us, content, content_hash, hash"
    " FROM ledger_transaction WHERE seq > ? ORDER BY seq LIMIT ?"
)
_ENTRIES = (
    "SELECT seq, position, account_id, amount_nusd FROM ledger_entry"
    " WHERE seq > ? AND seq <= ? ORDER BY seq, position"
)
_BEHIND = {
    "usage": (
        f"SELECT t.seq, {','.join('u.' + name for name in USAGE_COLUMNS)}"  # noqa: S608 - our own names
        " FROM ledger_transaction t JOIN usage u ON u.id = t.idempotency_key"
        " WHERE t.seq > ? AND t.seq <= ? AND t.kind = 'charge'"
    ),
    "ledger_grant": (
        f"SELECT t.seq, {','.join('g.' + name for name in GRANT_COLUMNS)}"  # noqa: S608 - our own names
        " FROM ledger_transaction t JOIN ledger_entry e ON e.seq = t.seq AND e.amount_nusd > 0"
        " JOIN ledger_grant g ON g.id = e.account_id"
        " WHERE t.seq > ? AND t.seq <= ? AND t.kind = 'grant'"
    ),
    "ledger_price": (
        f"SELECT t.seq, {','.join('p.' + name for name in PRICE_COLUMNS)}"  # noqa: S608 - our own names
        " FROM ledger_transaction t JOIN ledger_price p ON t.idempotency_key = 'price:' || p.version"
        " WHERE t.seq > ? AND t.seq <= ? AND t.kind = 'price'"
    ),
}
"""What the hash of each kind's content stands for, by table."""
_OF_TEAM = (
    "SELECT t.seq, t.idempotency_key, t.kind, t.team_id, t.posted_at_us, t.content, t.content_hash,"
    " t.hash, b.hash FROM ledger_transaction t LEFT JOIN ledger_transaction b ON b.seq = t.seq - 1"
    " WHERE t.team_id = ? AND t.seq > ? AND t.seq <= ? ORDER BY t.seq LIMIT ?"
)
_TEAM_ENTRIES = (
    "SELECT e.seq, e.position, e.account_id, e.amount_nusd"
    " FROM ledger_transaction t JOIN ledger_entry e ON e.seq = t.seq"
    " WHERE t.seq > ? AND t.seq <= ? AND t.team_id = ? ORDER BY e.seq, e.position"
)
CONTENT_OF = {"charge": "usage", "grant": "ledger_grant", "price": "ledger_price"}


@dataclass(slots=True)
class Link:
    """One transaction of the chain as it stands in the tables."""

    seq: int
    key: str
    kind: str
    team_id: str
    posted_at_us: int
    content: str
    content_hash: str
    hash: str
    entries: list[Row] = field(default_factory=list[Row])
    """`(position, account id, amount)`, by position."""
    behind: Row | None = None
    """The row that `content_hash` stands for: of `usage`, `ledger_grant` or `ledger_price`."""

    @property
    def moves(self) -> list[Entry]:
        """The entries as they are hashed."""
        return [(account, amount) for _, account, amount in self.entries]

    @property
    def digest(self) -> str | None:
        """What `content_hash` has to be; None if what it stands for is missing."""
        table = CONTENT_OF.get(self.kind)
        if table is None:
            return digest_of(str(self.content))
        return None if self.behind is None else digest_of(row_content(table, self.behind))

    def chain_hash(self, before: str) -> str:
        """What `hash` has to be after `before`."""
        return chain_hash(
            before,
            transaction_content(
                self.seq,
                self.key,
                self.kind,
                self.team_id,
                self.posted_at_us,
                self.content_hash,
                self.moves,
            ),
        )


def row_content(table: str, row: Sequence[Any]) -> bytes:
    """The canonical JSON list of a row's columns, the same from either database."""
    values = list(row)
    if table == "usage":
        values[_STREAM] = bool(values[_STREAM])
    return _encode(values)


def read_links(
    connection: Connection, after_seq: int = _FIRST, until_seq: int = _LAST
) -> Iterator[tuple[list[Link], list[Row]]]:
    """Batches of links in order of `seq`, each with the entries that belong to no transaction."""
    start = after_seq
    while True:
        rows = bulk.run(connection, _TRANSACTIONS, (start, BATCH))
        links = {row[0]: Link(*row) for row in rows if row[0] <= until_seq}
        ended = len(links) < BATCH
        end = until_seq if ended else rows[-1][0]
        strays: list[Row] = []
        for seq, *entry in bulk.run(connection, _ENTRIES, (start, end)):
            link = links.get(seq)
            if link is None:
                strays.append((seq, *entry))
            else:
                link.entries.append(tuple(entry))
        if links:
            for statement in _BEHIND.values():
                for seq, *row in bulk.run(connection, statement, (start, end)):
                    links[seq].behind = tuple(row)
        yield list(links.values()), strays
        if ended:
            return
        start = end


def read_link(connection: Connection, seq: int) -> Link | None:
    """One transaction by its place."""
    for links, _ in read_links(connection, seq - 1, seq):
        return links[0] if links else None
    return None


def read_team_links(
    connection: Connection, team_id: str, after_seq: int, until_seq: int
) -> list[tuple[Link, str]]:
    """The next transactions of one team, at most a batch, each with the hash that it follows."""
    rows = bulk.run(connection, _OF_TEAM, (team_id, after_seq, until_seq, BATCH))
    if not rows:
        return []
    links = {row[0]: (Link(*row[:-1]), str(row[-1] or GENESIS)) for row in rows}
    span = (rows[0][0] - 1, rows[-1][0], team_id)
    for seq, *entry in bulk.run(connection, _TEAM_ENTRIES, span):
        links[seq][0].entries.append(tuple(entry))
    for statement in _BEHIND.values():
        for seq, *row in bulk.run(connection, f"{statement} AND t.team_id = ?", span):
            links[seq][0].behind = tuple(row)
    return list(links.values())
