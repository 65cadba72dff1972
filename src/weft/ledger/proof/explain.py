"""Which row it was: when a transaction's hash does not fit, what would have to be different for it to fit.

The hash was right when it was written. So the one change that makes it right again is the change that was undone by
trying it: a field put back to what other rows say it was, an entry's amount put back in balance, an account put back
to one that the team has. Where nothing single explains it, the transaction as a whole is named.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from weft.kit import bulk
from weft.ledger.accounts import CASH, EXPIRED, GIVEN, REVENUE, Entry, TransactionKind, owed
from weft.ledger.proof.chain import CONTENT_OF, USAGE_COLUMNS, Link
from weft.ledger.proof.finding import Finding, entry, transaction

_HOUSE = (REVENUE, CASH, GIVEN, EXPIRED)
_POSTED_AT = USAGE_COLUMNS.index("posted_at_us")
_TEAM = USAGE_COLUMNS.index("team_id")
_MAX_ACCOUNTS = 1_000


def explain(connection: Connection, link: Link, before: str, after: Link | str) -> Finding:
    """The row that was changed, of a transaction whose hash does not follow from `before`.

    `after` is the next transaction, or the head's hash if this is the last one.
    """
    misplaced = find_misplaced(link)
    if misplaced is not None:
        return misplaced
    own = link.chain_hash(before)
    if own == after if isinstance(after, str) else after.chain_hash(own) == after.hash:
        return transaction(link.seq, "its hash was changed")
    for field, value in _fields(connection, link):
        if replace(link, **{field: value}).chain_hash(before) == link.hash:
            name = "idempotency_key" if field == "key" else field
            return transaction(link.seq, f"its {name} was changed; it was {value!r}")
    for position, moves, what in _entries(connection, link):
        entries = [(at, *move) for at, move in enumerate(moves)]
        if replace(link, entries=entries).chain_hash(before) == link.hash:
            return entry(link.seq, position, what)
    return transaction(link.seq, "it or its entries were changed: the hash does not fit")


def find_misplaced(link: Link) -> Finding | None:
    """An entry whose position is none of 0, 1, 2, ...; or the one that is missing among them."""
    count = len(link.entries)
    found = [row[0] for row in link.entries]
    if found == list(range(count)):
        return None
    missing = next(position for position in range(count) if position not in found)
    outside = [position for position in found if position not in range(count)]
    if len(outside) == 1 and not surplus_of(link.moves):
        return entry(link.seq, outside[0], f"its position was changed; it was {missing}")
    return entry(link.seq, missing, "it is missing")


def surplus_of(moves: Sequence[Entry]) -> int:
    """What the entries sum to, whatever was put in the place of an amount left out."""
    return sum(amount for _, amount in moves if type(amount) is int)


def _fields(connection: Connection, link: Link) -> Iterator[tuple[str, object]]:
    """What the transaction's fields may have been, by what other rows say."""
    for kind in TransactionKind:
        yield "kind", kind.value
    if link.digest is not None:
        yield "content_hash", link.digest
    charged = bulk.run(
        connection,
        f"SELECT {','.join(USAGE_COLUMNS)} FROM usage WHERE seq = ?",  # noqa: S608 - our own names
        (link.seq,),
    )
    for row in charged:
        yield "key", row[0]
        yield "team_id", row[_TEAM]
        yield "posted_at_us", row[_POSTED_AT]
    for _, account, _ in link.entries:
        name = str(account)
        yield "key", f"expiry:{name}"
        yield "team_id", name.removesuffix("/owed")
        for source, team_id, created_at_us in bulk.run(
            connection,
            "SELECT source, team_id, created_at_us FROM ledger_grant WHERE id = ?",
            (name,),
        ):
            yield "key", f"grant:{source}"
            yield "team_id", team_id
            yield "posted_at_us", created_at_us
    yield "team_id", ""


def _entries(connection: Connection, link: Link) -> Iterator[tuple[int, list[Entry], str]]:
    """What the entries may have been: one amount, one account, one entry more or less."""
    moves = link.moves
    surplus = surplus_of(moves)
    for at, (account, amount) in enumerate(moves):
        was = amount - surplus if type(amount) is int else -surplus
        yield at, _put(moves, at, (account, was)), f"its amount was changed; it was {was}"
    accounts = _accounts(connection, link)
    for at, (account, amount) in enumerate(moves):
        for other in accounts:
            if other != account:
                yield (
                    at,
                    _put(moves, at, (other, amount)),
                    f"its account was changed; it was {other}",
                )
    for at in range(len(moves)):
        yield at, [*moves[:at], *moves[at + 1 :]], "it was inserted"
    for at in range(len(moves) + 1):
        for account in accounts:
            yield at, [*moves[:at], (account, -surplus), *moves[at:]], "it was removed"


def _put(moves: list[Entry], at: int, move: Entry) -> list[Entry]:
    return [*moves[:at], move, *moves[at + 1 :]]


def _accounts(connection: Connection, link: Link) -> list[str]:
    """The accounts that a transaction of this team may touch."""
    found = bulk.run(
        connection,
        "SELECT id FROM ledger_grant WHERE team_id = ? ORDER BY id LIMIT ?",
        (link.team_id, _MAX_ACCOUNTS),
    )
    return [*_HOUSE, owed(str(link.team_id)), *(str(row[0]) for row in found)]


def missing_content(link: Link) -> Finding:
    """The row that `content_hash` stands for is not there."""
    table = CONTENT_OF[link.kind]
    if table == "usage":
        return Finding(
            table, f"id={link.key}", f"it is missing; transaction {link.seq} charged for it"
        )
    if table == "ledger_price":
        version = str(link.key).removeprefix("price:")
        return Finding(
            table, f"version={version}", f"it is missing; transaction {link.seq} recorded it"
        )
    account = next((str(account) for account, amount in link.moves if amount > 0), link.key)
    return Finding(table, f"id={account}", f"it is missing; transaction {link.seq} gave it")
