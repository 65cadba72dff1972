"""A signed receipt: one request's record, price and transaction, for whoever paid for it.

Made and signed when it is asked for, never while a request is answered. What it holds is checked first: books that do
not agree are not signed. The form is that of `offline.py`, which checks it with the public key alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.errors import InternalError, Json, NotFound
from weft.ledger.posting import GENESIS
from weft.ledger.prices.store import PRICE_COLUMNS, price_key
from weft.ledger.proof.chain import USAGE_COLUMNS, Link, read_link
from weft.ledger.proof.keys import SigningKey
from weft.ledger.proof.offline import RECEIPT, canonical

_SEQ = "SELECT seq FROM ledger_transaction WHERE idempotency_key = ? AND kind = 'charge'"
_HASH = "SELECT hash FROM ledger_transaction WHERE seq = ?"
_PRICE_SEQ = "SELECT seq FROM ledger_transaction WHERE idempotency_key = ? AND kind = 'price'"


class BooksDisagree(InternalError):
    """What is to be signed is not what was posted: somebody changed the database."""

    code = "books_disagree"
    remedy = "have whoever runs the server run `weft ledger verify`, which names the row"


def read_receipt(connection: Connection, request_id: str) -> dict[str, Json]:
    """The receipt of a request, not signed yet.

    Raises:
        NotFound: nothing was posted for such a request.
        BooksDisagree: its rows are not as they were posted.
    """
    link = find_charge(connection, request_id)
    if link is None:
        raise NotFound(f"nothing was charged for a request {request_id[:64]}")
    before = hash_before(connection, link.seq)
    check_link(link, before)
    assert link.behind is not None
    record = dict(zip(USAGE_COLUMNS, link.behind, strict=True))
    record["stream"] = bool(record["stream"])
    return {
        "type": RECEIPT,
        "usage_columns": list(USAGE_COLUMNS),
        "usage": _named(record),
        "price": _price(connection, str(record["price_version"])),
        "transaction": {
            "seq": link.seq,
            "idempotency_key": link.key,
            "kind": link.kind,
            "team_id": link.team_id,
            "posted_at_us": link.posted_at_us,
            "content_hash": link.content_hash,
            "entries": [[account, str(amount)] for account, amount in link.moves],
            "hash_before": before,
            "hash": link.hash,
        },
    }


def find_charge(connection: Connection, request_id: str) -> Link | None:
    """The transaction that charged for a request, as it stands in the tables; None if it was never admitted."""
    rows = bulk.run(connection, _SEQ, (request_id,))
    return read_link(connection, int(rows[0][0])) if rows else None


def sign(document: dict[str, Json], key: SigningKey, now: datetime) -> dict[str, Json]:
    """`document` with the key's id, the time, and the signature over all of it."""
    unsigned: dict[str, Json] = {
        **document,
        "signed_at": now.isoformat(timespec="seconds"),
        "key_id": key.id,
    }
    return {**unsigned, "signature": key.sign(canonical(unsigned))}


def check_link(link: Link, before: str) -> None:
    """Raise `BooksDisagree` if a transaction is not as it was posted."""
    if link.chain_hash(before) != link.hash or link.digest != link.content_hash:
        raise BooksDisagree(f"transaction {link.seq} is not as it was posted; it is not signed")


def hash_before(connection: Connection, seq: int) -> str:
    """The hash that a transaction follows."""
    if seq == 1:
        return GENESIS
    rows = bulk.run(connection, _HASH, (seq - 1,))
    return str(rows[0][0]) if rows else ""


def read_price(connection: Connection, version: str) -> tuple[Any, ...] | None:
    """A row of the price book, as it was recorded; None if it is not in it.

    Raises:
        BooksDisagree: it was changed since.
    """
    rows = bulk.run(connection, _PRICE_SEQ, (price_key(version),))
    link = read_link(connection, int(rows[0][0])) if rows else None
    if link is None:
        return None
    check_link(link, hash_before(connection, link.seq))
    return link.behind


def _price(connection: Connection, version: str) -> dict[str, Json] | None:
    row = read_price(connection, version)
    return None if row is None else _named(dict(zip(PRICE_COLUMNS, row, strict=True)))


def _named(row: dict[str, Any]) -> dict[str, Json]:
    """Money as text, as everywhere in JSON; the rest as it is."""
    return {name: str(value) if "_nusd" in name else value for name, value in row.items()}
