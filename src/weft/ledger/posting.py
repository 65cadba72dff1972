"""Posting: the only way into the books. Takes the end of the chain, appends transactions, writes them together.

Invariants, held here and by the tables' own constraints:

* the entries of a transaction sum to zero;
* rows are inserted and never changed; an idempotency key is used once;
* `seq` counts 1, 2, 3, ... without gaps, over all teams; `posted_at_us` never goes back along it;
* each transaction's `hash` covers the one before: SHA-256 over the canonical JSON of `transaction_content`, so that
  a changed, removed or inserted row shows (`proof/verify.py`);
* whoever holds the head is alone: on SQLite by `BEGIN IMMEDIATE`, on PostgreSQL by the lock on the head's row.

`ledger_balance` is a cache of sums over entries, updated in the same transaction; `proof/verify.py` rebuilds it.
"""

import hashlib
import random
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from weft.kit import bulk
from weft.ledger.accounts import Entry, TransactionKind

_encode = msgspec.json.Encoder().encode
_random_bits = random.Random().getrandbits  # noqa: S311 - told apart, not kept secret

GENESIS = "0" * 64
"""The hash before the first transaction."""

_HEAD = "SELECT seq, hash, posted_at_us, version FROM ledger_head WHERE id = 1"
_SAVE = "UPDATE ledger_head SET seq = ?, hash = ?, posted_at_us = ?, version = ? WHERE id = 1"
_TRANSACTION = (
    "seq",
    "idempotency_key",
    "kind",
    "team_id",
    "posted_at_us",
    "content",
    "content_hash",
    "hash",
)
_ENTRY = ("seq", "position", "account_id", "amount_nusd")
_BALANCE = ("account_id", "team_id", "balance_nusd")
_ADD = (
    "ON CONFLICT (account_id) DO UPDATE SET"
    " balance_nusd = ledger_balance.balance_nusd + excluded.balance_nusd"
)


_DRAW = "UPDATE ledger_balance SET balance_nusd = balance_nusd + ? WHERE account_id = ?"


class Head:
    """The end of the chain, locked until this database transaction ends. `save` writes what was appended."""

    __slots__ = (
        "_balances",
        "_connection",
        "_entries",
        "_transactions",
        "hash",
        "posted_at_us",
        "seq",
        "version",
    )

    def __init__(self, connection: Connection, now_us: int) -> None:
        """Take the head; nothing is posted earlier than what is there, whatever this machine's clock says."""
        locked = connection.dialect.name != "sqlite"
        rows = bulk.run(connection, f"{_HEAD} FOR UPDATE" if locked else _HEAD)
        self.seq, self.hash, last_us, self.version = rows[0]
        self.posted_at_us = max(last_us, now_us)
        self._connection = connection
        self._transactions: list[bulk.Row] = []
        self._entries: list[bulk.Row] = []
        self._balances: dict[str, tuple[str, int]] = {}

    def append(
        self,
        kind: TransactionKind,
        key: str,
        team_id: str,
        entries: Sequence[Entry],
        *,
        content: str = "",
        content_hash: str = "",
    ) -> int:
        """Post one transaction and return its place in the chain; `key` is its idempotency key.

        `content` is what else there is to say (who, why), as text; `content_hash` stands for content that is kept
        elsewhere, such as the usage record of a charge.
        """
        total = 0
        for _, amount in entries:
            assert amount, "an entry moves something"
            total += amount
        assert not total, "entries sum to zero"
        self.seq = seq = self.seq + 1
        digest = content_hash or digest_of(content)
        self.hash = chain_hash(
            self.hash,
            transaction_content(seq, key, kind, team_id, self.posted_at_us, digest, entries),
        )
        self._transactions.append(
            (seq, key, kind.value, team_id, self.posted_at_us, content, digest, self.hash)
        )
        for position, (account_id, amount) in enumerate(entries):
            self._entries.append((seq, position, account_id, amount))
            known = self._balances.get(account_id)
            owner = "" if account_id.startswith("house/") else team_id
            self._balances[account_id] = (owner, amount + (known[1] if known else 0))
        return seq

    def save(self) -> int:
        """Write what was appended, and a new version, which is returned: every process's view is out of date."""
        connection = self._connection
        if self._transactions:
            bulk.insert(connection, "ledger_transaction", _TRANSACTION, self._transactions)
            bulk.insert(connection, "ledger_entry", _ENTRY, self._entries)
            self._save_balances()
        self.version = _random_bits(62)
        bulk.run(connection, _SAVE, (self.seq, self.hash, self.posted_at_us, self.version))
        return self.version

    def _save_balances(self) -> None:
        """Add what each account got. A grant is drawn from by `UPDATE`: only so does its constraint see the sum."""
        gains: list[bulk.Row] = []
        for account_id, (team_id, amount) in sorted(self._balances.items()):
            if amount < 0 and account_id.startswith("grant_"):
                bulk.run(self._connection, _DRAW, (amount, account_id))
            else:
                gains.append((account_id, team_id, amount))
        bulk.insert(self._connection, "ledger_balance", _BALANCE, gains, _ADD)


def transaction_content(
    seq: int,
    key: str,
    kind: str,
    team_id: str,
    posted_at_us: int,
    content_hash: str,
    entries: Sequence[Entry],
) -> bytes:
    """What the hash of a transaction covers, as canonical JSON: a list, so that no order of names is in question."""
    return _encode([seq, key, kind, team_id, posted_at_us, content_hash, entries])


def chain_hash(before: str, content: bytes) -> str:
    """The hash of a transaction, from that of the one before."""
    return hashlib.sha256(before.encode() + b"\n" + content).hexdigest()


def digest_of(content: str | bytes) -> str:
    """The digest of what belongs to a transaction."""
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()
