"""Holds: a slot and money at once, from admission until settlement.

A hold is a row that every process sees. While it is open it counts as one request in flight and reserves its amount.
It ends in exactly one of these ways, all of them one transaction that deletes the row:

* captured: the usage record and its charge, which is never above the hold, are posted with it;
* released: the same with a charge of nothing (the request failed, or cost nothing);
* expired: its owner's heartbeat stopped, and another process posted an `interrupted` record for it (`owners.py`).

So an answer that was received in full is charged once: a capture that finds no row was too late, and the request fails
instead (`HoldLapsed`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.errors import InternalError
from weft.kit.money import NanoUsd
from weft.ledger.accounts import REVENUE, Entry, TransactionKind, burn, owed
from weft.ledger.book import Book, Scopes
from weft.ledger.posting import Head
from weft.ledger.pricing import note_cap
from weft.ledger.types import UsageRecord
from weft.ledger.usage.store import find_usage, insert_usage, usage_digest
from weft.ledger.windows import minute_of

_COLUMNS = (
    "id",
    "owner",
    "team_id",
    "project_id",
    "user_id",
    "key_id",
    "model_id",
    "stream",
    "amount_nusd",
    "tokens",
    "started_at_us",
)
_CLOSE = (
    "DELETE FROM ledger_hold WHERE id IN ({keys}) RETURNING"  # noqa: S608 - our own names
    f" {','.join(_COLUMNS)}"
)
_OPEN = f"SELECT {','.join(_COLUMNS)} FROM ledger_hold"  # noqa: S608 - our own names


class HoldLapsed(InternalError):
    """The hold of this request was given up, because this process was silent for too long."""

    code = "hold_lapsed"

    def __init__(self) -> None:
        super().__init__(
            "The server was suspended while it answered, and the request was given up",
            remedy="send the request again; nothing was charged",
        )


class Hold(msgspec.Struct, frozen=True):
    """One open hold."""

    id: str
    """The request's id."""
    owner: str
    """The process that answers it."""
    team_id: str
    project_id: str
    user_id: str
    key_id: str
    model_id: str
    stream: bool
    amount_nusd: NanoUsd
    tokens: int
    """What it counts for in limits of tokens a minute, until the truth is known."""
    started_at_us: int

    @property
    def scopes(self) -> Scopes:
        """Whose spend it reserves."""
        return self.key_id, self.user_id, self.project_id, self.team_id


Also = Callable[[Connection], None]
"""Writes something on the writer's thread."""


class Settlement(msgspec.Struct):
    """The end of a hold: what goes into the books. The writer fills in what came of it."""

    record: UsageRecord
    token_scopes: tuple[str, ...] = ()
    """Whose tokens a minute are counted: these get the truth instead of the hold's estimate."""
    also: Also | None = None
    """Written in the same transaction, unless the hold has lapsed: what must not stand without its charge."""
    lapsed: bool = False
    """There was no such hold any more: nothing was written."""


def open_holds(connection: Connection, holds: Sequence[Hold]) -> None:
    """Write what was admitted. The book counts it apart from this."""
    rows = [msgspec.structs.astuple(hold) for hold in holds]
    bulk.insert(connection, "ledger_hold", _COLUMNS, rows)


def read_holds(connection: Connection) -> list[Hold]:
    """All open holds."""
    return [_hold(row) for row in bulk.run(connection, _OPEN)]


def settle(connection: Connection, book: Book, head: Head, wanted: Sequence[Settlement]) -> None:
    """Close the holds of these settlements; post their charges, and write their usage records.

    Of one without an open hold nothing is written: it is marked as lapsed, unless the same record is in the books
    already, as after a commit whose answer got lost.
    """
    ids = [settlement.record.id for settlement in wanted]
    held = {hold.id: hold for hold in map(_hold, bulk.run_in(connection, _CLOSE, ids))}
    book.load_credit(connection, {hold.team_id for hold in held.values() if hold.amount_nusd})
    records: list[UsageRecord] = []
    for settlement in wanted:
        hold = held.get(settlement.record.id)
        settlement.lapsed = False
        if hold is None:
            settlement.lapsed = not _is_settled(connection, settlement.record)
            continue
        del held[hold.id]  # a second settlement of the same request finds nothing
        book.drop_hold(hold.scopes, hold.model_id, hold.amount_nusd)
        record = _post(book, head, hold, settlement.record)
        if settlement.token_scopes:
            _correct_tokens(book, hold, record, settlement.token_scopes)
        records.append(record)
    if records:
        insert_usage(connection, records)


def _post(book: Book, head: Head, hold: Hold, record: UsageRecord) -> UsageRecord:
    """Post the charge of `record`, up to the hold, and return the record as it goes into the books."""
    cost = min(record.cost_nusd, hold.amount_nusd)
    if cost < record.cost_nusd:
        refusal = note_cap(record.refusal, record.cost_nusd)
        record = msgspec.structs.replace(record, refusal=refusal)
    record = msgspec.structs.replace(
        record, cost_nusd=NanoUsd(cost), posted_at_us=head.posted_at_us, seq=head.seq + 1
    )
    entries: list[Entry] = []
    if cost:
        grants = book.credit(hold.team_id)
        rest = cost
        if grants:
            entries, rest = burn(cost, grants, hold.started_at_us)
            book.burnt(hold.team_id, entries)
        if rest:
            entries.append((owed(hold.team_id), -rest))
        entries.append((REVENUE, cost))
        book.add_charge(hold.scopes, cost)
    digest = usage_digest(record)
    head.append(TransactionKind.CHARGE, record.id, hold.team_id, entries, content_hash=digest)
    return record


def _correct_tokens(book: Book, hold: Hold, record: UsageRecord, scopes: Sequence[str]) -> None:
    used = record.tokens.input + record.tokens.output
    minute = minute_of(hold.started_at_us)
    if minute == book.minute and used != hold.tokens:
        for scope_id in scopes:
            book.add_rate(scope_id, minute, 0, used - hold.tokens)


def _is_settled(connection: Connection, record: UsageRecord) -> bool:
    known = find_usage(connection, record.id)
    return known is not None and known.seq > 0 and known.outcome is record.outcome


def _hold(row: Sequence[Any]) -> Hold:
    return Hold(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        bool(row[7]),  # SQLite knows no booleans
        row[8],
        row[9],
        row[10],
    )
